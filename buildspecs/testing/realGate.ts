/**
 * Runs steps with the real, bundled gate and real git, with evidence in a folder instead of the bucket. Replaced are AWS,
 * the download of tools, and the registry behind `gate promote`.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleGate } from "../../gate/bundle";
import { serializeGatePolicy } from "../../gate/policy/gatePolicy";
import { hadolintConfiguration } from "../../gate/verify/hadolintConfiguration";
import type { StepName } from "../../infra/application/applicationNames";
import {
    deliveredApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
} from "../../infra/application/testing/examplePlatform";
import { applicationSteps } from "../../infra/pipeline/steps";
import { runBuild, type BuildResult } from "./codeBuild";
import { execution, secrets, sha256 } from "./stepRun";

const programs = {
    aws: `
case "$1 $2" in
    "s3 cp") cp "$FAKE_FILES/$(basename "$4")" "$5" ;;
    "ecr get-login-password") printf '%s' "$FAKE_REGISTRY_PASSWORD" ;;
    *) exit 99 ;;
esac`,
    node: `
case "$2 $3" in
    "tools install") cp "$FAKE_FILES/$5" "$5" && chmod +x "$5"; exit ;;
    promote*) exit 0 ;;
esac
words=()
for word in "$@"; do case "$word" in s3://*) word="$FAKE_EVIDENCE" ;; esac; words+=("$word"); done
exec "$REAL_NODE" "\${words[@]}"`,
};

/** The public half of a key of the curve P-256. */
const newPublicKey = (): string =>
    generateKeyPairSync("ec", { namedCurve: "P-256" })
        .publicKey.export({ format: "pem", type: "spki" })
        .toString();

/** A cosign whose signatures lie in a file: by image, with the key and what was signed. */
function fakeCosign(publicKey: string, signatures: string): string {
    return `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
const option = (name) => args[args.indexOf(name) + 1];
const signed = fs.existsSync(${JSON.stringify(signatures)}) ? JSON.parse(fs.readFileSync(${JSON.stringify(signatures)}, "utf8")) : {};
const image = args.at(-1);
const [repository, digest] = image.split("@");
const key = ${JSON.stringify(publicKey)};
if (args[0] === "public-key") process.stdout.write(key);
else if (args[0] === "sign") {
    signed[image] = { key, claim: option("--annotations") };
    fs.writeFileSync(${JSON.stringify(signatures)}, JSON.stringify(signed));
} else if (signed[image] === undefined) process.exit(10);
else if (signed[image].key !== fs.readFileSync(option("--key"), "utf8") || signed[image].claim !== option("--annotations")) process.exit(12);
else {
    const identity = { "docker-reference": repository };
    const critical = { identity, image: { "docker-manifest-digest": digest }, type: "cosign container image signature" };
    console.log(JSON.stringify([{ critical, optional: { application: signed[image].claim.split("=")[1] } }]));
}
`;
}

/** A pipeline execution in a folder of its own. Make one for each test and \`close\` it. */
export class RealGate {
    private readonly root = mkdtempSync(join(tmpdir(), "real-gate-"));
    private readonly files = join(this.root, "files");
    private readonly steps;
    readonly evidence = join(this.root, "evidence");

    constructor(config: Record<string, unknown> = {}) {
        for (const folder of [this.files, this.evidence]) mkdirSync(folder);
        const checked = exampleConfig({ ...everything, ...config });
        const deploy = (name: string, content: string | Uint8Array) => {
            writeFileSync(join(this.files, name), content);
            return { key: `gate/x/${name}`, sha256: sha256(content) };
        };
        this.steps = applicationSteps(
            exampleContext(deliveredApplication, exampleLiterals(checked), {
                command: deploy("gate.cjs", bundleGate().code),
                policy: deploy("gate-policy.json", serializeGatePolicy(checked.gatePolicy)),
                lintRules: deploy("hadolint.yaml", hadolintConfiguration(checked.verify.lint)),
                secretRules: deploy("gitleaks.toml", ""),
            }),
        );
    }

    /** What `gate tools install` gives for a tool. */
    tool(name: string, program: string | Uint8Array): void {
        writeFileSync(join(this.files, name), program, { mode: 0o755 });
    }

    /** Gives the steps a cosign with a key of its own; signatures stay when another one takes its place. */
    cosign(): void {
        this.tool("cosign", fakeCosign(newPublicKey(), join(this.root, "signatures.json")));
    }

    /** Signs an image with the key that the steps have now. */
    sign(image: string, application: string): void {
        const { status } = spawnSync(join(this.files, "cosign"), [
            "sign",
            "--annotations",
            `application=${application}`,
            image,
        ]);
        assert.equal(status, 0);
    }

    run(name: StepName, variables: Record<string, string>, source?: (folder: string) => void): BuildResult {
        const step = this.steps.find((candidate) => candidate.name === name);
        assert(step, name);
        const result = runBuild(step.buildspec, {
            environment: {
                ...secrets,
                EXECUTION_ID: execution,
                REAL_NODE: process.execPath,
                FAKE_FILES: this.files,
                FAKE_EVIDENCE: this.evidence,
                FAKE_REGISTRY_PASSWORD: secrets.registry,
                AWS_EC2_METADATA_DISABLED: "true",
                ...variables,
            },
            programs,
            shellOptions: "reset",
            ...(source === undefined ? {} : { source }),
        });
        for (const secret of Object.values(secrets)) {
            assert(!result.output.includes(secret), `${name} shows a secret`);
            assert(!JSON.stringify(result.calls).includes(secret), `${name} puts a secret on a command line`);
        }
        return result;
    }

    /** Every file of evidence, by its key. */
    evidenceKeys(): string[] {
        return readdirSync(this.evidence, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(this.evidence.length + 1))
            .sort();
    }

    close(): void {
        rmSync(this.root, { recursive: true, force: true });
    }
}
