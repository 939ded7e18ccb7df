import { registryHost } from "../arn";
import type { StackConfig } from "../config/schema";
import type { ScannerName } from "../../gate/report/scanReport";
import { readBuildspec, renderBuildspec } from "./buildspec";
import type { Statement } from "../iamStatement";
import {
    addEvidence,
    joinNetwork,
    pullImage,
    readArtifact,
    readGate,
    readParameters,
    registryToken,
    useKey,
    writeOwnLog,
} from "./permissions";
import { evidenceTokens, gateTokens, pipelineVariables, type Step, type StepContext } from "./step";
import { readToolManifest } from "./toolManifest";

type ScannerMode = StackConfig["scanners"][number]["mode"];

/**
 * Seconds that the gate waits for Anchore Engine: it analyses one image at a time, and other images may be queued.
 * Shorter than the project's time-out, so that it is the gate that says "incomplete" and writes it down.
 */
export const anchoreTimeoutSeconds = 2700;

/** Permissions of every scan step: its input, the gate, and its own evidence. No repository. */
function scanStatements(context: StepContext, step: Step["names"], scanner: ScannerName): Statement[] {
    const { application, platform, names } = context;
    return [
        writeOwnLog(platform.account, step),
        ...readArtifact(platform, names.pipeline.name, names.artifacts.image),
        readGate(platform),
        useKey(platform.account, platform.pipelineKey.aliasName, "readAndWrite"),
        ...addEvidence(platform, application.name, scanner),
    ];
}

/** Anchore Engine fetches the image itself, with its own role; the step only talks to it, so it runs in the VPC. */
function anchoreStep(context: StepContext, mode: ScannerMode): Step {
    const { application, platform, names } = context;
    const { account, anchore } = platform;
    return {
        name: "scan-anchore",
        stage: "Test",
        action: "Anchore",
        names: names.steps["scan-anchore"],
        gateRole: "scanner",
        description: `Scans candidate images of ${application.name} with Anchore Engine (${mode})`,
        buildspec: renderBuildspec("scan-anchore", readBuildspec("scan-anchore"), {
            ...gateTokens(context),
            ...evidenceTokens(context),
            advisory: String(mode === "advisory"),
            anchoreUrl: anchore.url,
            anchoreTimeoutSeconds: String(anchoreTimeoutSeconds),
        }),
        statements: [
            ...scanStatements(context, names.steps["scan-anchore"], "anchore"),
            readParameters(account, [anchore.adminPasswordParameter, anchore.caParameter]),
            useKey(account, anchore.keyAliasName, "read", "UseAnchoreKey"),
            ...joinNetwork(account),
        ],
        parameters: [
            { name: "ANCHORE_CA", parameter: anchore.caParameter },
            { name: "ANCHORE_PASSWORD", parameter: anchore.adminPasswordParameter },
        ],
        variables: {
            IMAGE_DIGEST: pipelineVariables.digest,
            IMAGE_TAG: pipelineVariables.tag,
            EXECUTION_ID: pipelineVariables.execution,
        },
        input: "image",
        inNetwork: true,
        privileged: false,
        computeType: "BUILD_GENERAL1_SMALL",
        timeoutMinutes: 60,
    };
}

/** Grype runs in the step. It needs no daemon: it reads the image from the registry. */
function grypeStep(context: StepContext, mode: ScannerMode): Step {
    const { application, platform, names } = context;
    const { account } = platform;
    const { grype } = readToolManifest();
    return {
        name: "scan-grype",
        stage: "Test",
        action: "Grype",
        names: names.steps["scan-grype"],
        gateRole: "scanner",
        description: `Scans candidate images of ${application.name} with Grype (${mode})`,
        buildspec: renderBuildspec("scan-grype", readBuildspec("scan-grype"), {
            ...gateTokens(context),
            ...evidenceTokens(context),
            advisory: String(mode === "advisory"),
            registry: registryHost(account),
            grypeUrl: grype.url,
            grypeSha256: grype.sha256,
        }),
        statements: [
            ...scanStatements(context, names.steps["scan-grype"], "grype"),
            registryToken,
            pullImage("PullCandidate", names.repositories.candidate),
        ],
        parameters: [],
        variables: { IMAGE_DIGEST: pipelineVariables.digest, EXECUTION_ID: pipelineVariables.execution },
        input: "image",
        inNetwork: false,
        privileged: false,
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 30,
    };
}

const scanSteps: Partial<Record<ScannerName, (context: StepContext, mode: ScannerMode) => Step>> = {
    anchore: anchoreStep,
    grype: grypeStep,
};

/** The step of one configured scanner. */
export function scanStep(context: StepContext, scanner: StackConfig["scanners"][number]): Step {
    const step = scanSteps[scanner.name];
    if (step === undefined) throw new Error(`scanner ${scanner.name} has no step`);
    return step(context, scanner.mode);
}
