import { scanStepName, type RepositoryNames } from "../../application/applicationNames";
import type { ScannerConfig } from "../../config/scannerSchema";
import type { ScanStage } from "../../../gate/policy/scanStage";
import { readBuildspec, renderBuildspec } from "../buildspec";
import type { Statement } from "../../iamStatement";
import { addScanEvidence } from "../evidencePermissions";
import { readArtifact, readGate, useKey, writeOwnLog } from "../permissions";
import {
    evidenceTokens,
    gateTokens,
    ownStep,
    pipelineVariables,
    policyTokens,
    type Step,
    type StepContext,
} from "../step";

/** What is different from scanner to scanner. Everything else about a scan step is the same, and made by `scanStep`. */
export interface ScannerStep {
    /** Name of the pipeline action. */
    action: string;
    /** Name of the scanner in a sentence. */
    title: string;
    /** Values for tokens that only this scanner's buildspec has. */
    tokens: Record<string, string>;
    /** What its role may do beyond the gate and its own evidence. */
    statements: Statement[];
    parameters?: Step["parameters"];
    /** The scanner asks by tag as well as by digest. */
    needsTag?: boolean;
    inNetwork?: boolean;
    computeType: Step["computeType"];
    timeoutMinutes: number;
}

/** Where a stage of scans stands in the pipeline, and which repository it scans. */
export interface ScanPlace {
    stage: ScanStage;
    step: Pick<Step, "name" | "names">;
    repository: RepositoryNames;
}

/** In which pipeline stage a scan stage runs, and the tier that it scans. */
const places = {
    test: { pipelineStage: "Test", tier: "candidate" },
    scanStagingImage: { pipelineStage: "ScanStagingImage", tier: "staging" },
} as const satisfies Record<ScanStage, unknown>;

export function scanPlace(context: StepContext, scanner: ScannerConfig["name"], stage: ScanStage): ScanPlace {
    const { names } = context;
    const name = scanStepName(scanner, stage);
    return {
        stage,
        step: stage === "test" ? ownStep(context, `scan-${scanner}`) : { name, names: names.steps[name] },
        repository: names.repositories[places[stage].tier],
    };
}

/**
 * The step of one scanner in one stage. Its role may read its input and the gate, and add evidence of this scanner in
 * this stage; what the scanner itself needs comes on top.
 */
export function scanStep(
    context: StepContext,
    scanner: ScannerConfig,
    place: ScanPlace,
    specific: ScannerStep,
): Step {
    const { application, platform, path } = context;
    const { account } = platform;
    const { tier, pipelineStage } = places[place.stage];
    const images = path.kind === "review" ? "images of pull requests" : `${tier} images`;
    const file = `scan-${scanner.name}`;
    return {
        ...place.step,
        stage: pipelineStage,
        action: specific.action,
        runOrder: 1,
        gateRole: "scanner",
        description: `Scans ${images} of ${application.name} with ${specific.title} (${scanner.mode})`,
        buildspec: renderBuildspec(file, readBuildspec(file), {
            ...gateTokens(context),
            ...policyTokens(context),
            ...evidenceTokens(context),
            evidenceApplication: path.evidenceApplication,
            imageRepository: place.repository.uri,
            scanStage: place.stage,
            advisory: String(scanner.mode === "advisory"),
            ...specific.tokens,
        }),
        statements: [
            writeOwnLog(account, place.step.names),
            ...readArtifact(platform, path.pipeline.name, path.artifacts.image),
            readGate(platform),
            useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
            ...addScanEvidence(platform, path.evidenceApplication, scanner.name, place.stage),
            ...specific.statements,
        ],
        parameters: specific.parameters ?? [],
        variables: {
            IMAGE_DIGEST: pipelineVariables.digest,
            ...(specific.needsTag === true ? { IMAGE_TAG: pipelineVariables.tag } : {}),
            EXECUTION_ID: pipelineVariables.execution,
        },
        input: "image",
        inNetwork: specific.inNetwork ?? false,
        privileged: false,
        computeType: specific.computeType,
        timeoutMinutes: specific.timeoutMinutes,
    };
}
