import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Numbers of the faults of the highest severity in each of the five designs, of the workshop's also those of its feedback and findings; of the approval gate, all. */
const faults: Record<string, number[]> = {
    Lacework: [1, 2, 3, 4, 5, 7, 8],
    "AWS workshop": [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 16],
    "Inspector gate": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    AccuKnox: [1, 2, 3, 5, 6],
    Stelligent: [1, 2, 3, 4, 5, 6, 7, 8, 9],
};
const expected = Object.entries(faults)
    .flatMap(([design, numbers]) => numbers.map((number) => `${design} ${number}`))
    .sort();

describe("Faults of the older designs", () => {
    it("each have exactly one test", () => {
        const titles = readdirSync(__dirname)
            .filter((name) => name.endsWith(".spec.ts"))
            .map((name) => readFileSync(join(__dirname, name), "utf8"))
            .flatMap((text) => [
                ...text.matchAll(
                    /\bit\(\s*"((?:Lacework|AWS workshop|Inspector gate|AccuKnox|Stelligent) \d+)\b/g,
                ),
            ]) // prettier-ignore
            .map(([, name]) => name ?? "");
        assert.deepEqual(titles.sort(), expected);
    });

    it("are all in the table, with the rules that the tests name", () => {
        const readme = readFileSync(join(__dirname, "README.md"), "utf8");
        const rows = [...readme.matchAll(/^\| ((?:\w+ ){1,2}\d+)[ :(].*\| (.*) \|$/gm)];
        assert.deepEqual(rows.map(([, name]) => name ?? "").sort(), expected);
        const specs = readdirSync(__dirname).filter(
            (name) => name.endsWith(".spec.ts") && name !== "readme.spec.ts",
        );
        const tests = specs.map((name) => readFileSync(join(__dirname, name), "utf8")).join("\n");
        for (const [, name = "", mechanism = ""] of rows) {
            const [, body = ""] = tests.split(new RegExp(`\\bit\\(\\s*"${name}\\b`));
            const test = body.split(/\n {4}it\(/)[0] ?? "";
            for (const [rule] of mechanism.matchAll(/\b(?:BS|CB|PIPE|BYP|IAM|ALB|ECR)-\d\d\b/g))
                assert.ok(test.includes(rule), `${name}: the table says ${rule}, its test does not`);
        }
    });
});
