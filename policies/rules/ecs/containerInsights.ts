/** ECS-14: clusters report how their tasks fare. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";

export const clusterType = "aws:ecs/cluster:Cluster";
const on = ["enabled", "enhanced"];

function judge(cluster: ResourceReader): Outcome {
    const fix = 'Set settings: [{ name: "containerInsights", value: "enhanced" }].';
    const settings = cluster.list("settings");
    if (settings.kind === "unknown")
        return inconclusive(settings, "whether Container Insights is switched on is not known yet");
    const entries = valueOf(settings) ?? [];
    const open = entries.find(
        (entry) => entry.string("name").kind === "unknown" || entry.string("value").kind === "unknown",
    );
    const values = entries
        .filter((entry) => valueOf(entry.string("name")) === "containerInsights")
        .map((entry) => valueOf(entry.string("value")));
    const wrong = values.find((value) => value !== undefined && !on.includes(value));
    if (wrong === undefined && values.some((value) => value !== undefined)) return pass;
    if (wrong === undefined && open)
        return inconclusive(open, "whether Container Insights is switched on is not known yet");
    const read =
        wrong === undefined ? "containerInsights is not set in settings" : `containerInsights is "${wrong}"`;
    return violation(
        `${read}: nobody sees that tasks of cluster ${cluster.name} are killed, restart or starve.`,
        fix,
    );
}

const cluster = (settings?: unknown): ExampleResource => ({
    type: clusterType,
    name: "cluster",
    props: { name: "cluster", settings },
});
const insights = (value: unknown) => cluster([{ name: "containerInsights", value }]);

export const containerInsights: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-14",
        family: "ecs",
        title: "Clusters have Container Insights switched on",
        rationale:
            "Without figures per task nobody sees that the scanner or the application runs out of memory or keeps restarting.",
        severity: "low",
        remediation: "Set the cluster setting `containerInsights` to `enhanced` or `enabled`.",
        references: ["FSBP ECS.12", "checkov CKV_AWS_65", "trivy AWS-0034", "cdk-nag AwsSolutions-ECS4"],
    },
    types: [clusterType],
    evaluate: (resource) => [judge(resource)],
    remediation: {
        when: "always",
        changes: (resource) => {
            if (judge(resource).kind !== "violation") return [];
            const entries = valueOf(resource.list("settings")) ?? [];
            const wrong = entries.flatMap((entry, index) =>
                valueOf(entry.string("name")) === "containerInsights" ? [index] : [],
            );
            if (wrong.length > 0)
                return wrong.map((index) => ({ path: ["settings", index, "value"], value: "enhanced" }));
            const setting = { name: "containerInsights", value: "enhanced" };
            return entries.length > 0
                ? [{ path: ["settings", entries.length], value: setting }]
                : [{ path: ["settings"], value: [setting] }];
        },
    },
    examples: [
        badExample("switched off", [insights("disabled")], "cluster"),
        badExample("settings that are no list", [cluster("containerInsights")], "cluster"),
        goodExample("enhanced", [insights("enhanced")]),
        goodExample("enabled", [insights("enabled")]),
        absentExample("no settings", [cluster()], "cluster"),
        openExample("not known yet", [insights(unknown)], "cluster"),
        openExample("settings not known yet", [cluster(unknown)], "cluster"),
    ],
};
