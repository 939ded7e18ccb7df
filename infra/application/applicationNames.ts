import { createHash } from "node:crypto";
import {
    codecommitArn,
    eventRuleArn,
    pipelineActionArn,
    pipelineArn,
    projectArn,
    registryHost,
    repositoryArn,
    roleArn,
} from "../arn";
import type { ScanStage } from "../../gate/policy/scanStage";
import { scannerNames, type ScannerName } from "../../gate/report/scanReport";
import type { Account, Naming } from "../naming";

/** The three repositories of an application. Builds push to the first; only promotion writes the others. */
export const repositoryTiers = ["candidate", "staging", "production"] as const;
export type RepositoryTier = (typeof repositoryTiers)[number];

/** Beginnings of tags in the candidate repository: of what was pushed to the branch, and of pull requests. */
export const candidateTags = { delivery: "commit", review: "review" } as const;

/** Steps of the review pipeline, which looks at pull requests and reaches nothing that is released. */
export const reviewStepNames = [
    "review-lint",
    "review-secrets",
    "review-build",
    ...scannerNames.map((scanner) => `review-scan-${scanner}` as const),
] as const;
export type ReviewStepName = (typeof reviewStepNames)[number];

/**
 * Steps that run in CodeBuild, in the order in which they can run. A scanner has a step of its own for each stage in
 * which it can scan; it exists where the configuration asks for it.
 */
export const stepNames = [
    "lint",
    "secrets",
    "build",
    "sbom",
    ...scannerNames.map((scanner) => scanStepName(scanner, "test")),
    "stage",
    ...scannerNames.map((scanner) => scanStepName(scanner, "scanStagingImage")),
    "deploy-staging",
    "publish",
    "deploy-production",
    ...reviewStepNames,
] as const;

export type ScanStepName = `scan-${ScannerName}` | `scan-staging-${ScannerName}`;
export type StepName =
    | "lint"
    | "secrets"
    | "build"
    | "sbom"
    | ScanStepName
    | "stage"
    | "deploy-staging"
    | "publish"
    | "deploy-production"
    | ReviewStepName;

/** `scan-grype` in the stage Test, `scan-staging-grype` in the stage ScanStagingImage. */
export function scanStepName(scanner: ScannerName, stage: ScanStage): ScanStepName {
    return stage === "test" ? `scan-${scanner}` : `scan-staging-${scanner}`;
}

/** The stage with the approvals: the gate's action, and the one that people answer after it where configured. */
export const approvalActions = { stage: "Approve", gate: "GateApproval", human: "HumanApproval" } as const;

export interface RepositoryNames {
    name: string;
    arn: string;
    /** `<registry>/<name>`, without tag or digest. */
    uri: string;
}

export interface StepNames {
    project: string;
    projectArn: string;
    role: string;
    roleArn: string;
    logGroup: string;
}

/** Every physical name and ARN of one application; one place, so that no two documents can disagree. */
export interface ApplicationNames {
    repositories: Record<RepositoryTier, RepositoryNames>;
    steps: Record<StepName, StepNames>;
    pipeline: {
        name: string;
        arn: string;
        role: string;
        roleArn: string;
        /** The action that the approval gate answers. */
        gateApprovalArn: string;
    };
    /** Used only when the stack creates the source repository. */
    source: { repository: string; repositoryArn: string };
    trigger: { rule: string; ruleArn: string; role: string; roleArn: string };
    artifacts: ArtifactNames;
    /** The review pipeline; its artifacts have names of their own, so that neither way reads the other's. */
    review: {
        pipeline: { name: string; arn: string; role: string; roleArn: string };
        artifacts: Pick<ArtifactNames, "source" | "image">;
    };
}

/**
 * Names of the pipeline's artifacts. CodePipeline stores an artifact under
 * `<first 20 characters of the pipeline name>/<first 10 characters of the artifact name>/<random>`, so the pipeline
 * name alone does not keep two applications apart: `portcullis-prod-shop-front` and `portcullis-prod-shop-back` share
 * their first twenty characters. These names are ten characters long and carry six digits of the application's hash,
 * which makes the paths, and with them the permissions, of two applications different. Letters, digits and
 * underscores only: CodeBuild takes them over as source identifiers.
 */
export interface ArtifactNames {
    source: string;
    image: string;
    /** `imagedefinitions.json` for the service of a tier. */
    deployment: Record<"staging" | "production", string>;
}

/** Longest part of a pipeline name that CodePipeline uses in artifact keys. */
const pipelineKeyLength = 20;

/** S3 key pattern of one artifact of one pipeline. */
export function artifactKeys(pipeline: string, artifact: string): string {
    return `${pipeline.slice(0, pipelineKeyLength)}*/${artifact}/*`;
}

export function applicationNames(account: Account, naming: Naming, application: string): ApplicationNames {
    const repository = (tier: RepositoryTier): RepositoryNames => {
        const name = naming.physical("ecrRepository", application, tier);
        return { name, arn: repositoryArn(account, name), uri: `${registryHost(account)}/${name}` };
    };
    const step = (name: StepName): StepNames => {
        const project = naming.physical("codeBuildProject", application, name);
        const role = naming.physical("iamRole", application, name);
        return {
            project,
            projectArn: projectArn(account, project),
            role,
            roleArn: roleArn(account, role),
            logGroup: `/aws/codebuild/${project}`,
        };
    };
    const pipeline = naming.physical("codePipeline", application, "delivery");
    const pipelineRole = naming.physical("iamRole", application, "delivery");
    const review = naming.physical("codePipeline", application, "review");
    const reviewRole = naming.physical("iamRole", application, "review");
    const source = naming.physical("codeCommitRepository", application);
    const rule = naming.physical("eventRule", application, "trigger");
    const triggerRole = naming.physical("iamRole", application, "trigger");
    const hash = createHash("sha256").update(application).digest("hex").slice(0, 6);
    return {
        repositories: {
            candidate: repository("candidate"),
            staging: repository("staging"),
            production: repository("production"),
        },
        steps: Object.fromEntries(stepNames.map((name) => [name, step(name)])) as Record<StepName, StepNames>,
        pipeline: {
            name: pipeline,
            arn: pipelineArn(account, pipeline),
            role: pipelineRole,
            roleArn: roleArn(account, pipelineRole),
            gateApprovalArn: pipelineActionArn(
                account,
                pipeline,
                approvalActions.stage,
                approvalActions.gate,
            ),
        },
        source: { repository: source, repositoryArn: codecommitArn(account, source) },
        trigger: {
            rule,
            ruleArn: eventRuleArn(account, rule),
            role: triggerRole,
            roleArn: roleArn(account, triggerRole),
        },
        artifacts: {
            source: `Src_${hash}`,
            image: `Img_${hash}`,
            deployment: { staging: `Stg_${hash}`, production: `Prd_${hash}` },
        },
        review: {
            pipeline: {
                name: review,
                arn: pipelineArn(account, review),
                role: reviewRole,
                roleArn: roleArn(account, reviewRole),
            },
            artifacts: { source: `RSr_${hash}`, image: `RIm_${hash}` },
        },
    };
}
