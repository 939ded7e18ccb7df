/** BYP-09: no role of CI can make itself, or something that runs at its will, more powerful. */
import { actionRole } from "../../delivery/deliveryServices";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { conditionValues } from "../../iam/document";
import {
    effectivePermissions,
    mayDo,
    type Permission,
    type PrincipalPermissions,
} from "../../iam/effectivePermissions";
import { roleEntrants } from "../../iam/roleEntrants";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { projectRole, projectType, roleType } from "../../pipeline/project";
import { examples } from "./escalation.examples";
import { keyAllows } from "./grip";
import { permissionPath } from "./permissionPath";

/** Verbs that give more than one has, each by itself (Service Authorization Reference, AWS IAM). */
const singles = [
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:AddUserToGroup",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
] as const;

/** A role passed to what one makes oneself: one verb of each list, and iam:PassRole to the service. */
interface Pair {
    service: string;
    verbs: readonly (readonly string[])[];
    /** Passing one role by its ARN is how this service deploys; only a pattern of roles gives more. */
    exactRoleIsFine?: boolean;
}

const pairs: readonly Pair[] = [
    { service: "codebuild", verbs: [["codebuild:CreateProject", "codebuild:UpdateProject"]] },
    {
        service: "lambda",
        verbs: [
            ["lambda:CreateFunction"],
            [
                "lambda:InvokeFunction",
                "lambda:InvokeAsync",
                "lambda:AddPermission",
                "lambda:CreateEventSourceMapping",
                "lambda:CreateFunctionUrlConfig",
            ],
        ],
    },
    { service: "codepipeline", verbs: [["codepipeline:CreatePipeline", "codepipeline:UpdatePipeline"]] },
    { service: "ec2", verbs: [["ec2:RunInstances", "ec2:AssociateIamInstanceProfile"]] },
    { service: "ecs-tasks", verbs: [["ecs:RegisterTaskDefinition"], ["ecs:RunTask", "ecs:StartTask"]] },
    { service: "states", verbs: [["states:CreateStateMachine", "states:UpdateStateMachine"]] },
    { service: "scheduler", verbs: [["scheduler:CreateSchedule", "scheduler:UpdateSchedule"]] },
    { service: "glue", verbs: [["glue:CreateJob", "glue:UpdateJob", "glue:CreateDevEndpoint"]] },
    {
        service: "sagemaker",
        verbs: [["sagemaker:CreateNotebookInstance", "sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"]], // prettier-ignore
    },
    { service: "datapipeline", verbs: [["datapipeline:CreatePipeline"]] },
    {
        service: "cloudformation",
        verbs: [["cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet"]], // prettier-ignore
        exactRoleIsFine: true,
    },
];

/** What is made has to keep within a boundary: delegation as the IAM User Guide describes it. */
function withinBoundary({ conditions }: Permission): boolean {
    const boundaries = conditionValues(conditions, "iam:PermissionsBoundary");
    return boundaries !== null && boundaries.length > 0 && boundaries.every((each) => !/^[*?]+$/.test(each));
}

type Found = { kind: "yes"; verb: string; permission: Permission } | { kind: "no" } | { kind: "unknown" };

function held(
    entry: PrincipalPermissions,
    verb: string,
    counts: (permission: Permission) => boolean = () => true,
): Found {
    const answer = mayDo(entry, verb, "*");
    if (answer.kind !== "yes") return { kind: answer.kind };
    const permission = answer.permissions.find(counts);
    if (permission) return { kind: "yes", verb, permission };
    return { kind: entry.doubts.length > 0 ? "unknown" : "no" };
}

function firstOf(found: readonly Found[]): Found {
    return (
        found.find(({ kind }) => kind === "yes") ??
        found.find(({ kind }) => kind === "unknown") ?? { kind: "no" }
    );
}

/** Every part of the pair: the permissions where all are held. */
function pairHeld(
    entry: PrincipalPermissions,
    { service, verbs, exactRoleIsFine = false }: Pair,
): { kind: "yes"; parts: Extract<Found, { kind: "yes" }>[] } | { kind: "no" | "unknown" } {
    const passes = held(
        entry,
        "iam:PassRole",
        (permission) =>
            keyAllows(permission, "iam:passedtoservice", [
                `${service}.amazonaws.com`,
                `${service}.amazonaws.com.cn`,
            ]) &&
            (!exactRoleIsFine || /[*?]|^everything/.test(permission.resource)),
    );
    const parts = [passes, ...verbs.map((list) => firstOf(list.map((verb) => held(entry, verb))))];
    if (parts.some(({ kind }) => kind === "no")) return { kind: "no" };
    const certain = parts.filter((part) => part.kind === "yes");
    return certain.length === parts.length ? { kind: "yes", parts: certain } : { kind: "unknown" };
}

function judged(entry: PrincipalPermissions): StackOutcome[] {
    const { principal } = entry;
    const fix =
        "Take one of the actions away, name the exact roles and services that are needed, or bind what is made by the condition iam:PermissionsBoundary.";
    const single = firstOf(
        singles.map((verb) => held(entry, verb, (permission) => !withinBoundary(permission))),
    );
    const found = pairs.map((pair) => ({ pair, answer: pairHeld(entry, pair) }));
    const whole = found.find(({ answer }) => answer.kind === "yes");
    if (single.kind === "yes")
        return about(
            principal,
            violation(
                `${principal.name} is a role of CI and may give more than it has: ${permissionPath(principal.name, single.verb, single.permission)}.`,
                fix,
                { findingId: `${principal.name}|${single.verb}` },
            ),
        );
    if (whole?.answer.kind === "yes") {
        const { parts } = whole.answer;
        const verbs = parts.map(({ verb }) => verb).join(" and ");
        const path = parts.map(({ verb, permission }) => permissionPath(principal.name, verb, permission)).join("; "); // prettier-ignore
        return about(
            principal,
            violation(
                `${principal.name} is a role of CI and holds ${verbs}: with them it runs commands as another role (${path}).`,
                fix,
                { findingId: `${principal.name}|${whole.pair.service}` },
            ),
        );
    }
    if (single.kind === "no" && found.every(({ answer }) => answer.kind === "no")) return [];
    const [doubt] = entry.doubts;
    return about(
        principal,
        inconclusive(
            { property: doubt?.property ?? "policy" },
            `whether it can give itself more is not known: ${doubt?.source.name ?? principal.name}: ${doubt?.why ?? "its policies are not known"}`,
        ),
    );
}

const ciServices = /^(?:codebuild|codepipeline)\.amazonaws\.com(?:\.cn)?$/;
const ciProviders = /token\.actions\.githubusercontent\.com|gitlab|bitbucket|circleci|oidc\.buildkite|azure\.com\/.*devops|vstoken/i; // prettier-ignore

/** Roles as which commands of CI run: of pipelines, their actions and projects, and those that a CI system elsewhere becomes. */
export function ciRoles(graph: StackGraph): Set<ResourceReader> {
    const found = new Set<ResourceReader>();
    for (const project of graph.ofType(projectType)) {
        const role = projectRole(project, graph);
        if (role) found.add(role);
    }
    for (const pipeline of graph.ofType(pipelineType)) {
        const own = graph.reference(pipeline, ["roleArn"], [roleType]);
        if (own.kind === "exact") found.add(own.resource);
        const model = readPipeline(pipeline);
        for (const action of model.kind === "known" ? model.value.actions : []) {
            const role = actionRole(action, pipeline, graph);
            if (role.kind === "exact") found.add(role.resource);
        }
    }
    for (const role of graph.ofType(roleType)) {
        const trust = roleEntrants(role);
        if (trust.kind !== "known") continue;
        const ofCi = trust.entrants.some(
            ({ kind, name }) =>
                (kind === "service" && ciServices.test(name)) ||
                (kind === "identityProvider" && ciProviders.test(name)),
        );
        if (ofCi) found.add(role);
    }
    return found;
}

export const escalation: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-09",
        family: "bypass",
        title: "No role of CI can give itself more than it has",
        rationale:
            "Who may write policies, or pass a role to a build or function that they make themselves, has the permissions of the most powerful role of the account. In CI that is everybody whose commit is built.",
        severity: "critical",
        remediation:
            "Let people or the deployment of the stack manage roles, not CI. Where CI has to, bind it: exact roles in `iam:PassRole` with `iam:PassedToService`, and `iam:PermissionsBoundary` on everything that writes policies.",
        references: ["checkov CKV_AWS_286", "OWASP CICD-SEC-5", "OWASP CICD-SEC-2"],
    },
    relevantTypes: [roleType],
    evaluate: (graph) => {
        const roles = ciRoles(graph);
        if (roles.size === 0) return about(null, notApplicable("the stack has no role of CI"));
        const outcomes = effectivePermissions(graph)
            .filter(({ principal }) => roles.has(principal))
            .flatMap(judged);
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
