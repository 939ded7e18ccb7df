/** GATE-16: no revision of a production service starts before the admission function has said so. */
import { deployerOf } from "../../delivery/deployers";
import { productionServices, serviceType, type DeliveryService } from "../../delivery/deliveryServices";
import { functionReference } from "../../gate/functionStart";
import { everyGateFunction, guardFunctions } from "../../gate/guardFunctions";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo } from "../../iam/effectivePermissions";
import { roleEntrants } from "../../iam/roleEntrants";
import { roleType } from "../../pipeline/project";
import { arnOf } from "../../pipeline/resourceArn";
import { examples } from "./admissionHook.examples";

/**
 * Strategies in which the new revision starts beside the old one, so that there is a stage before it (Amazon ECS Developer
 * Guide, the life cycle stages of blue/green, linear and canary deployments). In a rolling deployment tasks are replaced
 * one by one, and no page says that the stage comes first.
 */
const askingStrategies = new Set(["BLUE_GREEN", "LINEAR", "CANARY"]);

/** The stage in which nothing of the new revision runs yet. */
const stage = "PRE_SCALE_UP";

const fix =
    "Give the service deploymentConfiguration { strategy: BLUE_GREEN, lifecycleHooks: [{ hookTargetArn: the function with the tag gate:role=admission, roleArn, lifecycleStages: [PRE_SCALE_UP] }] }.";

function controllerOutcomes(service: ResourceReader): Outcome[] {
    const type = service.string("deploymentController", "type");
    if (type.kind === "unknown") return [inconclusive(type, "who controls its deployments is not known yet")];
    if (type.kind !== "known" || type.value === "ECS") return [];
    return [
        violation(
            `${service.name} has ${type.property} ${type.value}: Amazon ECS calls its hooks in its own deployments only.`,
            "Set deploymentController.type to ECS.",
            { findingId: `${service.name}|controller` },
        ),
    ];
}

function strategyOutcomes(service: ResourceReader): Outcome[] {
    const strategy = service.string("deploymentConfiguration", "strategy");
    if (strategy.kind === "unknown")
        return [inconclusive(strategy, "by which strategy it is deployed is not known yet")];
    const value = valueOf(strategy) ?? "ROLLING, the default";
    if (askingStrategies.has(value)) return [];
    return [
        violation(
            `${service.name} is deployed by the strategy ${value}, in which nothing is asked before the first task of a new revision starts (${strategy.property}).`,
            "Set deploymentConfiguration.strategy to BLUE_GREEN (LINEAR and CANARY ask as well).",
            { findingId: `${service.name}|strategy` },
        ),
    ];
}

/** What is wrong with one hook; null when it asks the admission function before anything starts. */
type Fault = { kind: "fault"; why: string } | { kind: "open"; why: string; property: string } | null;

function hookFault(hook: PropertyReader, index: number, service: ResourceReader, graph: StackGraph): Fault {
    const path = ["deploymentConfiguration", "lifecycleHooks", index] as const;
    const stages = hook.strings("lifecycleStages");
    const kind = hook.string("targetType");
    const { reference } = functionReference(graph, service, [...path, "hookTargetArn"]);
    const label = hook.property;
    if (
        stages.kind === "unknown" ||
        (stages.kind === "known" && stages.value.unknownCount > 0 && !stages.value.values.includes(stage))
    )
        // prettier-ignore
        return { kind: "open", why: "when the hook is called is not known yet", property: stages.property };
    if (stages.kind !== "known" || !stages.value.values.includes(stage)) {
        const given = stages.kind === "known" ? stages.value.values.join(", ") : "no stage";
        return { kind: "fault", why: `${label} is called at ${given || "no stage"}, not at ${stage}` };
    }
    if (kind.kind === "unknown")
        return { kind: "open", why: "what kind of hook it is, is not known yet", property: kind.property };
    if (kind.kind === "known" && kind.value !== "AWS_LAMBDA" && kind.value !== "")
        return { kind: "fault", why: `${label} asks no function (targetType ${kind.value})` };
    const late = hook.string("timeoutConfiguration", "action");
    if (late.kind === "unknown")
        return { kind: "open", why: "what a late answer means is not known yet", property: late.property };
    if (late.kind === "known" && late.value !== "ROLLBACK" && late.value !== "")
        return { kind: "fault", why: `${label} goes on without an answer (${late.property} ${late.value})` };
    if (reference.kind === "unknown" || reference.kind === "candidates")
        return {
            kind: "open",
            why: "which function the hook asks is not known yet",
            property: reference.property,
        };
    const guard =
        reference.kind === "exact"
            ? guardFunctions(graph).find((each) => each.function === reference.resource)
            : undefined;
    if (guard?.guards === "admission") return null;
    const asked =
        reference.kind === "exact"
            ? `${reference.resource.name}, which does not have the tag gate:role=admission`
            : reference.kind === "absent"
              ? "nobody"
              : reference.value;
    return { kind: "fault", why: `${label} asks ${asked}` };
}

function hookOutcomes(service: ResourceReader, graph: StackGraph): Outcome[] {
    const hooks = service.list("deploymentConfiguration", "lifecycleHooks");
    if (hooks.kind === "unknown") return [inconclusive(hooks, "which hooks it has is not known yet")];
    const list = hooks.kind === "known" ? hooks.value : [];
    const faults = list.map((hook, index) => ({ index, fault: hookFault(hook, index, service, graph) }));
    const sound = faults.find(({ fault }) => fault === null);
    if (sound) return roleOutcomes(service, sound.index, graph);
    const open = faults.find(({ fault }) => fault?.kind === "open")?.fault;
    if (open?.kind === "open") return [inconclusive(open, open.why)];
    const [first] = faults;
    const why = first?.fault?.kind === "fault" ? first.fault.why : `${hooks.property} has no hook`;
    return [
        violation(
            `${service.name} starts new revisions without asking whether their image was approved: ${why}.`,
            fix,
            { findingId: `${service.name}|hook` },
        ),
    ];
}

const ecsService = /^ecs\.amazonaws\.com(?:\.cn)?$/;

/** As whom Amazon ECS calls the function: that role is for nothing else. */
function roleOutcomes(service: ResourceReader, index: number, graph: StackGraph): Outcome[] {
    const path = ["deploymentConfiguration", "lifecycleHooks", index] as const;
    const role = graph.reference(service, [...path, "roleArn"], [roleType]);
    const target = functionReference(graph, service, [...path, "hookTargetArn"]).reference;
    if (role.kind === "external") return [];
    if (role.kind === "unknown" || role.kind === "candidates")
        return [inconclusive(role, "as whom Amazon ECS calls the function is not known yet")];
    const dead = (why: string): Outcome[] => [
        violation(
            `${service.name} cannot ask the admission function, so every deployment of it fails: ${why}.`,
            "Give the hook a role that ecs.amazonaws.com may assume and that may lambda:InvokeFunction on the function.",
            { findingId: `${service.name}|role` },
        ),
    ];
    if (role.kind !== "exact")
        return dead(`${role.property} is ${role.kind === "absent" ? "not set" : `${role.value}, which is not in the stack`}`); // prettier-ignore
    const permissions = effectivePermissions(graph).find(({ principal }) => principal === role.resource);
    const answer =
        permissions && target.kind === "exact"
            ? mayDo(permissions, "lambda:InvokeFunction", arnOf(target.resource))
            : { kind: "no" as const };
    if (answer.kind === "unknown")
        return [inconclusive(role, `whether ${role.resource.name} may call the function is not known yet`)];
    if (answer.kind === "no") return dead(`${role.resource.name} may not call it`);
    const trust = roleEntrants(role.resource);
    if (trust.kind === "unknown") return [inconclusive(trust, `who may become ${role.resource.name} ${trust.why}`)]; // prettier-ignore
    return trust.entrants.some(({ kind, name }) => kind === "service" && ecsService.test(name))
        ? []
        : dead(`ecs.amazonaws.com may not assume ${role.resource.name}`);
}

/** What Pulumi does not compare stays as whoever changed it left it. */
function driftOutcomes(service: ResourceReader): Outcome[] {
    const ignored = service.ignoreChanges.find(
        (each) => each === "*" || /^deployment(?:Configuration|Controller)\b/.test(each),
    );
    return ignored === undefined
        ? []
        : [
              violation(
                  `${service.name} ignores changes of ${ignored}: a hook that somebody takes away stays away.`,
                  'Ignore changes of "taskDefinition" alone, which the pipeline sets.',
                  { findingId: `${service.name}|ignoreChanges` },
              ),
          ];
}

/** ecs:UpdateService sets the hooks too, and no condition key tells the image from them: commands must not have it. */
function commandOutcomes(target: DeliveryService, graph: StackGraph): StackOutcome[] {
    return effectivePermissions(graph).flatMap((entry) => {
        const { principal } = entry;
        if (deployerOf(principal, target, graph) !== "commands") return [];
        if (mayDo(entry, "ecs:UpdateService", target.arn).kind !== "yes") return [];
        return about(
            principal,
            violation(
                `Commands of a build run as ${principal.name}, which may ecs:UpdateService on ${target.name}: with it they can take the hook away before they deploy.`,
                "Deploy with the pipeline's ECS action and a role of its own (roleArn of the action), which runs no commands.",
                { findingId: `${principal.name}|${target.name}` },
            ),
        );
    });
}

/** A stack that neither has functions of a gate nor asks anybody keeps no gate that a deployment could go around. */
function isGuarded(services: readonly ResourceReader[], graph: StackGraph): boolean {
    return (
        everyGateFunction(graph).length > 0 ||
        services.some((service) => service.get("deploymentConfiguration", "lifecycleHooks").kind !== "absent")
    );
}

export const admissionHook: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-16",
        family: "gate",
        title: "Production services ask the admission function before a revision starts",
        rationale:
            "A pipeline guards its own way into production only. A deployment by hand, by another tool or of an old task definition meets nothing but the hook that Amazon ECS calls before the first task of a new revision starts.",
        severity: "critical",
        remediation:
            "Deploy production services with the strategy BLUE_GREEN and a Lambda lifecycle hook at `PRE_SCALE_UP` that asks the function tagged `gate:role=admission`, with a role that `ecs.amazonaws.com` may assume. Keep `deploymentConfiguration` out of `ignoreChanges`, and let no build's commands call `ecs:UpdateService` there.",
        references: ["NIST SP 800-190 4.1.5", "OWASP CICD-SEC-1", "SLSA 1.0 verification"],
        neverExempt: true,
    },
    relevantTypes: [serviceType],
    evaluate: (graph, configuration) => {
        const targets = productionServices(graph, configuration);
        const inside = targets.flatMap((target) => (target.service ? [{ ...target, service: target.service }] : [])); // prettier-ignore
        if (inside.length === 0) return about(null, notApplicable("the stack has no production service"));
        const services = inside.map(({ service }) => service);
        if (!isGuarded(services, graph))
            return about(null, notApplicable("the stack has no function that approves or admits images"));
        const outcomes = inside.flatMap((target) => [
            ...about(
                target.service,
                ...controllerOutcomes(target.service),
                ...strategyOutcomes(target.service),
                ...hookOutcomes(target.service, graph),
                ...driftOutcomes(target.service),
            ),
            ...commandOutcomes(target, graph),
        ]);
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
