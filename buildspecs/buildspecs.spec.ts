import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { exampleContext } from "../infra/application/testing/examplePlatform";
import type { Command } from "../gate/commands/command";
import { promoteCommand } from "../gate/commands/promote";
import { scanCommand } from "../gate/commands/scan";
import { verdictCommand } from "../gate/commands/verdict";
import { readBuildspec } from "../infra/pipeline/buildspec";
import { applicationSteps } from "../infra/pipeline/steps";
import { readToolManifest, toolManifestSchema } from "../infra/pipeline/toolManifest";
import { findBash, phaseNames, type Buildspec } from "./testing/codeBuild";

/** Variables that CodeBuild itself sets (AWS CodeBuild User Guide, "Environment variables in build environments"). */
const setByCodeBuild = ["CODEBUILD_BUILD_NUMBER"];

const steps = applicationSteps(exampleContext());

function parseBuildspec(text: string): Buildspec {
    const document = parseDocument(text, { uniqueKeys: true, strict: true });
    assert.deepEqual(document.errors, []);
    assert.deepEqual(document.warnings, []);
    return document.toJS() as Buildspec;
}

function commandsOf(buildspec: Buildspec): string[] {
    return phaseNames.flatMap((name) => buildspec.phases[name]?.commands ?? []);
}

const files = readdirSync(__dirname).filter((name) => name.endsWith(".yml"));

describe("buildspecs", () => {
    it("are one file for each step and no other", () => {
        const used = new Set(steps.map(({ name }) => `${name.replace("scan-staging-", "scan-")}.yml`));
        assert.deepEqual(files.sort(), [...used].sort());
    });

    for (const step of steps) {
        describe(step.name, () => {
            const buildspec = parseBuildspec(step.buildspec);
            const commands = commandsOf(buildspec);

            it("is version 0.2 with bash, and judges and releases in BUILD only", () => {
                assert.equal(buildspec.version, 0.2);
                assert.equal(buildspec.env.shell, "bash");
                const phases = Object.keys(buildspec.phases);
                assert.deepEqual(phases, [step.name === "build" ? "pre_build" : "install", "build"]);
                // Without this CodeBuild goes on to POST_BUILD after a failed BUILD.
                assert.equal(buildspec.phases.build?.["on-failure"], "ABORT");
            });

            it("reads every variable that the project and the pipeline set, and no other", () => {
                const text = commands.join("\n");
                const assigned = new Set(
                    [...text.matchAll(/\b([A-Z][A-Z0-9_]*)=/g)].map((match) => match[1]),
                );
                const read = new Set(
                    [...text.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map((match) => match[1] ?? ""),
                );
                const supplied = [
                    ...Object.keys(step.variables),
                    ...step.parameters.map(({ name }) => name),
                    ...Object.keys(buildspec.env.variables ?? {}),
                ];
                // The gate takes the password, and its switches, from the environment by itself.
                const takenByTools = ["ANCHORE_PASSWORD", "GATE_ADVISORY", "GRYPE_CHECK_FOR_APP_UPDATE"];
                for (const name of read) {
                    assert(
                        assigned.has(name) || supplied.includes(name) || setByCodeBuild.includes(name),
                        `$${name} is set by nobody`,
                    );
                }
                for (const name of supplied) {
                    assert(read.has(name) || takenByTools.includes(name), `${name} is read by nobody`);
                }
            });

            it("checks every file that it downloads before it runs any of them", () => {
                const position = (pattern: RegExp) => commands.findIndex((command) => pattern.test(command));
                const downloads = commands.flatMap((command, at) =>
                    /^aws s3 cp|^curl /.test(command)
                        ? [{ at, file: /(?:--output |" )([\w.-]+)(?: |$)/.exec(command)?.[1] ?? command }]
                        : [],
                );
                if (step.name === "build") return assert.deepEqual(downloads, []);
                const check = position(/sha256sum --check --strict/);
                const text = commands[check] ?? "";
                for (const { at, file } of downloads) {
                    assert(at < check, file);
                    assert.match(
                        text,
                        new RegExp(`"[0-9a-f]{64}" ${file.replaceAll(".", "\\.")}(?: |$)`),
                        file,
                    );
                }
                assert(position(/^(node|tar|\.\/grype) /m) > check);
                assert.equal(downloads.length, step.name.endsWith("-grype") ? 3 : 2);
            });

            it("never hides a failure or shows a secret", () => {
                for (const command of commands) {
                    assert.doesNotMatch(
                        command,
                        /\|\|\s*(true|:|echo|exit 0)|&\s*$|set \+e|set -\w*x|printenv/m,
                    );
                    assert.doesNotMatch(command, /echo .*(PASSWORD|TOKEN|SECRET)/);
                    assert.doesNotMatch(command, /--insecure|http:\/\/|\blatest\b/);
                    // A pipe needs pipefail in the same command: whether options survive a command is not documented.
                    if (/[^|]\|[^|]/.test(command)) assert.match(command, /^set -eo pipefail$/m);
                    if (command.trim().includes("\n")) assert.match(command, /^set -eo pipefail\n/);
                }
            });

            it("has commands that bash can parse", function () {
                const bash = findBash();
                if (bash === null) return this.skip();
                for (const command of commands) {
                    const parsed: SpawnSyncReturns<string> = spawnSync(bash, ["-n"], {
                        input: command,
                        encoding: "utf8",
                    });
                    assert.equal(parsed.status, 0, `${command}\n${parsed.stderr}`);
                }
            });
        });
    }

    it("call the gate with options that it has", () => {
        const commands = { scan: scanCommand, verdict: verdictCommand, promote: promoteCommand };
        const calls = steps.flatMap(({ buildspec }) =>
            commandsOf(parseBuildspec(buildspec)).filter((command) => command.startsWith("node gate.cjs ")),
        );
        assert.equal(calls.length, 8);
        for (const call of calls) {
            const [, , name = "", ...words] = call.split(" ");
            const command: Command = commands[name as keyof typeof commands];
            const options = [...command.options, ...(command.furtherOptions?.(words, {}) ?? [])];
            const known = new Map(options.map(({ name: option, value }) => [`--${option}`, value]));
            for (const flag of words.filter((word) => word.startsWith("--"))) {
                // A switch, which has no value, would take the next word for an operand.
                assert.notEqual(known.get(flag) ?? null, null, `gate ${name} ${flag}`);
            }
        }
    });

    it("name no account, registry or bucket: those come from the stack", () => {
        for (const file of files) {
            assert.doesNotMatch(readBuildspec(file.replace(/\.yml$/, "")), /\d{12}|amazonaws|arn:/);
        }
    });

    it("pass the image on by digest only", () => {
        for (const { name, stage, buildspec } of steps) {
            if (name === "build") continue;
            assert.doesNotMatch(buildspec, /docker|:\$IMAGE_TAG|:\$COMMIT_ID/);
            const tier = stage === "ScanStagingImage" ? "staging" : "candidate";
            assert(buildspec.includes(`portcullis-dev-demo-${tier}@$IMAGE_DIGEST`), name);
        }
    });
});

describe("tool manifest", () => {
    const good = readToolManifest();

    it("pins each tool by version and checksum, from two sources, and nothing that a step does not use", () => {
        assert.deepEqual(Object.keys(good), ["grype"]);
        const raw = JSON.parse(readFileSync(join(__dirname, "tools.json"), "utf8")) as unknown;
        assert.deepEqual(raw, good);
    });

    for (const [what, change] of [
        ["one source only", { sources: ["somewhere"] }],
        ["no checksum", { sha256: undefined }],
        ["a short checksum", { sha256: "abc" }],
        ["a moving version", { version: "latest" }],
        ["an address of another version", { url: "https://example.com/grype_0.1.0_linux_amd64.tar.gz" }],
        ["an address without TLS", { url: good.grype.url.replace("https", "http") }],
    ] as const) {
        it(`is refused with ${what}`, () => {
            assert.equal(
                toolManifestSchema.safeParse({ grype: { ...good.grype, ...change } }).success,
                false,
            );
        });
    }
});
