/** A pipeline that delivers to a service behind the admission function, for the examples of rules. */
import { changed, exampleOf, functionExample } from "../gate/exampleGate";
import type { ExampleResource } from "../harness/rule";
import {
    actionExample,
    allow,
    completeStages,
    pipelineExample,
    pipelineStack,
    roleExample,
    stageExample,
} from "../pipeline/exampleResources";
import { roleType } from "../pipeline/project";
import { isUnknown } from "../harness/reader";
import { taskDefinitionType } from "../rules/ecs/containers";
import { serviceType } from "./deliveryServices";

type Properties = Record<string, unknown>;

const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

export const deliveryArns = {
    service: arn("ecs", "service/main/shop"),
    family: arn("ecs", "task-definition/shop:*"),
    admission: arn("lambda", "function:admission"),
    pipelineRole: role("pipeline-role"),
    deployRole: role("deploy-role"),
    hookRole: role("hook-role"),
    taskRole: role("task-role"),
} as const;

const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
/** No image has this digest: nothing is released yet. */
export const productionImage = `${registry}/demo/production@sha256:${"0".repeat(64)}`;
export const stagingImage = `${registry}/demo/staging@sha256:${"a".repeat(64)}`;

/** Trust of a role: by one service, or by one role. */
export function trustOf(principal: unknown, condition?: Properties): string {
    const statement = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...(condition ? { Condition: condition } : {}) }; // prettier-ignore
    return JSON.stringify({ Statement: [statement] });
}

/** A role with a trust policy. */
export function trustedRole(
    name: string,
    assumeRolePolicy: unknown,
    statements: Properties[],
    gateRole?: string,
): ExampleResource {
    const given = roleExample(name, statements, gateRole);
    return { ...given, props: { ...given.props, assumeRolePolicy } };
}

export const hook = {
    hookTargetArn: deliveryArns.admission,
    roleArn: deliveryArns.hookRole,
    lifecycleStages: ["PRE_SCALE_UP"],
};

export const shopService: ExampleResource = exampleOf(serviceType, "shop", {
    cluster: arn("ecs", "cluster/main"),
    taskDefinition: "shop",
    deploymentConfiguration: { strategy: "BLUE_GREEN", lifecycleHooks: [hook] },
    deploymentCircuitBreaker: { enable: true, rollback: true },
    tags: { tier: "production" },
});

/** The service with some properties changed; undefined takes one away. */
export function serviceWith(props: Properties, more: Partial<ExampleResource> = {}): ExampleResource {
    return { ...changed(shopService, props), ...more };
}

/** The service with these hooks, or another strategy. */
export function hooked(configuration: Properties): ExampleResource {
    return serviceWith({
        deploymentConfiguration: { strategy: "BLUE_GREEN", lifecycleHooks: [hook], ...configuration },
    });
}

/** @param image of the only container; or the text of all containers, or the marker of an unknown value */
export function taskExample(image: string): ExampleResource {
    const whole = image.startsWith("[") || isUnknown(image);
    return {
        type: taskDefinitionType,
        name: "shop-task",
        props: {
            family: "shop",
            taskRoleArn: deliveryArns.taskRole,
            containerDefinitions: whole ? image : JSON.stringify([{ name: "app", image }]),
        },
    };
}

export const deployStatements = [
    allow(["ecs:UpdateService", "ecs:DescribeServices"], deliveryArns.service),
    allow("ecs:RegisterTaskDefinition", "*"),
    allow("iam:PassRole", deliveryArns.taskRole, {
        StringEquals: { "iam:PassedToService": ["ecs-tasks.amazonaws.com"] },
    }),
];
export const deployTrust = trustOf({ AWS: deliveryArns.pipelineRole });
export const admissionExample = functionExample("admission", { deadLetterConfig: undefined });
export const deployAction = actionExample(
    "Deploy",
    "Deploy",
    "ECS",
    { ClusterName: "main", ServiceName: "shop" },
    { inputArtifacts: ["image"], roleArn: deliveryArns.deployRole },
);

const standard: ExampleResource[] = [
    ...pipelineStack(
        completeStages,
        pipelineExample([...completeStages, stageExample("Deploy", deployAction)], {
            roleArn: deliveryArns.pipelineRole,
        }),
    ),
    trustedRole("pipeline-role", trustOf({ Service: "codepipeline.amazonaws.com" }), [
        allow("sts:AssumeRole", deliveryArns.deployRole),
    ]),
    trustedRole("deploy-role", deployTrust, deployStatements, "deployer"),
    trustedRole("hook-role", trustOf({ Service: "ecs.amazonaws.com" }), [
        allow("lambda:InvokeFunction", deliveryArns.admission),
    ]),
    { type: roleType, name: "task-role", props: { name: "task-role" } },
    taskExample(productionImage),
    shopService,
    admissionExample,
    { type: roleType, name: "admission-role", props: { name: "admission-role" } },
];

/** The delivery; resources of the same name take the place of its own, others come after them. */
export function deliveryStack(...replacements: ExampleResource[]): ExampleResource[] {
    const byName = new Map(replacements.map((resource) => [resource.name, resource]));
    const kept = standard.map((resource) => byName.get(resource.name) ?? resource);
    return [
        ...kept,
        ...replacements.filter(({ name }) => !standard.some((resource) => resource.name === name)),
    ];
}

/** The delivery without the resources of these names. */
export function deliveryWithout(...names: string[]): ExampleResource[] {
    return standard.filter(({ name }) => !names.includes(name));
}
