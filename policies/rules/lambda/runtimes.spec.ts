import { deepEqual, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runtimeNames, runtimeState } from "./runtimes";

const on = (day: string) => new Date(`${day}T12:00:00Z`);

describe("runtimes of functions", () => {
    it("are supported until their last day, and that day too", () => {
        const lastDay = "2027-04-30";
        deepEqual(runtimeState("nodejs22.x", on("2026-06-01")), { kind: "supported", lastDay });
        deepEqual(runtimeState("nodejs22.x", on(lastDay)), { kind: "supported", lastDay });
        deepEqual(runtimeState("nodejs22.x", on("2027-05-01")), { kind: "ended", lastDay });
        deepEqual(runtimeState("nodejs16.x", on("2026-06-01")).kind, "ended");
    });

    it("that the table does not know yet are told from what is no runtime", () => {
        for (const name of ["nodejs26.x", "python3.15", "python4.0", "java29", "dotnet12", "provided.al2027"])
            deepEqual(runtimeState(name, on("2026-06-01")), { kind: "newer" }, name);
        for (const name of ["", "nodejs23.x", "python3.05", "perl5", "nodejs26", "constructor", "NODEJS24.X"])
            ok(runtimeState(name, on("2026-06-01")).kind !== "supported", name);
        deepEqual(runtimeState("constructor", on("2026-06-01")), { kind: "noRuntime" });
        deepEqual(runtimeState("nodejs23.x", on("2026-06-01")), { kind: "noRuntime" });
    });

    it("have days that exist", () => {
        for (const name of runtimeNames) {
            const state = runtimeState(name, on("2026-06-01"));
            const day = "lastDay" in state ? state.lastDay : "";
            match(day, /^20\d\d-\d\d-\d\d$/, name);
            deepEqual(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10), day, name);
        }
    });

    it("are all those that the installed provider names", () => {
        const file = join(
            dirname(require.resolve("@pulumi/aws/package.json")),
            "types/enums/lambda/index.d.ts",
        );
        const [block = ""] = /const Runtime:[^]*?\n\};/.exec(readFileSync(file, "utf8")) ?? [];
        const named = [...block.matchAll(/readonly \w+: "([^"]+)"/g)].map(([, name = ""]) => name);
        ok(named.length > 20, `${named.length} runtimes`);
        deepEqual(
            named.filter((name) => !runtimeNames.includes(name)),
            [],
        );
    });
});
