/**
 * What `BatchImportFindings` takes, as a schema, for specs and fakes: AWS Security Hub API Reference
 * (`AwsSecurityFinding`, `Resource`, `Vulnerability`, `Recommendation`, …; every string there matches `.*\S.*`) and the
 * user guide's pages on the AWS Security Finding Format. Stricter than the service in one point: members that a provider
 * should not send, or that this project has no use for, are refused.
 */
import * as z from "zod";

/** A string in which something can be read, of a length. */
const text = (longest?: number) => {
    const any = z.string().regex(/\S/, "must have a character that is no space");
    return longest === undefined ? any : any.max(longest);
};

/** RFC 3339 with a zone, no spaces. */
const instant = z.iso.datetime({ offset: true });

const url = z
    .string()
    .regex(/^https?:\/\/\S+$/)
    .refine((value) => URL.canParse(value), "must be a URL");

const resource = z
    .strictObject({
        Type: z.enum(["AwsEcrContainerImage", "Container", "AwsEcsService"]),
        Id: text(512),
        Partition: z.enum(["aws", "aws-cn", "aws-us-gov"]),
        Region: text(16),
        Details: z
            .strictObject({
                AwsEcrContainerImage: z
                    .strictObject({
                        RegistryId: z.string().regex(/^\d{12}$/),
                        RepositoryName: text(256),
                        ImageDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
                        Architecture: text().optional(),
                        ImageTags: z.array(text()).optional(),
                        ImagePublishedAt: instant.optional(),
                    })
                    .optional(),
                Container: z.strictObject({ ImageName: text() }).optional(),
            })
            .optional(),
    })
    .refine(({ Type, Details = {} }) => Object.keys(Details).every((name) => name === Type), {
        error: "must have details of its own type alone",
        path: ["Details"],
    })
    .refine(({ Type, Id }) => Type === "Container" || Id.startsWith("arn:"), {
        error: "must be the ARN of a resource that has one",
        path: ["Id"],
    });

const softwarePackage = z.strictObject({
    Name: text(),
    Version: text().optional(),
    PackageManager: text().optional(),
    FilePath: text().optional(),
    FixedInVersion: text().optional(),
    Remediation: text().optional(),
});

const vulnerability = z
    .strictObject({
        Id: text(32),
        VulnerablePackages: z.array(softwarePackage).min(1),
        Vendor: z.strictObject({ Name: text(32), VendorSeverity: text(32) }),
        ReferenceUrls: z.array(url).min(1).optional(),
        FixAvailable: z.enum(["YES", "NO", "PARTIAL"]),
    })
    .refine(
        ({ FixAvailable, VulnerablePackages }) => {
            const fixed = VulnerablePackages.filter(
                ({ FixedInVersion, Remediation }) =>
                    FixedInVersion !== undefined && Remediation !== undefined,
            ).length;
            const all = VulnerablePackages.length;
            return FixAvailable === (fixed === 0 ? "NO" : fixed === all ? "YES" : "PARTIAL");
        },
        { error: "must say whether every package has a fix", path: ["FixAvailable"] },
    );

const namespaces =
    "Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications";

export const findingSchema = z
    .strictObject({
        SchemaVersion: z.literal("2018-10-08"),
        Id: text(512).refine((id) => !id.startsWith("arn:"), "must not begin with arn: outside of AWS"),
        ProductArn: z
            .string()
            .regex(/^arn:(aws|aws-cn|aws-us-gov):securityhub:[a-z0-9-]+:(\d{12}):product\/\2\/default$/),
        ProductName: text(128).optional(),
        CompanyName: text(128).optional(),
        GeneratorId: text(512),
        AwsAccountId: z.string().regex(/^\d{12}$/),
        CreatedAt: instant,
        UpdatedAt: instant,
        Title: text(256),
        Description: text(1_024),
        Remediation: z.strictObject({
            Recommendation: z.strictObject({ Text: text(512), Url: url.optional() }),
        }),
        ProductFields: z
            .record(z.string().regex(/^(?!aws\/)[A-Za-z0-9 .:+\\=@_/-]{1,128}$/), text(2_048))
            .refine((fields) => Object.keys(fields).length <= 50, "must have at most 50 pairs"),
        Resources: z.array(resource).min(1).max(32),
        Vulnerabilities: z.array(vulnerability).min(1).optional(),
        RecordState: z.enum(["ACTIVE", "ARCHIVED"]),
        FindingProviderFields: z.strictObject({
            Severity: z.strictObject({
                Label: z.enum(["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]),
                Original: text(64),
            }),
            Types: z
                .array(z.string().regex(new RegExp(`^(${namespaces})(/[^/]+){0,2}$`)))
                .min(1)
                .max(50),
        }),
    })
    .refine(({ ProductArn, AwsAccountId }) => ProductArn.split(":")[4] === AwsAccountId, {
        error: "must be the account of the product",
        path: ["AwsAccountId"],
    })
    .refine(({ CreatedAt, UpdatedAt }) => Date.parse(UpdatedAt) >= Date.parse(CreatedAt), {
        error: "must not be before CreatedAt",
        path: ["UpdatedAt"],
    })
    .refine((finding) => Buffer.byteLength(JSON.stringify(finding)) <= 240_000, "must be at most 240 KB")
    // JSON writes half of a character, which is none, as an escape.
    .refine(
        (finding) => !/(?<!\\)(\\\\)*\\u[dD][89a-fA-F]/.test(JSON.stringify(finding)),
        "must not have halves of characters",
    );

/** The whole request: at most 100 findings and 6 MB. */
export const importSchema = z
    .strictObject({ Findings: z.array(findingSchema).min(1).max(100) })
    .refine((request) => Buffer.byteLength(JSON.stringify(request)) <= 6_000_000, "must be at most 6 MB");

/** What is wrong with a finding, in the words that Security Hub uses; null when nothing is. */
export function refusalOf(finding: unknown): string | null {
    const result = findingSchema.safeParse(finding);
    if (result.success) return null;
    const problems = result.error.issues.map(({ path, message }) => `data.${path.join(".")} ${message}`);
    return `Finding does not adhere to Amazon Finding Format. ${problems.join(", ")}.`;
}
