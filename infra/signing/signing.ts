import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { applicationNames } from "../application/applicationNames";
import type { StackConfig } from "../config/schema";
import type { Account, Naming } from "../naming";
import type { Tagging } from "../tags";
import { signingKeyAlias, signingKeyPolicy } from "./signingKey";

export interface SigningArgs {
    account: Account;
    naming: Naming;
    tags: Tagging;
    config: Pick<StackConfig, "applications" | "protection">;
}

/**
 * The key with which the publish steps sign what they release, and its alias.
 *
 * It is asymmetric, so that anybody who is given the public half can verify without KMS. AWS KMS cannot rotate such keys
 * (AWS KMS Developer Guide, "Rotate AWS KMS keys"): a new key means a new alias target and signing what runs anew. The
 * private half never leaves KMS, and deleting the key takes 30 days (7 in a deletable stack).
 */
export class Signing extends pulumi.ComponentResource {
    /** Must exist before anything is signed or verified. */
    readonly alias: aws.kms.Alias;

    constructor(name: string, args: SigningArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:signing:Signing", name, {}, opts);
        const { account, naming, tags, config } = args;
        const isProtected = config.protection === "protected";
        const roles = config.applications.map((application) => {
            const { steps } = applicationNames(account, naming, application.name);
            return {
                signer: steps.publish.roleArn,
                verifiers:
                    application.delivery.production === undefined ? [] : [steps["deploy-production"].roleArn],
            };
        });
        const aliasName = signingKeyAlias(naming);
        const key = new aws.kms.Key(
            `${name}-key`,
            {
                description: "Signs the digests that the delivery pipelines release",
                keyUsage: "SIGN_VERIFY",
                customerMasterKeySpec: "ECC_NIST_P256",
                policy: signingKeyPolicy(
                    account,
                    roles.map(({ signer }) => signer),
                    roles.flatMap(({ verifiers }) => verifiers),
                ),
                deletionWindowInDays: isProtected ? 30 : 7,
                tags: tags.tagsFor(naming.physical("kmsAlias", "signing")),
            },
            { parent: this, protect: isProtected },
        );
        this.alias = new aws.kms.Alias(
            `${name}-key-alias`,
            { name: aliasName, targetKeyId: key.keyId },
            { parent: key },
        );
        this.registerOutputs({});
    }
}
