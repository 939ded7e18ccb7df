/** What an action deploys to: a service of Amazon ECS, of this stack or another. */
import type { CapturedResource, Value } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { readPath, readProperty, stringsIn, textIn, textOf } from "../report/resourceIndex";
import { units } from "../behaviour/aws/taskRules";
import { types } from "./functionView";
import { referred } from "./references";
import type { StoreView } from "./applicationView";

/** `2 × 0.25 vCPU`, as far as it is known. */
function sizeOf(service: CapturedResource, index: ResourceIndex): string {
    const [task] = index.referredBy(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition");
    const desired = readProperty(service, "desiredCount");
    const count = desired.kind === "known" ? Number(desired.value) : undefined;
    const processors = units(task ? textOf(task, "cpu") : undefined, "vcpu");
    if (processors === undefined) {
        return count === undefined ? "" : `${count} task${count === 1 ? "" : "s"}`;
    }
    return `${count === undefined ? "" : `${count} × `}${processors / 1024} vCPU`;
}

/** Names of the functions that the service calls before it starts new tasks. */
function askedBefore(service: CapturedResource, index: ResourceIndex): string[] {
    const hooks = readPath(service.inputs, ["deploymentConfiguration", "lifecycleHooks"]);
    const list = hooks.kind === "known" && Array.isArray(hooks.value) ? hooks.value : [];
    return list.flatMap((hook, position) => {
        const stages = readPath(hook, ["lifecycleStages"]);
        const early = stages.kind === "known" && stringsIn(stages.value).includes("PRE_SCALE_UP");
        const path = ["deploymentConfiguration", "lifecycleHooks", position, "hookTargetArn"] as const;
        return early
            ? referred(service, types.function, index, ...path).map(
                  (each) => (textOf(each, "name") ?? each.name).split("-").at(-1) ?? "",
              )
            : [];
    });
}

/** The service that an ECS action deploys to; nothing for other actions. @param stage position of the action's stage */
export function serviceStore(action: Value, stage: number, index: ResourceIndex): StoreView | undefined {
    const configuration = readPath(action, ["configuration"]);
    const name = configuration.kind === "known" ? textIn(configuration.value, "ServiceName") : undefined;
    if (textIn(action, "provider") !== "ECS" || name === undefined) {
        return undefined;
    }
    const service = index.ofType("aws:ecs/service:Service").find((each) => textOf(each, "name") === name);
    const common = { writers: [stage], readers: [] };
    return service === undefined
        ? {
              ...common,
              urn: `service:${name}`,
              kind: "existing",
              title: name,
              detail: "ECS service, of another stack",
          }
        : {
              ...common,
              urn: service.urn,
              kind: "service",
              title: `${textOf(service, "tags", "tier") ?? "ECS"} service`,
              detail: [sizeOf(service, index), ...askedBefore(service, index).map((each) => `asks ${each}`)]
                  .filter((each) => each !== "")
                  .join(", "),
          };
}
