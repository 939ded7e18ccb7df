/** Settings of Anchore Engine: `portcullis:anchore`. */
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { retention } from "./logRetention";

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
