/**
 * Programs of other teams as data: what the engine would hand to the pack for them, at first preview and after the
 * update. A value of another resource that only the update knows makes the whole value it goes into unknown, and the
 * engine records on which resources each top-level property depends.
 */
import type { ResourceDescription } from "../harness/reader";
import { unknown } from "../harness/reader";
import { isPlainObject } from "../harness/unknownValue";

export const account = "123456789012";
export const region = "eu-central-1";

/** `named`: a first preview in which names from auto-naming are known already, as newer providers tell them. */
export type Moment = "preview" | "named" | "update";

export type Properties = Record<string, unknown>;

/** A value of resources: known after the update, at preview only where `early`. */
export class Output {
    constructor(
        readonly of: readonly string[],
        readonly value: unknown,
        /** Moments before the update at which it is known too. */
        readonly early: readonly Moment[] = [],
    ) {}
}

export interface ResourceMore {
    /** What the provider computes. */
    outputs?: Properties;
    parent?: Resource;
    protect?: boolean;
    ignoreChanges?: string[];
}

export class Resource {
    readonly urn: string;
    private readonly inputs: Properties;

    constructor(
        readonly program: Program,
        readonly type: string,
        readonly name: string,
        inputs: Properties,
        readonly more: ResourceMore = {},
    ) {
        const types = more.parent ? `${more.parent.qualifiedType}$${type}` : type;
        this.urn = `urn:pulumi:${program.stack}::${program.project}::${types}::${name}`;
        const named = nameProperties[type];
        this.inputs =
            named === undefined || inputs[named] !== undefined || inputs[`${named}Prefix`] !== undefined
                ? inputs
                : { ...inputs, [named]: new Output([], `${name}-1a2b3c4`, ["named"]) };
    }

    get qualifiedType(): string {
        return this.urn.split("::")[2] ?? this.type;
    }

    get id(): Output {
        return this.get("id");
    }

    get arn(): Output {
        return this.get("arn");
    }

    /** A property as other resources get it. */
    get(property: string): Output {
        const input = this.inputs[property];
        if (input instanceof Output) return new Output([this.urn], input.value, input.early);
        if (input !== undefined) return new Output([this.urn], input, ["preview", "named"]);
        return new Output([this.urn], this.computed()[property] ?? `${this.text()}-${property}`);
    }

    describe(moment: Moment): { checked: ResourceDescription; registered: ResourceDescription } {
        const properties = at(this.inputs, moment) as Properties;
        const computed = at(
            Object.fromEntries(
                Object.entries(this.computed()).map(([key, value]) => [key, new Output([], value)]),
            ),
            moment,
        ) as Properties;
        const propertyDependencies = Object.fromEntries(
            Object.entries(this.inputs).map(([key, value]) => [key, [...new Set(sources(value))]]),
        );
        const { parent, protect = false, ignoreChanges = [] } = this.more;
        const common = {
            type: this.type,
            name: this.name,
            urn: this.urn,
            protect,
            ignoreChanges,
            ...(this.type === stackType ? {} : { parent: (parent ?? this.program.root).urn }),
        };
        return {
            checked: { ...common, properties },
            registered: { ...common, propertyDependencies, properties: { ...computed, ...properties } },
        };
    }

    /** The physical name. */
    private text(): string {
        const value = this.inputs[nameProperties[this.type] ?? ""];
        return String(value instanceof Output ? value.value : (value ?? this.name));
    }

    private computed(): Properties {
        if (!this.type.startsWith("aws:")) return this.more.outputs ?? {};
        const name = this.text();
        return { id: name, ...computedBy[this.type]?.(name), ...this.more.outputs };
    }
}

const stackType = "pulumi:pulumi:Stack";

export class Program {
    readonly root: Resource;
    private readonly resources: Resource[] = [];

    constructor(
        readonly project: string,
        readonly stack = "dev",
        /** Given by the default tags of the provider. */
        owner?: string,
    ) {
        this.root = this.add(stackType, `${project}-${stack}`, {});
        if (owner !== undefined)
            this.add("pulumi:providers:aws", "aws", {
                region,
                defaultTags: JSON.stringify({ tags: { Owner: owner } }),
            });
    }

    add(type: string, name: string, inputs: Properties, more: ResourceMore = {}): Resource {
        const resource = new Resource(this, type, name, inputs, more);
        this.resources.push(resource);
        return resource;
    }

    describe(moment: Moment): { checked: ResourceDescription[]; registered: ResourceDescription[] } {
        const described = this.resources.map((resource) => resource.describe(moment));
        return {
            checked: described.map(({ checked }) => checked),
            registered: described.map(({ registered }) => registered),
        };
    }
}

/** `pulumi.interpolate`. */
export function text(parts: TemplateStringsArray, ...values: (Output | string)[]): Output {
    const value = parts
        .map((part, index) => {
            const next = values[index];
            return part + String(next instanceof Output ? next.value : (next ?? ""));
        })
        .join("");
    return combined(values, value);
}

/** `pulumi.jsonStringify`. */
export function json(document: unknown): Output | string {
    const value = JSON.stringify(at(document, "update"));
    return sources(document).length === 0 ? value : combined([document], value);
}

function combined(parts: readonly unknown[], value: unknown): Output {
    const outputs = parts.flatMap(outputsIn);
    const early = (["preview", "named"] as const).filter((moment) =>
        outputs.every((output) => output.early.includes(moment)),
    );
    return new Output([...new Set(outputs.flatMap(({ of }) => of))], value, early);
}

function outputsIn(value: unknown): Output[] {
    if (value instanceof Output) return [value];
    if (Array.isArray(value)) return value.flatMap(outputsIn);
    return isPlainObject(value) ? Object.values(value).flatMap(outputsIn) : [];
}

const sources = (value: unknown): string[] => outputsIn(value).flatMap(({ of }) => of);

function at(value: unknown, moment: Moment): unknown {
    if (value instanceof Output)
        return moment === "update" || value.early.includes(moment) ? value.value : unknown;
    if (Array.isArray(value)) return value.map((element) => at(element, moment));
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, at(inner, moment)]));
}

const arn = (service: string, rest: string, inRegion = region): string =>
    `arn:aws:${service}:${inRegion}:${account}:${rest}`;

/** Properties that Pulumi names automatically. */
const nameProperties: Record<string, string> = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:ecr/repository:Repository": "name",
    "aws:ecs/cluster:Cluster": "name",
    "aws:ecs/service:Service": "name",
    "aws:ecs/taskDefinition:TaskDefinition": "family",
    "aws:iam/role:Role": "name",
    "aws:iam/policy:Policy": "name",
    "aws:iam/rolePolicy:RolePolicy": "name",
    "aws:lambda/function:Function": "name",
    "aws:dynamodb/table:Table": "name",
    "aws:sqs/queue:Queue": "name",
    "aws:sns/topic:Topic": "name",
    "aws:cloudwatch/eventRule:EventRule": "name",
    "aws:cloudwatch/eventBus:EventBus": "name",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:codebuild/project:Project": "name",
    "aws:codepipeline/pipeline:Pipeline": "name",
    "aws:lb/loadBalancer:LoadBalancer": "name",
    "aws:lb/targetGroup:TargetGroup": "name",
    "aws:alb/loadBalancer:LoadBalancer": "name",
    "aws:ec2/securityGroup:SecurityGroup": "name",
    "aws:wafv2/webAcl:WebAcl": "name",
    "aws:secretsmanager/secret:Secret": "name",
    "aws:codestarconnections/connection:Connection": "name",
    "aws:apigatewayv2/api:Api": "name",
    "aws:cloudfront/originAccessControl:OriginAccessControl": "name",
};

/** What the provider computes, by type. */
const computedBy: Record<string, (name: string) => Properties> = {
    "aws:s3/bucket:Bucket": (name) => ({
        arn: `arn:aws:s3:::${name}`,
        bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    }),
    "aws:ecr/repository:Repository": (name) => ({
        arn: arn("ecr", `repository/${name}`),
        registryId: account,
        repositoryUrl: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
    }),
    "aws:kms/key:Key": (name) => ({
        id: `1234abcd-12ab-34cd-56ef-${name}`,
        keyId: `1234abcd-12ab-34cd-56ef-${name}`,
        arn: arn("kms", `key/1234abcd-12ab-34cd-56ef-${name}`),
    }),
    "aws:ecs/cluster:Cluster": (name) => ({
        id: arn("ecs", `cluster/${name}`),
        arn: arn("ecs", `cluster/${name}`),
    }),
    "aws:ecs/taskDefinition:TaskDefinition": (name) => ({
        arn: arn("ecs", `task-definition/${name}:1`),
        arnWithoutRevision: arn("ecs", `task-definition/${name}`),
        revision: 1,
    }),
    "aws:ecs/service:Service": (name) => ({ arn: arn("ecs", `service/main/${name}`) }),
    "aws:iam/role:Role": (name) => ({ arn: arn("iam", `role/${name}`, "") }),
    "aws:iam/policy:Policy": (name) => ({
        id: arn("iam", `policy/${name}`, ""),
        arn: arn("iam", `policy/${name}`, ""),
    }),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": () => ({
        arn: arn("iam", "oidc-provider/token.actions.githubusercontent.com", ""),
    }),
    "aws:lambda/function:Function": (name) => ({
        arn: arn("lambda", `function:${name}`),
        invokeArn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn("lambda", `function:${name}`)}/invocations`,
    }),
    "aws:dynamodb/table:Table": (name) => ({ arn: arn("dynamodb", `table/${name}`) }),
    "aws:sqs/queue:Queue": (name) => ({
        id: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
        url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
        arn: arn("sqs", name),
    }),
    "aws:sns/topic:Topic": (name) => ({ id: arn("sns", name), arn: arn("sns", name) }),
    "aws:cloudwatch/eventRule:EventRule": (name) => ({ arn: arn("events", `rule/${name}`) }),
    "aws:cloudwatch/eventBus:EventBus": (name) => ({ arn: arn("events", `event-bus/${name}`) }),
    "aws:cloudwatch/logGroup:LogGroup": (name) => ({ arn: arn("logs", `log-group:${name}`) }),
    "aws:codebuild/project:Project": (name) => ({ arn: arn("codebuild", `project/${name}`) }),
    "aws:codepipeline/pipeline:Pipeline": (name) => ({ arn: arn("codepipeline", name) }),
    "aws:lb/loadBalancer:LoadBalancer": (name) => loadBalancer(name),
    "aws:alb/loadBalancer:LoadBalancer": (name) => loadBalancer(name),
    "aws:lb/targetGroup:TargetGroup": (name) => ({
        arn: arn("elasticloadbalancing", `targetgroup/${name}/0f0f`),
    }),
    "aws:wafv2/webAcl:WebAcl": (name) => ({ arn: arn("wafv2", `regional/webacl/${name}/0f0f`) }),
    "aws:secretsmanager/secret:Secret": (name) => ({
        id: arn("secretsmanager", `secret:${name}-Ab12Cd`),
        arn: arn("secretsmanager", `secret:${name}-Ab12Cd`),
    }),
    "aws:codestarconnections/connection:Connection": () => ({
        id: arn("codestar-connections", "connection/aa11"),
        arn: arn("codestar-connections", "connection/aa11"),
        connectionStatus: "PENDING",
    }),
    "aws:acm/certificate:Certificate": () => ({ arn: arn("acm", "certificate/aa11") }),
    "aws:ec2/vpc:Vpc": (name) => ({
        id: `vpc-${name}`,
        arn: arn("ec2", `vpc/vpc-${name}`),
        defaultSecurityGroupId: `sg-default-${name}`,
        defaultRouteTableId: `rtb-default-${name}`,
        mainRouteTableId: `rtb-default-${name}`,
    }),
    "aws:ec2/subnet:Subnet": (name) => ({ id: `subnet-${name}` }),
    "aws:ec2/routeTable:RouteTable": (name) => ({ id: `rtb-${name}`, routes: [] }),
    "aws:ec2/internetGateway:InternetGateway": (name) => ({ id: `igw-${name}` }),
    "aws:ec2/natGateway:NatGateway": (name) => ({ id: `nat-${name}` }),
    "aws:ec2/securityGroup:SecurityGroup": (name) => ({ id: `sg-${name}` }),
    "aws:apigatewayv2/api:Api": (name) => ({
        executionArn: `arn:aws:execute-api:${region}:${account}:${name}`,
    }),
    "aws:cloudfront/distribution:Distribution": (name) => ({
        id: `E${name}`,
        arn: `arn:aws:cloudfront::${account}:distribution/E${name}`,
    }),
};

function loadBalancer(name: string): Properties {
    return {
        id: arn("elasticloadbalancing", `loadbalancer/app/${name}/0f0f`),
        arn: arn("elasticloadbalancing", `loadbalancer/app/${name}/0f0f`),
        dnsName: `${name}.${region}.elb.amazonaws.com`,
    };
}
