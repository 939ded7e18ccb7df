/**
 * Runs a build step of the provisioned stack in the phase interpreter: its real buildspec and the real, bundled gate.
 * Only what is outside is replaced: AWS, Docker, the scanner and the registry.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBash, runBuild, type BuildResult } from "../../buildspecs/testing/codeBuild";
import { bundleGate } from "../../gate/bundle";
import { serializeGatePolicy, type GatePolicy } from "../../gate/policy/gatePolicy";
import { parseGatePolicy } from "../../gate/policy/parseGatePolicy";
import type { BuildStep } from "./provisionedStack";

export const digest = `sha256:${"d".repeat(64)}`;
export const commit = "0123456789abcdef0123456789abcdef01234567";
export const execution = "11111111-2222-3333-4444-555555555555";
/** What must never be seen on a command line or in the log. */
export const secrets = {
    ANCHORE_PASSWORD: "anchore-password-of-the-test",
    ACCUKNOX_TOKEN: "accuknox-token-of-the-test",
    LW_API_SECRET: "lacework-secret-of-the-test",
    AWS_SECRET_ACCESS_KEY: "aws-secret-of-the-test",
    AWS_SESSION_TOKEN: "aws-session-of-the-test",
} as const;

/** What `aws ecr get-login-password` gives. */
const registryPassword = "registry-password-of-the-test";

/** Programs that stand in for the outside; `FAKE_…` variables say how they answer. */
const programs = {
    aws: `
case "$1 $2" in
    "s3 cp")
        case "$4" in
            *gate.cjs) cp "$REAL_GATE" "$5" ;;
            *) cp "$FAKE_FILES/$5" "$5" ;;
        esac ;;
    "ecr get-login-password") printf '${registryPassword}' ;;
    "ecr describe-images") echo "$FAKE_DESCRIBED" ;;
    *) exit 99 ;;
esac`,
    docker: `
case "$1" in
    login) cat > /dev/null ;;
    image) printf '[{"RepoDigests":["%s"]}]\\n' "$FAKE_PUSHED" ;;
esac`,
    // The commit of the source; everything else is git's own business.
    git: `
if [ "$*" = "rev-parse HEAD" ]; then echo "\${FAKE_HEAD:-$COMMIT_ID}"; else PATH="\${PATH#*:}" exec git "$@"; fi`,
    // The checksums of the gate and its files are compared by the step itself; the scanner is a stand-in.
    sha256sum: `cat > /dev/null; exit "\${FAKE_CHECKSUM_STATUS:-0}"`,
    node: `
command="$2"
case "$2 $3" in
    "tools install")
        while [ "$#" -gt 0 ]; do if [ "$1" = --tool ]; then tool="$2"; fi; shift; done
        cp "$FAKE_FILES/$tool" "$tool" && chmod +x "$tool"; exit ;;
esac
case "$command" in
    promote) exit "\${FAKE_PROMOTE_STATUS:-0}" ;;
esac
words=()
for word in "$@"; do case "$word" in s3://*) word="$FAKE_EVIDENCE" ;; esac; words+=("$word"); done
exec "$REAL_NODE" "\${words[@]}"`,
};

export interface StepRunOptions {
    /** Files that the step fetches or a scanner brings, by name; scripts are made executable. */
    files?: Record<string, string>;
    /** Folder in which the gate stores evidence. */
    evidence?: string;
    environment?: Record<string, string>;
    policy?: GatePolicy;
}

/** Whether this machine can run build steps. */
export const canRunSteps = (): boolean => findBash() !== null;

/** Runs the step with everything that the project and the pipeline set. */
export function runStep(step: BuildStep, options: StepRunOptions = {}): BuildResult {
    const folder = mkdtempSync(join(tmpdir(), "step-"));
    try {
        const files = join(folder, "files");
        mkdirSync(files);
        const policy = options.policy ?? parseGatePolicy("version: 1\n");
        // The publish step fetches its signing tool before it judges anything.
        const given = {
            "gate-policy.json": serializeGatePolicy(policy),
            cosign: "#!/bin/sh\nexit 0\n",
            ...options.files,
        };
        for (const [name, content] of Object.entries(given)) writeFileSync(join(files, name), content);
        writeFileSync(join(folder, "gate.cjs"), bundleGate().code);
        return runBuild(step.text, {
            shellOptions: "reset",
            programs,
            environment: {
                ...secrets,
                AWS_EC2_METADATA_DISABLED: "true",
                COMMIT_ID: commit,
                ...(step.role === "builder"
                    ? {}
                    : { IMAGE_DIGEST: digest, IMAGE_TAG: "commit-0123456789ab-7" }),
                EXECUTION_ID: execution,
                CODEBUILD_BUILD_NUMBER: "7",
                CODEBUILD_SRC_DIR: folder,
                ANCHORE_CA: "-----BEGIN CERTIFICATE-----",
                LW_API_KEY: "KEY",
                REAL_GATE: join(folder, "gate.cjs"),
                REAL_NODE: process.execPath,
                FAKE_FILES: files,
                FAKE_EVIDENCE: options.evidence ?? join(folder, "evidence"),
                FAKE_DESCRIBED: digest,
                FAKE_PUSHED: pushedImage(step),
                ...options.environment,
            },
        });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** The image that the build step says it pushed, as Docker would name it. */
function pushedImage(step: BuildStep): string {
    const [, repository = ""] = /docker push "([^:"]+):/.exec(step.text) ?? [];
    return `${repository}@${digest}`;
}

/** The repository whose image a scan step looks at. */
export function scannedRepository(step: BuildStep): string {
    const [, repository] = /--image "([^@"]+)@/.exec(step.text) ?? [];
    if (repository === undefined) throw new Error(`${step.project} names no image`);
    return repository;
}

/** Calls of one program, each as one line. */
export function calls(result: BuildResult, program: string): string[] {
    return result.calls.filter(([name]) => name === program).map((words) => words.join(" "));
}

/** Secrets that were shown in the log or given on a command line. */
export function leaks(result: BuildResult): string[] {
    const seen = result.output + JSON.stringify(result.calls);
    return Object.entries({ ...secrets, registry: registryPassword })
        .filter(([, value]) => seen.includes(value))
        .map(([name]) => name);
}
