/** GATE-03's facts about roles: nobody but the one function answers as the decider, and what it answers exists. */
import { about, violation } from "../harness/outcome";
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackOutcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { readPolicyDocument } from "../iam/document";
import { actionPattern, effectivePermissions, mayDo } from "../iam/effectivePermissions";
import { isApproval } from "../pipeline/classify";
import { pipelinesOf } from "../pipeline/identities";
import { actionLabel, pipelineType, readPipeline } from "../pipeline/pipelineModel";
import { gateRole, roleType } from "../pipeline/project";
import { projectsOf } from "../pipeline/projectsOfRole";
import { gateDeciders } from "./gateFunctions";
import { answerVerb, automaticGates, gateModel, type ApprovalGate } from "./gateModel";

/** Who but the deciding function can act as the decider, and answers that are meant for an approval that is gone. */
export function identityOutcomes(graph: StackGraph): StackOutcome[] {
    return [...taggedStrangers(graph), ...sharedRoles(graph), ...lostApprovals(graph)];
}

/** Roles that the tag declares to be the decider's, and as which no function runs, where a function decides. */
function taggedStrangers(graph: StackGraph): StackOutcome[] {
    const gates = automaticGates(graph).filter(({ named, deciders }) => named && deciders.certain.length > 0);
    const ofFunctions = new Set(
        gateModel(graph).functions.flatMap(({ role }) =>
            role.kind === "exact" ? [role.resource] : role.kind === "candidates" ? role.resources : [],
        ),
    );
    return effectivePermissions(graph).flatMap((entry) => {
        const { principal } = entry;
        if (principal.type !== roleType || gateRole(principal) !== "decider" || ofFunctions.has(principal))
            return [];
        // The role of a pipeline or build step that answers is BYP-02's.
        if (pipelinesOf(principal, graph).length + projectsOf(principal, graph).length > 0) return [];
        const gate = gates.find(({ arn }) => mayDo(entry, answerVerb, arn).kind === "yes");
        const [decider] = gate?.deciders.certain ?? [];
        if (!gate || !decider) return [];
        const label = actionLabel(gate.action);
        return about(
            principal,
            violation(
                `${principal.name} has the tag gate:role=decider and may answer ${label}, but ${decider.function.name} decides that one and runs as another role.`,
                `Take ${answerVerb} from the role, or delete it.`,
                { findingId: `${principal.name}|${label}` },
            ),
        );
    });
}

/**
 * A role that declares itself the decider, may answer the approval and is another service's than Lambda's: a state machine
 * or a task that these rules do not read. Null where there is none.
 */
export function otherDecider(gate: ApprovalGate, graph: StackGraph): ResourceReader | null {
    const found = effectivePermissions(graph).find(
        (entry) =>
            entry.principal.type === roleType &&
            gateRole(entry.principal) === "decider" &&
            gate.named &&
            otherService(entry.principal) !== undefined &&
            mayDo(entry, answerVerb, gate.arn).kind === "yes",
    );
    return found?.principal ?? null;
}

const functionServices = /^(?:edge)?lambda\.amazonaws\.com(?:\.cn)?$/;

/** A build, an instance or a schedule that may be given the decider's role answers in its place. */
function sharedRoles(graph: StackGraph): StackOutcome[] {
    const roles = gateDeciders(graph).flatMap(({ role }) => (role.kind === "exact" ? [role.resource] : []));
    return [...new Set(roles)].flatMap((role) => {
        const other = otherService(role);
        return other === undefined
            ? []
            : about(
                  role,
                  violation(
                      `${role.name} answers approvals, and ${other} may run as it too (assumeRolePolicy): whatever is started there answers past the function that judges.`,
                      "Let only the service lambda.amazonaws.com assume the decider's role.",
                      { findingId: `${role.name}|${other}` },
                  ),
              );
    });
}

/** What cannot be read is BYP-02's finding, as are people and other roles. */
function otherService(role: ResourceReader): string | undefined {
    const trust = role.get("assumeRolePolicy");
    const document = trust.kind === "known" ? readPolicyDocument(trust.value) : null;
    if (document?.kind !== "known") return undefined;
    return document.statements
        .filter(({ effect, principals }) => effect === "Allow" && principals?.not === false)
        .filter((statement) => actionPattern(statement, "sts:AssumeRole") !== null)
        .flatMap(({ principals }) => principals?.byKind["Service"] ?? [])
        .find((service) => !functionServices.test(service));
}

/**
 * A function that may answer an approval by name which its pipeline does not have: the approval was taken out of the
 * pipeline or renamed, and releases go on without the function.
 */
function lostApprovals(graph: StackGraph): StackOutcome[] {
    return graph.ofType(pipelineType).flatMap((pipeline) => {
        const name = valueOf(pipeline.string("name"));
        const model = readPipeline(pipeline);
        if (name === undefined || model.kind !== "known" || model.value.unknowns.length > 0) return [];
        const present = new Set(
            model.value.actions.filter(isApproval).map((action) => `${action.stage}/${action.name}`),
        );
        const lost = gateModel(graph).functions.flatMap(({ function: resource, permissions }) =>
            (permissions?.grants ?? [])
                .filter(({ statement }) => statement.effect === "Allow")
                .filter(({ statement }) => actionPattern(statement, answerVerb) !== null)
                .flatMap(({ statement: { resources } }) =>
                    resources && !resources.not ? resources.values : [],
                )
                .flatMap((value) => approvalOf(value, name))
                .filter((approval) => !present.has(approval))
                .map((approval) => ({ approval, resource })),
        );
        const [first] = lost;
        return first === undefined
            ? []
            : about(
                  pipeline,
                  violation(
                      `${first.resource.name} is there to answer ${first.approval}, which the pipeline does not have: its releases go on without that decision.`,
                      `Put the approval ${first.approval} back, or take its ARN out of the function's role.`,
                      { findingId: first.approval },
                  ),
              );
    });
}

/** `stage/action` of a literal ARN of the pipeline's approval; none for other pipelines and for patterns. */
function approvalOf(arn: string, pipeline: string): string[] {
    if (/[*?]|\$\{/.test(arn)) return [];
    const [service, rest] = [arn.split(":")[2], arn.split(":").slice(5).join(":")];
    const [owner, stage, action] = rest.split("/");
    return service === "codepipeline" && owner === pipeline && stage && action ? [`${stage}/${action}`] : [];
}
