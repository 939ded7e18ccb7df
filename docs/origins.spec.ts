import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** Rows of all tables: feature, files, resources, tests. */
const rows = text("docs/origins.md")
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\| *(feature|-+) /.test(line))
    .map((line) =>
        line
            .split("|")
            .slice(1, -1)
            .map((cell) => cell.trim()),
    );

const quoted = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");

describe("origins", () => {
    it("have a row for each feature", () => {
        assert.ok(rows.length >= 30, String(rows.length));
        for (const row of rows) assert.equal(row.length, 4, row.join(" | "));
    });

    for (const [feature, files, resources, tests] of rows) {
        it(`can be pointed at: ${feature}`, () => {
            assert.ok(quoted(files).length > 0 && quoted(tests).length > 0 && quoted(resources).length > 0);
            for (const path of [...quoted(files), ...quoted(tests)])
                assert.ok(existsSync(join(root, path)), path);
            for (const path of quoted(tests)) assert.match(path, /\.spec\.ts$/);
            const [, prod = ""] = text("docs/resources.md").split("\n## prod\n");
            const shown = new Set(prod.split("\n").map((line) => line.split(/ +/)[1]));
            // In italics: where the configuration asks for it.
            for (const name of quoted((resources ?? "").replace(/_`[^`]+`_/g, "")))
                assert.ok(shown.has(name), `no resource ${name} in the preview of prod`);
        });
    }
});
