import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import type { Account, Naming } from "../naming";
import type { Tagging } from "../tags";

/**
 * What the shared part of the stack hands to the delivery part. Strings are literal at preview, so that IAM documents
 * and buildspecs made from them can be judged there; outputs are only what AWS itself invents.
 */
export interface Platform {
    account: Account;
    naming: Naming;
    config: StackConfig;
    tags: Tagging;
    /** Key of everything that travels through a pipeline: artifacts, evidence, images, logs, approval messages. */
    pipelineKey: {
        arn: pulumi.Output<string>;
        /** With its beginning: `alias/…`. Statements name the key by this, because its id is not known at preview. */
        aliasName: string;
    };
    /** Holds pipeline artifacts and the bundled gate. */
    artifactBucketName: string;
    /** Holds scan reports, write-once. */
    evidenceBucketName: string;
    network: {
        vpcId: pulumi.Output<string>;
        /** Subnets with a way out but none in. */
        privateSubnetIds: pulumi.Output<string[]>;
        /** Security group of the step that talks to Anchore Engine. */
        scanSecurityGroupId: pulumi.Output<string>;
    };
    anchore: {
        /** `https://…`, without a path. */
        url: string;
        /** SSM parameter (SecureString) with the password of the user `admin`. */
        adminPasswordParameter: string;
        /** SSM parameter with the PEM of the authority that signed the engine's certificate. */
        caParameter: string;
        /** Alias of the key that encrypts the password parameter. */
        keyAliasName: string;
    };
    /**
     * What must exist before anything of the delivery part is created: buckets with their policies, and the key's
     * alias. Names are literal, so Pulumi cannot see these dependencies by itself.
     */
    foundations: pulumi.Resource[];
}

/** The part of `Platform` that decides names and documents: everything that is known before any resource exists. */
export type LiteralPlatform = Pick<
    Platform,
    "account" | "naming" | "config" | "artifactBucketName" | "evidenceBucketName" | "anchore"
> & { pipelineKey: Pick<Platform["pipelineKey"], "aliasName"> };
