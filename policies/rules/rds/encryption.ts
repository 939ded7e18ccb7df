/** RDS-02: scan results are encrypted with a key of the customer. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { clusterType, instanceType } from "./database";

const database = (props: Record<string, unknown>, type = instanceType): ExampleResource => ({
    type,
    name: "database",
    props: { identifier: "database", engine: "postgres", ...props },
});
const bad = [{ resource: "database", kind: "violation" as const }];

export const encryption: ResourceRule = {
    level: "resource",
    metadata: {
        id: "RDS-02",
        family: "rds",
        title: "Databases are encrypted with a customer managed key",
        rationale:
            "The scanner's database is a list of everything that can be attacked; snapshots of it travel.",
        severity: "high",
        remediation:
            "Set `storageEncrypted: true` and `kmsKeyId`. Both can only be set when the database is created; changing them " +
            "replaces it.",
        references: [
            "FSBP RDS.3",
            "checkov CKV_AWS_16",
            "trivy AWS-0080",
            "cdk-nag AwsSolutions-RDS2",
            "CIS AWS 5.0.0 2.2.1",
        ],
    },
    types: [instanceType, clusterType],
    evaluate: (resource) => {
        const source = resource.type === clusterType ? "replicationSourceIdentifier" : "replicateSourceDb";
        if (["known", "unknown"].includes(resource.get(source).kind)) {
            return [notApplicable("a replica is encrypted as its source is")];
        }
        const encrypted = resource.boolean("storageEncrypted");
        if (encrypted.kind === "unknown")
            return [inconclusive(encrypted, "whether the database is encrypted is not known yet")];
        const fix = "Set storageEncrypted: true and kmsKeyId: key.arn (replaces the database).";
        if (!is(encrypted, true)) {
            const read = encrypted.kind === "known" ? "false" : "not set";
            return [
                violation(`Database ${resource.name} is not encrypted (storageEncrypted is ${read}).`, fix),
            ];
        }
        // A key ARN is an output of the key: not known yet is enough to see that a key is set.
        const key = resource.string("kmsKeyId");
        if (key.kind === "known" || key.kind === "unknown") return [pass];
        return [violation(`Database ${resource.name} uses the AWS managed key (kmsKeyId is not set).`, fix)];
    },
    remediation: {
        when: "create",
        // Only where a key is chosen already: which one it is has to be decided by a person.
        changes: (resource) => {
            const source =
                resource.type === clusterType ? "replicationSourceIdentifier" : "replicateSourceDb";
            if (resource.get(source).kind !== "absent") return [];
            const key = resource.string("kmsKeyId");
            const encrypted = resource.boolean("storageEncrypted");
            const mendable = key.kind === "known" || key.kind === "unknown";
            return mendable && (encrypted.kind === "absent" || is(encrypted, false))
                ? [{ path: ["storageEncrypted"], value: true }]
                : [];
        },
    },
    examples: [
        {
            title: "switched off",
            shows: "bad",
            resources: [database({ storageEncrypted: false, kmsKeyId: unknown })],
            expect: bad,
        },
        {
            title: "without a key of its own",
            shows: "bad",
            resources: [database({ storageEncrypted: true })],
            expect: bad,
        },
        {
            title: "a key whose ARN is not known yet is set",
            shows: "good",
            resources: [database({ storageEncrypted: true, kmsKeyId: unknown })],
            expect: [],
        },
        {
            title: "a replica follows its source",
            shows: "good",
            resources: [database({ replicateSourceDb: unknown })],
            expect: [],
        },
        { title: "not set", shows: "absent", resources: [database({}, clusterType)], expect: bad },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [database({ storageEncrypted: unknown, kmsKeyId: unknown })],
            expect: [{ resource: "database", kind: "inconclusive" }],
        },
    ],
};
