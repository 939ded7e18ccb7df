import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { applicationNames } from "../application/applicationNames";
import type { Platform } from "../application/platform";
import { topicArn } from "../arn";
import { approvalTopicPolicy } from "./topicPolicy";

export interface ApprovalArgs {
    platform: Pick<Platform, "account" | "naming" | "config" | "tags" | "pipelineKey">;
}

/**
 * Where waiting approvals of all applications are announced: one encrypted topic that only the delivery pipelines may
 * publish to, and one subscription for each address in `approval.emails` (each person confirms once by e-mail).
 *
 * Who may *answer* an approval is decided by whoever grants `codepipeline:PutApprovalResult` to people; no role of this
 * stack holds it.
 */
export class Approval extends pulumi.ComponentResource {
    /** Literal, so that pipelines and IAM documents can be judged at preview. */
    readonly topicArn: string;
    readonly topic: aws.sns.Topic;

    constructor(name: string, args: ApprovalArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:Approval", name, {}, opts);
        const { account, naming, config, tags, pipelineKey } = args.platform;
        const physicalName = naming.physical("snsTopic", "approvals");
        this.topicArn = topicArn(account, physicalName);

        this.topic = new aws.sns.Topic(
            `${name}-topic`,
            {
                name: physicalName,
                displayName: "Release approvals",
                kmsMasterKeyId: pipelineKey.arn,
                tags: tags.tagsFor(physicalName),
            },
            { parent: this },
        );

        new aws.sns.TopicPolicy(
            `${name}-topic-policy`,
            {
                arn: this.topic.arn,
                policy: approvalTopicPolicy(
                    account,
                    this.topicArn,
                    config.applications.map(
                        (application) => applicationNames(account, naming, application.name).pipeline.roleArn,
                    ),
                ),
            },
            { parent: this.topic },
        );

        for (const email of [...new Set(config.approval.emails)].sort()) {
            new aws.sns.TopicSubscription(
                `${name}-${email}`,
                { topic: this.topic.arn, protocol: "email", endpoint: email },
                { parent: this.topic },
            );
        }
        this.registerOutputs({ topicArn: this.topicArn });
    }
}
