import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { applicationNames } from "../application/applicationNames";
import type { Platform } from "../application/platform";
import { identityPolicy } from "../iamStatement";
import { CreatedService, type AdmissionHook } from "./createdService";
import { deliveryCluster, deliveryTargets, type DeliveryTarget, type DeliveryTier } from "./deliveryNames";
import type { DeliveryNetwork } from "./loadBalancer";
import { deployStatements, deployTrust } from "./roleDocuments";

export interface DeliveryArgs {
    /** Asked before anything starts in production; there is one as soon as any application has a production service. */
    hook: AdmissionHook | undefined;
    network: DeliveryNetwork;
    platform: Platform;
}

/** What people need of a service besides its name. */
interface CreatedOutputs {
    /** ARN of the revision with the sizes and roles that the configuration asks for. */
    template: pulumi.Output<string>;
    url?: pulumi.Output<string>;
}

/**
 * Where released images run: the services that the stack creates, in one cluster, and for every service, created or not,
 * the role with which the application's pipeline deploys to it.
 *
 * Nothing is made that the configuration does not name: no cluster without a created service.
 */
export class Delivery extends pulumi.ComponentResource {
    /** To exist before the pipelines. */
    readonly ready: pulumi.Resource[] = [];
    /** The services that the stack created, by application and tier. */
    readonly created: Record<string, Partial<Record<DeliveryTier, CreatedOutputs>>> = {};

    constructor(name: string, args: DeliveryArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:delivery:Delivery", name, {}, opts);
        const { hook, network, platform } = args;
        const { account, naming, config } = platform;
        let cluster: aws.ecs.Cluster | undefined;
        for (const application of config.applications) {
            for (const target of deliveryTargets(account, naming, application)) {
                const settings = application.delivery[target.tier];
                const part = `${name}-${target.application}-${target.tier}`;
                if (settings?.type === "create") {
                    cluster ??= this.cluster(name, platform);
                    const { service, template, url } = new CreatedService(
                        part,
                        { target, settings, cluster, hook, network, platform },
                        { parent: this },
                    );
                    this.ready.push(service);
                    (this.created[target.application] ??= {})[target.tier] = {
                        template,
                        ...(url === undefined ? {} : { url }),
                    };
                }
                this.ready.push(this.deployRole(part, target, platform));
            }
        }
        this.registerOutputs({});
    }

    private cluster(name: string, platform: Platform): aws.ecs.Cluster {
        const { account, naming, config, tags } = platform;
        const physicalName = deliveryCluster(account, naming).name;
        return new aws.ecs.Cluster(
            `${name}-cluster`,
            {
                name: physicalName,
                // Charged per metric: worth it where people are woken up, not in a stack that can be deleted.
                settings: [
                    {
                        name: "containerInsights",
                        value: config.protection === "protected" ? "enabled" : "disabled",
                    },
                ],
                tags: tags.tagsFor(physicalName),
            },
            { parent: this },
        );
    }

    /** @returns what must exist before the pipeline uses the role. */
    private deployRole(name: string, target: DeliveryTarget, platform: Platform): pulumi.Resource {
        const { account, naming, tags } = platform;
        const names = applicationNames(account, naming, target.application);
        const role = new aws.iam.Role(
            `${name}-deploy-role`,
            {
                name: target.deployRole.name,
                description: `Deploys released images to ${target.service.name}`,
                assumeRolePolicy: deployTrust(account, names.pipeline.roleArn),
                tags: tags.tagsFor(target.deployRole.name, { "gate:role": "deployer" }),
            },
            { parent: this },
        );
        return new aws.iam.RolePolicy(
            `${name}-deploy-role-policy`,
            {
                name: "deploy",
                role: role.name,
                policy: identityPolicy(deployStatements(platform, names, target)),
            },
            { parent: role },
        );
    }
}
