/** GATE-15: an approval that people give reaches people, and is given by others than those who ask for it. */
import { answerVerb, gateModel, type ApprovalGate } from "../../gate/gateModel";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { effectivePermissions, mayDo } from "../../iam/effectivePermissions";
import { isApprover } from "../../pipeline/identities";
import { actionLabel, pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { gateRole } from "../../pipeline/project";
import { holdOutcomes, type Grip } from "../bypass/grip";
import { examples } from "./humanApproval.examples";

/** By its name, as the settings say. */
function isDeclared({ action }: ApprovalGate, configuration: PackConfiguration): boolean {
    return matchesAny(configuration.humanApprovals, action.name);
}

/** Each kind of source: what names it in the action's configuration, and the verbs that change what is released. */
const sources: Record<string, { arn: (key: (name: string) => string) => string; verbs: readonly string[] }> =
    {
        CodeCommit: {
            arn: (key) => `arn:*:codecommit:*:*:${key("RepositoryName")}`,
            verbs: [
                "codecommit:GitPush",
                "codecommit:CreateCommit",
                "codecommit:PutFile",
                "codecommit:MergeBranchesByFastForward",
                "codecommit:MergeBranchesBySquash",
                "codecommit:MergeBranchesByThreeWay",
                "codecommit:MergePullRequestByFastForward",
                "codecommit:MergePullRequestBySquash",
                "codecommit:MergePullRequestByThreeWay",
            ],
        },
        S3: { arn: (key) => `arn:*:s3:::${key("S3Bucket")}/${key("S3ObjectKey")}`, verbs: ["s3:PutObject"] },
        ECR: { arn: (key) => `arn:*:ecr:*:*:repository/${key("RepositoryName")}`, verbs: ["ecr:PutImage"] },
    };

/** Starting the pipeline, and changing what it starts with. */
function asking(pipeline: ResourceReader): Grip[] {
    const name = valueOf(pipeline.string("name"));
    const model = readPipeline(pipeline);
    const actions = model.kind === "known" ? model.value.actions : [];
    return [
        {
            what: `the pipeline ${name ?? pipeline.name}`,
            arns: [`arn:*:codepipeline:*:*:${name ?? "*"}`],
            verbs: ["codepipeline:StartPipelineExecution"],
            certain: name !== undefined,
        },
        ...actions.flatMap((action): Grip[] => {
            const source = action.category === "Source" ? sources[action.provider] : undefined;
            if (!source) return [];
            const key = (field: string): string => valueOf(action.configuration.string(field)) ?? "*";
            const arn = source.arn(key);
            return [
                {
                    what: `the source ${actionLabel(action)}`,
                    arns: [arn],
                    verbs: source.verbs,
                    certain: !/[:/]\*/.test(arn.split(":").slice(5).join(":")) && !arn.endsWith(":*"),
                },
            ];
        }),
    ];
}

function askedOutcomes(gate: ApprovalGate): StackOutcome[] {
    const { pipeline, action, kind, people, topic } = gate;
    const label = actionLabel(action);
    // A function that may answer it as well is GATE-04's, an approval of which nobody hears PIPE-05's.
    if (people.length > 0 || topic.kind === "external" || kind === "unwired") return [];
    const open = { property: topic.property };
    if (kind === "undetermined")
        return about(pipeline, inconclusive(open, `whether people hear of ${label} is not known yet`));
    return about(
        pipeline,
        violation(
            `${label} is declared to be answered by people, but only functions or queues hear of it: its topic has no e-mail, chat or web endpoint.`,
            "Subscribe an e-mail address, a chat channel or a web hook of a paging service to the topic of this action.",
            { findingId: label },
        ),
    );
}

/** Approvers who can also start what they approve. Who approves without being declared is BYP-02's. */
function approverOutcomes(
    gate: ApprovalGate,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const functionRoles = new Set(
        gateModel(graph).functions.flatMap(({ role }) => (role.kind === "exact" ? [role.resource] : [])),
    );
    const grips = asking(gate.pipeline);
    return effectivePermissions(graph)
        .filter(({ principal }) => !functionRoles.has(principal) && isApprover(principal, configuration))
        .filter((entry) => mayDo(entry, answerVerb, gate.arn).kind === "yes")
        .flatMap((entry) =>
            holdOutcomes(
                entry,
                grips,
                ({ verb, what }, path) =>
                    `It approves ${actionLabel(gate.action)} and may ${verb} on ${what}: one person releases alone (${path}).`,
                "Let approvers do nothing but look and codepipeline:PutApprovalResult; starting and pushing belong to another role.",
            ),
        );
}

/** Approvers who can also answer for the gate, past the function that judges. Who is not declared is BYP-02's. */
function pastTheGate(graph: StackGraph, configuration: PackConfiguration): StackOutcome[] {
    const gates = gateModel(graph).gates.filter(
        (gate) =>
            gate.kind === "automatic" &&
            gate.named &&
            gate.deciders.certain.length > 0 &&
            !isDeclared(gate, configuration),
    );
    const functionRoles = new Set(
        gateModel(graph).functions.flatMap(({ role }) => (role.kind === "exact" ? [role.resource] : [])),
    );
    return effectivePermissions(graph).flatMap((entry) => {
        const { principal } = entry;
        // A role that is tagged as the decider's is GATE-03's.
        if (functionRoles.has(principal) || gateRole(principal) === "decider") return [];
        if (!isApprover(principal, configuration)) return [];
        const gate = gates.find(({ arn }) => mayDo(entry, answerVerb, arn).kind === "yes");
        if (!gate) return [];
        const label = actionLabel(gate.action);
        return about(
            principal,
            violation(
                `${principal.name} may answer ${label}, which ${gate.deciders.certain[0]?.function.name ?? "a function"} decides: a release can be approved past the scan.`,
                `Name the approvals that people give in its Resource, and not ${label}; or name that action in the setting humanApprovals.`,
                { findingId: `${principal.name}|${label}` },
            ),
        );
    });
}

export const humanApproval: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-15",
        family: "gate",
        title: "An approval by people reaches people who cannot start the release themselves",
        rationale:
            "A second pair of eyes is none when nobody is told, or when the approver is whoever pushed the code or started the pipeline.",
        severity: "medium",
        remediation:
            "Subscribe an e-mail address, chat channel or web hook to the topic of each approval in the setting `humanApprovals`, and give approvers (tag `gate:role=approver`, or the setting `approverRoles`) neither `codepipeline:StartPipelineExecution` nor the right to push to the pipeline's source.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-2"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const gates = gateModel(graph).gates.filter((gate) => gate.kind !== "automatic" || isDeclared(gate, configuration)); // prettier-ignore
        const asked = gates.flatMap((gate) => [
            ...(isDeclared(gate, configuration) ? askedOutcomes(gate) : []),
            ...approverOutcomes(gate, graph, configuration),
        ]);
        // One finding for each approver is enough.
        const found = new Set(asked.map(({ resource }) => resource));
        const past = pastTheGate(graph, configuration).filter(({ resource }) => !found.has(resource));
        if (gates.length + past.length === 0) return about(null, notApplicable("people answer no approval"));
        const outcomes = [...past, ...asked];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
