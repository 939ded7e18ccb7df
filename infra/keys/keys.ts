import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../config/schema";
import type { Account, Naming } from "../naming";
import type { Tagging } from "../tags";
import { anchoreKeyPolicy, pipelineKeyPolicy } from "./keyPolicy";

export interface KeysArgs {
    account: Account;
    naming: Naming;
    tags: Tagging;
    protection: Protection;
}

/** A customer managed key and its alias. */
export interface KeyWithAlias {
    arn: pulumi.Output<string>;
    /** With its beginning: `alias/…`. IAM statements name the key by this, because its id is not known at preview. */
    aliasName: string;
    /** Must exist before a permission that names the alias is used. */
    alias: aws.kms.Alias;
}

/**
 * Two customer managed keys, so that who may read Anchore's database has no access to images and evidence, and the
 * other way round. Both rotate yearly and wait 30 days (7 in a deletable stack) before they are deleted.
 */
export class Keys extends pulumi.ComponentResource {
    readonly pipeline: KeyWithAlias;
    readonly anchore: KeyWithAlias;

    constructor(name: string, args: KeysArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:keys:Keys", name, {}, opts);
        const { account, naming, tags, protection } = args;
        const isProtected = protection === "protected";

        const create = (part: string, description: string, policy: string): KeyWithAlias => {
            const physicalName = naming.physical("kmsAlias", part);
            const aliasName = `alias/${physicalName}`;
            const key = new aws.kms.Key(
                `${name}-${part}`,
                {
                    description,
                    policy,
                    enableKeyRotation: true,
                    deletionWindowInDays: isProtected ? 30 : 7,
                    tags: tags.tagsFor(physicalName),
                },
                { parent: this, protect: isProtected },
            );
            const alias = new aws.kms.Alias(
                `${name}-${part}-alias`,
                { name: aliasName, targetKeyId: key.keyId },
                { parent: key },
            );
            return { arn: key.arn, aliasName, alias };
        };

        this.pipeline = create(
            "pipeline",
            "Images, artifacts, evidence, approvals and logs of the delivery pipelines",
            pipelineKeyPolicy(account, naming.prefix),
        );
        this.anchore = create(
            "anchore",
            "Database, disks, secrets and logs of Anchore Engine",
            anchoreKeyPolicy(account, naming.prefix),
        );
        this.registerOutputs({});
    }
}
