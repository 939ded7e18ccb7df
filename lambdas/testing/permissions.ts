import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { RequiredPermission } from "./callJournal";
import type { CapturedStack } from "./capturedStack";

type Document = { Version: string; Statement: Statement[] };

export interface Statement {
    Sid?: string;
    Effect: "Allow" | "Deny";
    Principal?: unknown;
    Action?: string | string[];
    NotAction?: string | string[];
    Resource?: string | string[];
    Condition?: unknown;
}

/** Who asks: a role of the stack, or an AWS service acting for one of its resources. */
export type Principal = { role: string } | { service: string; sourceArn?: string };

export interface Judgement {
    isAllowed: boolean;
    /** Identity statements that allowed it, as `Sid action resource` with the patterns that matched. */
    grants: string[];
    /** Why not, where the question itself was not one that AWS could be asked. */
    problem: string | null;
}

const list = (value: unknown): unknown[] =>
    Array.isArray(value) ? value : value === undefined ? [] : [value];

/**
 * Answers "may this principal do that" from the policies of a captured stack: identity policies of roles, resource
 * policies of topics, queues, tables, buckets, keys, repositories and functions.
 */
export class Permissions {
    private readonly identity = new Map<string, { name: string; policy: Document }[]>();
    private readonly resource = new Map<string, Document>();
    private readonly aliases = new Map<string, string[]>();
    private readonly cache = new Map<string, Promise<Judgement>>();

    constructor(private readonly stack: CapturedStack) {
        for (const { properties } of stack.all("aws:iam/role:Role")) {
            const { inlinePolicies, managedPolicyArns } = properties;
            if (list(inlinePolicies).length > 0 || list(managedPolicyArns).length > 0)
                throw new Error(
                    `role ${String(properties["name"])} has policies that are not looked at here`,
                );
            this.identity.set(String(properties["name"]), []);
            this.resource.set(String(properties["arn"]), parse(properties["assumeRolePolicy"]));
        }
        for (const { properties, name } of stack.all("aws:iam/rolePolicy:RolePolicy")) {
            this.policiesOf(String(properties["role"])).push({ name, policy: parse(properties["policy"]) });
        }
        const strange = stack.resources
            .filter(({ type }) => unreadable.test(type))
            .map(({ type, name }) => `${type} ${name}`);
        if (strange.length > 0)
            throw new Error(`policies that are not looked at here: ${strange.join(", ")}`);
        this.readResourcePolicies();
    }

    /** Names of all roles of the stack. */
    get roles(): string[] {
        return [...this.identity.keys()];
    }

    statementsOf(role: string): Statement[] {
        return this.policiesOf(role).flatMap(({ policy }) => policy.Statement);
    }

    /** Whether a policy of the resource's own could allow somebody something. */
    hasPolicy(arn: string): boolean {
        return this.resourcePolicyFor(arn) !== undefined;
    }

    /** Adds a statement to a role, to see that a spec notices it. @returns takes it away again. */
    sabotage(role: string, statement: Statement): () => void {
        const policy = { name: "sabotage", policy: { Version: "2012-10-17", Statement: [statement] } };
        const policies = this.policiesOf(role);
        policies.push(policy);
        this.forget(({ principal }) => "role" in principal && principal.role === role);
        return () => {
            policies.splice(policies.indexOf(policy), 1);
            this.forget(({ principal }) => "role" in principal && principal.role === role);
        };
    }

    /** Replaces the policy of a resource. @returns puts the right one back. */
    sabotageResource(arn: string, statement: Statement): () => void {
        const before = this.resource.get(arn);
        this.resource.set(arn, { Version: "2012-10-17", Statement: [statement] });
        this.forget(({ resource }) => resource === arn);
        return () => {
            if (before === undefined) this.resource.delete(arn);
            else this.resource.set(arn, before);
            this.forget(({ resource }) => resource === arn);
        };
    }

    judge(principal: Principal, permission: RequiredPermission): Promise<Judgement> {
        const asked = { ...permission, resource: ofSomeImage(permission.resource) };
        const key = JSON.stringify([principal, asked]);
        const known = this.cache.get(key);
        if (known !== undefined) return known;
        const judgement = this.simulate(principal, asked);
        this.cache.set(key, judgement);
        return judgement;
    }

    private forget(isStale: (question: { principal: Principal; resource: string }) => boolean): void {
        for (const key of this.cache.keys()) {
            const [principal, { resource }] = JSON.parse(key) as [Principal, RequiredPermission];
            if (isStale({ principal, resource })) this.cache.delete(key);
        }
    }

    private policiesOf(role: string): { name: string; policy: Document }[] {
        const policies = this.identity.get(role);
        if (policies === undefined) throw new Error(`the stack has no role ${role}`);
        return policies;
    }

    private async simulate(principal: Principal, permission: RequiredPermission): Promise<Judgement> {
        const { action, resource, context = {} } = permission;
        const { partition, region, accountId } = this.stack.account;
        const isRole = "role" in principal;
        const resourcePolicy = this.resourcePolicyFor(resource);
        const response = await runSimulation(
            {
                request: {
                    principal: isRole
                        ? `arn:${partition}:sts::${accountId}:assumed-role/${principal.role}/session`
                        : principal.service,
                    action,
                    resource: { resource, accountId },
                    contextVariables: {
                        "aws:SecureTransport": "true",
                        "aws:RequestedRegion": region,
                        ...(isRole
                            ? {
                                  "aws:PrincipalArn": `arn:${partition}:iam::${accountId}:role/${principal.role}`,
                                  "aws:PrincipalAccount": accountId,
                                  "aws:PrincipalIsAWSService": "false",
                              }
                            : {
                                  "aws:PrincipalIsAWSService": "true",
                                  "aws:SourceAccount": accountId,
                                  ...(principal.sourceArn === undefined
                                      ? {}
                                      : { "aws:SourceArn": principal.sourceArn }),
                              }),
                        ...(action.startsWith("kms:")
                            ? { "kms:ResourceAliases": this.aliases.get(resource) ?? [] }
                            : {}),
                        ...context,
                    },
                },
                identityPolicies: isRole ? this.policiesOf(principal.role) : [],
                serviceControlPolicies: [],
                resourceControlPolicies: [],
                ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
            },
            {},
        );
        if (response.resultType === "error") {
            return {
                isAllowed: false,
                grants: [],
                problem: `${response.errors.message} ${JSON.stringify(response.errors)}`,
            };
        }
        const results = response.resultType === "single" ? [response.result] : response.results;
        const grants = results.flatMap(({ analysis }) =>
            (analysis.identityAnalysis?.allowStatements ?? []).flatMap(({ explain }) => matchesOf(explain)),
        );
        return { isAllowed: response.overallResult === "Allowed", grants, problem: null };
    }

    private resourcePolicyFor(arn: string): Document | undefined {
        const own = this.resource.get(arn);
        if (own !== undefined) return own;
        // Policies of buckets cover their objects, those of tables their indexes.
        const [bucket] = arn.split("/");
        if (arn.includes(":s3:::")) return this.resource.get(bucket ?? "");
        return this.resource.get(arn.replace(/\/index\/.*$/, ""));
    }

    private readResourcePolicies(): void {
        const { stack } = this;
        const add = (arn: unknown, policy: unknown): void => {
            const document = parse(policy);
            const known = this.resource.get(String(arn))?.Statement ?? [];
            this.resource.set(String(arn), { ...document, Statement: [...known, ...document.Statement] });
        };
        for (const { properties } of stack.all("aws:sns/topicPolicy:TopicPolicy"))
            add(properties["arn"], properties["policy"]);
        for (const { properties } of stack.all("aws:dynamodb/resourcePolicy:ResourcePolicy"))
            add(properties["resourceArn"], properties["policy"]);
        for (const { properties } of stack.all("aws:sqs/queuePolicy:QueuePolicy")) {
            const queue = stack.one("aws:sqs/queue:Queue", { url: properties["queueUrl"] });
            add(queue.properties["arn"], properties["policy"]);
        }
        for (const { properties } of stack.all("aws:s3/bucketPolicy:BucketPolicy"))
            add(`arn:${stack.account.partition}:s3:::${String(properties["bucket"])}`, properties["policy"]);
        for (const { properties } of stack.all("aws:ecr/repositoryPolicy:RepositoryPolicy")) {
            const repository = stack.one("aws:ecr/repository:Repository", { name: properties["repository"] });
            add(repository.properties["arn"], properties["policy"]);
        }
        for (const { properties } of stack.all("aws:kms/key:Key")) {
            if (properties["policy"] !== undefined) add(properties["arn"], properties["policy"]);
            const own = stack
                .all("aws:kms/alias:Alias")
                .filter(
                    (alias) =>
                        alias.properties["targetKeyId"] === properties["keyId"] ||
                        alias.properties["targetKeyId"] === properties["id"] ||
                        alias.properties["targetKeyId"] === properties["arn"],
                )
                .map((alias) => String(alias.properties["name"]));
            this.aliases.set(String(properties["arn"]), own);
        }
        for (const { properties } of stack.all("aws:lambda/permission:Permission")) {
            const { function: name, principal, action, sourceArn, sourceAccount } = properties;
            const found = stack
                .all("aws:lambda/function:Function")
                .find(({ properties: own }) => own["name"] === name || own["arn"] === name);
            if (found === undefined)
                throw new Error(`permission for a function that is not here: ${String(name)}`);
            add(found.properties["arn"], {
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { Service: principal },
                        Action: action,
                        Resource: found.properties["arn"],
                        Condition: {
                            ...(sourceArn === undefined ? {} : { ArnLike: { "aws:SourceArn": sourceArn } }),
                            ...(sourceAccount === undefined
                                ? {}
                                : { StringEquals: { "aws:SourceAccount": sourceAccount } }),
                        },
                    },
                ],
            });
        }
    }
}

/** Resources that carry permissions in a way that this file does not read. */
const unreadable =
    /^aws:iam\/(policy|rolePolicyAttachment|policyAttachment|user|group)|^aws:iam\/rolePolicies|^aws:lambda\/functionUrl|^aws:lambda\/layerVersionPermission|^aws:cloudwatch\/eventBusPolicy|^aws:kms\/(grant|keyPolicy)/;

/** Evidence of one image in one execution is allowed like that of any other: no policy names them. */
function ofSomeImage(resource: string): string {
    if (!resource.includes(":s3:::")) return resource;
    return resource
        .replace(/[0-9a-f]{64}/g, "0".repeat(64))
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "00000000-0000-4000-8000-000000000000");
}

function parse(policy: unknown): Document {
    const document = (typeof policy === "string" ? JSON.parse(policy) : policy) as Document;
    return { ...document, Statement: list(document.Statement) as Statement[] };
}

function matchesOf(explain: { identifier: string; actions?: unknown; resources?: unknown }): string[] {
    const matched = (patterns: unknown, key: string): string[] =>
        (list(patterns) as Record<string, unknown>[])
            .filter((pattern) => pattern["matches"] === true)
            .map((pattern) => String(pattern[key]));
    return matched(explain.actions, "action").flatMap((action) =>
        matched(explain.resources, "resource").map(
            (resource) => `${explain.identifier} ${action} ${resource}`,
        ),
    );
}
