/** CB-05: what a build did can be read afterwards. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";

const scan = (logsConfig: unknown) => projectExample("scan", scanBuildspec, "scanner", { logsConfig });
const group = { status: "ENABLED", groupName: "/aws/codebuild/scan" };
const finding = [{ resource: "scan", kind: "violation" as const }];

export const buildLogs: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-05",
        family: "codebuild",
        title: "Builds write their log to a group or bucket that somebody manages",
        rationale:
            "The log says which scan ran with which result. Switched off, nobody can tell afterwards; and a group that CodeBuild makes by itself has no retention, no key and no owner.",
        severity: "medium",
        remediation:
            "Set `logsConfig.cloudwatchLogs.status` to `ENABLED` with the `groupName` of a log group of the program, or `logsConfig.s3Logs` with a bucket.",
        references: ["FSBP CodeBuild.4", "checkov CKV_AWS_314", "OWASP CICD-SEC-10"],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project) => [judged(project)],
    remediation: {
        when: "always",
        changes: (project) => {
            const status = project.string("logsConfig", "cloudwatchLogs", "status");
            const bucket = project.string("logsConfig", "s3Logs", "status");
            // Without a group the log would go where nobody manages it: that needs a person.
            const group = filled(project.string("logsConfig", "cloudwatchLogs", "groupName"));
            const off = status.kind === "known" && status.value !== "ENABLED" && group.kind === "known";
            return off &&
                (bucket.kind === "absent" || (bucket.kind === "known" && bucket.value !== "ENABLED"))
                ? [{ path: ["logsConfig", "cloudwatchLogs", "status"], value: "ENABLED" }]
                : [];
        },
    },
    examples: [
        {
            title: "switched off, and no bucket",
            shows: "bad",
            resources: [scan({ cloudwatchLogs: { status: "DISABLED" } })],
            expect: finding,
        },
        {
            title: "switched off beside the name of a group",
            shows: "bad",
            resources: [scan({ cloudwatchLogs: { ...group, status: "DISABLED" } })],
            expect: finding,
        },
        {
            title: "the bucket is switched off too",
            shows: "bad",
            resources: [scan({ cloudwatchLogs: { status: "DISABLED" }, s3Logs: { status: "DISABLED" } })],
            expect: finding,
        },
        {
            title: "into a group that nobody manages",
            shows: "bad",
            resources: [scan({ cloudwatchLogs: { status: "ENABLED" } })],
            expect: finding,
        },
        { title: "settings that are no object", shows: "bad", resources: [scan("ENABLED")], expect: finding },
        { title: "a group", shows: "good", resources: [scan({ cloudwatchLogs: group })], expect: [] },
        {
            title: "a group whose name is not known yet",
            shows: "good",
            resources: [scan({ cloudwatchLogs: { groupName: unknown } })],
            expect: [],
        },
        {
            title: "a bucket instead",
            shows: "good",
            resources: [
                scan({
                    cloudwatchLogs: { status: "DISABLED" },
                    s3Logs: { status: "ENABLED", location: "logs/builds" },
                }),
            ],
            expect: [],
        },
        { title: "nothing is said", shows: "absent", resources: [scan(undefined)], expect: finding },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [scan({ cloudwatchLogs: { status: unknown, groupName: "a" } })],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

function judged(project: ResourceReader): Outcome {
    const settings = project.object("logsConfig");
    const fix =
        "Set logsConfig.cloudwatchLogs to { status: ENABLED, groupName } of a log group of the program.";
    if (settings.kind === "malformed") return violation(`${settings.property} ${settings.why}.`, fix);
    const status = project.string("logsConfig", "cloudwatchLogs", "status");
    const name = filled(project.string("logsConfig", "cloudwatchLogs", "groupName"));
    const bucket = project.string("logsConfig", "s3Logs", "status");
    if (bucket.kind === "known" && bucket.value === "ENABLED") return pass;
    // CloudWatch is on unless it is switched off (CodeBuild API Reference, LogsConfig).
    const on = status.kind === "absent" || (status.kind === "known" && status.value === "ENABLED");
    if (on && (name.kind === "known" || name.kind === "unknown") && settings.kind !== "unknown") return pass;
    const open = [settings, bucket, status].find(({ kind }) => kind === "unknown");
    if (open) return inconclusive(open, "where the log of the build goes is not known yet");
    if (on)
        return violation(
            `${name.property} is not set: the log goes to a group that CodeBuild makes by itself, which is kept for ever and which nobody manages.`,
            fix,
            { severity: "low" },
        );
    return violation(`${status.property} is not ENABLED, and there are no S3 logs: nobody can tell what a build did.`, fix); // prettier-ignore
}
