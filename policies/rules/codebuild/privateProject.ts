/** CB-07: builds are nobody else's business. */
import { expectValue } from "../../harness/expectation";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";

const scan = (more: Record<string, unknown>) => projectExample("scan", scanBuildspec, "scanner", more);

export const privateProject: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-07",
        family: "codebuild",
        title: "Builds are not public",
        rationale:
            "The logs and artifacts of a public project can be read by anybody on the internet: what the scanners found, the layout of the registry, and whatever a command printed. A badge says to the same people how it stands.",
        severity: "high",
        remediation: "Leave `projectVisibility` out or set it to `PRIVATE`, and leave `badgeEnabled` false.",
        references: ["prowler codebuild_project_not_publicly_accessible", "OWASP CICD-SEC-10"],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project) => [
        expectValue(project.string("projectVisibility"), {
            accepts: (value) => value === "PRIVATE",
            absent: "accepted",
            consequence: "anybody on the internet can read the logs and artifacts of public builds",
            fix: "Set projectVisibility to PRIVATE.",
            findingId: "projectVisibility",
        }),
        expectValue(project.boolean("badgeEnabled"), {
            accepts: (value) => !value,
            absent: "accepted",
            consequence: "a badge tells anybody who asks how the builds ended",
            fix: "Set badgeEnabled to false.",
            findingId: "badgeEnabled",
        }),
    ],
    remediation: {
        when: "always",
        changes: (project) => {
            const visibility = project.string("projectVisibility");
            const badge = project.boolean("badgeEnabled");
            return [
                ...(visibility.kind === "malformed" ||
                (visibility.kind === "known" && visibility.value !== "PRIVATE")
                    ? [{ path: ["projectVisibility"], value: "PRIVATE" }]
                    : []),
                ...(badge.kind === "malformed" || (badge.kind === "known" && badge.value)
                    ? [{ path: ["badgeEnabled"], value: false }]
                    : []),
            ];
        },
    },
    examples: [
        {
            title: "a public project",
            shows: "bad",
            resources: [scan({ projectVisibility: "PUBLIC_READ" })],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a badge",
            shows: "bad",
            resources: [scan({ badgeEnabled: true })],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a badge that is no truth value",
            shows: "bad",
            resources: [scan({ badgeEnabled: "sometimes" })],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "private",
            shows: "good",
            resources: [scan({ projectVisibility: "PRIVATE", badgeEnabled: false })],
            expect: [],
        },
        { title: "private by default", shows: "absent", resources: [scan({})], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [scan({ projectVisibility: unknown })],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
