/** VPC-04, resource half: scanners, databases and builds do not reach everything. */
import type { PackConfiguration } from "../../harness/configuration";
import { hasWord } from "../../harness/nameWords";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { ownEgress } from "./egress";
import { isAnyone, portsOf, type IngressEntry } from "./ingress";
import { securityGroupType } from "./securityGroup";

export const openEgressMetadata: RuleMetadata = {
    id: "VPC-04",
    family: "vpc",
    title: "Groups of scanners, databases and builds do not let everything out",
    rationale:
        "What is taken over in a scanner, a database or a build sends what it finds to wherever it likes, by any protocol.",
    severity: "medium",
    remediation:
        "List what they need: TCP 443 to anywhere or to endpoints, the database's port to its security group. Groups are told by a word in their name, by `gate:role`, or by the database, build or scanner that has them.",
    references: ["checkov CKV_AWS_382", "trivy AWS-0104"],
};

const databaseWords = ["database", "db", "rds", "postgres", "postgresql", "mysql", "mariadb", "aurora"];
const buildWords = ["build", "builds", "builder", "codebuild"];

/** What the group says it is for, in its tag or its name; undefined when that is none of the three. */
export function declaredPurpose(group: ResourceReader, configuration: PackConfiguration): string | undefined {
    const role = valueOf(group.string("tags", "gate:role"));
    const texts = [role, valueOf(group.string("name")), valueOf(group.string("tags", "Name")), group.name];
    if (hasWord(databaseWords, ...texts)) return "a database";
    if (hasWord(buildWords, ...texts)) return "builds";
    const scanners = [...configuration.scannerGroupTags, ...configuration.scannerNames, "scan"];
    return hasWord(scanners, ...texts) ? "a scanner" : undefined;
}

/** The outcomes of entries of a group with this purpose. */
export function judgeEgress(entries: readonly IngressEntry[], purpose: string): Outcome[] {
    return entries.flatMap((entry): Outcome[] => {
        const place = { property: entry.place };
        const anyone = entry.cidrs.find(isAnyone);
        if (anyone === undefined)
            return entry.unknownCidrs
                ? [inconclusive(place, `what a group of ${purpose} lets out is not known yet`)]
                : [];
        const undecided = [entry.protocol, entry.fromPort, entry.toPort].find(
            ({ kind }) => kind === "unknown",
        );
        if (!portsOf(entry).all) return [];
        if (undecided) return [inconclusive(place, `which ports a group of ${purpose} lets out is not known yet`)]; // prettier-ignore
        return [
            violation(
                `${entry.place} lets everything out to ${anyone}, and the group is that of ${purpose}.`,
                "List the ports that are needed, for instance TCP 443 to anywhere and 5432 to the database's group.",
                { findingId: entry.place },
            ),
        ];
    });
}

const group = (name: string, egress?: unknown): ExampleResource => ({
    type: securityGroupType,
    name: "group",
    props: { name, egress },
});
const everything = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] };
const https = { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] };

export const openEgress: ResourceRule = {
    level: "resource",
    metadata: openEgressMetadata,
    types: [securityGroupType],
    evaluate: (resource, configuration) => {
        const purpose = declaredPurpose(resource, configuration);
        if (purpose === undefined) return [notApplicable("not a group of a scanner, a database or builds")];
        const outcomes = judgeEgress(ownEgress(resource), purpose);
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        badExample("a database that may send anywhere", [group("app-database", [everything])], "group"),
        badExample("a build that may, by IPv6", [group("build", [{ ...everything, cidrBlocks: [], ipv6CidrBlocks: ["::/0"] }])], "group"), // prettier-ignore
        badExample("every TCP port of a scanner", [group("anchore", [{ ...https, fromPort: 0, toPort: 65_535 }])], "group"), // prettier-ignore
        goodExample("443 out, and 5432 to a group", [
            group("anchore", [https, { protocol: "tcp", fromPort: 5432, toPort: 5432, securityGroups: [unknown] }]), // prettier-ignore
        ]),
        goodExample("everything, but inside the network", [
            group("database", [{ ...everything, cidrBlocks: ["10.0.0.0/8"] }]),
        ]),
        goodExample("a group of something else", [group("web", [everything])]),
        absentExample("no egress", [group("database")]),
        {
            title: "an unknown destination does not hide the next entry",
            shows: "unknown",
            resources: [group("database", [{ ...everything, cidrBlocks: [unknown] }, everything])],
            expect: [
                { resource: "group", kind: "inconclusive" },
                { resource: "group", kind: "violation" },
            ],
        },
        openExample("protocol not known yet", [group("database", [{ ...everything, protocol: unknown, toPort: 65_535 }])], "group"), // prettier-ignore
        openExample("egress not known yet", [group("database", unknown)], "group"),
    ],
};
