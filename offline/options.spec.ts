import assert from "node:assert/strict";
import { parseOptions, UsageError, usage } from "./options";

describe("command line", () => {
    it("previews dev with the project's pack by default", () => {
        assert.deepEqual(parseOptions([]), {
            stack: "dev",
            mode: "preview",
            json: false,
            strict: false,
            out: undefined,
            policyPack: undefined,
            policyConfig: undefined,
            cwd: undefined,
            help: false,
        });
    });
    it("takes every option", () => {
        assert.deepEqual(
            parseOptions([
                "--stack",
                "prod",
                "--update",
                "--json",
                "--strict",
                "--out=x",
                "--policy-pack",
                "p",
                "--policy-config",
                "c.json",
                "--cwd",
                "d",
            ]),
            {
                stack: "prod",
                mode: "update",
                json: true,
                strict: true,
                out: "x",
                policyPack: "p",
                policyConfig: "c.json",
                cwd: "d",
                help: false,
            },
        );
        assert.equal(parseOptions(["--no-policy"]).policyPack, null);
    });
    it("refuses what it does not know, in one line", () => {
        for (const args of [
            ["--stak", "dev"],
            ["dev"],
            ["--stack"],
            ["--stack", ""],
            ["--stack", "../x"],
            ["--no-policy", "--policy-pack", "p"],
            ["--no-policy", "--policy-config", "c.json"],
            ["--policy-config="],
            ["--json=yes"],
        ]) {
            assert.throws(
                () => parseOptions(args),
                (error) => error instanceof UsageError && !error.message.includes("\n"),
                args.join(" "),
            );
        }
    });
    it("documents every option", () => {
        for (const option of [
            "stack",
            "update",
            "strict",
            "json",
            "out",
            "policy-pack",
            "policy-config",
            "no-policy",
            "cwd",
            "help",
        ]) {
            assert.match(usage, new RegExp(`^  --${option} `, "m"));
        }
    });
});
