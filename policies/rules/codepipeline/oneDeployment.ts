/** PIPE-21: one deployment to production at a time, in the pipeline's own region and account. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleExample, RuleMetadata, StackRule } from "../../harness/rule";
import { releaseByMetadata } from "../../pipeline/classify";
import {
    actionExample,
    completeStages,
    deployStep,
    pipelineExample,
    projectExample,
    roleExample,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    pipelineType,
    type PipelineAction,
    type PipelineStage,
} from "../../pipeline/pipelineModel";
import { roleType } from "../../pipeline/project";
import { accountOf, ownAccounts } from "../ecr/ownAccounts";
import { onPipeline, onPipelines } from "./pipelineOutcome";

const role = (account: string): string => `arn:aws:iam::${account}:role/deploy`;
const own = "123456789012";
const other = "210987654321";
const deploying = (more: Record<string, unknown>, pipeline: Record<string, unknown> = {}) =>
    pipelineExample([stageExample("Deploy", { ...deployStep, ...more })], {
        roleArn: role(own),
        ...pipeline,
    });
const second = actionExample("Again", "Deploy", "ECS", { ClusterName: "main", ServiceName: "till" });
const changeSet = (ActionMode: string, runOrder: number) =>
    actionExample(ActionMode, "Deploy", "CloudFormation", { ActionMode, StackName: "shop" }, { runOrder });
const foreign = deploying({ roleArn: role(other) }, { roleArn: unknown });
const bad: RuleExample["expect"] = [{ resource: "pipeline", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "pipeline", kind: "inconclusive" }];

const metadata: RuleMetadata = {
    id: "PIPE-21",
    family: "codepipeline",
    title: "One production deployment per stage, in declared regions and accounts",
    rationale:
        "Two deployments of one stage fail, and are rolled back, together; an action in a region or account that nobody declared is where the other rules do not look.",
    severity: "low",
    remediation:
        "Give each production deployment a stage of its own. Name further regions in the setting `actionRegions` and further accounts in `actionAccounts`.",
    references: ["AWS Config codepipeline-deployment-count-check"],
};

export const oneDeployment: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) => {
            if (model.actions.length === 0) return [notApplicable("the pipeline has no actions")];
            const role = pipeline.get("roleArn");
            if (role.kind === "known" && typeof role.value !== "string")
                return [violation("roleArn is no text.", "Give the ARN of the pipeline's role.")];
            const outcomes = [
                ...model.stages.flatMap((stage) => stageOutcomes(stage, configuration)),
                ...model.actions.flatMap((action) => [
                    ...regionOutcomes(action, pipeline, configuration),
                    ...accountOutcomes(action, pipeline, configuration),
                ]),
            ];
            return outcomes.length > 0 ? outcomes : [pass];
        }),
    examples: [
        {
            title: "two services of production in one stage",
            shows: "bad",
            resources: [pipelineExample([stageExample("Deploy", deployStep, second)])],
            expect: bad,
        },
        {
            title: "another region",
            shows: "bad",
            resources: [deploying({ region: "us-east-1" })],
            expect: bad,
        },
        {
            title: "another account",
            shows: "bad",
            resources: [deploying({ roleArn: role(other) })],
            expect: bad,
        },
        {
            title: "a stage for each",
            shows: "good",
            resources: [pipelineExample([stageExample("One", deployStep), stageExample("Two", second)])],
            expect: [],
        },
        {
            title: "a change set and its execution are one deployment",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample(
                        "Deploy",
                        changeSet("CHANGE_SET_REPLACE", 1),
                        changeSet("CHANGE_SET_EXECUTE", 2),
                    ),
                ]),
            ],
            expect: [],
        },
        {
            title: "declared region and account",
            shows: "good",
            configuration: { actionRegions: ["us-east-1"], actionAccounts: [other] },
            resources: [deploying({ region: "us-east-1", roleArn: role(other) })],
            expect: [],
        },
        { title: "the pipeline's own region", shows: "good", resources: [deploying({ region: "eu-west-1" }, { region: "eu-west-1" })], expect: [] }, // prettier-ignore
        { title: "a role of the same account", shows: "good", resources: [deploying({ roleArn: role(own) })], expect: [] }, // prettier-ignore
        { title: "neither region nor role", shows: "absent", resources: [pipelineExample(completeStages)], expect: [] }, // prettier-ignore
        {
            title: "an unknown region does not hide two deployments",
            shows: "unknown",
            resources: [
                pipelineExample([stageExample("Deploy", { ...deployStep, region: unknown }, second)]),
            ],
            expect: [...bad, ...open],
        },
    ],
};

/** Makes a change set, which another action carries out. */
function onlyPrepares(action: PipelineAction): boolean {
    return valueOf(action.configuration.string("ActionMode")) === "CHANGE_SET_REPLACE";
}

function stageOutcomes(stage: PipelineStage, configuration: PackConfiguration): Outcome[] {
    const deployments = stage.actions.filter(
        (action) =>
            action.category === "Deploy" &&
            !onlyPrepares(action) &&
            releaseByMetadata(action, configuration).kind === "yes",
    );
    if (deployments.length < 2) return [];
    return [
        violation(
            `${stage.reader.property} deploys to production ${deployments.length} times (${deployments.map(({ name }) => name).join(", ")}): a failure of one leaves the other half done.`,
            "Give each deployment a stage of its own.",
            { findingId: stage.name || stage.reader.property },
        ),
    ];
}

function regionOutcomes(
    action: PipelineAction,
    pipeline: ResourceReader,
    { actionRegions }: PackConfiguration,
): Outcome[] {
    const region = action.reader.string("region");
    if (region.kind === "absent" || (region.kind === "known" && region.value === "")) return [];
    if (region.kind === "unknown")
        return [inconclusive(region, `in which region ${actionLabel(action)} acts is not known yet`)];
    const value = valueOf(region);
    if (
        value !== undefined &&
        (actionRegions.includes(value) || value === valueOf(pipeline.string("region")))
    )
        return [];
    return [
        violation(
            `${region.property} is ${value ?? "no text"}, which is no declared region of ${actionLabel(action)}.`,
            "Leave region out, or add it to the setting actionRegions.",
            { findingId: `${actionLabel(action)}|region` },
        ),
    ];
}

/** The pipeline's role is always of its own account, and so is the topic of its approvals. */
function homeOf(pipeline: ResourceReader): string | null {
    return accountOf(valueOf(pipeline.string("roleArn")) ?? "") ?? accountOf(topicOf(pipeline) ?? "");
}

/** The account of an action's role, where nobody has declared that actions may work there. */
function undeclaredAccount(action: PipelineAction, { actionAccounts }: PackConfiguration): string | null {
    // What only the update knows is created with the pipeline, and so of its account.
    const account = accountOf(valueOf(action.reader.string("roleArn")) ?? "");
    return account === null || actionAccounts.includes(account) ? null : account;
}

function otherAccount(action: PipelineAction, account: string, home: string): Outcome {
    const label = actionLabel(action);
    return violation(
        `${action.property}.roleArn is of account ${account}, and the pipeline of ${home}: nobody has declared that ${label} may act there.`,
        "Use a role of the pipeline's account, or add the account to the setting actionAccounts.",
        { findingId: `${label}|account` },
    );
}

function accountOutcomes(
    action: PipelineAction,
    pipeline: ResourceReader,
    configuration: PackConfiguration,
): Outcome[] {
    const account = undeclaredAccount(action, configuration);
    if (account === null) return [];
    const home = homeOf(pipeline);
    // Where the pipeline does not say it, the stack does.
    return home === null || home === account ? [] : [otherAccount(action, account, home)];
}

/** Pipelines that do not say which account they are of: other resources do. */
export const actionAccountsOfStack: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const own = [...ownAccounts(graph)];
        return onPipelines(graph, (model, pipeline) => {
            if (homeOf(pipeline) !== null) return [notApplicable("the pipeline says which account it is of")];
            const outcomes = model.actions.flatMap((action): Outcome[] => {
                const account = undeclaredAccount(action, configuration);
                const given = valueOf(action.reader.string("roleArn")) ?? "";
                if (account === null || own.includes(account)) return [];
                if (graph.referenceOfValue(given, "stages", [roleType]).kind === "exact") return [];
                const [home] = own;
                if (home !== undefined) return [otherAccount(action, account, home)];
                return [
                    inconclusive(
                        { property: `${action.property}.roleArn` },
                        `whether ${actionLabel(action)} acts in another account is not known yet`,
                    ),
                ];
            });
            return outcomes.length > 0 ? outcomes : [pass];
        });
    },
    examples: [
        {
            title: "another account than that of the stack's projects",
            shows: "bad",
            resources: [projectExample("build", undefined), foreign],
            expect: bad,
        },
        {
            title: "the account of the stack's projects",
            shows: "good",
            resources: [
                projectExample("build", undefined),
                deploying({ roleArn: role(own) }, { roleArn: unknown }),
            ],
            expect: [],
        },
        {
            title: "a role of the stack",
            shows: "good",
            resources: [roleExample("deploy", []), deploying({ roleArn: role(own) }, { roleArn: unknown })],
            expect: [],
        },
        { title: "no role", shows: "absent", resources: [deploying({}, { roleArn: unknown })], expect: [] },
        {
            title: "nothing says which account is the pipeline's own",
            shows: "unknown",
            resources: [foreign],
            expect: open,
        },
    ],
};

/** Approvals are announced in the pipeline's own account. */
function topicOf(pipeline: ResourceReader): string | undefined {
    const stages = valueOf(pipeline.list("stages")) ?? [];
    return stages
        .flatMap((stage) => valueOf(stage.list("actions")) ?? [])
        .flatMap((action) => valueOf(action.string("configuration", "NotificationArn")) ?? [])[0];
}
