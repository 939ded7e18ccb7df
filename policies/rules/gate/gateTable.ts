/** GATE-12: the gate's memory: who writes it, and that it can neither be lost nor read by others. */
import { gateFunctionRoles } from "../../gate/gateFunctions";
import {
    breakGlassRoles,
    breakGlassTables,
    gateTables,
    isNamed,
    itemVerbs,
    tableArn,
    tableVerbs,
} from "../../gate/gateTables";
import { tableType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type Reading, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackOutcome, StackRule } from "../../harness/rule";
import { isDisposable } from "../../harness/stackName";
import type { StackGraph } from "../../harness/stackGraph";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { actionPattern, effectivePermissions } from "../../iam/effectivePermissions";
import { holdOutcomes, type Grip } from "../bypass/grip";
import { examples } from "./gateTable.examples";

const resourcePolicyType = "aws:dynamodb/resourcePolicy:ResourcePolicy";

/** The table as something that is written, or changed as a whole. */
function tableGrip(table: ResourceReader, verbs: readonly string[]): Grip {
    return {
        what: valueOf(table.string("name")) ?? table.name,
        arns: [tableArn(table)],
        verbs,
        certain: isNamed(table),
    };
}

/** A table, whose records are of those roles alone. */
interface KeptTable {
    table: ResourceReader;
    writers: ReadonlySet<ResourceReader>;
    /** What its records say. */
    keeps: string;
    /** Who may write it. */
    who: string;
    /** Whether records of it expire. */
    expires: boolean;
}

function keptTables(graph: StackGraph): KeptTable[] {
    const own = gateFunctionRoles(graph);
    const broken = breakGlassTables(graph);
    return [
        ...gateTables(graph)
            .filter((table) => !broken.includes(table))
            .map((table) => ({ table, writers: own, keeps: "in which the gate keeps who asked, what was scanned and what was decided", who: "the gate's functions", expires: true })), // prettier-ignore
        ...broken.map((table) => ({ table, writers: breakGlassRoles(graph), keeps: "whose records let images run that nobody approved", who: "the role of people who answer for that (gate:role=break-glass)", expires: false })), // prettier-ignore
    ];
}

function writerOutcomes(kept: readonly KeptTable[], graph: StackGraph): StackOutcome[] {
    const byName = new Map(kept.map((each) => [tableGrip(each.table, []).what, each]));
    return effectivePermissions(graph).flatMap((entry) =>
        holdOutcomes(
            entry,
            kept.map(({ table, writers }) =>
                tableGrip(table, writers.has(entry.principal) ? tableVerbs : [...itemVerbs, ...tableVerbs]),
            ),
            ({ verb, what }, path) =>
                `It may ${verb} on ${what}, ${byName.get(what)?.keeps ?? ""} (${path}).`,
            kept.some(({ writers }) => writers.has(entry.principal))
                ? "Take the action away; who writes items leaves the table as it is."
                : `Take the action away; only ${[...new Set(kept.map(({ who }) => who))].join(" and ")} write items.`,
        ),
    );
}

/** Kinds of names of a statement's principals that are not the gate's own roles. */
function strangers({ principals }: Statement, own: ReadonlySet<ResourceReader>): string[] {
    if (!principals || principals.not) return ["everybody but a few"];
    const names = [...own].flatMap((role) => [valueOf(role.string("arn")), valueOf(role.string("name"))]);
    return Object.values(principals.byKind)
        .flat()
        .filter((name) => !names.some((each) => each !== undefined && (name === each || name.endsWith(`:role/${each}`)))); // prettier-ignore
}

function policyOutcomes({ table, writers: own, who: keeper }: KeptTable, graph: StackGraph): StackOutcome[] {
    const { certain } = graph.referrers(table, [resourcePolicyType], "resourceArn");
    return certain.flatMap((resource) => {
        const value = resource.get("policy");
        if (value.kind === "absent") return [];
        const document =
            value.kind === "known" ? readPolicyDocument(value.value) : { kind: "unknown" as const };
        if (document.kind !== "known")
            return about(resource, inconclusive(value, "whom the table's own policy lets write is not known yet")); // prettier-ignore
        for (const statement of document.statements) {
            if (statement.effect !== "Allow") continue;
            const verb = [...itemVerbs, ...tableVerbs].find(
                (each) => actionPattern(statement, each) !== null,
            );
            const [who] = verb === undefined ? [] : strangers(statement, own);
            if (who === undefined) continue;
            return about(
                resource,
                violation(
                    `${value.property} lets ${who} ${verb ?? "write"} on ${table.name}, the gate's table.`,
                    `Name only ${keeper}.`,
                    { findingId: `${table.name}|${who}` },
                ),
            );
        }
        return [];
    });
}

/** A switch of the table that has to be on. */
function switched(reading: Reading<boolean>, what: string, fix: string): Outcome[] {
    if (reading.kind === "unknown") return [inconclusive(reading, `whether ${what} is not known yet`)];
    if (reading.kind === "known" && reading.value) return [];
    const state = reading.kind === "absent" ? "not set" : "not true";
    return [
        violation(`${reading.property} is ${state}, so it is not certain that ${what}.`, fix, {
            findingId: reading.property,
        }),
    ];
}

/** Who let what run without an approval, and why, is part of the record of releases: it does not go away by itself. */
function expiry(table: ResourceReader): Outcome[] {
    const ttl = table.boolean("ttl", "enabled");
    if (ttl.kind === "unknown")
        return [inconclusive(ttl, "whether records of overrides expire is not known yet")];
    if (ttl.kind === "absent" || (ttl.kind === "known" && !ttl.value)) return [];
    return [
        violation(
            `${ttl.property} is on for ${table.name}: who let images run without an approval, and why, is deleted by itself.`,
            "Leave ttl out on the table of overrides.",
            { findingId: ttl.property },
        ),
    ];
}

function keptOutcomes({ table, expires }: KeptTable, configuration: PackConfiguration): Outcome[] {
    const key = table.string("serverSideEncryption", "kmsKeyArn");
    const outcomes = [
        ...switched(
            table.boolean("pointInTimeRecovery", "enabled"),
            "lost or falsified decisions can be brought back",
            "Set pointInTimeRecovery: { enabled: true }.",
        ),
        ...switched(
            table.boolean("serverSideEncryption", "enabled"),
            "who may read requests and decisions is limited by a key",
            "Set serverSideEncryption: { enabled: true, kmsKeyArn } with a key of your own.",
        ),
        ...(expires
            ? switched(
                  table.boolean("ttl", "enabled"),
                  "old requests go away",
                  "Set ttl: { attributeName, enabled: true }.",
              )
            : expiry(table)),
    ];
    if (
        key.kind === "absent" &&
        outcomes.every(
            (each) => each.kind !== "violation" || each.findingId !== "serverSideEncryption.enabled",
        )
    )
        // prettier-ignore
        outcomes.push(
            violation(
                `${key.property} is not set: the table has Amazon's key, which every role of the account may use.`,
                "Set serverSideEncryption.kmsKeyArn to a key of your own.",
                { findingId: key.property },
            ),
        );
    if (!isDisposable(table.urn, configuration))
        outcomes.push(
            ...switched(
                table.boolean("deletionProtectionEnabled"),
                "the table cannot be deleted with all decisions in it",
                "Set deletionProtectionEnabled: true. Stacks that may be thrown away are named in the setting disposableStacks.",
            ),
        );
    return outcomes;
}

export const gateTable: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-12",
        family: "gate",
        title: "Only the gate's functions write its table, and the table is kept",
        rationale:
            "The table says what was asked and what was scanned. Who can write it can invent both; without recovery, protection and a key of its own the reasons of past releases can be lost, replaced or read by everybody.",
        severity: "high",
        remediation:
            "Grant writes of the table (PutItem, UpdateItem, DeleteItem, BatchWriteItem, PartiQL) to the roles of the gate's functions alone, those of a table of overrides (`gate:role=break-glass`) to the role of that tag alone, and changes of the table itself (UpdateTable, DeleteTable, restores, imports) to nobody. Switch on point-in-time recovery, encryption with a customer key, time to live and, except in disposable stacks, deletion protection.",
        references: ["FSBP DynamoDB.2", "FSBP DynamoDB.6", "OWASP CICD-SEC-9"],
    },
    relevantTypes: [tableType],
    evaluate: (graph, configuration) => {
        const tables = keptTables(graph);
        if (tables.length === 0) return about(null, notApplicable("no gate keeps a table"));
        const outcomes = [
            ...tables.flatMap((kept) => [
                ...about(kept.table, ...keptOutcomes(kept, configuration)),
                ...policyOutcomes(kept, graph),
            ]),
            ...writerOutcomes(tables, graph),
        ];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
