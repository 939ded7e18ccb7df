/** PIPE-18: what releases is started by a branch that is protected, never by a pull request. */
import { allowedTexts, matcherPattern, readEventPattern } from "../gate/pinnedTexts";
import { eventRuleType, eventTargetType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackOutcome, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { matches } from "../../iam/matcher";
import { isApproval, isDelivery, releases } from "../../pipeline/classify";
import {
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    scanStep,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";
import { pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { metadataReleases, onPipeline, stackReleases, type ReleaseJudge } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-18",
    family: "codepipeline",
    title: "Pipelines that release are not started by pull requests",
    rationale:
        "Whoever may open a pull request chooses what a pipeline that it starts builds and runs (poisoned pipeline execution): with the roles, the secrets and the way to production of that pipeline.",
    severity: "critical",
    remediation:
        "Start the pipeline by pushes to the branches that releases come from (`triggers[].gitConfiguration.pushes[].branches`), and give pull requests a pipeline of their own that reaches nothing (PIPE-24).",
    references: ["OWASP CICD-SEC-4"],
    neverExempt: true,
};

/** Whether the pipeline releases: by its tag, by an approval in it, by an action that does. */
function releasing(
    pipeline: ResourceReader,
    judge: ReleaseJudge,
): { kind: "yes"; why: string } | { kind: "no" } | { kind: "unknown"; property: string } {
    const model = readPipeline(pipeline);
    if (isDelivery(pipeline)) return { kind: "yes", why: "it is declared a delivery pipeline" };
    if (model.kind !== "known")
        return model.kind === "unknown" ? { kind: "unknown", property: model.property } : { kind: "no" };
    const approval = model.value.actions.find(isApproval);
    if (approval) return { kind: "yes", why: `it has the approval ${approval.name}` };
    const [certain] = releases(model.value, judge).certain;
    if (certain) return { kind: "yes", why: `${certain.action.name} releases` };
    const [open] = model.value.unknowns;
    return open === undefined ? { kind: "no" } : { kind: "unknown", property: open };
}

/** Patterns that leave nothing out. */
const everything = /^\**$|^\*+\/?\*+$/;

/** Whether the trigger names branches or tags; `open` where that is not known yet. */
function filters(event: PropertyReader): "named" | "none" | { open: string } {
    for (const kind of ["branches", "tags"] as const) {
        const included = event.strings(kind, "includes");
        if (included.kind === "unknown") return { open: included.property };
        if (included.kind !== "known") continue;
        if (included.value.values.some((pattern) => everything.test(pattern))) return "none";
        if (included.value.values.length > 0) return "named";
        if (included.value.unknownCount > 0) return { open: included.property };
    }
    return "none";
}

function triggerOutcomes(trigger: PropertyReader, why: string): Outcome[] {
    const git = trigger.get("gitConfiguration");
    if (git.kind === "unknown") return [inconclusive(git, "what starts the pipeline is not known yet")];
    const requests = trigger.list("gitConfiguration", "pullRequests");
    if (requests.kind === "unknown")
        return [inconclusive(requests, "whether pull requests start the pipeline is not known yet")];
    if (requests.kind === "known" && requests.value.length > 0)
        return [
            violation(
                `${requests.property} starts the pipeline by pull requests, and ${why}.`,
                "Take pullRequests away; give them a pipeline of their own.",
                { findingId: requests.property },
            ),
        ];
    const pushes = trigger.list("gitConfiguration", "pushes");
    if (pushes.kind === "unknown")
        return [inconclusive(pushes, "which pushes start the pipeline is not known yet")];
    const events = pushes.kind === "known" ? pushes.value : [];
    const judged = events.map((event) => ({ event, found: filters(event) }));
    const any = judged.find(({ found }) => found === "none");
    if (any || events.length === 0)
        return [
            violation(
                `${any?.event.property ?? trigger.property} starts the pipeline by a push to any branch, and ${why}.`,
                "Name the branches that releases come from in branches.includes.",
                { findingId: any?.event.property ?? trigger.property },
            ),
        ];
    const open = judged.flatMap(({ found }) => (typeof found === "object" ? [found.open] : []))[0];
    return open === undefined
        ? []
        : [inconclusive({ property: open }, "which branches start the pipeline is not known yet")];
}

function judged(pipeline: ResourceReader, judge: ReleaseJudge): Outcome[] {
    const triggers = pipeline.list("triggers");
    if (triggers.kind === "absent" || (triggers.kind === "known" && triggers.value.length === 0))
        return [notApplicable("nothing but its source starts the pipeline")];
    const releasesAnything = releasing(pipeline, judge);
    if (releasesAnything.kind === "no") return [notApplicable("the pipeline releases nothing")];
    if (triggers.kind !== "known")
        return [inconclusive(triggers, "what starts the pipeline is not known yet")];
    const why = releasesAnything.kind === "yes" ? releasesAnything.why : "it may release";
    const outcomes = triggers.value.flatMap((trigger) => triggerOutcomes(trigger, why));
    if (outcomes.length === 0) return [pass];
    if (releasesAnything.kind === "yes") return outcomes;
    return [inconclusive(releasesAnything, "whether the pipeline, which pull requests start, releases is not known yet")]; // prettier-ignore
}

const pullRequests = { providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Source", pullRequests: [{ events: ["OPEN"], branches: { includes: ["main"] } }] } }; // prettier-ignore
const pushes = (event: unknown) => ({ providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Source", pushes: [event] } }); // prettier-ignore
const toMain = pushes({ branches: { includes: ["main", "release/*"] } });
const started = (triggers: unknown, stages: unknown = completeStages) =>
    pipelineExample(stages, { triggers });
const deploying = [stageExample("Source", sourceAction), stageExample("Deploy", deployStep)];
const reviewing = [stageExample("Source", sourceAction), stageExample("Test", scanStep)];

export const pullRequestTriggers: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, () => judged(pipeline, metadataReleases(configuration))),
    examples: [
        badExample("pull requests start what deploys", [started([pullRequests], deploying)], "pipeline"),
        badExample("pull requests beside pushes", [started([toMain, pullRequests])], "pipeline"),
        badExample("a push to any branch", [started([pushes({ filePaths: { includes: ["src/**"] } })])], "pipeline"), // prettier-ignore
        badExample("a pattern for every branch", [started([pushes({ branches: { includes: ["**"] } })])], "pipeline"), // prettier-ignore
        badExample("a trigger without any filter", [started([{ gitConfiguration: { sourceActionName: "Source" } }])], "pipeline"), // prettier-ignore
        goodExample("pushes to main and release branches", [started([toMain])]),
        goodExample("pushes of release tags", [started([pushes({ tags: { includes: ["v*"] } })])]),
        goodExample("pull requests start what releases nothing", [started([pullRequests], reviewing)]),
        { title: "no triggers", shows: "absent", resources: [started(undefined)], expect: [] },
        openExample("triggers that are not known yet", [started(unknown)], "pipeline"),
        openExample("branches that are not known yet", [started([pushes({ branches: { includes: [unknown] } })])], "pipeline"), // prettier-ignore
    ],
};

const pullRequestEvent = "CodeCommit Pull Request State Change";

/** Rules for pull requests that start the pipeline. */
function startedByRule(pipeline: ResourceReader, graph: StackGraph): Outcome[] {
    return graph.ofType(eventTargetType).flatMap((target): Outcome[] => {
        const reference = graph.reference(target, ["arn"], [pipelineType]);
        if (reference.kind !== "exact" || reference.resource !== pipeline) return [];
        const rule = graph.reference(target, ["rule"], [eventRuleType]);
        if (rule.kind !== "exact") return [];
        const pattern = readEventPattern(rule.resource);
        if (pattern.kind === "unknown")
            return [
                inconclusive(pattern, `for which events ${rule.resource.name} starts it is not known yet`),
            ];
        if (pattern.kind !== "known") return [];
        const kinds = allowedTexts(pattern.value, ["detail-type"]);
        const admitted = kinds.kind === "any" || (kinds.kind === "pinned" && kinds.matchers.some((each) => matches(matcherPattern(each) ?? "", pullRequestEvent))); // prettier-ignore
        if (kinds.kind === "unknown")
            return [
                inconclusive(pattern, `for which events ${rule.resource.name} starts it is not known yet`),
            ];
        return admitted
            ? [
                  violation(
                      `The rule ${rule.resource.name} starts the pipeline, which releases, on a pull request.`,
                      "Ask for the detail-type CodeCommit Repository State Change and the branch that releases come from.",
                      { findingId: rule.resource.name },
                  ),
              ]
            : [];
    });
}

function stackJudged(
    pipeline: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): Outcome[] {
    const byMetadata = releasing(pipeline, metadataReleases(configuration)).kind === "yes";
    const overStack = releasing(pipeline, stackReleases(graph, configuration));
    if (overStack.kind === "no") return [];
    // What the resource alone shows, the resource half has said already.
    const triggers = byMetadata ? [] : judged(pipeline, stackReleases(graph, configuration));
    return [
        ...triggers.filter(({ kind }) => kind !== "pass" && kind !== "notApplicable"),
        ...(overStack.kind === "yes" ? startedByRule(pipeline, graph) : []),
    ];
}

const starts = (pattern: unknown) => [
    {
        type: eventRuleType,
        name: "changes",
        props: {
            name: "changes",
            eventPattern: typeof pattern === "object" ? JSON.stringify(pattern) : pattern,
        },
    },
    {
        type: eventTargetType,
        name: "changes-target",
        props: { rule: "changes", arn: "arn:aws:codepipeline:eu-central-1:123456789012:demo" },
    },
];
const publishing = completeStages.filter(({ name }) => name !== "Approve");

export const stackPullRequestTriggers: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration): StackOutcome[] => {
        const outcomes = graph
            .ofType(pipelineType)
            .flatMap((pipeline) => about(pipeline, ...stackJudged(pipeline, graph, configuration)));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
        badExample(
            "pull requests start a pipeline whose step pushes to production",
            pipelineStack(publishing, started([pullRequests], publishing)),
            "pipeline",
        ),
        badExample(
            "a rule for pull requests starts it",
            [...pipelineStack(completeStages), ...starts({ source: ["aws.codecommit"], "detail-type": [pullRequestEvent] })], // prettier-ignore
            "pipeline",
        ),
        badExample("a rule for everything in the repository starts it", [...pipelineStack(completeStages), ...starts({ source: ["aws.codecommit"] })], "pipeline"), // prettier-ignore
        goodExample("a rule for pushes starts it", [
            ...pipelineStack(completeStages),
            ...starts({
                source: ["aws.codecommit"],
                "detail-type": ["CodeCommit Repository State Change"],
                detail: { referenceName: ["main"] },
            }),
        ]),
        goodExample("pull requests start what releases nothing", [
            ...pipelineStack(reviewing, started([pullRequests], reviewing)),
            ...starts({ source: ["aws.codecommit"], "detail-type": [pullRequestEvent] }),
        ]),
        {
            title: "no rule and no trigger",
            shows: "absent",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        openExample("a pattern that is not known yet", [...pipelineStack(completeStages), ...starts(unknown)], "pipeline"), // prettier-ignore
    ],
};
