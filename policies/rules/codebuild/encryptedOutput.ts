/** CB-04: what a build leaves behind is encrypted with a key of the owner. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, type PropertyReader } from "../../harness/reader";
import type { Outcome, PropertyChange, ResourceRule } from "../../harness/rule";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";

const key = "arn:aws:kms:eu-central-1:123456789012:key/1";
const scan = (more: Record<string, unknown>) =>
    projectExample("scan", scanBuildspec, "scanner", { encryptionKey: key, ...more });
const finding = [{ resource: "scan", kind: "violation" as const }];

/** Outputs that can be left unencrypted, with their index among the secondary ones. */
function outputs(project: PropertyReader): { reader: PropertyReader; path: (string | number)[] }[] {
    const secondary = project.list("secondaryArtifacts");
    const count = secondary.kind === "known" ? secondary.value.length : 0;
    return [
        ["artifacts"],
        ...Array.from({ length: count }, (_, index) => ["secondaryArtifacts", index]),
        ["logsConfig", "s3Logs"],
    ].map((path) => ({ reader: project, path }));
}

export const encryptedOutput: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-04",
        family: "codebuild",
        title: "Artifacts and logs of builds are encrypted with a customer managed key",
        rationale:
            "Artifacts hold the source and what was made of it, logs hold what the scanners found. With a key of its own the owner decides who may read them; unencrypted, everybody who reaches the bucket does.",
        severity: "medium",
        remediation:
            "Set `encryptionKey` to the ARN of a key, and leave `encryptionDisabled` out of artifacts and S3 logs.",
        references: [
            "FSBP CodeBuild.3",
            "checkov CKV_AWS_78",
            "checkov CKV_AWS_147",
            "checkov CKV_AWS_311",
            "trivy AWS-0018",
            "cdk-nag AwsSolutions-CB4",
        ],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project) => {
        const secondary = project.list("secondaryArtifacts");
        const outcomes: Outcome[] = [
            ...outputs(project).map(({ reader, path }) => judged(reader, path)),
            judgedKey(project),
        ];
        if (secondary.kind === "unknown")
            outcomes.push(inconclusive(secondary, "how further artifacts are kept is not known yet"));
        if (secondary.kind === "malformed")
            outcomes.push(violation(`${secondary.property} ${secondary.why}.`, "Give a list of artifacts."));
        return outcomes;
    },
    remediation: {
        when: "always",
        changes: (project) =>
            outputs(project).flatMap(({ reader, path }): PropertyChange[] => {
                const disabled = reader.boolean(...path, "encryptionDisabled");
                return disabled.kind === "known" && disabled.value
                    ? [{ path: [...path, "encryptionDisabled"], value: false }]
                    : [];
            }),
    },
    examples: [
        {
            title: "no key",
            shows: "absent",
            resources: [scan({ encryptionKey: undefined })],
            expect: finding,
        },
        {
            title: "the key that AWS manages",
            shows: "bad",
            resources: [scan({ encryptionKey: "alias/aws/s3" })],
            expect: finding,
        },
        {
            title: "artifacts without encryption",
            shows: "bad",
            resources: [scan({ artifacts: { type: "S3", encryptionDisabled: true } })],
            expect: finding,
        },
        {
            title: "the second of the further artifacts without encryption",
            shows: "bad",
            resources: [
                scan({
                    secondaryArtifacts: [
                        { type: "S3", artifactIdentifier: "a", encryptionDisabled: unknown },
                        { type: "S3", artifactIdentifier: "b", encryptionDisabled: true },
                    ],
                }),
            ],
            expect: [{ resource: "scan", kind: "inconclusive" }, ...finding],
        },
        {
            title: "logs in a bucket without encryption",
            shows: "bad",
            resources: [scan({ logsConfig: { s3Logs: { status: "ENABLED", encryptionDisabled: true } } })],
            expect: finding,
        },
        {
            title: "a key, and nothing switched off",
            shows: "good",
            resources: [
                scan({
                    artifacts: { type: "S3", encryptionDisabled: false },
                    logsConfig: { s3Logs: { status: "ENABLED" } },
                }),
            ],
            expect: [],
        },
        {
            title: "a key whose ARN is not known yet is a key",
            shows: "good",
            resources: [scan({ encryptionKey: unknown })],
            expect: [],
        },
        {
            title: "the artifacts are not known yet",
            shows: "unknown",
            resources: [scan({ artifacts: unknown })],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

function judged(reader: PropertyReader, path: readonly (string | number)[]): Outcome {
    const above = typeof path[1] === "string" ? reader.object(...path.slice(0, 1)) : reader.object(...path);
    const whole = above.kind === "malformed" ? above : reader.object(...path);
    if (whole.kind === "malformed") return violation(`${whole.property} ${whole.why}.`, "Give an object.");
    const disabled = reader.boolean(...path, "encryptionDisabled");
    return expectValue(disabled, {
        accepts: (value) => !value,
        absent: "accepted",
        consequence: "everybody who reaches the bucket can read it",
        fix: `Remove ${disabled.property}.`,
        findingId: disabled.property,
    });
}

function judgedKey(project: PropertyReader): Outcome {
    const value = filled(project.string("encryptionKey"));
    const { property } = value;
    // The ARN of a key of the program is only known after the update.
    if (value.kind === "unknown") return pass;
    if (value.kind === "known" && !/(?:^|:)alias\/aws\//.test(value.value)) return pass;
    return violation(
        `${property} ${value.kind === "known" ? "is the key that AWS manages" : value.kind === "absent" ? "is not set, so the key that AWS manages is used" : value.why}: nobody decides who may decrypt the artifacts.`,
        "Set encryptionKey to the ARN of a key of your own.",
        { findingId: property },
    );
}
