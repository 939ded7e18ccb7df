import * as z from "zod";

/*
 * What Amazon ECR (DescribeImageScanFindings, API 2015-09-21) and Amazon Inspector (ListFindings, ListCoverage,
 * API 2020-06-08) answer, as the AWS CLI prints it and as the gate stores it. Keys that carry the judgement are
 * required, so that a renamed or missing one is noticed.
 */

const text = z.string().nullish();

/** A finding of ECR basic scanning. Everything but the name and the severity stands in `attributes`. */
export const basicFindingSchema = z.object({
    name: z.string().min(1),
    /** CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL or UNDEFINED. */
    severity: z.string(),
    uri: text,
    attributes: z.array(z.object({ key: z.string(), value: text })).nullish(),
});

/**
 * Keys that a finding has and none of its parts. In a part they show that a piece of the answer is lost, so that the
 * rest of one finding has run into another: it must not be lost without a word.
 */
const keysOfFindings = ["findingArn", "severity", "packageVulnerabilityDetails"] as const;
const nothing = z.never("belongs to a finding").optional();
const noFinding = {
    findingArn: nothing,
    severity: nothing,
    packageVulnerabilityDetails: nothing,
} satisfies Record<(typeof keysOfFindings)[number], unknown>;

/** A finding of Inspector, the same in both services. */
export const inspectorFindingSchema = z.object({
    findingArn: text,
    /** CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL or UNTRIAGED. */
    severity: z.string(),
    /** ACTIVE, SUPPRESSED (somebody's rule hides it) or CLOSED (it is no longer there). */
    status: text,
    /** PACKAGE_VULNERABILITY, CODE_VULNERABILITY or NETWORK_REACHABILITY. */
    type: text,
    title: text,
    /** YES, NO or PARTIAL. */
    fixAvailable: text,
    packageVulnerabilityDetails: z
        .object({
            vulnerabilityId: text,
            sourceUrl: text,
            vulnerablePackages: z
                .array(
                    z.object({
                        name: text,
                        version: text,
                        release: text,
                        epoch: z.number().nullish(),
                        packageManager: text,
                        filePath: text,
                        fixedInVersion: text,
                        ...noFinding,
                    }),
                )
                .nullish(),
        })
        .nullish(),
    codeVulnerabilityDetails: z
        .object({ detectorId: text, filePath: z.object({ filePath: text }).nullish() })
        .nullish(),
    resources: z
        .array(
            z.object({
                id: text,
                ...noFinding,
                details: z
                    .object({
                        awsEcrContainerImage: z.object({ imageHash: text }).nullish(),
                        image: z.object({ imageDigest: text }).nullish(),
                    })
                    .nullish(),
            }),
        )
        .nullish(),
});

export type BasicFinding = z.infer<typeof basicFindingSchema>;
export type InspectorFinding = z.infer<typeof inspectorFindingSchema>;

/** The AWS CLI writes `NextToken` where it stopped itself (`--max-items`). */
const tokens = { nextToken: text, NextToken: text };

/** One answer of DescribeImageScanFindings, its findings taken out. */
export const ecrPageSchema = z.object({
    repositoryName: z.string(),
    imageId: z.object({ imageDigest: text }),
    imageScanStatus: z.object({ status: z.string(), description: text }),
    imageScanFindings: z
        .object({
            findings: z.array(z.unknown()).nullish(),
            enhancedFindings: z.array(z.unknown()).nullish(),
            findingSeverityCounts: z.record(z.string(), z.int().min(0)).nullish(),
            imageScanCompletedAt: z.unknown().optional(),
            vulnerabilitySourceUpdatedAt: z.unknown().optional(),
        })
        .nullish(),
    ...tokens,
});

/** One answer of ListFindings, its findings taken out. */
export const inspectorPageSchema = z.strictObject({ findings: z.array(z.unknown()), ...tokens });

/** One answer of ListCoverage, its resources taken out. */
export const coveragePageSchema = z.strictObject({ coveredResources: z.array(z.unknown()), ...tokens });

export const coveredResourceSchema = z.object({
    resourceId: z.string(),
    resourceType: z.string(),
    lastScannedAt: z.unknown().optional(),
    scanStatus: z.object({ statusCode: z.string(), reason: z.string() }),
});

export type EcrPage = z.infer<typeof ecrPageSchema>;
export type InspectorPage = z.infer<typeof inspectorPageSchema>;

/** Where findings stand in one answer or a list of answers, and of which kind they are. */
export const findingPatterns: ReadonlyMap<string, "basic" | "inspector" | "listed"> = new Map([
    ["/imageScanFindings/findings/*", "basic"],
    ["/*/imageScanFindings/findings/*", "basic"],
    ["/imageScanFindings/enhancedFindings/*", "inspector"],
    ["/*/imageScanFindings/enhancedFindings/*", "inspector"],
    ["/findings/*", "listed"],
    ["/*/findings/*", "listed"],
]);

const basicKeys = ["name", "severity", "uri", "attributes"];

const inspectorKeys = [
    ...["findingArn", "severity", "status", "type", "title", "fixAvailable", "codeVulnerabilityDetails"],
    ...["vulnerabilityId", "sourceUrl", "vulnerablePackages"].map(
        (key) => `packageVulnerabilityDetails.${key}`,
    ),
    ...["id", "details.awsEcrContainerImage.imageHash", "details.image.imageDigest", ...keysOfFindings].map(
        (key) => `resources.${key}`,
    ),
];

/** What is read of a finding; descriptions and scores are most of an answer. */
export const findingKeys = Object.fromEntries(
    [...findingPatterns].map(([pattern, kind]) => [pattern, kind === "basic" ? basicKeys : inspectorKeys]),
);
