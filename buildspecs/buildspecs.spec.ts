import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { readdirSync } from "node:fs";
import { parseDocument } from "yaml";
import {
    deliveredApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
} from "../infra/application/testing/examplePlatform";
import { canaryCommand } from "../gate/accuknox/canaryCommand";
import { approvedCommand } from "../gate/commands/approved";
import type { Command } from "../gate/commands/command";
import { imageDefinitionsCommand } from "../gate/commands/imageDefinitions";
import { lintCommand } from "../gate/commands/lint";
import { promoteCommand } from "../gate/commands/promote";
import { sbomCommand } from "../gate/commands/sbom";
import { scanCommand } from "../gate/commands/scan";
import { secretsCommand } from "../gate/commands/secrets";
import { signCommand } from "../gate/commands/sign";
import { toolsCommand } from "../gate/commands/tools";
import { verdictCommand } from "../gate/commands/verdict";
import { verifySignatureCommand } from "../gate/commands/verifySignature";
import { readBuildspec } from "../infra/pipeline/buildspec";
import { applicationSteps } from "../infra/pipeline/steps";
import { findBash, phaseNames, type Buildspec } from "./testing/codeBuild";

/** Variables that CodeBuild itself sets (AWS CodeBuild User Guide, "Environment variables in build environments"). */
const setByCodeBuild = ["CODEBUILD_BUILD_NUMBER", "CODEBUILD_SRC_DIR"];

const stepsWith = (config: Record<string, unknown>) =>
    applicationSteps(exampleContext(deliveredApplication, exampleLiterals(exampleConfig(config))));
/** Every step that a stack can have, once with each secret scanner. */
const steps = stepsWith(everything);
const otherSecrets = stepsWith({ verify: { secrets: { tool: "trufflehog" } } }).filter(
    ({ name }) => name === "secrets",
);

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
        used.delete("secrets.yml");
        const expected = [...used, "secrets-gitleaks.yml", "secrets-trufflehog.yml"];
        assert.deepEqual(files.sort(), expected.sort());
    });

    for (const step of [...steps, ...otherSecrets]) {
        describe(otherSecrets.includes(step) ? "secrets with trufflehog" : step.name, () => {
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
                const takenByTools = [
                    "ANCHORE_PASSWORD",
                    "GATE_ADVISORY",
                    "GRYPE_CHECK_FOR_APP_UPDATE",
                    "LW_ACCOUNT",
                    "SYFT_CHECK_FOR_APP_UPDATE",
                    "TRIVY_DISABLE_TELEMETRY",
                    "TRIVY_SKIP_VERSION_CHECK",
                ];
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
                    /^aws s3 cp/.test(command)
                        ? [{ at, file: /" ([\w.-]+)$/.exec(command)?.[1] ?? command }]
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
                // Nothing is fetched in another way than by the gate, which compares the checksum before it unpacks.
                assert.equal(position(/^(?:curl|wget|tar|unzip|pip|npm|npx|yum|dnf) /m), -1);
                const install = position(
                    /^node gate\.cjs tools install .* --sha256 "[0-9a-f]{64}" .*--to \.$/,
                );
                const first = position(/^(?:node |\.\/)/m);
                assert(first > check);
                const program = position(/(?:^| )\.\/[a-z]+/m);
                if (program >= 0) assert(install > check && install < program);
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
        const commands = {
            approved: approvedCommand,
            canary: canaryCommand,
            imagedefinitions: imageDefinitionsCommand,
            lint: lintCommand,
            promote: promoteCommand,
            sbom: sbomCommand,
            scan: scanCommand,
            secrets: secretsCommand,
            sign: signCommand,
            tools: toolsCommand,
            verdict: verdictCommand,
            "verify-signature": verifySignatureCommand,
        };
        const calls = [...steps, ...otherSecrets].flatMap(({ buildspec }) =>
            commandsOf(parseBuildspec(buildspec)).filter((command) => command.startsWith("node gate.cjs ")),
        );
        assert.deepEqual([...new Set(calls.map((call) => call.split(" ")[2]))].sort(), Object.keys(commands));
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
        const tiers: Partial<Record<string, string>> = {
            ScanStagingImage: "staging",
            DeployToStaging: "staging",
            Deploy: "production",
        };
        for (const { name, stage, buildspec, input } of steps) {
            if (input === "source") continue;
            assert.doesNotMatch(buildspec, /docker|:\$IMAGE_TAG|:\$COMMIT_ID/);
            const tier = tiers[stage] ?? "candidate";
            assert(buildspec.includes(`portcullis-dev-demo-${tier}@$IMAGE_DIGEST`), name);
        }
    });
});
