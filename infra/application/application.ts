import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ApplicationConfig } from "../config/schema";
import { DeliveryPipeline } from "../pipeline/deliveryPipeline";
import type { ApprovalTopics } from "../pipeline/stages";
import { deliveryPath, reviewPath, type GateReference } from "../pipeline/step";
import { Repositories } from "../repositories/repositories";
import { ReviewPipeline } from "../review/reviewPipeline";
import { applicationNames } from "./applicationNames";
import type { Platform } from "./platform";

export interface ApplicationArgs {
    application: ApplicationConfig;
    platform: Platform;
    /** The bundled gate: a `GateArtifact`. Its objects must exist before the pipeline runs. */
    gate: GateReference & { objects: pulumi.Resource[] };
    topicArns: ApprovalTopics;
}

/**
 * One application: its source repository (when the stack owns it), its three image repositories, its delivery pipeline
 * and its review pipeline.
 */
export class Application extends pulumi.ComponentResource {
    readonly repositories: Repositories;
    readonly delivery: DeliveryPipeline;
    /** Absent where pull requests are not checked. */
    readonly review?: ReviewPipeline;
    /** Absent when the source is a connection. */
    readonly sourceRepository?: aws.codecommit.Repository;

    constructor(name: string, args: ApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:application:Application", name, {}, opts);
        const { application, platform, gate, topicArns } = args;
        const names = applicationNames(platform.account, platform.naming, application.name);

        this.repositories = new Repositories(
            `${name}-repositories`,
            { names, platform, reviewed: application.review.pullRequests },
            { parent: this },
        );

        const prerequisites: pulumi.Resource[] = [...platform.foundations, ...gate.objects];
        if (application.source.type === "codecommit") {
            // Source code is the one thing here that cannot be made again: a protected stack refuses to delete it.
            // It is encrypted with CodeCommit's own key: with ours, everybody who pushes code would need permission to
            // use the key of images and evidence.
            this.sourceRepository = new aws.codecommit.Repository(
                `${name}-source`,
                {
                    repositoryName: names.source.repository,
                    description: `Source code of ${application.name}`,
                    tags: platform.tags.tagsFor(names.source.repository),
                },
                { parent: this, protect: platform.config.protection === "protected" },
            );
            prerequisites.push(this.sourceRepository);
        }

        const pipelinePlatform = { ...platform, foundations: [...prerequisites, this.repositories] };
        const context = { application, platform, gate, names };
        this.delivery = new DeliveryPipeline(
            `${name}-delivery`,
            {
                context: { ...context, path: deliveryPath(application.name, names) },
                platform: pipelinePlatform,
                topicArns,
            },
            { parent: this },
        );
        if (application.review.pullRequests) {
            this.review = new ReviewPipeline(
                `${name}-review`,
                {
                    context: { ...context, path: reviewPath(application.name, names) },
                    platform: pipelinePlatform,
                },
                { parent: this },
            );
        }

        this.registerOutputs({});
    }
}
