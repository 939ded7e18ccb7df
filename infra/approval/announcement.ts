import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { applicationNames } from "../application/applicationNames";
import type { Platform } from "../application/platform";
import type { NameAndArn } from "../function/functionNames";
import { announcementPolicy, type Subscriber } from "./topicPolicy";

export interface AnnouncementArgs {
    topic: NameAndArn;
    displayName: string;
    subscriber: Subscriber;
    platform: Pick<Platform, "account" | "naming" | "config" | "tags" | "pipelineKey" | "foundations">;
}

/** An encrypted topic where waiting approvals of all applications are announced; only the delivery pipelines publish. */
export class Announcement extends pulumi.ComponentResource {
    readonly topic: aws.sns.Topic;
    readonly policy: aws.sns.TopicPolicy;

    constructor(name: string, args: AnnouncementArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:Announcement", name, {}, opts);
        const { account, naming, config, tags, pipelineKey, foundations } = args.platform;
        const publishers = config.applications.map(
            (application) => applicationNames(account, naming, application.name).pipeline.roleArn,
        );
        this.topic = new aws.sns.Topic(
            name,
            {
                name: args.topic.name,
                displayName: args.displayName,
                kmsMasterKeyId: pipelineKey.arn,
                tags: tags.tagsFor(args.topic.name),
            },
            { parent: this, dependsOn: foundations },
        );
        this.policy = new aws.sns.TopicPolicy(
            `${name}-policy`,
            {
                arn: this.topic.arn,
                policy: announcementPolicy(account, args.topic.arn, publishers, args.subscriber),
            },
            { parent: this.topic },
        );
        this.registerOutputs({ topic: args.topic.name });
    }
}
