import * as pulumi from "@pulumi/pulumi";
import type { AnchoreEngineArgs } from "./anchoreArgs";
import { anchoreNames } from "./anchoreNames";
import { Certificate } from "./certificate";
import { Cluster } from "./cluster";
import { Database } from "./database";
import { EngineTasks } from "./engineTasks";
import { LoadBalancer } from "./loadBalancer";
import { Secrets } from "./secrets";
import { SecurityGroups } from "./securityGroups";

/**
 * Anchore Engine 1.1.0 on ECS (EC2): one task of five services behind an internal load balancer with TLS, its database
 * and its secrets.
 *
 * The engine is not maintained and fails open in many ways; nothing here makes its answer true by itself. The gate
 * reads it with the precautions of `gate/anchore`.
 */
export class AnchoreEngine extends pulumi.ComponentResource {
    /** Literal, `https://…` without a path. */
    readonly url: string;
    /** Literal names of SSM parameters. */
    readonly adminPasswordParameter: string;
    readonly caParameter: string;
    /** Who is in this group may call the API. */
    readonly scanSecurityGroupId: pulumi.Output<string>;

    constructor(name: string, args: AnchoreEngineArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:AnchoreEngine", name, {}, opts);
        const names = anchoreNames(args.naming, args.config);
        const part = { ...args, names };
        const options = { parent: this };

        const groups = new SecurityGroups(`${name}-security-groups`, part, options);
        const secrets = new Secrets(`${name}-secrets`, part, options);
        const database = new Database(
            `${name}-database`,
            { ...part, password: secrets.databasePassword, securityGroupId: groups.ids.database },
            options,
        );
        const certificate = new Certificate(`${name}-certificate`, part, options);
        const loadBalancer = new LoadBalancer(
            `${name}-load-balancer`,
            { ...part, certificateArn: certificate.arn, securityGroupId: groups.ids["load-balancer"] },
            options,
        );
        const cluster = new Cluster(
            `${name}-cluster`,
            { ...part, instanceSecurityGroupId: groups.ids.instance, requires: groups.rules },
            options,
        );
        new EngineTasks(
            `${name}-tasks`,
            {
                ...part,
                cluster,
                loadBalancer,
                taskSecurityGroupId: groups.ids.engine,
                requires: [...secrets.parameters, database.hostParameter, args.key.alias, ...groups.rules],
            },
            options,
        );

        this.url = names.url;
        this.adminPasswordParameter = names.parameters.adminPassword;
        this.caParameter = names.parameters.certificateAuthority;
        this.scanSecurityGroupId = groups.ids.scan;
        this.registerOutputs({ url: this.url });
    }
}

/** Lines that the preview says about the engine: what it cannot do as configured, and what was not pinned. */
export function anchoreNotices(config: AnchoreEngineArgs["config"]): string[] {
    const notices: string[] = [];
    if (config.feedListingUrl === undefined) {
        notices.push(
            "Anchore Engine is advisory: anchore.feedListingUrl is not set, so it has no vulnerability data and its " +
                "answer is always incomplete.",
        );
    }
    if (!config.image.includes("@sha256:")) {
        notices.push(
            `The Anchore Engine image ${config.image} is not pinned by digest: add @sha256:… to anchore.image.`,
        );
    }
    return notices;
}
