import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { accountTrust, identityPolicy } from "../iamStatement";
import type { StepContext } from "../pipeline/step";
import { StepProject } from "../pipeline/stepProject";
import { reviewPipelineStatements } from "./reviewPipelineRole";
import { pipelineVariableDeclarations, pullRequestTriggers, reviewStages } from "./reviewStages";
import { reviewSteps } from "./reviewSteps";

export interface ReviewPipelineArgs {
    /** On the review path. */
    context: StepContext;
    platform: Platform;
}

/**
 * The review pipeline of one application: what it says about a pull request, and nothing that could release one.
 *
 * PARALLEL: executions of different pull requests run beside each other and do not wait. They share no state: each
 * has artifacts of its own, pushes a tag of its own and stores its evidence under its own id.
 */
export class ReviewPipeline extends pulumi.ComponentResource {
    readonly pipeline: aws.codepipeline.Pipeline;

    constructor(name: string, args: ReviewPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:review:ReviewPipeline", name, {}, opts);
        const { context, platform } = args;
        const { application, names } = context;
        const { account, tags } = platform;
        const { pipeline } = names.review;
        const steps = reviewSteps(context);
        const reviewTags = (physicalName: string) => tags.tagsFor(physicalName, { "gate:role": "review" });

        // The names of the steps begin with `review-`.
        const projects = steps.map(
            (step) =>
                new StepProject(`${application.name}-${step.name}`, { step, platform }, { parent: this }),
        );
        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: pipeline.role,
                description: `Runs the review pipeline of ${application.name}`,
                assumeRolePolicy: accountTrust("codepipeline.amazonaws.com", account.accountId),
                tags: reviewTags(pipeline.role),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            {
                name: "review",
                role: role.name,
                policy: identityPolicy(reviewPipelineStatements(context, steps)),
            },
            { parent: role },
        );
        this.pipeline = new aws.codepipeline.Pipeline(
            `${name}-pipeline`,
            {
                name: pipeline.name,
                pipelineType: "V2",
                executionMode: "PARALLEL",
                roleArn: role.arn,
                artifactStores: [
                    {
                        type: "S3",
                        location: platform.artifactBucketName,
                        encryptionKey: { id: platform.pipelineKey.arn, type: "KMS" },
                    },
                ],
                stages: reviewStages(context, steps),
                triggers: pullRequestTriggers(application),
                variables: pipelineVariableDeclarations(application),
                tags: reviewTags(pipeline.name),
            },
            // What its first execution uses must be there.
            {
                parent: this,
                dependsOn: [policy, ...projects.map(({ project }) => project), ...platform.foundations],
            },
        );
        this.registerOutputs({});
    }
}
