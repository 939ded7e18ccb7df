/** PIPE-23: an InspectorScan action that can fail. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf } from "../../harness/reader";
import type { Outcome, PropertyChange, ResourceRule, RuleExample } from "../../harness/rule";
import { actionExample, pipelineExample, stageExample } from "../../pipeline/exampleResources";
import {
    actionLabel,
    actionPath,
    pipelineType,
    readPipeline,
    type PipelineAction,
} from "../../pipeline/pipelineModel";
import { tiersOfName } from "../ecr/repository";
import { onPipeline } from "./pipelineOutcome";

/** Numbers of findings above which the action fails. CodePipeline User Guide, InspectorScan action reference. */
const thresholds = [
    { key: "CriticalThreshold", severity: "critical" },
    { key: "HighThreshold", severity: "high" },
] as const;

const complete = {
    InspectorRunMode: "ECRImageScan",
    ECRRepositoryName: "app-staging",
    ImageTag: "#{Build.IMAGE_TAG}",
    CriticalThreshold: "0",
    HighThreshold: "5",
};
const scanning = (configuration: unknown) =>
    pipelineExample([
        stageExample(
            "Test",
            actionExample("Inspector", "Invoke", "InspectorScan", configuration as Record<string, unknown>),
        ),
    ]);
const bad: RuleExample["expect"] = [{ resource: "pipeline", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "pipeline", kind: "inconclusive" }];

export const inspectorThresholds: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-23",
        family: "codepipeline",
        title: "An InspectorScan action fails above a number of findings",
        rationale:
            "Without thresholds the action writes a report and succeeds, whatever it finds: a scan stage that lets everything through.",
        severity: "critical",
        remediation:
            "Set `CriticalThreshold` and `HighThreshold` in the action's configuration, `0` for critical findings (setting `gateMaximumLimits`), and name the repository that is scanned before the release.",
        references: ["AWS CodePipeline User Guide: InspectorScan action reference", "NIST SP 800-190 4.1.1"],
    },
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) => {
            const actions = model.actions.filter(({ provider }) => provider === "InspectorScan");
            const outcomes = actions.flatMap((action) => judged(action, configuration));
            if (outcomes.length > 0) return outcomes;
            return [actions.length > 0 ? pass : notApplicable("there is no InspectorScan action")];
        }),
    remediation: {
        when: "always",
        changes: (pipeline) => {
            const model = readPipeline(pipeline);
            const actions = model.kind === "known" ? model.value.actions : [];
            return actions
                .filter(scansImages)
                .flatMap((action) =>
                    thresholds.flatMap(({ key }): PropertyChange[] =>
                        action.configuration.get(key).kind === "absent"
                            ? [{ path: [...actionPath(action), "configuration", key], value: "0" }]
                            : [],
                    ),
                );
        },
    },
    examples: [
        {
            title: "no thresholds",
            shows: "absent",
            resources: [scanning({ ...complete, CriticalThreshold: undefined, HighThreshold: undefined })],
            expect: [...bad, ...bad],
        },
        {
            title: "a threshold for critical findings alone",
            shows: "bad",
            resources: [scanning({ ...complete, HighThreshold: undefined })],
            expect: bad,
        },
        {
            title: "hundreds of critical findings are let through",
            shows: "bad",
            resources: [scanning({ ...complete, CriticalThreshold: "999" })],
            expect: bad,
        },
        {
            title: "a limit of one's own for high findings",
            shows: "bad",
            configuration: { gateMaximumLimits: { critical: 0, high: 3 } },
            resources: [scanning(complete)],
            expect: bad,
        },
        { title: "a threshold that is no number", shows: "bad", resources: [scanning({ ...complete, HighThreshold: "none" })], expect: bad }, // prettier-ignore
        { title: "a negative threshold", shows: "bad", resources: [scanning({ ...complete, HighThreshold: "-1" })], expect: bad }, // prettier-ignore
        {
            title: "production is scanned, not what is to get there",
            shows: "bad",
            resources: [scanning({ ...complete, ECRRepositoryName: "app-prod" })],
            expect: bad,
        },
        { title: "no repository", shows: "absent", resources: [scanning({ ...complete, ECRRepositoryName: undefined })], expect: bad }, // prettier-ignore
        { title: "both thresholds", shows: "good", resources: [scanning(complete)], expect: [] },
        { title: "thresholds as numbers", shows: "good", resources: [scanning({ ...complete, CriticalThreshold: 0 })], expect: [] }, // prettier-ignore
        {
            title: "source code is no image (PIPE-01)",
            shows: "good",
            resources: [scanning({ InspectorRunMode: "SourceCodeScan" })],
            expect: [],
        },
        {
            title: "an unknown threshold does not hide the other",
            shows: "unknown",
            resources: [scanning({ ...complete, CriticalThreshold: unknown, HighThreshold: undefined })],
            expect: [...open, ...bad],
        },
        { title: "an unknown repository", shows: "unknown", resources: [scanning({ ...complete, ECRRepositoryName: unknown })], expect: open }, // prettier-ignore
        { title: "an unknown configuration", shows: "unknown", resources: [scanning(unknown)], expect: open },
    ],
};

function scansImages(action: PipelineAction): boolean {
    return (
        action.provider === "InspectorScan" &&
        valueOf(action.configuration.string("InspectorRunMode")) === "ECRImageScan"
    );
}

function judged(action: PipelineAction, configuration: PackConfiguration): Outcome[] {
    const whole = action.reader.get("configuration");
    if (whole.kind === "unknown")
        return [inconclusive(whole, `what ${actionLabel(action)} scans for is not known yet`)];
    const mode = action.configuration.string("InspectorRunMode");
    if (mode.kind === "unknown")
        return [inconclusive(mode, `what ${actionLabel(action)} scans is not known yet`)];
    if (mode.kind === "known" && mode.value === "SourceCodeScan") return [];
    return [
        ...thresholds.flatMap(({ key, severity }) =>
            thresholdOutcome(action, key, configuration.gateMaximumLimits[severity]),
        ),
        ...repositoryOutcome(action, configuration),
    ];
}

function thresholdOutcome(action: PipelineAction, key: string, limit: number | undefined): Outcome[] {
    const value = action.configuration.number(key);
    const label = actionLabel(action);
    if (value.kind === "unknown") return [inconclusive(value, `when ${label} fails is not known yet`)];
    const most = limit ?? Number.MAX_SAFE_INTEGER;
    if (value.kind === "known" && Number.isInteger(value.value) && value.value >= 0 && value.value <= most)
        return [];
    const read =
        value.kind === "absent" ? "is not set, so" : value.kind === "known" ? `is ${value.value}:` : "is no number, so"; // prettier-ignore
    return [
        violation(
            `${value.property} ${read} ${label} lets such findings through.`,
            `Set ${key} to "0"${limit ? `, or to at most "${limit}"` : ""}.`,
            { findingId: `${label}|${key}` },
        ),
    ];
}

function repositoryOutcome(action: PipelineAction, configuration: PackConfiguration): Outcome[] {
    const name = action.configuration.string("ECRRepositoryName");
    const label = actionLabel(action);
    const more = { findingId: `${label}|repository` };
    const fix = "Name the repository that the image is in before it is released.";
    if (name.kind === "unknown")
        return [inconclusive(name, `which repository ${label} scans is not known yet`)];
    if (name.kind !== "known") return [violation(`${name.property} is not set, so ${label} scans no image.`, fix, more)]; // prettier-ignore
    const tiers = tiersOfName(name.value, configuration);
    return tiers.length === 1 && tiers[0] === "production"
        ? [violation(`${name.property} is ${name.value}: what is in production already is scanned too late.`, fix, more)] // prettier-ignore
        : [];
}
