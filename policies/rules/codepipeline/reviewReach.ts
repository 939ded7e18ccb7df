/** PIPE-24: what runs for a pull request reaches nothing of a release. */
import { deployRoles } from "../../delivery/deployers";
import { deliveryServices } from "../../delivery/deliveryServices";
import { answerVerb } from "../../gate/gateModel";
import { tableType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { isApproval } from "../../pipeline/classify";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { projectRole, projectType } from "../../pipeline/project";
import { actionArn, arnOf, repositoryArn } from "../../pipeline/resourceArn";
import { projectsIn, reviewsOf, type Reviews, type ReviewRole } from "../../review/reviewers";
import { releaseSecrets } from "../../signing/releaseSecrets";
import { reachesKey, signingKeys } from "../../signing/signingKeys";
import { serviceGrips } from "../bypass/deploymentAround";
import { evidenceOf } from "../bypass/evidenceWriters";
import { holdOutcomes, type Grip } from "../bypass/grip";
import { repositoryTier, repositoryType } from "../ecr/repository";
import { pushVerbs } from "../bypass/productionPush";
import { examples } from "./reviewReach.examples";

/** Verbs that change the source that is delivered, past the review of it. Service Authorization Reference, AWS CodeCommit. */
const sourceVerbs = [
    "codecommit:GitPush",
    "codecommit:CreateCommit",
    "codecommit:PutFile",
    "codecommit:MergeBranchesByFastForward",
    "codecommit:MergePullRequestByFastForward",
    "codecommit:MergePullRequestBySquash",
    "codecommit:MergePullRequestByThreeWay",
    "codecommit:UpdateDefaultBranch",
    "codecommit:OverridePullRequestApprovalRules",
] as const;

const isNamed = (resource: ResourceReader): boolean => resource.string("name").kind === "known";

function repositoryGrips(graph: StackGraph, configuration: PackConfiguration): Grip[] {
    return graph.ofType(repositoryType).flatMap((repository): Grip[] => {
        const tier = repositoryTier(repository, configuration);
        const names = tier.kind === "tier" ? [tier.tier] : tier.kind === "several" ? tier.tiers : [];
        const released = names.some((each) => each === "staging" || each === "production");
        if (!released && tier.kind !== "unknown") return [];
        const what = `the ${names.join(" or ") || "unknown"} repository ${valueOf(repository.string("name")) ?? repository.name}`; // prettier-ignore
        return [{ what, arns: [repositoryArn(repository)], verbs: pushVerbs, certain: released && isNamed(repository) }]; // prettier-ignore
    });
}

const evidenceVerbs = ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"];

/** Everything of a release that can be taken hold of, whoever asks; `runs` for what only matters where commands run. */
interface Releases {
    everybody: Grip[];
    runs: Grip[];
    secrets: ReturnType<typeof releaseSecrets>;
    services: ReturnType<typeof deliveryServices>;
}

/** Worked out once: the same for every role that pull requests reach. */
function releasesOf(reviews: Reviews, graph: StackGraph, configuration: PackConfiguration): Releases {
    const pipelines = graph.ofType(pipelineType).filter((each) => !reviews.pipelines.includes(each));
    const delivered = projectsIn(pipelines, graph);
    const approvals = pipelines.flatMap((pipeline) => {
        const model = readPipeline(pipeline);
        const actions = model.kind === "known" ? model.value.actions.filter(isApproval) : [];
        return actions.map((action) => ({ pipeline, arn: actionArn(pipeline, action.stage, action.name) }));
    });
    const reviewed = new Set(reviews.projects);
    const steps = [...delivered].filter((project) => !reviewed.has(project));
    const services = deliveryServices(graph, configuration);
    const evidence = (verbs: string[]): Grip[] =>
        steps.flatMap(evidenceOf).map((arn) => ({
            what: `evidence of a release (${arn.split(":::")[1] ?? arn})`,
            arns: [arn],
            verbs,
            certain: true,
        }));
    const everybody: Grip[] = [
        ...repositoryGrips(graph, configuration),
        ...signingKeys(graph).map((key): Grip => ({
            what: `the signing key ${key.name}`,
            arns: [key.arn],
            verbs: ["kms:Sign", "kms:CreateGrant"],
            certain: true,
            spared: (_, permission) => reachesKey(permission, key) === "no",
        })),
        { what: "roles", arns: ["arn:*:iam::*:role/*"], verbs: ["iam:PassRole"], certain: true },
        ...approvals.map(({ pipeline, arn }): Grip => ({ what: `the approval of ${pipeline.name}`, arns: [arn], verbs: [answerVerb], certain: isNamed(pipeline) })), // prettier-ignore
        ...deployRoles(services, graph).map(({ role: deployer }): Grip => ({
            what: `the deployer ${deployer.name}`,
            arns: [arnOf(deployer)],
            verbs: ["sts:AssumeRole"],
            certain: isNamed(deployer),
        })),
        ...pipelines.map((pipeline): Grip => ({
            what: `the pipeline ${pipeline.name}`,
            arns: [arnOf(pipeline), `${arnOf(pipeline)}/*`],
            verbs: ["codepipeline:StartPipelineExecution", "codepipeline:RetryStageExecution", "codepipeline:RollbackStage"], // prettier-ignore
            certain: isNamed(pipeline),
        })),
        ...steps.map((project): Grip => ({
            what: `the step ${project.name}`,
            arns: [arnOf(project)],
            verbs: ["codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:RetryBuild"],
            certain: isNamed(project),
        })),
        ...evidence(evidenceVerbs),
        ...graph.ofType(tableType).map((table): Grip => ({ what: `the table ${table.name}`, arns: [arnOf(table)], verbs: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], certain: isNamed(table) })), // prettier-ignore
    ];
    const runs: Grip[] = [
        ...evidence(["s3:GetObject"]),
        { what: "the source of releases", arns: ["arn:*:codecommit:*:*:*"], verbs: sourceVerbs, certain: true }, // prettier-ignore
    ];
    return { everybody, runs, secrets: releaseSecrets(graph, configuration), services };
}

/** What this role of theirs could take hold of. */
function releaseGrips(
    entry: PrincipalPermissions,
    { role, kind }: ReviewRole,
    { everybody, runs, secrets, services }: Releases,
    graph: StackGraph,
): Grip[] {
    return [
        ...everybody,
        // The comment's token is the reviewer's own.
        ...secrets
            .filter(({ keepers }) => !keepers.has(role))
            .map(({ arn, verbs }): Grip => ({
                what: `the secret ${arn}`,
                arns: [arn],
                verbs,
                certain: true,
            })),
        ...services.flatMap((target) => serviceGrips(target, entry, graph)),
        ...(kind === "runs" ? runs : []),
    ];
}

/** The grips with the verbs that the principal may use on anything at all: mostly none. */
function within(entry: PrincipalPermissions, grips: readonly Grip[]): Grip[] {
    const known = new Map<string, boolean>();
    const may = (verb: string): boolean => {
        let found = known.get(verb);
        if (found === undefined) known.set(verb, (found = mayDo(entry, verb, "*").kind !== "no"));
        return found;
    };
    return grips.flatMap((grip) => {
        const verbs = grip.verbs.filter(may);
        return verbs.length > 0 ? [{ ...grip, verbs }] : [];
    });
}

const fix = "Take the action away, or give pull requests a role of their own without it.";

/** A step or a role that deliveries use as well: what a pull request changes runs as a part of a release. */
function sharedOutcomes(reviews: Reviews, graph: StackGraph): StackOutcome[] {
    const pipelines = graph.ofType(pipelineType).filter((each) => !reviews.pipelines.includes(each));
    const delivered = projectsIn(pipelines, graph);
    const roles = new Map([...delivered].map((project) => [projectRole(project, graph), project]));
    const shared = reviews.projects.flatMap((project): StackOutcome[] => {
        const role = projectRole(project, graph);
        const other = delivered.has(project) ? project : role ? roles.get(role) : undefined;
        if (other === undefined) return [];
        const what = delivered.has(project) ? "It is a step" : `It runs as the role of ${other.name}, a step`;
        return about(
            project,
            violation(
                `${what} of a delivery pipeline too: what a pull request changes runs with everything that step may do.`,
                "Give reviews projects and roles of their own.",
                { findingId: `${project.name}|${other.name}` },
            ),
        );
    });
    return shared;
}

export const reviewReach: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-24",
        family: "codepipeline",
        title: "What runs for pull requests reaches nothing of a release",
        rationale:
            "A pull request says what its own check builds and runs: with the rights of a release, or beside its evidence, whoever may open one releases.",
        severity: "critical",
        remediation:
            "Give reviews a pipeline, projects and roles of their own that push to candidate repositories and write their own evidence: no push to staging or production, no signing key or release secret, no `iam:PassRole`, no approvals, no deployments and no deployer's role, no evidence of deliveries, no start of a delivery, no write to delivered branches.",
        references: ["OWASP CICD-SEC-4", "OWASP CICD-SEC-5"],
        neverExempt: true,
    },
    relevantTypes: [pipelineType, projectType],
    evaluate: (graph, configuration) => {
        const reviews = reviewsOf(graph, configuration);
        if (reviews.roles.length + reviews.projects.length === 0)
            return about(null, notApplicable("nothing of the stack runs for pull requests"));
        const roles = new Map(reviews.roles.map((each) => [each.role, each]));
        const releases = releasesOf(reviews, graph, configuration);
        const outcomes = effectivePermissions(graph).flatMap((entry) => {
            const role = roles.get(entry.principal);
            if (role === undefined) return [];
            return holdOutcomes(
                entry,
                within(entry, releaseGrips(entry, role, releases, graph)),
                ({ verb, what }, path) =>
                    `It is the role of ${role.by.name}, which works for pull requests, and may ${verb} on ${what}: ${path}.`,
                fix,
            );
        });
        outcomes.push(...sharedOutcomes(reviews, graph));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
