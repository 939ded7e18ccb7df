/** CB-09: builds end, and releases come one after the other. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { PackConfiguration } from "../../harness/configuration";
import type { Reading } from "../../harness/reading";
import type { Outcome, PropertyChange, ResourceRule } from "../../harness/rule";
import { deliveryTier } from "../../pipeline/deliveryTarget";
import {
    buildspecOf,
    projectExample,
    publishBuildspec,
    scanBuildspec,
} from "../../pipeline/exampleResources";
import { gateRole, projectBuildspec, projectType } from "../../pipeline/project";

/** Eight hours, in minutes: what the service itself allows a build to wait for its turn. */
const longest = 480;
const releasing = new Set(["promoter", "publisher", "promote", "publish"]);

const scan = (more: Record<string, unknown>) => projectExample("scan", scanBuildspec, "scanner", more);
const publish = (more: Record<string, unknown>) =>
    projectExample("publish", publishBuildspec, "publisher", { buildTimeout: 30, ...more });
const finding = (resource: string) => [{ resource, kind: "violation" as const }];

export const boundedBuilds: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-09",
        family: "codebuild",
        title: "Builds have a time limit, and releases run one at a time",
        rationale:
            "A build that waits for an answer that never comes blocks the pipeline and costs money until somebody looks. Two releases at once can overtake each other, so that the older image is the last.",
        severity: "low",
        remediation:
            "Set `buildTimeout` to what the step needs, and `concurrentBuildLimit` to 1 for the project that promotes.",
        references: ["AWS CodeBuild User Guide: create a build project"],
    },
    types: [projectType],
    evaluate: (project, configuration) => [
        judgedTime(project.number("buildTimeout"), "refused"),
        // Eight hours unless it is set: a bound all the same.
        judgedTime(project.number("queuedTimeout"), "accepted"),
        judgedLimit(project, configuration),
    ],
    remediation: {
        when: "always",
        changes: (project, configuration) => {
            const time = project.number("buildTimeout");
            const queued = project.number("queuedTimeout");
            const limit = project.number("concurrentBuildLimit");
            const tooLong = (reading: Reading<number>): boolean =>
                reading.kind === "known" && reading.value > longest;
            const changes: PropertyChange[] = [];
            if (time.kind === "absent" || tooLong(time)) changes.push({ path: ["buildTimeout"], value: 60 });
            if (tooLong(queued)) changes.push({ path: ["queuedTimeout"], value: longest });
            const open = limit.kind === "absent" || (limit.kind === "known" && limit.value !== 1);
            if (open && releases(project, configuration) === "yes")
                changes.push({ path: ["concurrentBuildLimit"], value: 1 });
            return changes;
        },
    },
    examples: [
        { title: "no time limit", shows: "absent", resources: [scan({})], expect: finding("scan") },
        {
            title: "a day and a half",
            shows: "bad",
            resources: [scan({ buildTimeout: 2160 })],
            expect: finding("scan"),
        },
        {
            title: "a limit that is no number",
            shows: "bad",
            resources: [scan({ buildTimeout: "soon" })],
            expect: finding("scan"),
        },
        {
            title: "releases beside each other",
            shows: "bad",
            resources: [publish({})],
            expect: finding("publish"),
        },
        {
            title: "two at a time",
            shows: "bad",
            resources: [publish({ concurrentBuildLimit: 2 })],
            expect: finding("publish"),
        },
        {
            title: "a release that is seen by its commands only",
            shows: "bad",
            resources: [projectExample("publish", publishBuildspec, undefined, { buildTimeout: 30 })],
            expect: finding("publish"),
        },
        { title: "half an hour", shows: "good", resources: [scan({ buildTimeout: 30 })], expect: [] },
        {
            title: "one release at a time",
            shows: "good",
            resources: [publish({ concurrentBuildLimit: 1, queuedTimeout: 60 })],
            expect: [],
        },
        {
            title: "a copy to a repository that is not known yet",
            shows: "unknown",
            resources: [
                projectExample("copy", buildspecOf(['crane copy "a@$DIGEST" "$REPOSITORY:1"']), undefined, {
                    buildTimeout: 30,
                    environment: { environmentVariables: [{ name: "REPOSITORY", value: unknown }] },
                }),
            ],
            expect: [{ resource: "copy", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [scan({ buildTimeout: unknown })],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

function judgedTime(reading: Reading<number>, absent: "accepted" | "refused"): Outcome {
    const { property } = reading;
    const fix = `Set ${property} to the minutes that the step needs, at most ${longest}.`;
    switch (reading.kind) {
        case "unknown":
            return inconclusive(reading, "how long a build may take is not known yet");
        case "known":
            if (reading.value > 0 && reading.value <= longest) return pass;
            return violation(`${property} is ${reading.value} minutes, more than ${longest}.`, fix, { findingId: property }); // prettier-ignore
        case "absent":
            if (absent === "accepted") return pass;
            return violation(`${property} is not set, so nobody chose how long a build may take.`, fix, { findingId: property }); // prettier-ignore
        case "malformed":
            return violation(`${property} ${reading.why}.`, fix, { findingId: property });
    }
}

function releases(project: ResourceReader, configuration: PackConfiguration): "yes" | "no" | "unknown" {
    const role = gateRole(project);
    if (role !== null) return releasing.has(role) ? "yes" : "no";
    const buildspec = projectBuildspec(project);
    if (buildspec.kind === "unknown") return "unknown";
    if (buildspec.kind !== "inline") return "no";
    const { deliveries } = buildspec.analysis;
    if (deliveries.some(({ kind }) => kind === "build")) return "no";
    const tiers = deliveries
        .filter(({ kind }) => kind === "copy" || kind === "push")
        .map((delivery) => deliveryTier(delivery, buildspec.analysis, configuration));
    if (tiers.includes("production")) return "yes";
    return tiers.includes("unknown") ? "unknown" : "no";
}

function judgedLimit(project: ResourceReader, configuration: PackConfiguration): Outcome {
    const limit = project.number("concurrentBuildLimit");
    const { property } = limit;
    const release = releases(project, configuration);
    if (release === "no" || (limit.kind === "known" && limit.value === 1)) return pass;
    if (limit.kind === "unknown" || release === "unknown")
        return inconclusive(limit, "whether releases run one at a time is not known yet");
    const read =
        limit.kind === "known" ? `is ${limit.value}` : limit.kind === "absent" ? "is not set" : limit.why;
    return violation(`${property} ${read}: two releases can overtake each other.`, `Set ${property} to 1.`, { findingId: property }); // prettier-ignore
}
