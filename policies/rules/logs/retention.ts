/** LOG-01: logs are kept as long as an investigation needs them, and encrypted. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { logGroupType, logGroupWith } from "./logGroup";

function retentionOutcome(group: ResourceReader, configuration: PackConfiguration): Outcome {
    const least = isDisposable(group.urn, configuration) ? 1 : configuration.logRetentionDays;
    const retention = group.number("retentionInDays");
    if (retention.kind === "unknown")
        return inconclusive(retention, "how long entries are kept is not known yet");
    const fix = `Set retentionInDays: ${configuration.logRetentionDays}.`;
    const more = { findingId: "retentionInDays" };
    if (retention.kind === "malformed") return violation(`retentionInDays ${retention.why}.`, fix, more);
    // 0 is AWS's word for "never expires", and what it does when nothing is said.
    if (retention.kind === "absent" || retention.value === 0)
        return violation("The log group keeps its entries for ever: nobody decided how long.", fix, more);
    if (retention.value >= least) return pass;
    return violation(
        `retentionInDays is ${retention.value}: entries are gone after ${retention.value} days, and ${least} are wanted.`,
        fix,
        more,
    );
}

function keyOutcome(group: ResourceReader): Outcome {
    const key = filled(group.string("kmsKeyId"));
    // An ARN that is not known yet is enough to see that a key is set.
    if (key.kind === "known" || key.kind === "unknown") return pass;
    return violation(
        `${key.property} ${key.kind === "absent" ? "is not set" : key.why}: whoever may read logs needs no key of yours.`,
        "Set kmsKeyId: key.arn, and admit logs.<region>.amazonaws.com in the key policy.",
        { findingId: "kmsKeyId" },
    );
}

const kept = { retentionInDays: 365, kmsKeyId: unknown };

export const retention: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LOG-01",
        family: "logs",
        title: "Log groups have a retention and a customer managed key",
        rationale:
            "Logs of pipelines and gates say who did what; kept too short they are gone when somebody asks, kept for ever they cost and leak.",
        severity: "medium",
        remediation:
            "Set `retentionInDays` to the setting `logRetentionDays` (365) or more, and `kmsKeyId`. Stacks that may be thrown away are named in the setting `disposableStacks`.",
        references: [
            "FSBP CloudWatch.16",
            "checkov CKV_AWS_66",
            "checkov CKV_AWS_158",
            "checkov CKV_AWS_338",
            "trivy AWS-0017",
        ],
    },
    types: [logGroupType],
    evaluate: (group, configuration) => [retentionOutcome(group, configuration), keyOutcome(group)],
    remediation: {
        when: "always",
        changes: (group, configuration) =>
            retentionOutcome(group, configuration).kind === "violation"
                ? [{ path: ["retentionInDays"], value: configuration.logRetentionDays }]
                : [],
    },
    examples: [
        badExample("a month", [logGroupWith({ ...kept, retentionInDays: 30 })], "logs"),
        badExample("for ever", [logGroupWith({ ...kept, retentionInDays: 0 })], "logs"),
        badExample("no key", [logGroupWith({ retentionInDays: 365 })], "logs"),
        goodExample("a year, encrypted", [logGroupWith(kept)]),
        {
            ...goodExample("a week, in a stack that may be thrown away", [
                logGroupWith({ ...kept, retentionInDays: 7 }),
            ]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("nothing said about retention", [logGroupWith({ kmsKeyId: unknown })], "logs"),
        openExample("not known yet", [logGroupWith({ ...kept, retentionInDays: unknown })], "logs"),
    ],
};
