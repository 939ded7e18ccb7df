/** What an action deploys to: a service of Amazon ECS, of this stack or another. */
import type { CapturedResource, Value } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { readPath, readProperty, textIn, textOf } from "../report/resourceIndex";
import type { StoreView } from "./applicationView";

/** `1 Fargate task, 0.25 vCPU`, as far as it is known. */
function sizeOf(service: CapturedResource, index: ResourceIndex): string {
    const [task] = index.referredBy(service, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition");
    const desired = readProperty(service, "desiredCount");
    const count = desired.kind === "known" ? Number(desired.value) : undefined;
    const kind = textOf(service, "launchType") === "FARGATE" ? "Fargate" : "ECS";
    const units = Number(task ? textOf(task, "cpu") : Number.NaN);
    return [
        count === undefined ? `${kind} tasks` : `${count} ${kind} task${count === 1 ? "" : "s"}`,
        ...(Number.isFinite(units) && units >= 128 ? [`${units / 1024} vCPU`] : []),
    ].join(" × ");
}

function hooked(service: CapturedResource): boolean {
    const hooks = readPath(service.inputs, ["deploymentConfiguration", "lifecycleHooks"]);
    return hooks.kind === "known" && Array.isArray(hooks.value)
        ? hooks.value.some((hook) =>
              JSON.stringify(readPath(hook, ["lifecycleStages"])).includes("PRE_SCALE_UP"),
          )
        : false;
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
              detail: [sizeOf(service, index), ...(hooked(service) ? ["asks before it starts"] : [])].join(
                  ", ",
              ),
          };
}
