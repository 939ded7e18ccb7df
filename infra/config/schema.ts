/**
 * The stack configuration: types, defaults and the rules of single values. Rules that need several values, or the
 * names that AWS will see, are in `crossRules.ts`. `docs/configuration.md` and the editors' JSON schema are made from
 * the descriptions here.
 */
import { z } from "zod";
import { gatePolicySchema } from "../../gate/policy/gatePolicy";
import { scanStages } from "../../gate/policy/scanStage";
import { ownTagKeys } from "../tags";
import { cidrProblem } from "../network/cidr";
import { anchoreSchema } from "./anchoreSchema";
import { applicationSchema } from "./applicationSchema";
import { approvalSchema } from "./approvalSchema";
import { admissionSchema, notificationsSchema, securityHubSchema } from "./deliverySchema";
import { retention } from "./logRetention";
import { scannerSchema, toolsSchema } from "./scannerSchema";
import { verifySchema } from "./verifySchema";

const cidr = z.string().superRefine((text, context) => {
    const problem = cidrProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

export const networkSchema = z.strictObject({
    cidrBlock: cidr
        .default("10.20.0.0/16")
        .describe(
            "Addresses of the VPC: a private IPv4 network from /16 to /20. Cannot be changed in place.",
        ),
    zones: z
        .int()
        .min(2)
        .max(4)
        .default(2)
        .describe(
            "Availability zones. More can be added at any time; the subnets that exist keep their addresses.",
        ),
    natGateways: z
        .enum(["single", "perZone"])
        .default("single")
        .describe("One NAT gateway for the VPC, or one per zone (survives the loss of a zone, costs more)."),
    interfaceEndpoints: z
        .boolean()
        .default(false)
        .describe(
            "Reach ECR, ECS, CloudWatch Logs, KMS, STS and Systems Manager without the NAT " +
                "gateway. Costs about 7.30 $ a month for each service and zone.",
        ),
    flowLogRetentionDays: retention
        .default(30)
        .describe("Days for which the VPC flow log is kept; one of the values of CloudWatch Logs."),
    peerCidrBlocks: z
        .array(cidr)
        .default([])
        .describe(
            "Networks that must stay reachable from this VPC (peering, VPN, transit gateway). An overlap with the " +
                "VPC is refused; nothing is created for them.",
        ),
});

const evidenceSchema = z.strictObject({
    retentionDays: z
        .int()
        .min(1)
        .max(36_500)
        .default(365)
        .describe("Days for which scan reports cannot be deleted."),
    lockMode: z
        .enum(["GOVERNANCE", "COMPLIANCE"])
        .default("GOVERNANCE")
        .describe(
            "S3 object lock. GOVERNANCE: who holds s3:BypassGovernanceRetention may delete; COMPLIANCE: nobody may, " +
                "the account's root user included.",
        ),
});

const registryScanningSchema = z.strictObject({
    mode: z
        .enum(["manage", "external"])
        .default("manage")
        .describe(
            "There is one scanning configuration for each account and region. external: another stack owns it and " +
                "must cover our repositories.",
        ),
    type: z
        .enum(["ENHANCED", "BASIC"])
        .default("ENHANCED")
        .describe(
            "ENHANCED scans with Amazon Inspector, which is charged per image. With mode external: what the other stack " +
                "has chosen, because the approval gate listens to the events of that kind of scan.",
        ),
    inspector: z
        .enum(["manage", "external"])
        .default("manage")
        .describe(
            "Whether this stack switches Amazon Inspector on for ECR, which is per account and region too.",
        ),
});

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const tagsSchema = z
    .record(
        z
            .string()
            .min(1)
            .max(128)
            .regex(tagText, "may have letters, digits, blanks and _ . : / = + - @ only")
            .refine((key) => !key.toLowerCase().startsWith("aws:"), "must not begin with aws:")
            .refine(
                (key) => !(ownTagKeys as readonly string[]).includes(key),
                `must not be one of the stack's own: ${ownTagKeys.join(", ")}`,
            ),
        z.string().max(256).regex(tagText, "may have letters, digits, blanks and _ . : / = + - @ only"),
    )
    .refine(
        (tags) => Object.keys(tags).length <= 6,
        "may have 6 entries at most: objects in S3 have ten tags, of which the stack needs four",
    );

/** Every key of the namespace `portcullis:`. */
export const stackConfigSchema = z.strictObject({
    network: networkSchema.prefault({}).describe("VPC, subnets, NAT gateways, endpoints."),
    anchore: anchoreSchema.prefault({}).describe("Anchore Engine on ECS."),
    gatePolicy: gatePolicySchema
        .prefault({ version: 1 })
        .describe("What may pass the gate: limits by severity, required scanners, ages."),
    scanners: z
        .array(scannerSchema)
        .min(1, "must name at least one scanner")
        .default([
            { name: "anchore", mode: "advisory", stages: ["test"] },
            { name: "grype", mode: "required", stages: [...scanStages] },
        ])
        .describe("Scanners of the stages Test and ScanStagingImage, each with its settings."),
    verify: verifySchema
        .prefault({})
        .describe("Rules of the Verify stage: Dockerfile lint and secret scan of the pushed commits."),
    tools: toolsSchema.prefault({}).describe("The tools that build steps download."),
    applications: z
        .array(applicationSchema)
        .min(1, "must name at least one application")
        .max(50)
        .describe(
            "Applications that this stack builds; each gets its repositories and its pipeline. About thirty fit, with names " +
                "of ordinary length, because one role may answer all their approvals; the check says how many are too many.",
        ),
    approval: approvalSchema
        .prefault({})
        .describe("The approval gate before the production repository, and people who approve after it."),
    admission: admissionSchema
        .prefault({})
        .describe("The last gate: what may start in the services of delivery.production."),
    securityHub: securityHubSchema.prefault({}).describe("Findings in AWS Security Hub CSPM."),
    notifications: notificationsSchema
        .prefault({})
        .describe("People and channels that are told what happens."),
    evidence: evidenceSchema.prefault({}).describe("How long scan reports are kept, and how firmly."),
    registryScanning: registryScanningSchema.prefault({}).describe("Scanning on push by Amazon ECR itself."),
    protection: z
        .enum(["deletable", "protected"])
        .default("protected")
        .describe(
            "protected: databases, load balancers, repositories and buckets refuse to be deleted; deletable: " +
                "pulumi destroy removes everything, contents included.",
        ),
    tags: tagsSchema.default({}).describe("Tags of every resource."),
});

export type StackConfig = z.infer<typeof stackConfigSchema>;
export type NetworkConfig = StackConfig["network"];
export type AnchoreConfig = StackConfig["anchore"];
export type ApplicationConfig = StackConfig["applications"][number];
export type Protection = StackConfig["protection"];
