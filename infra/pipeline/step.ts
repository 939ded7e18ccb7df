import { reviewEvidenceOf } from "../../gate/review/reviewPipeline";
import {
    candidateTags,
    type ApplicationNames,
    type ArtifactNames,
    type StepName,
    type StepNames,
} from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import type { ApplicationConfig } from "../config/schema";
import type { ScannerName } from "../../gate/report/scanReport";
import type { Statement } from "../iamStatement";

/** One object in the artifact bucket, literal; its key contains the checksum. */
export interface GateFile {
    key: string;
    sha256: string;
}

/** What the steps run and by which rules they judge, by content. */
export interface GateReference {
    /** The bundled `gate` command. */
    command: GateFile;
    /** The gate policy. */
    policy: GateFile;
    /** hadolint's configuration. */
    lintRules: GateFile;
    /** The secret scanner's configuration. */
    secretRules: GateFile;
}

/** What a step is for; the tag `gate:role` of its project and role, which the policy pack reads. */
export type GateRole =
    "verifier" | "builder" | "inventory" | "scanner" | "promoter" | "publisher" | "deployer";

/** One pipeline step that runs in CodeBuild: one project, one role, one buildspec. */
export interface Step {
    name: StepName;
    /** Pipeline stage and action. */
    stage:
        "Verify" | "Build" | "Test" | "Stage" | "ScanStagingImage" | "DeployToStaging" | "Publish" | "Deploy";
    action: string;
    /** Steps of a stage with the same number run beside each other. */
    runOrder: number;
    names: StepNames;
    gateRole: GateRole;
    description: string;
    /** Rendered text. */
    buildspec: string;
    /** Everything that the step's role may do. */
    statements: Statement[];
    /** Variables whose values CodeBuild fetches from SSM parameters when the build starts. */
    parameters: { name: string; parameter: string }[];
    /** Variables that the pipeline sets for each execution; values may hold `#{namespace.variable}`. */
    variables: Record<string, string>;
    input: "source" | "image";
    /** The deployments are what a deploy step hands to the action that deploys. */
    output?: "image" | "stagingDeployment" | "productionDeployment";
    /** Runs inside the VPC. */
    inNetwork: boolean;
    /** Runs a Docker daemon. */
    privileged: boolean;
    computeType: "BUILD_GENERAL1_SMALL" | "BUILD_GENERAL1_MEDIUM";
    timeoutMinutes: number;
    /** Most builds of the project at one time; without it the account's limit holds. */
    concurrentBuilds?: number;
}

/**
 * One of the two ways that a commit can take, and what keeps it apart from the other. Steps of the same kind exist on
 * both, made from the same text, each with a project, a role and a log of its own.
 */
export interface PipelinePath {
    /** `review`: a pull request, which reaches nothing that is released. */
    kind: "delivery" | "review";
    pipeline: { name: string; arn: string };
    artifacts: Pick<ArtifactNames, "source" | "image">;
    /** In whose name evidence is stored. */
    evidenceApplication: string;
    /** Beginning of the tags of images in the candidate repository. */
    tagPrefix: (typeof candidateTags)[keyof typeof candidateTags];
}

/** The way of what was pushed to the branch that is built. */
export function deliveryPath(application: string, names: ApplicationNames): PipelinePath {
    return {
        kind: "delivery",
        pipeline: names.pipeline,
        artifacts: names.artifacts,
        evidenceApplication: application,
        tagPrefix: candidateTags.delivery,
    };
}

/** The way of a pull request. */
export function reviewPath(application: string, names: ApplicationNames): PipelinePath {
    return {
        kind: "review",
        pipeline: names.review.pipeline,
        artifacts: names.review.artifacts,
        evidenceApplication: reviewEvidenceOf(application),
        tagPrefix: candidateTags.review,
    };
}

/** What every step is made from. */
export interface StepContext {
    application: ApplicationConfig;
    platform: LiteralPlatform;
    gate: GateReference;
    names: ApplicationNames;
    path: PipelinePath;
}

/** What a kind of step that both ways have is called on this one. */
export function ownStep(
    { names, path }: StepContext,
    kind: "lint" | "secrets" | "build" | `scan-${ScannerName}`,
): Pick<Step, "name" | "names"> {
    const name = path.kind === "review" ? (`review-${kind}` as const) : kind;
    return { name, names: names.steps[name] };
}

/**
 * Pipeline variables that one action hands to later ones. `CommitId` is set by the source actions of both kinds;
 * `IMAGE_DIGEST` and `IMAGE_TAG` are exported by `buildspecs/build.yml`.
 */
export const pipelineVariables = {
    commit: "#{Source.CommitId}",
    digest: "#{Build.IMAGE_DIGEST}",
    image: "#{Build.IMAGE_URI}",
    tag: "#{Build.IMAGE_TAG}",
    execution: "#{codepipeline.PipelineExecutionId}",
} as const;

/** Tokens of every step that runs the gate. */
export function gateTokens({ platform, gate }: StepContext): Record<string, string> {
    return {
        artifactBucket: platform.artifactBucketName,
        gateKey: gate.command.key,
        gateSha256: gate.command.sha256,
    };
}

/** Tokens of every step that judges by the gate policy. */
export function policyTokens({ gate }: StepContext): Record<string, string> {
    return { policyKey: gate.policy.key, policySha256: gate.policy.sha256 };
}

/** Tokens of every step that stores or reads evidence about the application's images. */
export function evidenceTokens({ application, platform }: StepContext): Record<string, string> {
    return { application: application.name, evidenceBucket: platform.evidenceBucketName };
}
