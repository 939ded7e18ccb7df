/** PIPE-13: the source comes through a connection, from a fixed branch. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { actionExample, pipelineExample, sourceAction, stageExample } from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, type PipelineAction } from "../../pipeline/pipelineModel";
import { onPipeline } from "./pipelineOutcome";

/** Providers whose access is a role or a connection; those of a branch, with the key that names it. */
const branchKeys: Readonly<Record<string, string | null>> = {
    CodeStarSourceConnection: "BranchName",
    CodeCommit: "BranchName",
    ECR: null,
    S3: null,
};

const sourced = (provider: string, configuration: unknown, more: Record<string, unknown> = {}) =>
    pipelineExample([
        stageExample(
            "Source",
            actionExample("Source", "Source", provider, configuration as Record<string, unknown>, more),
        ),
    ]);
const connection = {
    ConnectionArn: "arn:aws:codeconnections:eu-central-1:123456789012:connection/example",
    FullRepositoryId: "team/app",
    BranchName: "main",
};
const gitHub = { Owner: "team", Repo: "app", Branch: "main" };
const bad: RuleExample["expect"] = [{ resource: "pipeline", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "pipeline", kind: "inconclusive" }];

export const protectedSource: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-13",
        family: "codepipeline",
        title: "The source comes through a connection and from a fixed branch",
        rationale:
            "A personal access token in the pipeline reads, and often writes, every repository of a person, for as long as nobody rotates it; a branch that is not fixed lets somebody choose what is released.",
        severity: "high",
        remediation:
            "Use `CodeStarSourceConnection` with a `ConnectionArn` (or CodeCommit, ECR, a versioned S3 bucket), a literal `BranchName`, and events in place of `PollForSourceChanges`.",
        references: ["OWASP CICD-SEC-6", "prowler codepipeline_project_repo_private"],
        publicEquivalent: true,
    },
    types: [pipelineType],
    evaluate: (pipeline) =>
        onPipeline(pipeline, (model) => {
            const sources = model.actions.filter(({ category }) => category === "Source");
            const outcomes = sources.flatMap(judged);
            if (outcomes.length > 0) return outcomes;
            const [doubt] = model.unknowns;
            if (sources.length === 0 && doubt !== undefined)
                return [inconclusive({ property: doubt }, "where the source comes from is not known yet")];
            return [sources.length > 0 ? pass : notApplicable("the pipeline has no source action")];
        }),
    examples: [
        {
            title: "a personal access token",
            shows: "bad",
            resources: [sourced("GitHub", { ...gitHub, OAuthToken: unknown }, { owner: "ThirdParty" })],
            expect: bad,
        },
        {
            title: "a token beside a connection",
            shows: "bad",
            resources: [sourced("CodeStarSourceConnection", { ...connection, OAuthToken: "{{resolve:x}}" })],
            expect: bad,
        },
        {
            title: "GitHub of the first version, without a token here",
            shows: "bad",
            resources: [sourced("GitHub", gitHub, { owner: "ThirdParty" })],
            expect: bad,
        },
        { title: "an action of one's own", shows: "bad", resources: [sourced("Mercurial", {}, { owner: "Custom" })], expect: bad }, // prettier-ignore
        {
            title: "the pipeline asks for changes",
            shows: "bad",
            resources: [sourced("CodeCommit", { RepositoryName: "app", BranchName: "main", PollForSourceChanges: "true" })], // prettier-ignore
            expect: bad,
        },
        {
            title: "whoever starts the pipeline chooses the branch",
            shows: "bad",
            resources: [
                sourced("CodeStarSourceConnection", { ...connection, BranchName: "#{variables.branch}" }),
            ],
            expect: bad,
        },
        { title: "a connection", shows: "good", resources: [sourced("CodeStarSourceConnection", connection)], expect: [] }, // prettier-ignore
        { title: "CodeCommit", shows: "good", resources: [pipelineExample([stageExample("Source", sourceAction)])], expect: [] }, // prettier-ignore
        {
            title: "an image, and objects of a bucket",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample(
                        "Source",
                        actionExample("Image", "Source", "ECR", { RepositoryName: "base" }),
                        actionExample("Rules", "Source", "S3", {
                            S3Bucket: "rules",
                            S3ObjectKey: "rules.zip",
                            PollForSourceChanges: "false",
                        }),
                    ),
                ]),
            ],
            expect: [],
        },
        { title: "no branch", shows: "absent", resources: [sourced("CodeStarSourceConnection", { ...connection, BranchName: undefined })], expect: bad }, // prettier-ignore
        {
            title: "an unknown branch does not hide polling",
            shows: "unknown",
            resources: [sourced("CodeCommit", { BranchName: unknown, PollForSourceChanges: true })],
            expect: [...bad, ...open],
        },
        { title: "an unknown configuration", shows: "unknown", resources: [sourced("CodeCommit", unknown)], expect: open }, // prettier-ignore
    ],
};

function judged(action: PipelineAction): Outcome[] {
    const label = actionLabel(action);
    const { configuration, provider } = action;
    const finding = (what: string, message: string, fix: string): Outcome =>
        violation(message, fix, { findingId: `${label}|${what}` });
    const useConnection =
        'Use provider "CodeStarSourceConnection" with a ConnectionArn, and revoke the token.';
    const outcomes: Outcome[] = [];
    if (configuration.get("OAuthToken").kind !== "absent")
        // The token itself is never shown.
        outcomes.push(finding("token", `${action.property}.configuration.OAuthToken is a personal token of GitHub.`, useConnection)); // prettier-ignore
    else if (provider !== "" && !Object.hasOwn(branchKeys, provider))
        outcomes.push(
            finding(
                "provider",
                `${action.property}.provider is ${provider}, which takes a person's token or an action of one's own.`,
                useConnection,
            ),
        );
    const poll = configuration.boolean("PollForSourceChanges");
    if (poll.kind === "known" && poll.value)
        outcomes.push(
            finding(
                "poll",
                `${poll.property} is true: ${label} asks for changes, so no event says who made them.`,
                'Set PollForSourceChanges to "false" and start the pipeline by an EventBridge rule.',
            ),
        );
    const key = branchKeys[provider];
    if (key === undefined || key === null) return outcomes;
    const whole = action.reader.get("configuration");
    const branch = whole.kind === "unknown" ? whole : filled(configuration.string(key));
    if (branch.kind === "unknown")
        outcomes.push(inconclusive(branch, `which branch ${label} takes is not known yet`));
    else if (branch.kind !== "known" || /#\{|[*?]/.test(String(branch.value)))
        outcomes.push(
            finding(
                "branch",
                `${branch.property} ${branch.kind === "known" ? `is ${String(branch.value)}` : "is not set"}, so the branch that is released is not fixed.`,
                `Set ${key} to the branch that releases come from.`,
            ),
        );
    return outcomes;
}
