import {
    admissionExample,
    deliveryArns,
    deliveryStack,
    deliveryWithout,
    deployStatements,
    hook,
    hooked,
    serviceWith,
    stagingImage,
    taskExample,
    trustedRole,
    trustOf,
} from "../../delivery/exampleDelivery";
import { serviceType } from "../../delivery/deliveryServices";
import { exampleOf, functionExample } from "../../gate/exampleGate";
import { unknown } from "../../harness/reader";
import type { RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { allow, buildspecOf, projectExample } from "../../pipeline/exampleResources";

const withHook = (props: Record<string, unknown>) => hooked({ lifecycleHooks: [{ ...hook, ...props }] });
const another = functionExample("smoke-test", { tags: {} });
const anotherArn = deliveryArns.admission.replace("admission", "smoke-test");
const callsIt = [allow("lambda:InvokeFunction", deliveryArns.admission)];

export const examples: RuleExample[] = [
    badExample("no hook", deliveryStack(hooked({ lifecycleHooks: undefined })), "shop"),
    badExample("an empty list of hooks", deliveryStack(hooked({ lifecycleHooks: [] })), "shop"),
    badExample("called when the tasks run already", deliveryStack(withHook({ lifecycleStages: ["POST_SCALE_UP"] })), "shop"), // prettier-ignore
    badExample("a rolling deployment", deliveryStack(hooked({ strategy: "ROLLING" })), "shop"),
    badExample("a pause that anybody may end", deliveryStack(withHook({ targetType: "PAUSE" })), "shop"),
    badExample("no answer in time lets it start", deliveryStack(withHook({ timeoutConfiguration: { action: "CONTINUE", timeoutInMinutes: "15" } })), "shop"), // prettier-ignore
    badExample("another function is asked", deliveryStack(another, withHook({ hookTargetArn: anotherArn })), "shop"), // prettier-ignore
    badExample("a function outside the stack is asked", deliveryStack(withHook({ hookTargetArn: anotherArn })), "shop"), // prettier-ignore
    badExample("the function is gone", deliveryWithout("admission"), "shop"),
    badExample("the function is no admission function", deliveryStack({ ...admissionExample, props: { ...admissionExample.props, tags: {} } }), "shop"), // prettier-ignore
    badExample("CodeDeploy controls the deployments", deliveryStack(serviceWith({ deploymentController: { type: "CODE_DEPLOY" } })), "shop"), // prettier-ignore
    badExample(
        "a hook that is taken away stays away",
        deliveryStack(serviceWith({}, { ignoreChanges: ["taskDefinition", "deploymentConfiguration"] })),
        "shop",
    ),
    badExample(
        "the hook's role may not call the function",
        deliveryStack(
            trustedRole("hook-role", trustOf({ Service: "ecs.amazonaws.com" }), [
                allow("lambda:InvokeFunction", anotherArn),
            ]),
        ),
        "shop",
    ),
    badExample(
        "Amazon ECS may not become the hook's role",
        deliveryStack(trustedRole("hook-role", trustOf({ Service: "ecs-tasks.amazonaws.com" }), callsIt)),
        "shop",
    ),
    badExample(
        "commands of a build may take the hook away",
        deliveryStack(
            trustedRole("deploy-role", trustOf({ Service: "codebuild.amazonaws.com" }), deployStatements),
            projectExample("deploy", buildspecOf(["aws ecs update-service --service shop"]), "deployer"),
        ),
        "deploy-role",
    ),
    goodExample("asked before anything starts", deliveryStack()),
    goodExample("in linear steps, beside a hook for tests", deliveryStack(another, hooked({ strategy: "LINEAR", lifecycleHooks: [{ ...hook, hookTargetArn: anotherArn, lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"] }, hook] }))), // prettier-ignore
    goodExample("by an alias of the function", deliveryStack(withHook({ hookTargetArn: `${deliveryArns.admission}:live` }))), // prettier-ignore
    goodExample("only the image is the pipeline's", deliveryStack(serviceWith({}, { ignoreChanges: ["taskDefinition"] }))), // prettier-ignore
    goodExample("a service that is not production", deliveryStack(serviceWith({ tags: { tier: "staging" }, deploymentConfiguration: undefined }), taskExample(stagingImage))), // prettier-ignore
    badExample("a service that runs production's images, whatever its tag says", deliveryStack(serviceWith({ tags: { tier: "staging" }, deploymentConfiguration: { strategy: "BLUE_GREEN" } })), "shop"), // prettier-ignore
    badExample("a second service that runs production's images", deliveryStack(exampleOf(serviceType, "copy", { taskDefinition: "shop", deploymentConfiguration: { strategy: "BLUE_GREEN" } })), "copy"), // prettier-ignore
    {
        title: "no deployment configuration: the default is a rolling deployment without a hook",
        shows: "absent",
        resources: deliveryStack(serviceWith({ deploymentConfiguration: undefined })),
        expect: [
            { resource: "shop", kind: "violation" },
            { resource: "shop", kind: "violation" },
        ],
    },
    goodExample(
        "a stack without a gate",
        deliveryWithout("admission").map((resource) =>
            resource.name === "shop"
                ? { ...resource, props: { ...resource.props, deploymentConfiguration: undefined } }
                : resource,
        ),
    ),
    {
        title: "no service",
        shows: "absent",
        resources: deliveryWithout("shop", "shop-task"),
        expect: [],
    },
    openExample("which function is asked is not known yet", deliveryStack(withHook({ hookTargetArn: unknown })), "shop"), // prettier-ignore
    openExample("the strategy is not known yet", deliveryStack(hooked({ strategy: unknown })), "shop"),
    openExample("the hooks are not known yet", deliveryStack(hooked({ lifecycleHooks: unknown })), "shop"),
    openExample("when it is called is not known yet", deliveryStack(withHook({ lifecycleStages: unknown })), "shop"), // prettier-ignore
];
