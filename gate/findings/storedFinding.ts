/** Findings as Security Hub gives them back: read, since anybody may have written them, and archived. */
import * as z from "zod";
import {
    asffVersion,
    fieldName,
    severityLabels,
    type FindingResource,
    type FindingVulnerability,
    type SecurityFinding,
} from "./securityFinding";

const text = z.string().min(1);
const instant = z.iso.datetime({ offset: true });

/** What is needed to send a finding again. Members that Security Hub adds are left out, as it would refuse some of them. */
const storedSchema = z.object({
    Id: text,
    ProductArn: text,
    GeneratorId: text,
    AwsAccountId: text,
    CreatedAt: instant,
    UpdatedAt: instant,
    Title: text,
    Description: text,
    Remediation: z.object({ Recommendation: z.object({ Text: text, Url: text.optional() }) }),
    ProductFields: z.record(z.string(), z.string()),
    Resources: z.array(z.custom<FindingResource>((value) => typeof value === "object")).min(1),
    Vulnerabilities: z.array(z.custom<FindingVulnerability>((value) => typeof value === "object")).optional(),
    RecordState: z.enum(["ACTIVE", "ARCHIVED"]),
    FindingProviderFields: z.object({
        Severity: z.object({ Label: z.enum(severityLabels), Original: text }),
        Types: z.array(text).min(1),
    }),
});

/**
 * A finding of ours as Security Hub gives it back; null for one that is not, whatever it was asked for.
 * @param prefix beginning of the ids that were asked for.
 * @throws Error for one that has our id and cannot be read.
 */
export function readStoredFinding(
    value: unknown,
    { productArn, prefix }: { productArn: string; prefix: string },
): SecurityFinding | null {
    const { Id: id, ProductArn: product } = (value ?? {}) as { Id?: unknown; ProductArn?: unknown };
    if (typeof id !== "string" || !id.startsWith(prefix) || product !== productArn) return null;
    const result = storedSchema.safeParse(value);
    if (!result.success) {
        const [issue] = result.error.issues;
        throw new Error(
            `Security Hub's finding ${id} is not as it was imported (${issue?.path.join(".")}: ${issue?.message}); ` +
                "archive it by hand",
        );
    }
    const { ProductFields: fields, Vulnerabilities: vulnerabilities, ...rest } = result.data;
    const { Text, Url } = rest.Remediation.Recommendation;
    return {
        ...rest,
        SchemaVersion: asffVersion,
        ProductName: "Portcullis",
        Remediation: { Recommendation: { Text, ...(Url === undefined ? {} : { Url }) } },
        // Those of AWS would be refused.
        ProductFields: Object.fromEntries(
            Object.entries(fields).filter(([name]) => name.startsWith(fieldName(""))),
        ),
        ...(vulnerabilities === undefined ? {} : { Vulnerabilities: vulnerabilities }),
    };
}

/** Value of one of our own fields. */
export function storedField({ ProductFields: fields }: SecurityFinding, name: string): string | undefined {
    return fields[fieldName(name)];
}

/** Name of the field that says why a finding is over. */
const archivedField = "archived";

/**
 * The finding as one that is over.
 * @param why in the field `archived`, for who looks for it.
 * @param at when it was found to be over.
 */
export function archived(finding: SecurityFinding, why: string, at: Date): SecurityFinding {
    return {
        ...finding,
        ProductFields: { ...finding.ProductFields, [fieldName(archivedField)]: why },
        UpdatedAt: laterThan(finding, at),
        RecordState: "ARCHIVED",
    };
}

/** The finding as one that is not over after all. */
export function reactivated(finding: SecurityFinding, at: Date): SecurityFinding {
    const { [fieldName(archivedField)]: _why, ...fields } = finding.ProductFields;
    return {
        ...finding,
        ProductFields: fields,
        UpdatedAt: laterThan(finding, at),
        RecordState: "ACTIVE",
    };
}

/** Why a finding was archived; undefined for one that was not. */
export function whyArchived(finding: SecurityFinding): string | undefined {
    return finding.RecordState === "ARCHIVED" ? storedField(finding, archivedField) : undefined;
}

/** Security Hub ignores an update that is not later than what it has. */
function laterThan({ UpdatedAt }: SecurityFinding, at: Date): string {
    return new Date(Math.max(at.getTime(), Date.parse(UpdatedAt) + 1)).toISOString();
}
