/** Runs copies of the program in which one thing is broken, and asks the policy pack. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runProgram } from "../../offline/testing/runProgram";

const root = resolve(__dirname, "..", "..");

/** What the program needs to run from a copy; node_modules is found above the copy. */
const programFiles = [
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "package.json",
    "tsconfig.json",
    "infra",
    "gate",
    "lambdas",
    "buildspecs",
];

export interface Sabotage {
    title: string;
    file: string;
    /** Text in the file and what takes its place. The text must be there, so that this list cannot rot in silence. */
    replace: [string, string];
    /** Rule and logical name of the resource that must be named. */
    caught: [rule: string, resource: string];
}

/** One test for each: the rule that owns it names the resource, and says how to mend it. */
export function describeSabotages(subject: string, sabotages: readonly Sabotage[]): void {
    describe(`Sabotage of ${subject}`, () => {
        let folder: string;
        before(() => {
            mkdirSync(join(root, ".cache"), { recursive: true });
            folder = mkdtempSync(join(root, ".cache", "sabotage-"));
        });
        after(() => rmSync(folder, { recursive: true, force: true }));

        for (const [index, { title, file, replace, caught }] of sabotages.entries()) {
            it(`is caught by ${caught[0]}: ${title}`, async () => {
                const cwd = join(folder, String(index));
                for (const name of programFiles) {
                    cpSync(join(root, name), join(cwd, name), { recursive: true });
                }
                const path = join(cwd, file);
                const text = readFileSync(path, "utf8");
                assert.ok(text.includes(replace[0]), `${file} does not have: ${replace[0]}`);
                writeFileSync(
                    path,
                    text.replace(replace[0], () => replace[1]),
                );

                const { policy } = await runProgram({ cwd, stack: "dev", mode: "preview", policy: true });
                const found = (policy?.diagnostics ?? []).filter(
                    ({ enforcement, inconclusive }) => enforcement === "mandatory" && !inconclusive,
                );
                const names = found.map(({ policy: rule, urn }) => `${rule} ${urn.split("::").at(-1)}`);
                assert.ok(names.includes(caught.join(" ")), `found only: ${names.join(", ") || "nothing"}`);
                const diagnostic = found.find((entry) => entry.policy === caught[0]);
                assert.ok((diagnostic?.fix ?? "").length > 10, "the finding says how to fix it");
            });
        }
    });
}
