/**
 * Runs the rendered buildspec of a step with programs that answer as the real ones would. `FAKE_…` variables make them
 * fail; every secret that is in reach is a planted one, and a run that shows it anywhere is a failed test.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { StepName } from "../../infra/application/applicationNames";
import {
    deliveredApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
} from "../../infra/application/testing/examplePlatform";
import { reviewPath, type Step } from "../../infra/pipeline/step";
import { applicationSteps } from "../../infra/pipeline/steps";
import { reviewSteps as stepsOfReview } from "../../infra/review/reviewSteps";
import { findBash, runBuild, type BuildResult } from "./codeBuild";

export const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

export const digest = `sha256:${"d".repeat(64)}`;
export const commit = "0123456789abcdef0123456789abcdef01234567";
/** Commit that a pull request leads to. */
export const destination = "89abcdef0123456789abcdef0123456789abcdef";
export const execution = "11111111-2222-3333-4444-555555555555";
export const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
export const candidate = `${registry}/portcullis-dev-demo-candidate`;
export const staging = `${registry}/portcullis-dev-demo-staging`;
export const production = `${registry}/portcullis-dev-demo-production`;
/** Options of the scans about evidence, which can be stored under another name. */
export const scanEvidence = (name = "demo") =>
    `--application demo --evidence s3://example-evidence --evidence-application ${name} --execution ${execution}`;
export const evidence = `--evidence s3://example-evidence --application demo --execution ${execution}`;

/** What stands for the objects that a step downloads, by the last part of their key. */
const files = {
    "gate.cjs": "// stands for the bundled gate\n",
    "gate-policy.json": '{"version":1}\n',
    "hadolint.yaml": "failure-threshold: warning\n",
    "gitleaks.toml": 'title = "rules"\n',
};
export type DeployedFile = keyof typeof files;

const deployed = (name: DeployedFile) => ({ key: `gate/x/${name}`, sha256: sha256(files[name]) });

const contextWith = (config: Record<string, unknown>) =>
    exampleContext(deliveredApplication, exampleLiterals(exampleConfig(config)), {
        command: deployed("gate.cjs"),
        policy: deployed("gate-policy.json"),
        lintRules: deployed("hadolint.yaml"),
        secretRules: deployed("gitleaks.toml"),
    });

const stepsWith = (config: Record<string, unknown>) => applicationSteps(contextWith(config));

/** Every step that a stack can have, with gitleaks. */
export const steps = stepsWith(everything);

const reviewed = contextWith(everything);

/** Every step of a review. */
export const reviewSteps = stepsOfReview({ ...reviewed, path: reviewPath("demo", reviewed.names) });

/** The step that looks for secrets with the other tool. */
export function secretsWithTrufflehog(): Step {
    const step = stepsWith({ verify: { secrets: { tool: "trufflehog" } } }).find(
        ({ name }) => name === "secrets",
    );
    assert(step);
    return step;
}

export function stepOf(name: StepName): Step {
    const step = steps.find((candidateStep) => candidateStep.name === name);
    assert(step, `no step ${name}`);
    return step;
}

/** Values that must never be seen. */
export const secrets = {
    registry: "registry-password-of-the-test",
    ANCHORE_PASSWORD: "anchore-password-of-the-test",
    ACCUKNOX_TOKEN: "accuknox-token-of-the-test",
    LW_API_KEY: "lacework-key-of-the-test",
    LW_API_SECRET: "lacework-secret-of-the-test",
};

const download = Object.keys(files)
    .map(
        (name) =>
            `s3://example-artifacts/gate/x/${name}) printf '%s' "$FAKE_FILE_${variable(name)}" > "$5" ;;`,
    )
    .join("\n            ");

function variable(file: string): string {
    return file.toUpperCase().replace(/[^A-Z]/g, "_");
}

/** Faults that make one downloaded file another one than was deployed. */
export function replaced(file: DeployedFile): Record<string, string> {
    return { [`FAKE_FILE_${variable(file)}`]: "something else\n" };
}

/** A scanner that is only run with the right login, and writes its report where it is told to. */
const withLogin = (prefix: string, body: string) => `#!/usr/bin/env bash
if [ "$1" = version ]; then echo '{"Version":"0.0.0"}'; exit 0; fi
[ "$${prefix}_PASSWORD" = "$FAKE_REGISTRY_PASSWORD" ] && [ "$${prefix}_USERNAME" = AWS ] || exit 91
echo "$0 $*"
[ "\${FAKE_TOOL_STATUS:-0}" = 0 ] || exit "$FAKE_TOOL_STATUS"
${body}
`;

/** What the fake \`gate tools install\` puts into the folder. */
const tools: Record<string, string> = {
    grype: withLogin("GRYPE_REGISTRY_AUTH", `echo '{"matches":[]}' > grype.json`),
    syft: withLogin("SYFT_REGISTRY_AUTH", `echo '{"bomFormat":"CycloneDX"}' > cyclonedx.json`),
    trivy: withLogin("TRIVY", `echo '{"Results":[]}' > trivy.json`),
    hadolint: "#!/usr/bin/env bash\nexit 0\n",
    gitleaks: "#!/usr/bin/env bash\nexit 0\n",
    trufflehog: "#!/usr/bin/env bash\nexit 0\n",
    lacework: "#!/usr/bin/env bash\nexit 0\n",
    cosign: "#!/usr/bin/env bash\nexit 0\n",
};

const programs = {
    aws: `
case "$1 $2" in
    "s3 cp")
        case "$4" in
            ${download}
            *) exit 1 ;;
        esac ;;
    "ecr get-login-password") printf '%s' "$FAKE_REGISTRY_PASSWORD"; exit "\${FAKE_LOGIN_STATUS:-0}" ;;
    "ecr describe-images") echo "\${FAKE_DESCRIBED:-None}" ;;
    *) exit 99 ;;
esac`,
    git: `
[ "$1" = -C ] && { [ "$2" = "$CODEBUILD_SRC_DIR" ] || exit 99; shift 2; }
[ "$1 $2" = "rev-parse HEAD" ] || exit 99
echo "$FAKE_HEAD"`,
    docker: `
case "$1" in
    login) [ "$(cat)" = "$FAKE_REGISTRY_PASSWORD" ] ;;
    build) [ ! -e .git ] || exit 98; exit "\${FAKE_BUILD_STATUS:-0}" ;;
    push) exit "\${FAKE_PUSH_STATUS:-0}" ;;
    image) printf '[{"RepoDigests":["%s"]}]\\n' "$FAKE_PUSHED" ;;
    *) exit 99 ;;
esac`,
    node: `
[ "$1" = gate.cjs ] && [ -s gate.cjs ] || exit 99
[ "$PWD" != "$CODEBUILD_SRC_DIR" ] || exit 97
case "$2" in
    tools)
        [ "$3 $4 $6 $8 $\{10} $\{11}" = "install --tool --url --sha256 --to ." ] || [ "$8" = --sha256 ] || exit 99
        body="FAKE_TOOL_$5"
        printf '%s' "\${!body}" > "$5.download"
        echo "$9  $5.download" | sha256sum --check --strict >/dev/null 2>&1 || { echo "NOT INSTALLED: $5"; exit 2; }
        mv "$5.download" "$5" && chmod +x "$5" ;;
    verdict) [[ "$*" = *" --stage test "* ]] && exit "\${FAKE_VERDICT_STATUS:-0}"; exit "\${FAKE_STAGING_STATUS:-0}" ;;
    scan | lint | secrets | sbom) exit "\${FAKE_JUDGE_STATUS:-0}" ;;
    canary) echo '{}' > "$4" ;;
    approved) exit "\${FAKE_APPROVED_STATUS:-0}" ;;
    promote) exit "\${FAKE_PROMOTE_STATUS:-0}" ;;
    sign) [ -x ./cosign ] || exit 96; exit "\${FAKE_SIGN_STATUS:-0}" ;;
    verify-signature) [ -x ./cosign ] || exit 96; exit "\${FAKE_SIGNATURE_STATUS:-0}" ;;
    imagedefinitions) printf '%s\n' "$4 $6" > "$8"; exit "\${FAKE_DEFINITIONS_STATUS:-0}" ;;
    *) exit 99 ;;
esac`,
};

/** Says in the output why there is nothing to run with; for \`before\`. */
export function needsBash(context: Mocha.Context): void {
    if (findBash() !== null) return;
    console.log("      skipped: bash 4 or later is needed to run the build steps");
    context.skip();
}

/** Tools that the buildspec of a step installs, with the checksums that it demands. */
export function installedTools({ buildspec }: Step): { tool: string; sum: string }[] {
    return [...buildspec.matchAll(/tools install --tool (\S+) --url \S+ --sha256 "([0-9a-f]{64})"/g)].map(
        ([, tool = "", sum = ""]) => ({ tool, sum }),
    );
}

/**
 * Runs a step as the pipeline would.
 * @param faults variables on top of the right ones.
 * @param pinned keep the checksums of the real tools, which the fake ones do not have.
 */
export function run(
    which: StepName | Step,
    faults: Record<string, string> = {},
    pinned = false,
): BuildResult {
    const step = typeof which === "string" ? stepOf(which) : which;
    const { name } = step;
    const values: Record<string, string> = {
        COMMIT_ID: commit,
        IMAGE_DIGEST: digest,
        IMAGE_TAG: "commit-0123456789ab-7",
        EXECUTION_ID: execution,
        RANGE_BEGIN: destination,
        ANCHORE_CA: "-----BEGIN CERTIFICATE-----",
        ...secrets,
        // Values that the pipeline does not have to resolve.
        ...Object.fromEntries(Object.entries(step.variables).filter(([, value]) => !value.includes("#{"))),
    };
    const given = [...Object.keys(step.variables), ...step.parameters.map((parameter) => parameter.name)];
    for (const name_ of given) assert(name_ in values, `${name_} has no value here`);
    const environment = {
        ...Object.fromEntries(given.map((name_) => [name_, values[name_] ?? ""])),
        CODEBUILD_BUILD_NUMBER: "7",
        ...Object.fromEntries(
            Object.entries(files).map(([file, text]) => [`FAKE_FILE_${variable(file)}`, text]),
        ),
        ...Object.fromEntries(Object.entries(tools).map(([tool, text]) => [`FAKE_TOOL_${tool}`, text])),
        FAKE_REGISTRY_PASSWORD: secrets.registry,
        FAKE_DESCRIBED: digest,
        FAKE_PUSHED: `${candidate}@${digest}`,
        FAKE_HEAD: commit,
        ...faults,
    };
    const text = pinned
        ? step.buildspec
        : installedTools(step).reduce(
              (rendered, { tool, sum }) => rendered.replaceAll(sum, sha256(tools[tool] ?? "")),
              step.buildspec,
          );
    const [kept, reset] = (["kept", "reset"] as const).map((shellOptions) =>
        runBuild(text, {
            environment,
            programs,
            shellOptions,
            source: (folder) => mkdirSync(join(folder, ".git")),
        }),
    );
    assert(kept && reset);
    // Whether bash's options survive from one command to the next must not matter.
    const comparable = (result: BuildResult) => ({
        ...result,
        output: "",
        // The two sides of a pipe start at the same time.
        calls: result.calls.map((words) => words.join(" ")).sort(),
    });
    assert.deepEqual(comparable(kept), comparable(reset));
    for (const secret of Object.values(secrets)) {
        assert(!kept.output.includes(secret), `${name} shows a secret`);
        assert(!JSON.stringify(kept.calls).includes(secret), `${name} puts a secret on a command line`);
        assert(!JSON.stringify(kept.artifacts).includes(secret), `${name} hands a secret on`);
        assert(!JSON.stringify(kept.exported).includes(secret), `${name} exports a secret`);
    }
    return kept;
}

/** The calls of one program, each as one line. */
export function calls(result: BuildResult, program: string): string[] {
    return result.calls.filter(([name]) => name === program).map((words) => words.join(" "));
}

/** The calls of the gate but for those that install tools. */
export function gateCalls(result: BuildResult): string[] {
    return calls(result, "node").filter((line) => !line.startsWith("node gate.cjs tools "));
}
