import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { ApprovalNames } from "./approvalNames";
import { gateTablePolicy } from "./tablePolicy";

export interface GateTableArgs {
    names: ApprovalNames;
    platform: Pick<Platform, "config" | "tags" | "pipelineKey" | "foundations">;
}

/**
 * What was asked, what the registry said, and what was decided; `gate/approval/records.ts` says how. Every write to it
 * starts the decision through its stream.
 *
 * It is never emptied by `pulumi destroy` of a protected stack: it holds the reasons of past releases.
 */
export class GateTable extends pulumi.ComponentResource {
    readonly table: aws.dynamodb.Table;
    /** Says who may write; to exist before anybody does. */
    readonly policy: aws.dynamodb.ResourcePolicy;

    constructor(name: string, args: GateTableArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:GateTable", name, {}, opts);
        const { names, platform } = args;
        const isProtected = platform.config.protection === "protected";

        this.table = new aws.dynamodb.Table(
            name,
            {
                name: names.table.name,
                billingMode: "PAY_PER_REQUEST",
                hashKey: "digest",
                rangeKey: "record",
                attributes: [
                    { name: "digest", type: "S" },
                    { name: "record", type: "S" },
                    { name: "open", type: "S" },
                    { name: "decideBy", type: "S" },
                ],
                // Sparse: only requests that wait have the attribute `open`.
                globalSecondaryIndexes: [
                    {
                        name: names.table.index,
                        keySchemas: [
                            { attributeName: "open", keyType: "HASH" },
                            { attributeName: "decideBy", keyType: "RANGE" },
                        ],
                        projectionType: "ALL",
                    },
                ],
                ttl: { enabled: true, attributeName: "expires" },
                streamEnabled: true,
                streamViewType: "NEW_IMAGE",
                pointInTimeRecovery: { enabled: true },
                serverSideEncryption: { enabled: true, kmsKeyArn: platform.pipelineKey.arn },
                deletionProtectionEnabled: isProtected,
                tags: platform.tags.tagsFor(names.table.name),
            },
            { parent: this, protect: isProtected, dependsOn: platform.foundations },
        );
        this.policy = new aws.dynamodb.ResourcePolicy(
            `${name}-policy`,
            { resourceArn: this.table.arn, policy: gateTablePolicy(names) },
            { parent: this.table },
        );
        this.registerOutputs({ table: names.table.name });
    }
}
