/** RDS-05: connections to a database need TLS, and its log leaves it. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { clusterType, instanceType } from "./database";

const parameterGroupType = "aws:rds/parameterGroup:ParameterGroup";
const clusterParameterGroupType = "aws:rds/clusterParameterGroup:ClusterParameterGroup";

/** The parameter that forces TLS, by the beginning of the engine's name (Amazon RDS and Aurora user guides). */
const parameters: readonly [engine: RegExp, name: string][] = [
    [/^(?:postgres|aurora-postgresql)/, "rds.force_ssl"],
    [/^sqlserver/, "rds.force_ssl"],
    [/^(?:mysql|mariadb|aurora-mysql|aurora$)/, "require_secure_transport"],
];

const database = (more: Record<string, unknown> = {}): ExampleResource => ({
    type: instanceType,
    name: "database",
    props: {
        identifier: "database",
        engine: "postgres",
        parameterGroupName: "tls",
        enabledCloudwatchLogsExports: ["postgresql"],
        ...more,
    },
});
const group = (value: unknown, more: Record<string, unknown> = {}): ExampleResource => ({
    type: parameterGroupType,
    name: "parameters",
    props: { name: "tls", family: "postgres16", parameters: [{ name: "rds.force_ssl", value }], ...more },
});

export const tlsDatabase: StackRule = {
    level: "stack",
    metadata: {
        id: "RDS-05",
        family: "rds",
        title: "Databases take connections over TLS only and hand over their logs",
        rationale:
            "A client that falls back to clear text sends its password and every result across the network; a log that stays in the database is gone with it.",
        severity: "medium",
        remediation:
            "Use an `aws.rds.ParameterGroup` with `rds.force_ssl` 1 (PostgreSQL, SQL Server) or `require_secure_transport` 1 (MySQL, MariaDB). Set `enabledCloudwatchLogsExports`. Where the client can, switch `iamDatabaseAuthenticationEnabled` on (advice).",
        references: ["checkov CKV2_AWS_69", "checkov CKV_AWS_129", "checkov CKV_AWS_161", "FSBP RDS.36"],
    },
    relevantTypes: [instanceType, clusterType],
    evaluate: (graph) =>
        graph.ofType(instanceType, clusterType).flatMap((resource) => {
            const outcomes = [...judgeTls(resource, graph), ...judgeLogs(resource)];
            return about(resource, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        badExample("clear text is accepted", [database(), group("0")], "database"),
        badExample("another parameter", [database(), group("1", { parameters: [{ name: "log_statement", value: "ddl" }] })], "database"), // prettier-ignore
        badExample("no log is handed over", [database({ enabledCloudwatchLogsExports: [] }), group("1")], "database"), // prettier-ignore
        badExample("a cluster of MySQL", [
            { type: clusterType, name: "database", props: { engine: "aurora-mysql", dbClusterParameterGroupName: "tls", enabledCloudwatchLogsExports: ["audit"] } },
            { type: clusterParameterGroupType, name: "parameters", props: { name: "tls", family: "aurora-mysql8.0", parameters: [{ name: "require_secure_transport", value: "OFF" }] } },
        ], "database"),
        goodExample("TLS only", [database(), group("1")]),
        goodExample("by dependency", [
            { ...database({ parameterGroupName: unknown }), propertyDependencies: { parameterGroupName: ["parameters"] } },
            group(1, { name: unknown }),
        ]),
        goodExample("MySQL", [
            database({ engine: "mysql", enabledCloudwatchLogsExports: ["error"] }),
            group("1", { family: "mysql8.0", parameters: [{ name: "require_secure_transport", value: "1" }] }),
        ]),
        goodExample("a replica has its source's", [database({ engine: undefined, replicateSourceDb: unknown, parameterGroupName: undefined })]),
        goodExample("Oracle has an option for it", [database({ engine: "oracle-ee", parameterGroupName: undefined })]),
        absentExample("no parameter group: the service's own", [database({ parameterGroupName: undefined })], "database"),
        openExample("the value is not known yet", [database(), group(unknown)], "database"),
        openExample("which group it is, is not known yet", [database({ parameterGroupName: unknown })], "database"),
    ], // prettier-ignore
};

function judgeTls(resource: ResourceReader, graph: StackGraph): Outcome[] {
    const cluster = resource.type === clusterType;
    const engine = resource.string("engine");
    if (engine.kind === "unknown")
        return [inconclusive(engine, "what kind of database it is, is not known yet")];
    // A replica or a restored database may leave the engine to its source.
    if (engine.kind !== "known") return [notApplicable("the engine is that of its source")];
    const parameter = parameters.find(([pattern]) => pattern.test(engine.value))?.[1];
    if (parameter === undefined)
        return [notApplicable(`no parameter of ${engine.value} is known to force TLS`)];
    const property = cluster ? "dbClusterParameterGroupName" : "parameterGroupName";
    const type = cluster ? clusterParameterGroupType : parameterGroupType;
    const fix = `Use an aws.rds.${cluster ? "ClusterParameterGroup" : "ParameterGroup"} with { name: "${parameter}", value: "1" }.`;
    const found = graph.reference(resource, [property], [type]);
    if (found.kind === "external") return [];
    if (found.kind === "unknown" || found.kind === "candidates")
        return [inconclusive(found, "whether connections need TLS is not known yet")];
    const more = { findingId: "tls" };
    if (found.kind !== "exact") {
        const read = found.kind === "absent" ? "is not set" : `is ${JSON.stringify(found.value)}, which is not in the stack`; // prettier-ignore
        return [violation(`Nothing in the stack makes ${resource.name} ask for TLS (${property} ${read}).`, fix, more)]; // prettier-ignore
    }
    const list = found.resource.list("parameters");
    const place = `${found.resource.name}.parameters`;
    if (list.kind === "unknown")
        return [inconclusive({ property: place }, "whether connections need TLS is not known yet")];
    const given = (valueOf(list) ?? []).filter((each) => valueOf(each.string("name")) === parameter);
    if (given.some(isOn)) return [];
    const open = (valueOf(list) ?? []).some((each) => each.isUnknown() || each.get("name").kind === "unknown") || given.some((each) => each.get("value").kind === "unknown"); // prettier-ignore
    if (open) return [inconclusive({ property: place }, "whether connections need TLS is not known yet")];
    const read = given.length > 0 ? "is off" : "is not set there, and only some versions have it on by themselves"; // prettier-ignore
    return [
        violation(`${resource.name} takes connections in clear text: ${parameter} in ${found.resource.name} ${read}.`, fix, more), // prettier-ignore
    ];
}

function isOn(parameter: PropertyReader): boolean {
    return ["1", "on", "true"].includes((valueOf(parameter.string("value")) ?? "").toLowerCase());
}

function judgeLogs(resource: ResourceReader): Outcome[] {
    const logs = resource.strings("enabledCloudwatchLogsExports");
    if (logs.kind === "unknown") return [inconclusive(logs, "which logs are handed over is not known yet")];
    if (logs.kind === "known" && logs.value.values.length + logs.value.unknownCount > 0) return [];
    return [
        violation(
            `${resource.name} keeps its log to itself (enabledCloudwatchLogsExports ${logs.kind === "malformed" ? logs.why : "names none"}).`,
            'Set enabledCloudwatchLogsExports, e.g. ["postgresql", "upgrade"].',
            { findingId: "logs" },
        ),
    ];
}
