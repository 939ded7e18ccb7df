/**
 * A finding in the AWS Security Finding Format (ASFF), as much of it as this project sends. Lengths and required members
 * are those of the AWS Security Hub API Reference (`AwsSecurityFinding` and what it holds) and of the user guide's
 * pages on the format; testing/importSchema.ts repeats them as a schema.
 */
import { inOneLine } from "../commands/oneLine";

/** The one version of the format. */
export const asffVersion = "2018-10-08";

/** Worst first. */
export const severityLabels = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"] as const;
export type SeverityLabel = (typeof severityLabels)[number];

/** `ARCHIVED`: over, and hidden from the lists that people look at. */
export type RecordState = "ACTIVE" | "ARCHIVED";

/** Longest texts in characters, most entries of lists. */
export const findingLimits = {
    id: 512,
    generatorId: 512,
    title: 256,
    description: 1_024,
    remediation: 512,
    originalSeverity: 64,
    resourceId: 512,
    /** Of the id of a vulnerability and the name of its vendor (user guide, "Vulnerabilities"). */
    vulnerabilityId: 32,
    vendorName: 32,
    productField: 2_048,
    productFields: 50,
    /** Our own, where AWS names none: of an address, and of a text about a package. */
    url: 2_048,
    packageText: 512,
} as const;

/** Partitions that the format knows. */
export const findingPartitions = ["aws", "aws-cn", "aws-us-gov"] as const;

export interface FindingResource {
    Type: "AwsEcrContainerImage" | "Container" | "AwsEcsService";
    Id: string;
    Partition: (typeof findingPartitions)[number];
    Region: string;
    Details?: {
        AwsEcrContainerImage?: { RegistryId: string; RepositoryName: string; ImageDigest: string };
        Container?: { ImageName: string };
    };
}

export interface VulnerablePackage {
    Name: string;
    Version?: string;
    PackageManager?: string;
    FilePath?: string;
    FixedInVersion?: string;
    Remediation?: string;
}

export interface FindingVulnerability {
    Id: string;
    VulnerablePackages: VulnerablePackage[];
    Vendor: { Name: string; VendorSeverity: string };
    ReferenceUrls?: string[];
    /** `YES` where every package has a version with the fix and says how to get it. */
    FixAvailable: "YES" | "NO";
}

export interface SecurityFinding {
    SchemaVersion: typeof asffVersion;
    Id: string;
    ProductArn: string;
    ProductName: string;
    GeneratorId: string;
    AwsAccountId: string;
    /** Of the first import; Security Hub does not let it change. */
    CreatedAt: string;
    /** Security Hub ignores an update that is not later than what it has. */
    UpdatedAt: string;
    Title: string;
    Description: string;
    Remediation: { Recommendation: { Text: string; Url?: string } };
    ProductFields: Record<string, string>;
    Resources: FindingResource[];
    Vulnerabilities?: FindingVulnerability[];
    RecordState: RecordState;
    /** Where a provider says these; the members of the same name beside it belong to the customer. */
    FindingProviderFields: {
        Severity: { Label: SeverityLabel; Original: string };
        Types: string[];
    };
}

/** Whose findings they are. */
export interface FindingOrigin {
    account: { partition: string; region: string; accountId: string };
    /** Beginning of the stack's physical names, `<project>-<stack>`: keeps the stacks of one account apart. */
    stack: string;
}

/** What a finding says; the rest follows from it and from where it comes from. */
export interface FindingContent {
    /** What is after the stack in the finding's id. Together they name the finding for ever. */
    id: readonly string[];
    /** What found it, after `portcullis/`. */
    generator: string;
    createdAt: Date;
    updatedAt: Date;
    title: string;
    description: string;
    remediation: { text: string; url?: string | null };
    severity: { label: SeverityLabel; original: string };
    /** `namespace/category/classifier`, at least one. */
    types: string[];
    resources: FindingResource[];
    vulnerabilities?: FindingVulnerability[];
    /** Values without text are left out. */
    fields: Record<string, string | null | undefined>;
    state: RecordState;
}

/**
 * ARN of the product that every account has for findings of its own (Security Hub User Guide, "Integrating Security
 * Hub with custom products").
 */
export function productArn({ partition, region, accountId }: FindingOrigin["account"]): string {
    return `arn:${partition}:securityhub:${region}:${accountId}:product/${accountId}/default`;
}

/**
 * Where a resource of the account is.
 * @throws Error in a partition that the format does not know.
 */
export function placeOf({
    partition,
    region,
}: FindingOrigin["account"]): Pick<FindingResource, "Partition" | "Region"> {
    const known = findingPartitions.find((name) => name === partition);
    if (known === undefined) {
        throw new Error(
            `Security Hub knows the partitions ${findingPartitions.join(", ")}, not ${partition}`,
        );
    }
    return { Partition: known, Region: region };
}

/** How the ids of some findings begin; ends with a slash, so that no other name begins the same. */
export function idPrefix({ stack }: Pick<FindingOrigin, "stack">, ...parts: string[]): string {
    return [stack, ...parts, ""].join("/");
}

/**
 * Name of a field of our own. The account's default product is shared by all that an account imports, so the names
 * carry ours; `aws/` belongs to AWS.
 */
export function fieldName(name: string): string {
    return `portcullis/${name}`;
}

/**
 * Makes a finding. Texts are brought into one line and cut to what the format allows, and nothing is empty.
 * @throws Error when an id would have to be cut, since then it would no longer name one finding.
 */
export function securityFinding({ account, stack }: FindingOrigin, content: FindingContent): SecurityFinding {
    const id = [stack, ...content.id].join("/");
    if (id.length > findingLimits.id || /[\p{Cc}\p{Cs}\s]/u.test(id)) {
        throw new Error(
            `a finding's id has to be at most ${findingLimits.id} characters without spaces: ${id}`,
        );
    }
    const { remediation, severity } = content;
    const url = webAddress(remediation.url);
    return {
        SchemaVersion: asffVersion,
        Id: id,
        ProductArn: productArn(account),
        ProductName: "Portcullis",
        GeneratorId: shownText(`portcullis/${content.generator}`, findingLimits.generatorId),
        AwsAccountId: account.accountId,
        CreatedAt: content.createdAt.toISOString(),
        UpdatedAt: content.updatedAt.toISOString(),
        Title: shownText(content.title, findingLimits.title),
        Description: shownText(content.description, findingLimits.description),
        Remediation: {
            Recommendation: {
                Text: shownText(remediation.text, findingLimits.remediation),
                ...(url === undefined ? {} : { Url: url }),
            },
        },
        ProductFields: productFields({ stack, ...content.fields }),
        Resources: content.resources,
        ...(content.vulnerabilities === undefined ? {} : { Vulnerabilities: content.vulnerabilities }),
        RecordState: content.state,
        FindingProviderFields: {
            Severity: {
                Label: severity.label,
                Original: shownText(severity.original, findingLimits.originalSeverity),
            },
            Types: content.types,
        },
    };
}

function productFields(fields: FindingContent["fields"]): Record<string, string> {
    return Object.fromEntries(
        Object.entries(fields).flatMap(([name, value]) => {
            const text = textOrNone(value, findingLimits.productField);
            return text === undefined ? [] : [[fieldName(name), text]];
        }),
    );
}

/** A text that must be there; `unknown` in place of an empty one, which the API refuses. */
export function shownText(text: string, longest: number): string {
    return textOrNone(text, longest) ?? "unknown";
}

/**
 * A text in one line without control characters and halves of characters, cut to a length with an ellipsis; none where
 * nothing is left to read.
 */
export function textOrNone(text: string | null | undefined, longest: number): string | undefined {
    if (text === null || text === undefined) return undefined;
    const line = inOneLine(text)
        .replace(/\p{Cs}/gu, "�")
        .trim();
    if (line === "") return undefined;
    if (line.length <= longest) return line;
    // Not between the two halves of a character.
    return `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** An address of the web as it is; none for anything else, which would not be a link. */
export function webAddress(text: string | null | undefined): string | undefined {
    if (typeof text !== "string" || text.length > findingLimits.url) return undefined;
    return /^https?:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? text : undefined;
}
