/** RDS-01, resource half: the database has no public address. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ResourceRule, RuleMetadata } from "../../harness/rule";
import { clusterInstanceType, instanceType } from "./database";
import { database } from "./database.examples";

export const privateDatabaseMetadata: RuleMetadata = {
    id: "RDS-01",
    family: "rds",
    title: "Databases are private and let in the scanner only",
    rationale: "Whoever can write the scanner's database can make a vulnerable image pass.",
    severity: "critical",
    remediation:
        "Leave `publiclyAccessible` false, put the database into a subnet group of private subnets, and give its security " +
        "group ingress from the security group of the scanner's tasks only. Scanner groups are told by the setting " +
        "`scannerGroupTags`, or by an ECS service that uses them.",
    references: [
        "FSBP RDS.2",
        "checkov CKV_AWS_17",
        "trivy AWS-0180",
        "CIS AWS 5.0.0 2.2.3",
        "NIST SP 800-190 4.3.3",
    ],
};

const bad = [{ resource: "database", kind: "violation" as const }];
const open = [{ resource: "database", kind: "inconclusive" as const }];

export const privateDatabase: ResourceRule = {
    level: "resource",
    metadata: privateDatabaseMetadata,
    types: [instanceType, clusterInstanceType],
    evaluate: (resource) => {
        const accessible = resource.boolean("publiclyAccessible");
        if (accessible.kind === "absent" || is(accessible, false)) return [pass];
        if (accessible.kind === "unknown") {
            return [inconclusive(accessible, "whether the database has a public address is not known yet")];
        }
        return [
            violation(
                `Database ${resource.name} has a public address (publiclyAccessible is true).`,
                "Set publiclyAccessible: false.",
            ),
        ];
    },
    remediation: {
        when: "always",
        changes: (resource) =>
            is(resource.boolean("publiclyAccessible"), true)
                ? [{ path: ["publiclyAccessible"], value: false }]
                : [],
    },
    examples: [
        { title: "public", shows: "bad", resources: [database({ publiclyAccessible: true })], expect: bad },
        { title: "private", shows: "good", resources: [database()], expect: [] },
        {
            title: "not set: an instance in a VPC of its own is private",
            shows: "absent",
            resources: [database({ publiclyAccessible: null })],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [database({ publiclyAccessible: unknown })],
            expect: open,
        },
    ],
};
