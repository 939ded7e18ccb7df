import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import type { Account, Naming } from "../naming";

export interface RegistryScanningArgs {
    account: Account;
    naming: Naming;
    config: StackConfig["registryScanning"];
}

/**
 * Scanning by Amazon ECR itself. The registry's scanning configuration and Amazon Inspector exist once for each account
 * and region, so each can be left to another stack (`external`).
 *
 * Every repository of the stack begins with `<project>-<stack>-`, so one wildcard covers them all. Continuous scanning
 * includes the scan on push; BASIC scanning knows the scan on push only.
 *
 * `pulumi destroy` sets the registry back to BASIC scanning without rules and switches Inspector off for ECR.
 */
export class RegistryScanning extends pulumi.ComponentResource {
    constructor(name: string, args: RegistryScanningArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:registryScanning:RegistryScanning", name, {}, opts);
        const { account, naming, config } = args;
        const enhanced = config.type === "ENHANCED";

        const inspector =
            enhanced && config.inspector === "manage"
                ? new aws.inspector2.Enabler(
                      `${name}-inspector`,
                      { accountIds: [account.accountId], resourceTypes: ["ECR"] },
                      { parent: this },
                  )
                : undefined;

        if (config.mode === "manage") {
            new aws.ecr.RegistryScanningConfiguration(
                `${name}-configuration`,
                {
                    scanType: config.type,
                    rules: [
                        {
                            scanFrequency: enhanced ? "CONTINUOUS_SCAN" : "SCAN_ON_PUSH",
                            repositoryFilters: [{ filter: `${naming.prefix}-*`, filterType: "WILDCARD" }],
                        },
                    ],
                },
                { parent: this, dependsOn: inspector === undefined ? [] : [inspector] },
            );
        }
        this.registerOutputs({});
    }
}
