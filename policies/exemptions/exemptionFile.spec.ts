import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { readExemptionText } from "./exemptionFile";

const entry = {
    id: "EX-1",
    finding: "ECR-02",
    target: { type: "aws:ecr/repository:Repository", name: "tools" },
    reason: "The tool images move their tag weekly; they are used by digest only.",
    ticket: "SEC-101",
    owner: "Ada Example",
    approver: "Grace Example",
    created: "2026-02-20",
    expires: "2026-03-20",
};

/** Path and message of each problem. */
function problemsOf(...entries: unknown[]): string[] {
    const read = readExemptionText(JSON.stringify({ version: 1, exemptions: entries }));
    equal(
        read.entries.length + new Set(read.problems.map(({ path }) => path.split(".")[1])).size,
        entries.length,
    );
    return read.problems.map(({ path, message }) => `${path.replace("exemptions.0.", "")}: ${message}`);
}
const problemOf = (more: Record<string, unknown>) => problemsOf({ ...entry, ...more });

describe("the text of an exemption file", () => {
    it("the documented example is right, in every line", () => {
        const text = readFileSync(join(__dirname, "..", "exemptions.example.yaml"), "utf8");
        const read = readExemptionText(text);
        deepEqual(read.problems, []);
        equal(read.entries.length, 3);
    });

    it("is YAML or JSON, with the line of each entry", () => {
        const text = `version: 1\nexemptions:\n  - ${JSON.stringify(entry)}\n\n  - ${JSON.stringify({ ...entry, id: "EX-2" })}\n`;
        const { entries, problems } = readExemptionText(text);
        deepEqual(problems, []);
        deepEqual(
            entries.map(({ exemption: { id }, line, index }) => [id, line, index]),
            [
                ["EX-1", 3, 0],
                ["EX-2", 5, 1],
            ],
        );
        deepEqual(entries[0]?.exemption, entry);
        equal(readExemptionText(JSON.stringify({ version: 1, exemptions: [entry] })).entries.length, 1);
    });

    it("white space in a reason is one blank", () => {
        const reason = "The tool images move\n  their tag weekly;\n  they are used by digest.\n";
        const { entries } = readExemptionText(
            JSON.stringify({ version: 1, exemptions: [{ ...entry, reason }] }),
        );
        equal(
            entries[0]?.exemption.reason,
            "The tool images move their tag weekly; they are used by digest.",
        );
    });

    for (const field of [
        "id",
        "finding",
        "target",
        "reason",
        "ticket",
        "owner",
        "approver",
        "created",
        "expires",
    ]) {
        it(`an entry without ${field} exempts nothing, its neighbours stay`, () => {
            const without = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== field));
            const text = JSON.stringify({ version: 1, exemptions: [without, { ...entry, id: "EX-2" }] });
            const { entries, problems } = readExemptionText(text);
            deepEqual(
                entries.map(({ exemption: { id } }) => id),
                ["EX-2"],
            );
            ok(problems[0]?.path.startsWith(`exemptions.0.${field}`), JSON.stringify(problems));
            ok(problems[0]?.message.startsWith("is required"), JSON.stringify(problems));
        });
    }

    it("names what is wrong, where, and what may have been meant", () => {
        const text = [
            "version: 1",
            "exemptions:",
            "  - id: EX-1",
            "    finding: ecr-02",
            "    target: { urn: tools }",
            "    reason: because",
            "    tickt: SEC-1",
            "    owner: Ada Example",
            "    approver: Grace Example",
            "    created: 2026-02-30",
            "    expires: 2026-03-20",
        ].join("\n");
        deepEqual(
            readExemptionText(text).problems.map(({ path, line, message }) => `${line} ${path} ${message}`),
            [
                "3 exemptions.0.ticket is required: must be text",
                '4 exemptions.0.finding must be a rule id such as ECR-02, or one of its findings such as BYP-04[app|deploy], not "ecr-02"',
                '5 exemptions.0.target.urn must be the URN of a resource in full, as a policy violation or `pulumi stack --show-urns` shows it, not "tools"',
                '6 exemptions.0.reason must say in 30 characters or more why the finding is accepted, not "because"',
                '7 exemptions.0.tickt is not a setting; known here: id, finding, target, reason, ticket, owner, approver, created, expires; did you mean "ticket"?',
                '10 exemptions.0.created must be a day of the calendar, written YYYY-MM-DD, not "2026-02-30"',
            ],
        );
    });

    it("a target is one resource, or a type and a name that is not everything", () => {
        const target = (value: unknown) => problemOf({ target: value });
        const urn = "urn:pulumi:prod::shop::aws:ecr/repository:Repository::tools";
        const type = "aws:s3/bucket:Bucket";
        deepEqual(target({ urn }), []);
        deepEqual(target({ type, name: "logs" }), []);
        deepEqual(target({ type, name: "logs-*", maximumMatches: 3, stacks: ["prod"] }), []);
        for (const wrong of [
            {},
            { type },
            { name: "logs" },
            { urn, type, name: "tools" },
            { urn, stacks: ["prod"] },
            { type, name: "*", maximumMatches: 5 },
            { type, name: "**-*", maximumMatches: 5 },
            { type, name: "logs-*" },
            { type, name: "logs-*", maximumMatches: 0 },
            { type, name: "logs-*", maximumMatches: 1_000 },
            { type: "aws:s3/*:Bucket", name: "logs" },
            { type: "*", name: "logs" },
            { type, name: "logs", stacks: [] },
            { type, name: "logs", stacks: ["*"] },
            "urn",
        ])
            ok(target(wrong).length > 0, JSON.stringify(wrong));
    });

    it("a reason says something; names and times are what they say", () => {
        for (const reason of ["x".repeat(40), "n/a ".repeat(20), " ".repeat(40), "short reason", 7])
            ok(problemOf({ reason }).length > 0, String(reason));
        ok(problemOf({ reason: `${entry.reason} Finding: none of that` }).length > 0);
        for (const approver of ["Ada Example", "ada  example ", "\uff21da Example", "", " ", "-"])
            ok(problemOf({ approver }).length > 0, JSON.stringify(approver));
        for (const [created, expires] of [
            ["2026-02-20", "2026-02-19"],
            ["2026-02-20T00:00:00Z", "2026-03-20"],
            ["20.2.2026", "2026-03-20"],
            ["2026-02-20", "2026-02-30"],
        ])
            ok(problemOf({ created, expires }).length > 0, `${created} ${expires}`);
        deepEqual(problemOf({ created: "2026-02-20", expires: "2026-02-20" }), []);
        for (const finding of ["*", "ECR-*", "ECR-02[]", "ECR-02[", "ECR-02 ", "ECR-02,ECR-03", ["ECR-02"]])
            ok(problemOf({ finding }).length > 0, String(finding));
    });

    it("text that cannot be understood as written exempts nothing at all", () => {
        const good = JSON.stringify(entry);
        const id = "&x { a: [*x] }";
        for (const text of [
            "",
            "[]",
            "exemptions: [",
            `exemptions: [${good}]`,
            `version: 2\nexemptions: [${good}]`,
            `version: 1\nexemptions: ${good}`,
            `version: 1\nexemption: [${good}]`,
            `version: 1\nexemptions: [${good}]\nexemptions: []`,
            `version: 1\nexemptions: [${good.replace('"id":"EX-1"', '"id":"EX-1","id":"EX-2"')}]`,
            `version: 1\nexemptions: [${good}]\n---\nversion: 1`,
            `%YAML 1.1\n---\nversion: 1\nexemptions: [${good}]`,
            `version: 1\nexemptions: !list [${good}]`,
            `version: 1\nmore: ${id}\nexemptions: [${good}]`,
            `version: 1\nexemptions: [${good}]\nx: ${"[".repeat(20_000)}`,
        ]) {
            const read = readExemptionText(text);
            deepEqual(read.entries, [], text.slice(0, 80));
            ok(read.problems.length > 0, text.slice(0, 80));
        }
    });

    it("never makes the reader throw, and nothing but an entry in full is read as one", () => {
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.string(),
                    fc.jsonValue().map((value) => JSON.stringify(value)),
                ),
                (text) => {
                    const read = readExemptionText(text);
                    deepEqual(read.entries, []);
                    ok(read.problems.length > 0);
                },
            ),
        );
        fc.assert(
            fc.property(fc.constantFrom(...Object.keys(entry)), fc.jsonValue(), (field, value) => {
                const read = readExemptionText(
                    JSON.stringify({ version: 1, exemptions: [{ ...entry, [field]: value }] }),
                );
                ok(read.entries.length + read.problems.length > 0);
                ok(read.entries.length === 0 || read.problems.length === 0);
            }),
        );
    });
});
