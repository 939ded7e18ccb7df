/** ECS-13, resource half: what a cluster says about sessions in its containers. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import {
    filled,
    is,
    unknown,
    type PropertyReader,
    type Reading,
    type ResourceReader,
} from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { clusterType } from "./containerInsights";

export const execMetadata: RuleMetadata = {
    id: "ECS-13",
    family: "ecs",
    title: "No sessions in containers of production, or only such as are logged and encrypted",
    rationale:
        "ECS Exec is a shell in a running container, past the pipeline and its approval; without a log nobody knows what was done in it.",
    severity: "medium",
    remediation:
        'Leave `enableExecuteCommand` false. Where sessions are needed, set `configuration.executeCommandConfiguration` of the cluster to `logging: "OVERRIDE"` with `kmsKeyId` and an encrypted log group or bucket in `logConfiguration`. Stacks of the setting `disposableStacks` are left alone.',
    references: ["checkov CKV_AWS_223", "checkov CKV_AWS_224"],
};

const fix =
    'Set executeCommandConfiguration: { kmsKeyId, logging: "OVERRIDE", logConfiguration: { cloudWatchLogGroupName, cloudWatchEncryptionEnabled: true } }.';

/** Whether sessions in the cluster's containers are logged and encrypted, in outcomes; a pass when they are. */
export function judgeExecLogging(cluster: ResourceReader): Outcome[] {
    const exec = cluster.object("configuration", "executeCommandConfiguration");
    if (exec.kind === "unknown") return [inconclusive(exec, "whether sessions are logged is not known yet")];
    if (exec.kind !== "known") {
        const read = exec.kind === "malformed" ? exec.why : "is not set";
        return [violation(`${exec.property} of cluster ${cluster.name} ${read}: sessions in its containers are neither logged of their own nor encrypted with a key of yours.`, fix)]; // prettier-ignore
    }
    const { value } = exec;
    return [
        expectValue(value.string("logging"), {
            accepts: (logging) => logging === "OVERRIDE",
            consequence: `sessions in containers of cluster ${cluster.name} are not logged to an encrypted place`,
            fix,
            findingId: "logging",
        }),
        isSet(filled(value.string("kmsKeyId")))
            ? pass
            : violation(`${value.property}.kmsKeyId is not set: sessions are not encrypted with a key of yours.`, fix, { findingId: "key" }), // prettier-ignore
        judgeDestination(value),
    ];
}

/** A log group or a bucket whose encryption is switched on. */
function judgeDestination(exec: PropertyReader): Outcome {
    const destinations = [
        ["cloudWatchLogGroupName", "cloudWatchEncryptionEnabled"],
        ["s3BucketName", "s3BucketEncryptionEnabled"],
    ] as const;
    const given = destinations.filter(([name]) => isSet(filled(exec.string("logConfiguration", name))));
    const open = [
        exec.get("logConfiguration"),
        ...given.map(([, encrypted]) => exec.boolean("logConfiguration", encrypted)),
    ].find(({ kind }) => kind === "unknown");
    if (open) return inconclusive(open, "whether the log of sessions is encrypted is not known yet");
    const encrypted = given.filter(([, flag]) => is(exec.boolean("logConfiguration", flag), true));
    if (given.length > 0 && encrypted.length === given.length) return pass;
    return violation(`${exec.property}.logConfiguration names no log group or bucket with encryption.`, fix, {
        findingId: "destination",
    });
}

/** A name or key that is an output of another resource is set, though not known yet. */
function isSet(reading: Reading<string>): boolean {
    return reading.kind === "known" || reading.kind === "unknown";
}

export const execLogConfiguration = {
    kmsKeyId: unknown,
    logging: "OVERRIDE",
    logConfiguration: { cloudWatchLogGroupName: "/exec", cloudWatchEncryptionEnabled: true },
};
export const execCluster = (executeCommandConfiguration?: unknown): ExampleResource => ({
    type: clusterType,
    name: "cluster",
    props: {
        name: "cluster",
        ...(executeCommandConfiguration === undefined
            ? {}
            : { configuration: { executeCommandConfiguration } }),
    },
});

export const execLogging: ResourceRule = {
    level: "resource",
    metadata: execMetadata,
    types: [clusterType],
    evaluate: (cluster) =>
        cluster.get("configuration").kind === "absent" ||
        cluster.get("configuration", "executeCommandConfiguration").kind === "absent"
            ? [notApplicable("says nothing about sessions; the stack half asks the services")]
            : judgeExecLogging(cluster),
    examples: [
        badExample("switched off", [execCluster({ ...execLogConfiguration, logging: "NONE" })], "cluster"),
        badExample("no key", [execCluster({ ...execLogConfiguration, kmsKeyId: null })], "cluster"),
        badExample(
            "a log that is not encrypted",
            [execCluster({ ...execLogConfiguration, logConfiguration: { s3BucketName: "exec" } })],
            "cluster",
        ),
        goodExample("logged and encrypted", [execCluster(execLogConfiguration)]),
        absentExample("says nothing", [execCluster()]),
        openExample("not known yet", [execCluster({ ...execLogConfiguration, logging: unknown })], "cluster"),
    ],
};
