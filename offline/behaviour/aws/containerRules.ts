/**
 * What Amazon ECS refuses. Limits: Amazon ECS API reference (CreateCluster, CreateService, RegisterTaskDefinition,
 * DeploymentConfiguration, DeploymentLifecycleHook) and developer guide ("Fargate task definition considerations").
 */
import { containsUnknown, isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import type { InputRules, Rule } from "../valueRules";
import { arnOf, fields, isKnown, listOf, oneOf, text, whole } from "../valueRules";
import { taskDefinitionProblems } from "./taskRules";

const name = text(1, 255, /^[A-Za-z0-9_-]+$/, "letters, digits, - and _");

/** Strategies that bring a second revision up beside the running one; only the controller ECS has them. */
const shifting = ["BLUE_GREEN", "LINEAR", "CANARY"];
const stages = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
];
/** A traffic shift cannot be paused, only waited for. */
const neverPaused = ["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"];

/** Numbers that the provider takes as text, e.g. `"5"`. */
function numeral(min: number, max: number, unit: string): Rule {
    return (value, where) =>
        /^\d+$/.test(String(value)) && Number(value) >= min && Number(value) <= max
            ? []
            : [`${where} ${JSON.stringify(value)} is not a whole number from ${min} to ${max} (${unit})`];
}

function percent(min: number): Rule {
    return (value, where) =>
        typeof value === "number" && value >= min && value <= 100
            ? []
            : [`${where} ${JSON.stringify(value)} is not from ${min} to 100 (percent)`];
}

const minutes = numeral(0, 1440, "minutes");

/** ECS passes the text on as JSON; a text that is no object is refused. */
const hookDetails: Rule = (value, where) => {
    try {
        return isObject(JSON.parse(String(value)) as Wire)
            ? []
            : [`${where} is no JSON object in a text, e.g. {"attempts":10}`];
    } catch (error) {
        return [`${where} is not JSON: ${(error as Error).message}`];
    }
};

function hookProblems(hook: WireObject, where: string): string[] {
    const pause = hook["targetType"] === "PAUSE";
    const paused = Array.isArray(hook["lifecycleStages"]) ? hook["lifecycleStages"] : [];
    const wrong = (property: string, wanted: boolean): string[] =>
        (hook[property] !== undefined && hook[property] !== null) === wanted
            ? []
            : [
                  `${where}.${property} is ${wanted ? "needed for" : "not for"} ${pause ? "PAUSE" : "AWS_LAMBDA"}`,
              ];
    return [
        ...(isKnown(hook["targetType"]) || hook["targetType"] === undefined
            ? [...wrong("hookTargetArn", !pause), ...wrong("roleArn", !pause)]
            : []),
        ...(!pause && isKnown(hook["timeoutConfiguration"])
            ? [`${where}.timeoutConfiguration is not for AWS_LAMBDA`]
            : []),
        ...(pause && isKnown(hook["hookDetails"]) ? [`${where}.hookDetails is not for PAUSE`] : []),
        ...paused
            .filter((stage) => pause && neverPaused.includes(String(stage)))
            .map((stage) => `${where}: PAUSE hooks are not for ${String(stage)}`),
    ];
}

const deploymentConfiguration = fields(
    {
        strategy: oneOf("ROLLING", ...shifting),
        bakeTimeInMinutes: minutes,
        linearConfiguration: fields({ stepPercent: percent(3), stepBakeTimeInMinutes: minutes }),
        canaryConfiguration: fields({ canaryPercent: percent(0.1), canaryBakeTimeInMinutes: minutes }),
        lifecycleHooks: listOf(
            fields(
                {
                    targetType: oneOf("AWS_LAMBDA", "PAUSE"),
                    hookTargetArn: arnOf("lambda"),
                    roleArn: arnOf("iam"),
                    lifecycleStages: listOf(oneOf(...stages), 1),
                    hookDetails,
                    timeoutConfiguration: fields({
                        action: oneOf("ROLLBACK", "CONTINUE"),
                        timeoutInMinutes: numeral(1, 20_160, "minutes"),
                    }),
                },
                hookProblems,
            ),
        ),
    },
    (value, where) => {
        const { strategy } = value;
        if (strategy !== undefined && !isKnown(strategy)) {
            return [];
        }
        const needs = { LINEAR: "linearConfiguration", CANARY: "canaryConfiguration" };
        return [
            ...Object.entries(needs)
                .filter(([only, property]) => (strategy === only) !== (value[property] !== undefined))
                .map(([only, property]) => `${where}: ${property} belongs to ${only}, and only to it`),
            ...(isKnown(value["bakeTimeInMinutes"]) && !shifting.includes(String(strategy))
                ? [`${where}: bakeTimeInMinutes is for ${shifting.join(", ")}`]
                : []),
        ];
    },
);

/** A load balancer's part in a deployment that shifts traffic. */
const advancedConfiguration = fields({
    alternateTargetGroupArn: arnOf("elasticloadbalancing"),
    productionListenerRule: arnOf("elasticloadbalancing"),
    testListenerRule: arnOf("elasticloadbalancing"),
    roleArn: arnOf("iam"),
});

/** The value, where it is an object whose own properties are known; else nothing. */
function known(value: Wire | undefined): WireObject | undefined {
    return isObject(value) ? value : undefined;
}

function serviceProblems(inputs: WireObject): string[] {
    const configuration = known(inputs["deploymentConfiguration"]);
    const strategy = configuration?.["strategy"];
    const shifts = typeof strategy === "string" && shifting.includes(strategy);
    const controller = known(inputs["deploymentController"])?.["type"] ?? "ECS";
    const fargate = inputs["launchType"] === "FARGATE";
    const daemon = inputs["schedulingStrategy"] === "DAEMON";
    const balancers = Array.isArray(inputs["loadBalancers"]) ? inputs["loadBalancers"].filter(isObject) : [];
    const given = (property: string): boolean => {
        const value = inputs[property];
        return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
    };
    const publicAddress = known(inputs["networkConfiguration"])?.["assignPublicIp"] === true;
    return [
        ...(shifts && isKnown(controller) && controller !== "ECS"
            ? [
                  `deploymentConfiguration.strategy ${strategy} needs the deployment controller ECS, not ${String(controller)}`,
              ]
            : []),
        ...(known(configuration)?.["lifecycleHooks"] !== undefined &&
        isKnown(controller) &&
        controller !== "ECS"
            ? [
                  `deploymentConfiguration.lifecycleHooks need the deployment controller ECS, not ${String(controller)}`,
              ]
            : []),
        ...balancers.flatMap((balancer, position) =>
            shifts && balancer["advancedConfiguration"] === undefined
                ? [`loadBalancers[${position}].advancedConfiguration is needed for ${strategy}`]
                : [],
        ),
        ...(given("launchType") && given("capacityProviderStrategies")
            ? ["launchType and capacityProviderStrategies exclude each other"]
            : []),
        ...(fargate && !given("networkConfiguration")
            ? ["networkConfiguration is needed for FARGATE, whose tasks use the network mode awsvpc"]
            : []),
        ...(fargate && daemon ? ["schedulingStrategy DAEMON is not for FARGATE"] : []),
        ...(fargate && given("orderedPlacementStrategies")
            ? ["orderedPlacementStrategies are not for FARGATE"]
            : []),
        ...(fargate && given("placementConstraints") ? ["placementConstraints are not for FARGATE"] : []),
        ...(!fargate && inputs["launchType"] === "EC2" && publicAddress
            ? ["networkConfiguration.assignPublicIp is for FARGATE"]
            : []),
        ...(given("platformVersion") && inputs["launchType"] === "EC2"
            ? ["platformVersion is for FARGATE"]
            : []),
        ...(daemon && isKnown(inputs["desiredCount"]) ? ["desiredCount is not for DAEMON"] : []),
        ...(given("healthCheckGracePeriodSeconds") && !given("loadBalancers")
            ? ["healthCheckGracePeriodSeconds needs loadBalancers"]
            : []),
        ...(!given("taskDefinition") && isKnown(controller) && controller === "ECS"
            ? ["taskDefinition is needed"]
            : []),
    ];
}

export const containerRules: Record<string, InputRules> = {
    "aws:ecs/cluster:Cluster": {
        properties: {
            name,
            settings: listOf(
                fields({
                    name: oneOf("containerInsights"),
                    value: oneOf("enabled", "enhanced", "disabled"),
                }),
            ),
        },
    },
    "aws:ecs/service:Service": {
        properties: {
            name,
            launchType: oneOf("EC2", "FARGATE", "EXTERNAL"),
            schedulingStrategy: oneOf("REPLICA", "DAEMON"),
            desiredCount: whole(0, 5_000),
            deploymentMaximumPercent: whole(0, 2_147_483_647, "percent"),
            deploymentMinimumHealthyPercent: whole(0, 2_147_483_647, "percent"),
            healthCheckGracePeriodSeconds: whole(0, 2_147_483_647, "seconds"),
            deploymentController: fields({ type: oneOf("ECS", "CODE_DEPLOY", "EXTERNAL") }),
            deploymentConfiguration,
            propagateTags: oneOf("SERVICE", "TASK_DEFINITION", "NONE"),
            availabilityZoneRebalancing: oneOf("ENABLED", "DISABLED"),
            networkConfiguration: fields({
                subnets: listOf(text(1, 255), 1, 16),
                securityGroups: listOf(text(1, 255), 0, 5),
            }),
            loadBalancers: listOf(
                fields({
                    containerName: name,
                    containerPort: whole(0, 65_535),
                    targetGroupArn: arnOf("elasticloadbalancing"),
                    advancedConfiguration,
                }),
            ),
            serviceRegistries: fields({ registryArn: arnOf("servicediscovery") }),
        },
        together: serviceProblems,
    },
    "aws:ecs/taskDefinition:TaskDefinition": {
        properties: {
            family: name,
            networkMode: oneOf("none", "bridge", "awsvpc", "host"),
            requiresCompatibilities: listOf(oneOf("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"), 1),
            executionRoleArn: arnOf("iam"),
            taskRoleArn: arnOf("iam"),
            ephemeralStorage: fields({ sizeInGib: whole(21, 200, "GiB") }),
            runtimePlatform: fields({ cpuArchitecture: oneOf("X86_64", "ARM64") }),
        },
        together: (inputs) =>
            containsUnknown(inputs["containerDefinitions"] ?? null) ? [] : taskDefinitionProblems(inputs),
    },
};
