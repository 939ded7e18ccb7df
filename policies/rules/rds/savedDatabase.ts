/** RDS-04: what is in a database can be got back, and the database is not lost by one command or one zone. */
import type { PackConfiguration } from "../../harness/configuration";
import { expectValue, readText } from "../../harness/expectation";
import { notApplicable, violation } from "../../harness/outcome";
import { filled, is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, PropertyChange, ResourceRule } from "../../harness/rule";
import { isDisposable } from "../../harness/stackName";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { clusterInstanceType, clusterType, instanceType } from "./database";

const leastDays = 7;
const saved = {
    backupRetentionPeriod: 14,
    deletionProtection: true,
    skipFinalSnapshot: false,
    copyTagsToSnapshot: true,
    multiAz: true,
};
const database = (more: Record<string, unknown> = {}, type = instanceType): ExampleResource[] => [
    { type, name: "database", props: { engine: "postgres", ...saved, ...more } },
];
const bad = (title: string, more: Record<string, unknown>, type?: string) =>
    badExample(title, database(more, type), "database");

export const savedDatabase: ResourceRule = {
    level: "resource",
    metadata: {
        id: "RDS-04",
        family: "rds",
        title: "Databases are saved, protected and kept up to date",
        rationale:
            "Without backups and a last snapshot one command takes away every scan result and approval; without small upgrades the database keeps its known weaknesses.",
        severity: "medium",
        remediation:
            "Set `backupRetentionPeriod` to 7 or more, `deletionProtection: true`, `skipFinalSnapshot: false` with a `finalSnapshotIdentifier`, `multiAz: true`, `copyTagsToSnapshot: true`, and leave `autoMinorVersionUpgrade` on. Stacks of the setting `disposableStacks` may do without protection, last snapshot and standby.",
        references: [
            "FSBP RDS.5",
            "FSBP RDS.8",
            "FSBP RDS.11",
            "FSBP RDS.13",
            "FSBP RDS.17",
            "checkov CKV_AWS_133",
            "checkov CKV_AWS_157",
            "checkov CKV_AWS_226",
            "checkov CKV_AWS_293",
            "trivy AWS-0077",
            "trivy AWS-0177",
            "cdk-nag AwsSolutions-RDS3",
            "cdk-nag AwsSolutions-RDS10",
            "cdk-nag AwsSolutions-RDS13",
            "CIS AWS 5.0.0 2.2.2",
            "CIS AWS 5.0.0 2.2.4",
        ],
    },
    types: [instanceType, clusterType, clusterInstanceType],
    evaluate: (resource, configuration) => {
        const upgrades = judgeUpgrades(resource);
        if (resource.type === clusterInstanceType) return [upgrades];
        const disposable = isDisposable(resource.urn, configuration);
        return [
            upgrades,
            ...(isReplica(resource) ? [] : judgeBackups(resource)),
            ...(disposable ? [] : judgeProtection(resource)),
        ];
    },
    remediation: { when: "always", changes: mend },
    examples: [
        bad("saved for one day", { backupRetentionPeriod: 1 }),
        bad("deleted without a last snapshot", { skipFinalSnapshot: true }),
        bad("deleted by one command", { deletionProtection: false }),
        bad("in one zone", { multiAz: false }),
        bad("no small upgrades", { autoMinorVersionUpgrade: false }),
        bad("a cluster that is not saved", { backupRetentionPeriod: 0, multiAz: undefined }, clusterType),
        goodExample("saved and protected", database()),
        goodExample("a cluster, whose instances lie in zones of their own", database({ multiAz: undefined }, clusterType)), // prettier-ignore
        goodExample("a replica is saved as its source", database({ replicateSourceDb: unknown, backupRetentionPeriod: 0, multiAz: false })), // prettier-ignore
        {
            ...goodExample("a stack that may be thrown away", [
                {
                    type: instanceType,
                    name: "database",
                    props: { ...saved, skipFinalSnapshot: true, deletionProtection: false, multiAz: false },
                },
            ]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("backups not set", database({ backupRetentionPeriod: undefined }), "database"),
        openExample("not known yet", database({ backupRetentionPeriod: unknown }), "database"),
        {
            title: "one thing that is not known yet does not hide the next",
            shows: "unknown",
            resources: database({ deletionProtection: unknown, skipFinalSnapshot: true }),
            expect: [
                { resource: "database", kind: "inconclusive" },
                { resource: "database", kind: "violation" },
            ],
        },
    ],
};

function judgeUpgrades(resource: ResourceReader): Outcome {
    return expectValue(resource.boolean("autoMinorVersionUpgrade"), {
        accepts: (on) => on,
        absent: "accepted",
        consequence: "the database keeps weaknesses that a small upgrade mends",
        fix: "Leave autoMinorVersionUpgrade out, or set it to true.",
        findingId: "autoMinorVersionUpgrade",
    });
}

function isReplica(resource: ResourceReader): boolean {
    const source = resource.type === clusterType ? "replicationSourceIdentifier" : "replicateSourceDb";
    return ["known", "unknown"].includes(filled(resource.string(source)).kind);
}

function judgeBackups(resource: ResourceReader): Outcome[] {
    return [
        expectValue(resource.number("backupRetentionPeriod"), {
            accepts: (days) => days >= leastDays,
            consequence: `what was lost more than that many days ago cannot be got back (at least ${leastDays} are needed)`,
            fix: `Set backupRetentionPeriod: ${leastDays} or more.`,
            findingId: "backupRetentionPeriod",
        }),
        expectValue(resource.boolean("copyTagsToSnapshot"), {
            accepts: (copies) => copies,
            consequence: "snapshots do not show what they are of and who answers for them",
            fix: "Set copyTagsToSnapshot: true.",
            findingId: "copyTagsToSnapshot",
        }),
    ];
}

/** What keeps the database itself; a replica has no standby of its own. */
function judgeProtection(resource: ResourceReader): Outcome[] {
    return [
        expectValue(resource.boolean("deletionProtection"), {
            accepts: (on) => on,
            consequence: "one command deletes the database",
            fix: "Set deletionProtection: true.",
            findingId: "deletionProtection",
        }),
        expectValue(resource.boolean("skipFinalSnapshot"), {
            accepts: (skip) => !skip,
            absent: "accepted",
            consequence: "nothing is left when the database is deleted",
            fix: "Set skipFinalSnapshot: false and finalSnapshotIdentifier.",
            findingId: "skipFinalSnapshot",
        }),
        ...(resource.type === instanceType && !isReplica(resource) ? [judgeZones(resource)] : []),
    ];
}

function judgeZones(resource: ResourceReader): Outcome {
    const zones = resource.boolean("multiAz");
    if (zones.kind === "unknown" || is(zones, true))
        return expectValue(zones, { accepts: (on) => on, consequence: "the database is gone with its zone", fix: "Set multiAz: true." }); // prettier-ignore
    // A database of SQL Server has a standby by an option of its own; AWS knows no multiAz for it.
    const engine = valueOf(resource.string("engine")) ?? "";
    if (engine.startsWith("sqlserver") && zones.kind === "absent")
        return notApplicable("SQL Server mirrors by itself");
    return violation(
        `multiAz ${readText(zones)}: the database is gone while its zone is.`,
        "Set multiAz: true; it doubles the price of the instance.",
        { findingId: "multiAz" },
    );
}

/** What costs nothing and can be set on a running database. */
function mend(resource: ResourceReader, configuration: PackConfiguration): PropertyChange[] {
    const changes: PropertyChange[] = [];
    const wants = (property: string, wrong: boolean, value: boolean | number): void => {
        if (wrong) changes.push({ path: [property], value });
    };
    wants("autoMinorVersionUpgrade", is(resource.boolean("autoMinorVersionUpgrade"), false), true);
    if (resource.type === clusterInstanceType) return changes;
    const off = (property: string): boolean =>
        resource.get(property).kind === "absent" || is(resource.boolean(property), false);
    if (!isDisposable(resource.urn, configuration))
        wants("deletionProtection", off("deletionProtection"), true);
    if (isReplica(resource)) return changes;
    const days = resource.number("backupRetentionPeriod");
    wants("backupRetentionPeriod", days.kind === "absent" || (days.kind === "known" && days.value < leastDays), leastDays); // prettier-ignore
    wants("copyTagsToSnapshot", off("copyTagsToSnapshot"), true);
    return changes;
}
