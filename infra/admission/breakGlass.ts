import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { wholeRecordsPolicy } from "../approval/tablePolicy";
import { identityPolicy } from "../iamStatement";
import type { AdmissionNames } from "./admissionNames";
import { breakGlassStatements, breakGlassTrust } from "./roleDocuments";

export interface BreakGlassArgs {
    names: AdmissionNames;
    platform: Pick<Platform, "account" | "naming" | "config" | "tags" | "pipelineKey" | "foundations">;
}

/**
 * Overrides: one digest each, with a reason, for a day at most; `gate/admission/breakGlass.ts` says how. They are kept:
 * who let what run without an approval, and why, is part of the record of releases.
 *
 * Nobody can write one unless the configuration names somebody, and then only with a role of its own and a second factor.
 */
export class BreakGlass extends pulumi.ComponentResource {
    /** To exist before anybody reads or writes. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: BreakGlassArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:admission:BreakGlass", name, {}, opts);
        const { names, platform } = args;
        const { config, pipelineKey, tags } = platform;
        const { table, role } = names.breakGlass;
        const principals = config.admission.breakGlassPrincipals;
        const isProtected = config.protection === "protected";
        const gateTags = (physicalName: string) => tags.tagsFor(physicalName, { "gate:role": "break-glass" });

        const records = new aws.dynamodb.Table(
            name,
            {
                name: table.name,
                billingMode: "PAY_PER_REQUEST",
                hashKey: "digest",
                rangeKey: "record",
                attributes: [
                    { name: "digest", type: "S" },
                    { name: "record", type: "S" },
                ],
                pointInTimeRecovery: { enabled: true },
                serverSideEncryption: { enabled: true, kmsKeyArn: pipelineKey.arn },
                deletionProtectionEnabled: isProtected,
                tags: gateTags(table.name),
            },
            { parent: this, protect: isProtected, dependsOn: platform.foundations },
        );
        const policy = new aws.dynamodb.ResourcePolicy(
            `${name}-policy`,
            {
                resourceArn: records.arn,
                policy: wholeRecordsPolicy(
                    table.arn,
                    "OnlyTheBreakGlassRoleWrites",
                    principals.length === 0 ? [] : [role.arn],
                ),
            },
            { parent: records },
        );
        this.ready = [policy];
        if (principals.length > 0) {
            const override = new aws.iam.Role(
                `${name}-role`,
                {
                    name: role.name,
                    description: "Lets one digest run without an approval for a day at most",
                    assumeRolePolicy: breakGlassTrust(principals),
                    maxSessionDuration: 3_600,
                    tags: gateTags(role.name),
                },
                { parent: this },
            );
            new aws.iam.RolePolicy(
                `${name}-role-policy`,
                {
                    name: "break-glass",
                    role: override.name,
                    policy: identityPolicy(breakGlassStatements(platform, names)),
                },
                { parent: override },
            );
        }
        this.registerOutputs({ table: table.name });
    }
}
