/** BYP-02: nobody but the gate answers the approval. */
import { gateDeciders } from "../../gate/gateFunctions";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { isApproval } from "../../pipeline/classify";
import {
    allow,
    completeStages,
    pipelineExample,
    pipelineStack,
    roleExample,
} from "../../pipeline/exampleResources";
import { isApprover, pipelinesOf } from "../../pipeline/identities";
import { projectsOf } from "../../pipeline/projectsOfRole";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { gateRole, roleType } from "../../pipeline/project";
import { actionArn } from "../../pipeline/resourceArn";
import { permissionPath } from "./permissionPath";
import { roleTrust } from "./roleTrust";

const verb = "codepipeline:PutApprovalResult";
const answer = allow(verb, "arn:aws:codepipeline:eu-central-1:123456789012:demo/Approve/Approve");

/** The decider's role, with those who may assume it. */
function deciderWith(principal: unknown) {
    const role = roleExample("decider-role", [answer], "decider");
    const statement = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" };
    const assumeRolePolicy = principal === unknown ? unknown : JSON.stringify({ Statement: [statement] });
    return { ...role, props: { ...role.props, assumeRolePolicy } };
}

const outsider = {
    type: "aws:iam/rolePolicy:RolePolicy",
    name: "release-grant",
    props: { name: "release-grant", role: "landing-zone-ops", policy: { Statement: [answer] } },
};

export const approvalAnswer: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-02",
        family: "bypass",
        title: "Only the gate or declared approvers answer an approval",
        rationale:
            "A pipeline or build role that may call PutApprovalResult approves itself: whoever controls its commands controls the gate.",
        severity: "critical",
        remediation:
            "Take `codepipeline:PutApprovalResult` (also inside `codepipeline:*` and `*`) from every role but the decider (tag `gate:role=decider`) and the approvers of the configuration.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-2"],
        neverExempt: true,
    },
    evaluate: (graph, configuration) => {
        const questions = approvalArns(graph);
        const principals = effectivePermissions(graph);
        if (principals.length === 0) return about(null, notApplicable("the stack has no principals"));
        const outcomes = [
            ...principals.flatMap((entry) => judged(entry, questions, graph, configuration)),
            ...deciderRoles(graph).flatMap((role) =>
                roleTrust({
                    role,
                    who: "the gate's decider",
                    way: "a way to answer the approval without the gate",
                    fix: "Let only the service lambda.amazonaws.com assume the decider's role.",
                }),
            ),
        ];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
        {
            title: "the build role approves itself",
            shows: "bad",
            resources: pipelineStack(completeStages, roleExample("build-role", [answer], "builder")),
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "the pipeline's own role",
            shows: "bad",
            resources: [
                pipelineExample(completeStages, { roleArn: "arn:aws:iam::123456789012:role/pipeline-role" }),
                roleExample("pipeline-role", [allow("codepipeline:*", "*")]),
            ],
            expect: [{ resource: "pipeline-role", kind: "violation" }],
        },
        {
            title: "a build role stays a build role, whatever its tag says",
            shows: "bad",
            resources: pipelineStack(completeStages, roleExample("build-role", [answer], "decider")),
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "an attached administrator policy",
            shows: "bad",
            resources: [
                { type: roleType, name: "ops", props: { name: "ops" } },
                {
                    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                    name: "ops-admin",
                    props: { role: "ops", policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
                },
            ],
            expect: [{ resource: "ops", kind: "violation" }],
        },
        {
            title: "an administrator policy as the only one attached",
            shows: "bad",
            resources: [
                { type: roleType, name: "ops", props: { name: "ops" } },
                {
                    type: "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                    name: "ops-admin",
                    props: { roleName: "ops", policyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] },
                },
            ],
            expect: [{ resource: "ops", kind: "violation" }],
        },
        {
            title: "a policy for a role that is only a name here",
            shows: "bad",
            resources: [pipelineExample(completeStages), outsider],
            expect: [{ resource: "release-grant", kind: "violation" }],
        },
        {
            title: "the policy's own name does not make an approver",
            shows: "bad",
            resources: [pipelineExample(completeStages), outsider],
            configuration: { approverRoles: ["release-*"] },
            expect: [{ resource: "release-grant", kind: "violation" }],
        },
        {
            title: "an approver of the configuration that is only a name here",
            shows: "good",
            resources: [pipelineExample(completeStages), outsider],
            configuration: { approverRoles: ["landing-zone-*"] },
            expect: [],
        },
        {
            title: "people may become the decider",
            shows: "bad",
            resources: pipelineStack(completeStages, deciderWith({ AWS: "arn:aws:iam::123456789012:root" })),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "only a function may become the decider",
            shows: "good",
            resources: pipelineStack(completeStages, deciderWith({ Service: "lambda.amazonaws.com" })),
            expect: [],
        },
        {
            title: "who may become the decider is not known yet",
            shows: "unknown",
            resources: pipelineStack(completeStages, deciderWith(unknown)),
            expect: [{ resource: "decider-role", kind: "inconclusive" }],
        },
        {
            title: "the gate's decider",
            shows: "good",
            resources: [...pipelineStack(completeStages), roleExample("decider-role", [answer], "decider")],
            expect: [],
        },
        {
            title: "an approver of the configuration",
            shows: "good",
            resources: [...pipelineStack(completeStages), roleExample("release-managers", [answer])],
            configuration: { approverRoles: ["release-*"] },
            expect: [],
        },
        {
            title: "another pipeline's approval",
            shows: "good",
            resources: [
                ...pipelineStack(completeStages),
                roleExample(
                    "other",
                    [allow(verb, "arn:aws:codepipeline:eu-central-1:123456789012:other/A/B")],
                    "decider",
                ),
            ],
            expect: [],
        },
        { title: "no principals", shows: "absent", resources: [pipelineExample(completeStages)], expect: [] },
        {
            title: "a policy that is not known yet",
            shows: "unknown",
            resources: pipelineStack(completeStages, {
                type: roleType,
                name: "build-role",
                props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
            }),
            expect: [{ resource: "build-role", kind: "inconclusive" }],
        },
    ],
};

/** Roles that answer for the gate: by their tag, and those of the functions that may answer. */
function deciderRoles(graph: StackGraph): ResourceReader[] {
    const declared = graph.ofType(roleType).filter((role) => gateRole(role) === "decider");
    const functions = gateDeciders(graph).flatMap(({ role }) =>
        role.kind === "exact" ? [role.resource] : [],
    );
    return [...new Set([...declared, ...functions])];
}

/** ARNs of the approvals of the stack; anything at all where a pipeline cannot be read or there is none. */
function approvalArns(graph: StackGraph): string[] {
    const pipelines = graph.ofType(pipelineType);
    const arns = pipelines.flatMap((pipeline) => {
        const model = readPipeline(pipeline);
        if (model.kind !== "known" || model.value.unknowns.length > 0) return [actionArn(pipeline, "", "")];
        return model.value.actions
            .filter(isApproval)
            .map((action) => actionArn(pipeline, action.stage, action.name));
    });
    return arns.length > 0 ? arns : ["arn:*:codepipeline:*:*:*"];
}

function judged(
    entry: PrincipalPermissions,
    questions: string[],
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const { principal } = entry;
    for (const question of questions) {
        const found = mayDo(entry, verb, question);
        if (found.kind === "no") continue;
        const own = ownRole(principal, graph);
        if (own === null && isApprover(principal, configuration)) return [];
        if (found.kind === "unknown") {
            const [doubt] = found.doubts;
            return about(
                principal,
                inconclusive(
                    { property: doubt?.property ?? "policy" },
                    `whether it can answer approvals is not known: ${doubt?.source.name ?? ""}: ${doubt?.why ?? ""}`,
                ),
            );
        }
        const [permission] = found.permissions;
        const path = permission ? permissionPath(principal.name, verb, permission) : principal.name;
        const who =
            own === null
                ? "is neither the gate's decider nor a declared approver"
                : `is the role of ${own}, which would approve itself`;
        return about(
            principal,
            violation(
                `${principal.name} ${who}, and can answer the approval: ${path}.`,
                own === null
                    ? `Remove ${verb} from the statement, or declare the approver in approverRoles; if this is the role of the one function that answers, tag it gate:role=decider.`
                    : `Remove ${verb} from the statement.`,
                {
                    findingId: `${principal.name}|${question}`,
                },
            ),
        );
    }
    return [];
}

/** The pipeline or project that runs as the role. */
function ownRole(principal: ResourceReader, graph: StackGraph): string | null {
    if (principal.type !== roleType) return null;
    const [user] = [...pipelinesOf(principal, graph), ...projectsOf(principal, graph)];
    return user?.name ?? null;
}
