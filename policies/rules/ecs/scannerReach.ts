/** ECS-17: only the scanner reaches its database, only the load balancer and builds reach the scanner. */
import type { PackConfiguration } from "../../harness/configuration";
import { hasWord } from "../../harness/nameWords";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { groupAttachments } from "../vpc/groupAttachments";
import { ingressOf, portsOf, type IngressEntry } from "../vpc/ingress";
import { defaultSecurityGroupType, securityGroupType } from "../vpc/securityGroup";
import {
    isScannerGroup,
    onlyScannersRun,
    scannerApiPort,
    scannerServices,
    scannerWords,
    type ScannerService,
} from "./scannerServices";
import { scannerReachExamples } from "./scannerReach.examples";

const databaseTypes = ["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"];

/** Who may connect, and how the message says it. */
interface Admission {
    what: string;
    fix: string;
    admits(group: ResourceReader): boolean;
}

function judgeEntry(graph: StackGraph, entry: IngressEntry, { what, fix, admits }: Admission): Outcome[] {
    const refused = (who: string) =>
        violation(`${entry.place} lets ${who} connect to ${what}.`, fix, { findingId: entry.place });
    const [cidr] = entry.cidrs;
    if (cidr !== undefined) return [refused(cidr)];
    if (entry.prefixLists) return [refused("a prefix list")];
    if (entry.unknownCidrs)
        return [inconclusive({ property: entry.place }, `who may connect to ${what} is not known yet`)];
    return entry.sourceGroupPaths.flatMap((path) =>
        graph
            .references(entry.resource, path, [securityGroupType, defaultSecurityGroupType])
            .flatMap((source): Outcome[] => {
                if (source.kind === "external" || source.kind === "absent") return [];
                if (source.kind === "dangling") return [refused(`security group ${source.value}`)];
                const groups =
                    source.kind === "exact"
                        ? [source.resource]
                        : source.kind === "candidates"
                          ? source.resources
                          : [];
                const admitted = groups.filter(admits);
                if (groups.length > 0 && admitted.length === groups.length) return [];
                if (groups.length > 0 && admitted.length === 0)
                    return [refused(`security group ${groups.map(({ name }) => name).join(", ")}`)];
                return [
                    inconclusive({ property: entry.place }, `which security group may connect to ${what} cannot be told yet`), // prettier-ignore
                ];
            }),
    );
}

/** The outcomes of the entries of a group that open the port. */
function judgeGroup(graph: StackGraph, group: ResourceReader, port: number, admission: Admission): Outcome[] {
    return ingressOf(graph, group)
        .filter((entry) => portsOf(entry).includes(port))
        .flatMap((entry) => judgeEntry(graph, entry, admission));
}

function isScannersDatabase(
    graph: StackGraph,
    database: ResourceReader,
    configuration: PackConfiguration,
): boolean {
    const texts = ["identifier", "clusterIdentifier", "dbName", "databaseName"].map((property) =>
        database.type.includes("cluster") === ["clusterIdentifier", "databaseName"].includes(property)
            ? valueOf(database.string(property))
            : undefined,
    );
    if (hasWord(scannerWords(configuration), database.name, ...texts)) return true;
    if (onlyScannersRun(graph, configuration)) return true;
    // Otherwise it is the scanner's when the scanner is let in.
    return groupAttachments(graph)
        .groupsOf(database)
        .flatMap((group) => ingressOf(graph, group))
        .some((entry) =>
            entry.sourceGroupPaths
                .flatMap((path) => graph.references(entry.resource, path, [securityGroupType]))
                .some(
                    (source) =>
                        source.kind === "exact" && isScannerGroup(graph, source.resource, configuration),
                ),
        );
}

function judgeDatabase(
    graph: StackGraph,
    database: ResourceReader,
    configuration: PackConfiguration,
): StackOutcome[] {
    if (!isScannersDatabase(graph, database, configuration))
        return about(database, notApplicable("not the scanner's database"));
    const engine = valueOf(database.string("engine")) ?? "";
    const port = valueOf(database.number("port")) ?? (/mysql|mariadb/.test(engine) ? 3306 : 5432);
    const admission: Admission = {
        what: `the scanner's database ${database.name} on port ${port}`,
        fix: "Let in the security group of the scanner's tasks and nothing else.",
        admits: (group) => isScannerGroup(graph, group, configuration),
    };
    const outcomes = groupAttachments(graph)
        .groupsOf(database)
        .flatMap((group) => judgeGroup(graph, group, port, admission));
    return about(database, ...(outcomes.length > 0 ? outcomes : [pass]));
}

function judgeService(
    graph: StackGraph,
    { service, groups, servesApi, databasePorts }: ScannerService,
    configuration: PackConfiguration,
): StackOutcome[] {
    const own = (group: ResourceReader) => isScannerGroup(graph, group, configuration);
    const api: Admission = {
        what: `the scanner ${service.name} on port ${scannerApiPort}`,
        fix: "Let in the security groups of its load balancer and of the builds that ask it, and nothing else.",
        admits: (group) => own(group) || callsScanner(graph, group),
    };
    const outcomes = groups.flatMap((group) => [
        ...(servesApi ? judgeGroup(graph, group, scannerApiPort, api) : []),
        ...databasePorts.flatMap((port) =>
            judgeGroup(graph, group, port, {
                what: `the database in the tasks of ${service.name} on port ${port}`,
                fix: "Let in the scanner's own security group and nothing else.",
                admits: own,
            }),
        ),
    ]);
    return about(service, ...(outcomes.length > 0 ? outcomes : [pass]));
}

/** Groups of load balancers and builds; a group that nothing of the stack has is taken by its name. */
function callsScanner(graph: StackGraph, group: ResourceReader): boolean {
    const attached = groupAttachments(graph).of(group);
    if (attached.length > 0) return attached.every(({ kind }) => kind === "loadBalancer" || kind === "build");
    if (is(group.string("tags", "gate:role"), "scan") || is(group.string("tags", "gate:role"), "builder"))
        return true;
    const words = ["alb", "lb", "balancer", "loadbalancer", "build", "builder", "codebuild", "scan"];
    return hasWord(words, valueOf(group.string("name")), group.name);
}

export const scannerReach: StackRule = {
    level: "stack",
    metadata: {
        id: "ECS-17",
        family: "ecs",
        title: "Only the scanner reaches its database, only its load balancer and builds reach the scanner",
        rationale:
            "Whoever can write the scanner's database or call its API past the load balancer can make a vulnerable image pass.",
        severity: "high",
        remediation:
            "In the database's security group let in the group of the scanner's tasks; in the tasks' group let in port 8228 from the groups of the load balancer and of CodeBuild. A service runs a scanner when its name, a container or an image has a name of the setting `scannerNames`.",
        references: ["NIST SP 800-190 4.3.3"],
    },
    relevantTypes: ["aws:ecs/service:Service"],
    evaluate: (graph, configuration) => {
        const services = scannerServices(graph, configuration);
        if (services.length === 0)
            return about(null, notApplicable("no service of the stack runs a scanner"));
        return [
            ...graph
                .ofType(...databaseTypes)
                .flatMap((database) => judgeDatabase(graph, database, configuration)),
            ...services.flatMap((service) => judgeService(graph, service, configuration)),
        ];
    },
    examples: scannerReachExamples,
};
