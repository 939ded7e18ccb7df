/**
 * The stack configuration: types, defaults and the rules of single values. Rules that need several values, or the
 * names that AWS will see, are in `crossRules.ts`. `docs/configuration.md` and the editors' JSON schema are made from
 * the descriptions here.
 */
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { gatePolicySchema } from "../../gate/policy/gatePolicy";
import { scannerNames } from "../../gate/report/scanReport";
import { ownTagKeys } from "../tags";
import { cidrProblem } from "../network/cidr";

/** Months, quarters and years that CloudWatch Logs accepts as retention (`PutRetentionPolicy`), in days. */
export const logRetentionDays = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const retention = z.literal([...logRetentionDays]);

const cidr = z.string().superRefine((text, context) => {
    const problem = cidrProblem(text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const httpsUrl = z
    .url({ protocol: /^https$/, error: "must be an https:// URL" })
    .max(2000)
    .regex(/^[\x21-\x7e]+$/, "must not contain blanks or characters outside ASCII");

/** Says why a text is not one or more certificates in PEM, or undefined when it is. */
function certificateProblem(pem: string): string | undefined {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) return "must be a certificate in PEM, from -----BEGIN CERTIFICATE----- on";
    try {
        const bad = blocks.find((block) => !new X509Certificate(block).ca);
        return bad === undefined ? undefined : "must be the certificate of an authority, not of a server";
    } catch (error) {
        return `must be a certificate in PEM (${(error as Error).message})`;
    }
}

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

const databaseSchema = z.strictObject({
    instanceClass: z
        .string()
        .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, "must be an RDS instance class such as db.t4g.micro")
        .default("db.t4g.micro")
        .describe("RDS instance class."),
    storageGb: z
        .int()
        .min(20)
        .max(65536)
        .default(20)
        .describe("Encrypted gp3 storage in GB; can grow, never shrink."),
    multiZone: z.boolean().default(false).describe("Standby in a second zone."),
    backupDays: z
        .int()
        .min(1)
        .max(35)
        .default(7)
        .describe("Days for which automatic backups are kept, 1 to 35."),
    engineVersion: z
        .string()
        .regex(
            /^1[4-7](\.\d+)?$/,
            "must be a PostgreSQL version from 14 to 17, with or without minor, e.g. 15",
        )
        .default("15")
        .describe(
            "PostgreSQL version. With the major number alone AWS chooses the minor version and keeps it current.",
        ),
});

const instancesSchema = z.strictObject({
    minimum: z.int().min(0).max(20).default(1).describe("Fewest instances."),
    desired: z.int().min(0).max(20).default(1).describe("Instances at creation; scaling decides afterwards."),
    maximum: z.int().min(1).max(20).default(2).describe("Most instances."),
});

export const anchoreSchema = z.strictObject({
    image: z
        .string()
        .max(2000)
        .default("docker.io/anchore/anchore-engine:v1.1.0")
        .describe(
            "Anchore Engine image: registry/repository:tag, and please @sha256:… too. No public source gave a digest " +
                "that we could verify, so none is built in.",
        ),
    feedListingUrl: httpsUrl
        .optional()
        .describe(
            "listing.json of a mirrored Grype database, schema 3. Without it Anchore runs and reports, but its answer " +
                "is always incomplete: it cannot be a required scanner.",
        ),
    instanceType: z
        .string()
        .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "must be an EC2 instance type such as t3a.medium")
        .default("t3a.medium")
        .describe("EC2 instance type of the cluster, x86_64, 4 GB of memory or more."),
    instances: instancesSchema.prefault({}).describe("Size of the Auto Scaling group."),
    database: databaseSchema.prefault({}).describe("RDS for PostgreSQL that holds Anchore's state."),
    certificateArn: z
        .string()
        .regex(
            /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/,
            "must be the ARN of an ACM certificate: arn:aws:acm:<region>:<account>:certificate/<id>",
        )
        .optional()
        .describe(
            "ACM certificate of the load balancer; it must cover hostName. Without it a private certificate " +
                "authority is generated, which the scan steps trust.",
        ),
    certificateAuthority: z
        .string()
        .max(4096, "must not be longer than 4096 characters, the limit of an SSM parameter")
        .superRefine((pem, context) => {
            const problem = certificateProblem(pem);
            if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
        })
        .optional()
        .describe(
            "PEM of the authority that issued the certificate of certificateArn; the scan steps trust it and no other. " +
                "For a public certificate of ACM that is one of the Amazon Root CAs.",
        ),
    hostName: z
        .string()
        .max(253)
        .regex(
            /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/,
            "must be a lower-case DNS name with at least two labels",
        )
        .optional()
        .describe(
            "DNS name of the engine inside the VPC. Default: anchore.<project>-<stack>.internal. A private hosted " +
                "zone is made for exactly this name.",
        ),
    analyzers: z
        .int()
        .min(0)
        .max(10)
        .default(0)
        .describe("Further analyzer tasks for throughput; the engine's own task always has one."),
    logRetentionDays: retention
        .default(30)
        .describe("Days for which Anchore's logs are kept; one of the values of CloudWatch Logs."),
});

export const scannerModes = ["required", "advisory"] as const;

const scannerSchema = z.strictObject({
    name: z.enum(scannerNames).describe("Scanner that gets an action in the Test stage."),
    mode: z
        .enum(scannerModes)
        .describe("required: its verdict can stop the pipeline; advisory: it is recorded only."),
});

const branch = z
    .string()
    .min(1)
    .max(256)
    .regex(
        /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\.lock$|[/.]$))[\w./-]+$/,
        "must be a branch name of letters, digits, . _ / -",
    )
    .default("main")
    .describe("Branch that is built.");

const sourceSchema = z.discriminatedUnion("type", [
    z.strictObject({
        type: z.literal("codecommit").describe("A CodeCommit repository that the stack creates."),
        branch,
    }),
    z.strictObject({
        type: z
            .literal("connection")
            .describe("A repository at GitHub, GitLab or Bitbucket through CodeConnections."),
        connectionArn: z
            .string({
                error: (issue) => (issue.input === undefined ? "is required for a connection" : undefined),
            })
            .regex(
                /^arn:aws[a-z-]*:(codestar-connections|codeconnections):[a-z0-9-]+:\d{12}:connection\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
                "must be the ARN of a connection: arn:aws:codeconnections:<region>:<account>:connection/<uuid>",
            )
            .describe("ARN of the connection; make it in the console, where the handshake takes place."),
        repository: z
            .string()
            .max(200)
            .regex(/^[\w.-]+(\/[\w.-]+)+$/, "must be organisation/repository, as in the repository's address")
            .describe("Repository, e.g. my-org/my-app."),
        branch,
    }),
]);

const relativePath = (what: string) =>
    z
        .string()
        .min(1)
        .max(200)
        .regex(/^[\w./-]+$/, "must be made of letters, digits, . _ / -")
        .refine(
            (path) => !path.startsWith("/") && !path.startsWith("-") && !path.split("/").includes(".."),
            `${what} must stay inside the repository: no leading slash, no ..`,
        );

export const applicationSchema = z.strictObject({
    name: z
        .string()
        .min(2)
        .max(30)
        .regex(
            /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
            "must be lower-case letters, digits and single hyphens, and begin with a letter",
        )
        .describe("Name of the application; becomes part of its repositories, pipeline and roles."),
    source: sourceSchema.describe("Where the source code is."),
    dockerfile: relativePath("the Dockerfile")
        .default("Dockerfile")
        .describe("Path of the Dockerfile in the repository."),
    buildContext: relativePath("the build context")
        .default(".")
        .describe("Folder that is sent to the build."),
});

const approvalSchema = z.strictObject({
    timeoutMinutes: z
        .int()
        .min(5)
        .max(86_400)
        .default(1_200)
        .describe(
            "Minutes after which an unanswered approval fails the pipeline; 5 to 86400 (60 days). Not longer than " +
                "gatePolicy.maximumReportAgeHours: the verdict is repeated after the approval.",
        ),
    emails: z
        .array(z.email("must be an e-mail address"))
        .max(50)
        .default([])
        .describe("People who are told that an approval waits. Each must confirm the subscription once."),
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
        .describe("ENHANCED scans with Amazon Inspector, which is charged per image."),
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
            { name: "anchore", mode: "advisory" },
            { name: "grype", mode: "required" },
        ])
        .describe("Scanners of the Test stage."),
    applications: z
        .array(applicationSchema)
        .min(1, "must name at least one application")
        .max(50)
        .describe("Applications that this stack builds; each gets its repositories and its pipeline."),
    approval: approvalSchema.prefault({}).describe("The human approval before the production repository."),
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
