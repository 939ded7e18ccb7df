import { deepEqual, equal, match, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { defaultConfiguration, type PackConfiguration } from "../harness/configuration";
import { groupRules, judgeResource, judgeStack, type Finding } from "../harness/judgement";
import { about, inconclusive, violation } from "../harness/outcome";
import { ResourceReader, type ResourceDescription } from "../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, RuleSeverity, StackRule } from "../harness/rule";
import { StackGraph } from "../harness/stackGraph";
import { utcDay } from "./calendarDay";
import { RunRecord } from "./runRecord";

const bucket = "aws:s3/bucket:Bucket";
const stackUrn = (stack: string) => `urn:pulumi:${stack}::shop`;
const resource = (name: string, type = bucket, stack = "prod", parent = ""): ResourceDescription => ({
    type,
    name,
    urn: `${stackUrn(stack)}::${parent}${type}::${name}`,
    properties: {},
});
const root = resource("shop-prod", "pulumi:pulumi:Stack");

const metadata = (id: string, more: Partial<RuleMetadata> = {}): RuleMetadata => ({
    id,
    family: "s3",
    title: "Title",
    rationale: "Because.",
    severity: "high",
    remediation: "Mend it.",
    references: [],
    ...more,
});
const says = (...outcomes: Outcome[]) => outcomes;
const wrong = violation("It is wrong.", "Mend it.");
const stackRule = (
    id: string,
    judge: (found: ResourceReader) => Outcome[],
    more: Partial<RuleMetadata> = {},
): StackRule => ({
    level: "stack",
    metadata: metadata(id, more),
    evaluate: (graph) => graph.ofType(bucket).flatMap((found) => about(found, ...judge(found))),
    examples: [],
});
const resourceRule = (id: string, judge: (found: ResourceReader) => Outcome[]): ResourceRule => ({
    level: "resource",
    metadata: metadata(id),
    types: [bucket],
    evaluate: judge,
    examples: [],
});

const entry = (more: Record<string, unknown> = {}) => ({
    id: "EX-1",
    finding: "S3-01",
    target: { type: bucket, name: "logs" },
    reason: "The bucket holds what everybody may read, and nothing else is put there.",
    ticket: "SEC-101",
    owner: "Ada Example",
    approver: "Grace Example",
    created: "2026-02-20",
    expires: "2026-03-20",
    ...more,
});

interface Run {
    entries?: unknown[];
    text?: string;
    rules?: (StackRule | ResourceRule)[];
    resources?: ResourceDescription[];
    settings?: Partial<PackConfiguration>;
    today?: string;
    /** Which resources the engine asks about, in order; all unless given. */
    asked?: ResourceDescription[];
}

/** What a run says: findings of all requests, and what PUL-05 and PUL-07 get to know. */
function run({ entries, text, rules = [stackRule("S3-01", () => says(wrong))], ...more }: Run) {
    const { resources = [root, resource("logs")], settings = {}, today = "2026-03-01" } = more;
    const exemptions = (entries ?? text) ? { exemptions: "/exemptions.yaml" } : {};
    const configuration: PackConfiguration = { ...defaultConfiguration, ...exemptions, ...settings };
    const groups = groupRules(rules);
    const record = new RunRecord(
        groups.map((group) => ({
            metadata: group.metadata,
            judgesResources: group.resourceRules.length > 0,
        })),
        {
            now: () => new Date(`${today}T23:59:59Z`),
            readFile: () => text ?? JSON.stringify({ version: 1, exemptions: entries }),
        },
    );
    const findings: Finding[] = [];
    for (const description of more.asked ?? resources) {
        const reader = new ResourceReader(description);
        record.beginResource(reader, configuration);
        for (const group of groups)
            findings.push(...judgeResource(group, reader, configuration, record).findings);
    }
    const graph = StackGraph.of(resources);
    record.beginStack(graph, configuration);
    for (const group of groups) findings.push(...judgeStack(group, graph, configuration, record).findings);
    const summary = record.summary(graph, configuration);
    return {
        findings,
        summary,
        problems: (summary.exemptions?.problems ?? []).map(({ exemption, kind }) => `${exemption}|${kind}`),
        exempted: findings.filter(({ message }) => /^\[\S+\] Exempted by /.test(message)),
        standing: findings.filter(({ message }) => !/^\[\S+\] Exempted by /.test(message)),
    };
}

describe("a finding that an exemption names", () => {
    it("is told as advice, with reason and days left", () => {
        const { findings, problems } = run({ entries: [entry()] });
        deepEqual(findings, [
            {
                kind: "violation",
                message:
                    "[S3-01] Exempted by EX-1 until 2026-03-20 (19 days left): The bucket holds what everybody may read, " +
                    "and nothing else is put there. Finding: It is wrong.\nFix: Mend it.",
                severity: "high",
                enforcement: "advisory",
                urn: resource("logs").urn,
            },
        ]);
        deepEqual(problems, []);
    });

    it("is covered from the first to the last day, and not a day longer", () => {
        const on = (today: string) => run({ entries: [entry()], today });
        deepEqual(
            ["2026-02-19", "2026-02-20", "2026-03-20", "2026-03-21"].map((day) => on(day).exempted.length),
            [0, 1, 1, 0],
        );
        match(on("2026-03-20").findings[0]?.message ?? "", /\(0 days left\)/);
        match(on("2026-03-19").findings[0]?.message ?? "", /\(1 day left\)/);
        deepEqual(on("2026-02-19").problems, ["EX-1|created"]);
        deepEqual(on("2026-03-13").problems, ["EX-1|expiring"]);
        deepEqual(on("2026-03-12").problems, []);
        deepEqual(on("2026-03-21").problems, ["EX-1|expired"]);
        match(
            on("2026-03-21").findings[0]?.message ?? "",
            /^\[S3-01\] It is wrong\. Exemption EX-1 does not cover this: it expired on 2026-03-20\.\nFix: Mend it\.$/,
        );
    });

    it("is one of several when the entry names its id", () => {
        const several = stackRule("S3-01", () =>
            says(
                violation("a", "f", { findingId: "a" }),
                violation("b", "f", { findingId: "b" }),
                violation("none", "f"),
            ),
        );
        const one = run({ rules: [several], entries: [entry({ finding: "S3-01[a]" })] });
        deepEqual(one.exempted.length, 1);
        match(one.exempted[0]?.message ?? "", /Finding: a\nFinding id: S3-01\[a\]\nFix: f$/);
        deepEqual(run({ rules: [several], entries: [entry()] }).exempted.length, 3);
        deepEqual(run({ rules: [several], entries: [entry({ finding: "S3-01[A]" })] }).problems, [
            "EX-1|unused",
        ]);
        const brackets = stackRule("S3-01", () => says(violation("a", "f", { findingId: "a[0]]" })));
        deepEqual(
            run({ rules: [brackets], entries: [entry({ finding: "S3-01[a[0]]]" })] }).exempted.length,
            1,
        );
    });

    for (const [title, target] of [
        ["another name", { type: bucket, name: "log" }],
        ["another case", { type: bucket, name: "Logs" }],
        ["a prefix", { type: bucket, name: "logs-", maximumMatches: 2 }],
        ["another type of the same name", { type: "aws:s3/bucketV2:BucketV2", name: "logs" }],
        ["a part of the type", { type: "aws:s3/bucket:Buck", name: "logs" }],
        ["another stack", { type: bucket, name: "logs", stacks: ["dev"] }],
        ["the URN of another stack", { urn: resource("logs", bucket, "dev").urn }],
        ["the URN of a child of the same name", { urn: resource("logs", bucket, "prod", "my:a:Part$").urn }],
        ["a URN that goes on", { urn: `${resource("logs").urn}2` }],
        ["a URN that stops short", { urn: resource("logs").urn.slice(0, -1) }],
        ["a URN with *", { urn: resource("*").urn }],
    ] as const) {
        it(`is not covered by ${title}`, () => {
            const { exempted, standing } = run({ entries: [entry({ target })] });
            deepEqual([exempted.length, standing.length], [0, 1]);
        });
    }

    it("of a child is covered by its own URN only", () => {
        const child = resource("logs", bucket, "prod", "my:a:Part$");
        const resources = [root, resource("logs"), child];
        const { exempted, standing } = run({ resources, entries: [entry({ target: { urn: child.urn } })] });
        deepEqual([exempted[0]?.urn, standing[0]?.urn], [child.urn, resource("logs").urn]);
        // The name alone means both, and was agreed to for one.
        const both = run({ resources, entries: [entry()] });
        deepEqual([both.exempted.length, both.problems], [0, ["EX-1|overBroad"]]);
    });

    it("is not covered when its rule can never be exempted", () => {
        const rules = [stackRule("S3-01", () => says(wrong), { neverExempt: true })];
        const { exempted, problems } = run({ rules, entries: [entry()] });
        deepEqual([exempted.length, problems], [0, ["EX-1|neverExempt"]]);
    });

    it("is covered for as long as its own severity allows", () => {
        const severities: RuleSeverity[] = ["critical", "high", "medium", "low"];
        const days = (severity: RuleSeverity) => {
            const rules = [
                stackRule("S3-01", () => says(violation("m", "f", { severity })), { severity: "low" }),
            ];
            const lasting = (expires: string) =>
                run({ rules, entries: [entry({ created: "2026-01-01", expires })], today: "2026-01-01" });
            return ["2026-01-15", "2026-01-16", "2026-01-31", "2026-02-01", "2026-04-01", "2026-04-02"].map(
                (expires) => lasting(expires).exempted.length,
            );
        };
        deepEqual(severities.map(days), [
            [1, 0, 0, 0, 0, 0],
            [1, 1, 1, 0, 0, 0],
            [1, 1, 1, 1, 1, 0],
            [1, 1, 1, 1, 1, 1],
        ]);
        const rules = [
            stackRule("S3-01", () => says(violation("m", "f", { severity: "critical" })), {
                severity: "low",
            }),
        ];
        deepEqual(run({ rules, entries: [entry()] }).problems, ["EX-1|tooLong"]);
        const settings = { exemptionMaximumDays: { critical: 1, high: 1, medium: 1, low: 1 } };
        deepEqual(run({ entries: [entry()], settings }).problems, ["EX-1|tooLong"]);
    });
});

describe("what no exemption covers", () => {
    it("what is inconclusive, and a rule that crashes", () => {
        const rules = [
            stackRule("S3-01", () => says(inconclusive({ property: "acl" }, "not known yet"))),
            stackRule("S3-02", () => {
                throw new Error("broken");
            }),
        ];
        const { exempted, standing, problems, summary } = run({
            rules,
            entries: [entry(), entry({ id: "EX-2", finding: "S3-02" })],
        });
        deepEqual([exempted.length, standing.length], [0, 2]);
        equal(standing[1]?.enforcement, "mandatory");
        deepEqual(
            summary.exemptions?.open.map(({ exemption }) => exemption),
            ["EX-1"],
        );
        // The crash is told about the stack, not about the bucket.
        deepEqual(problems, ["EX-2|unused"]);
    });

    it("any finding, when the file cannot be read", () => {
        const { exempted, problems } = run({ text: "exemptions: [" });
        deepEqual([exempted.length, problems.length], [0, 1]);
    });
});

describe("exemptions that PUL-05 complains about", () => {
    const kinds = (more: Record<string, unknown>) => run({ entries: [entry(more)] }).problems;

    it("unknown rule, with the one that may have been meant", () => {
        const { summary, problems } = run({ entries: [entry({ finding: "S3-10" })] });
        deepEqual(problems, ["EX-1|rule"]);
        match(
            summary.exemptions?.problems[0]?.message ?? "",
            /there is no rule S3-10; did you mean "S3-01"\?/,
        );
    });

    it("unused: no such resource, no such finding, or covered by a narrower one", () => {
        deepEqual(kinds({ target: { type: bucket, name: "gone" } }), ["EX-1|unused"]);
        deepEqual(run({ rules: [stackRule("S3-01", () => [])], entries: [entry()] }).problems, [
            "EX-1|unused",
        ]);
        const { exempted, problems } = run({
            entries: [entry(), entry({ id: "EX-2", target: { urn: resource("logs").urn } })],
        });
        match(exempted[0]?.message ?? "", /Exempted by EX-2/);
        deepEqual(problems, ["EX-1|unused"]);
    });

    it("unused is not said of what this run does not judge", () => {
        deepEqual(kinds({ target: { urn: resource("gone", bucket, "dev").urn } }), [], "another stack");
        deepEqual(kinds({ target: { type: bucket, name: "gone", stacks: ["dev"] } }), [], "another stack");
        const gate = { profile: "gate" as const };
        deepEqual(
            run({ entries: [entry()], settings: gate, rules: [stackRule("S3-01", () => [])] }).problems,
            [],
        );
        // An update of chosen targets asks about some resources only.
        const rules = [resourceRule("S3-01", () => [])];
        deepEqual(run({ entries: [entry()], rules }).problems, ["EX-1|unused"]);
        deepEqual(run({ entries: [entry()], rules, asked: [root] }).problems, []);
    });

    it("uses by requests about resources count, asked once or twice", () => {
        const rules = [resourceRule("S3-01", () => says(wrong))];
        deepEqual(run({ entries: [entry()], rules }).problems, []);
        const logs = resource("logs");
        const { exempted, problems } = run({ entries: [entry()], rules, asked: [root, logs, logs] });
        deepEqual([exempted.length, problems], [2, []]);
    });

    it("the last answer about a resource counts", () => {
        let times = 0;
        const rules = [resourceRule("S3-01", () => (times++ === 0 ? says(wrong) : []))];
        const logs = resource("logs");
        deepEqual(run({ entries: [entry()], rules, asked: [root, logs, logs] }).problems, ["EX-1|unused"]);
    });

    it("over-broad: more resources than agreed to, and then none is covered by stack rules", () => {
        const resources = [root, ...["logs-a", "logs-b", "logs-c"].map((name) => resource(name))];
        const target = (maximumMatches: number) => ({ type: bucket, name: "logs-*", maximumMatches });
        const fits = run({ resources, entries: [entry({ target: target(3) })] });
        deepEqual([fits.exempted.length, fits.problems], [3, []]);
        const wide = run({ resources, entries: [entry({ target: target(2) })] });
        deepEqual([wide.exempted.length, wide.problems], [0, ["EX-1|overBroad"]]);
        // Requests about resources come before the number is known: as many as agreed to, then no more.
        const rules = [resourceRule("S3-01", () => says(wrong))];
        const early = run({ resources, rules, entries: [entry({ target: target(2) })] });
        deepEqual([early.exempted.length, early.standing.length, early.problems], [2, 1, ["EX-1|overBroad"]]);
    });

    it("duplicates, of the id or of finding and target", () => {
        deepEqual(run({ entries: [entry(), entry({ id: "EX-2" })] }).problems, ["EX-2|duplicate"]);
        deepEqual(run({ entries: [entry(), entry({ finding: "S3-01[a]" })] }).problems, ["EX-1|duplicate"]);
    });
});

describe("without a file of exemptions", () => {
    it("findings are what they were, and nothing is said about exemptions", () => {
        const { findings, summary } = run({});
        deepEqual(findings, [
            {
                kind: "violation",
                message: "[S3-01] It is wrong.\nFix: Mend it.",
                severity: "high",
                urn: resource("logs").urn,
            },
        ]);
        equal(summary.exemptions, undefined);
    });
});

describe("what stayed inconclusive", () => {
    const open = () => says(inconclusive({ property: "acl" }, "not known yet"));

    it("counts once for each rule and resource, however often it was asked", () => {
        const logs = resource("logs");
        const rules = [resourceRule("S3-01", open), stackRule("S3-01", open), stackRule("S3-02", open)];
        const { summary } = run({
            rules: rules.map((rule) => ({ ...rule, metadata: metadata(rule.metadata.id) })),
            asked: [root, logs, logs],
        });
        deepEqual(summary.inconclusive, [
            { rule: "S3-01", resource: `${bucket} logs` },
            { rule: "S3-02", resource: `${bucket} logs` },
        ]);
    });

    it("does not count when an update knows better, nor for advisory rules", () => {
        let times = 0;
        const rules = [
            resourceRule("S3-01", () => (times++ === 0 ? open() : [])),
            stackRule("S3-02", open, { severity: "low" }),
        ];
        const logs = resource("logs");
        deepEqual(run({ rules, asked: [root, logs, logs] }).summary.inconclusive, []);
        const settings = { rules: { "S3-02": { level: "mandatory" as const } } };
        deepEqual(run({ rules, settings, asked: [root] }).summary.inconclusive.length, 1);
    });
});

describe("properties of exemptions", () => {
    const names = ["a", "b", "ab", "a-1", "A"];
    const target = fc.oneof(
        fc.constantFrom(...names).map((name) => ({ type: bucket, name })),
        fc.constantFrom(...names).map((name) => ({ urn: resource(name).urn })),
        fc
            .tuple(fc.constantFrom("a*", "*b", "a-*", "*A*", "b*"), fc.integer({ min: 1, max: 4 }))
            .map(([name, maximumMatches]) => ({ type: bucket, name, maximumMatches })),
    );
    const someEntry = fc.record({
        finding: fc.constantFrom("S3-01", "S3-02", "S3-01[x]", "S3-01[y]", "S3-02[x]"),
        target,
        created: fc.constantFrom("2026-02-01", "2026-02-25", "2026-03-02"),
        expires: fc.constantFrom("2026-02-28", "2026-03-01", "2026-03-20", "2026-12-01"),
    });
    const someRule = (id: string, never: boolean) =>
        fc
            .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom("x", "y", undefined)), {
                selector: ([name, findingId]) => `${name} ${findingId}`,
            })
            .map((said) =>
                stackRule(
                    id,
                    (found) =>
                        said
                            .filter(([name]) => name === found.name)
                            .map(([, findingId]) =>
                                violation(
                                    `${found.name} ${findingId}`,
                                    "f",
                                    findingId === undefined ? {} : { findingId },
                                ),
                            ),
                    { neverExempt: never },
                ),
            );
    const resources = [root, ...names.map((name) => resource(name))];
    /** What a finding is about, without what exemptions add. */
    const core = ({ message, urn }: Finding) =>
        `${message.slice(0, 7)} ${urn} ${message.replace(/^\[\S+\] (Exempted by .*? Finding: )?/s, "").replace(/ Exemption .*?\.\n/s, "\n")}`;

    it("adding one takes no finding away, and weakens only what it names", () => {
        fc.assert(
            fc.property(
                fc.array(someEntry, { maxLength: 3 }),
                someEntry,
                someRule("S3-01", false),
                someRule("S3-02", true),
                (list, added, one, two) => {
                    const numbered = [...list, added].map((more, index) =>
                        entry({ ...more, id: `EX-${index}` }),
                    );
                    const judge = (entries: unknown[]) => run({ rules: [one, two], resources, entries });
                    const before = judge(numbered.slice(0, -1));
                    const after = judge(numbered);
                    deepEqual(after.findings.map(core), before.findings.map(core));
                    after.findings.forEach((finding, index) => {
                        const [, by] = /^\[\S+\] Exempted by (\S+) /.exec(finding.message) ?? [];
                        equal(finding.enforcement, by === undefined ? undefined : "advisory");
                        if (by !== `EX-${list.length}`) {
                            // Another entry may have been the duplicate of this one, but none has begun to hold.
                            equal(finding.enforcement, before.findings[index]?.enforcement);
                            return;
                        }
                        const { finding: named, target: where } = added;
                        ok(finding.message.startsWith("[S3-01]") && named.startsWith("S3-01"));
                        const id = /\[(.)\]$/.exec(named)?.[1];
                        if (id !== undefined) ok(finding.message.includes(`Finding id: S3-01[${id}]`));
                        if ("urn" in where) equal(finding.urn, where.urn);
                        else if (!where.name.includes("*")) equal(finding.urn, resource(where.name).urn);
                    });
                },
            ),
            { numRuns: 300 },
        );
    });

    it("nothing holds outside of its days, whatever they are", () => {
        const someDay = fc
            .integer({ min: 0, max: 400 })
            .map((days) => utcDay(new Date(Date.UTC(2027, 11, 1) + days * 86_400_000)));
        fc.assert(
            fc.property(someDay, someDay, someDay, (created, expires, today) => {
                const settings = { exemptionMaximumDays: { critical: 14, high: 366, medium: 366, low: 366 } };
                const { exempted } = run({ entries: [entry({ created, expires })], today, settings });
                const days = (Date.parse(expires) - Date.parse(created)) / 86_400_000;
                equal(exempted.length, created <= today && today <= expires && days <= 366 ? 1 : 0);
            }),
        );
    });
});
