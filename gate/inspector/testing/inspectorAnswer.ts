/** A finding as a specification writes it down; everything else is filled in the way the services do. */
export interface SampleFinding {
    id?: string;
    severity?: string;
    status?: string;
    packages?: { name: string; version?: string; release?: string; fixedInVersion?: string }[];
    digest?: string;
    fixAvailable?: string;
}

export const sampleDigest = "sha256:c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2";
export const sampleRepository = "orders/candidate";
export const sampleImage = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${sampleRepository}@${sampleDigest}`;

const hour = 3_600_000;

/** A finding of Inspector as DescribeImageScanFindings and ListFindings answer it. */
export function sampleInspectorFinding(finding: SampleFinding = {}) {
    const { id = "CVE-2024-6119", severity = "CRITICAL", status = "ACTIVE", digest = sampleDigest } = finding;
    const { packages = [{ name: "openssl" }], fixAvailable = "YES" } = finding;
    return {
        awsAccountId: "123456789012",
        description: "Possible denial of service in X.509 name checks",
        findingArn: `arn:aws:inspector2:eu-west-1:123456789012:finding/${id}`,
        firstObservedAt: 1772625600.411,
        packageVulnerabilityDetails: {
            cvss: [],
            source: "UBUNTU_CVE",
            sourceUrl: `https://people.canonical.com/~ubuntu-security/cve/${id}.html`,
            vendorSeverity: "medium",
            vulnerabilityId: id,
            vulnerablePackages: packages.map((each) => ({
                arch: "ARM64",
                epoch: 0,
                packageManager: "OS",
                version: "3.0.13",
                release: "0ubuntu3.2",
                fixedInVersion: "0:3.0.13-0ubuntu3.4",
                ...each,
            })),
        } as Record<string, unknown>,
        remediation: { recommendation: { text: "None Provided" } },
        resources: [
            {
                details: {
                    awsEcrContainerImage: { imageHash: digest, repositoryName: sampleRepository },
                } as Record<string, unknown>,
                id: `arn:aws:ecr:eu-west-1:123456789012:repository/${sampleRepository}/${digest}`,
                type: "AWS_ECR_CONTAINER_IMAGE",
            },
        ],
        severity,
        status,
        title: `${id} - ${packages.map(({ name }) => name).join(", ")}`,
        type: "PACKAGE_VULNERABILITY",
        fixAvailable,
        exploitAvailable: "NO",
    };
}

/** A finding of ECR basic scanning. */
export function sampleBasicFinding({ id = "CVE-2019-5188", severity = "CRITICAL" }: SampleFinding = {}) {
    return {
        name: id,
        description: "A code execution vulnerability",
        uri: `http://people.ubuntu.com/~ubuntu-security/cve/${id}`,
        severity,
        attributes: [
            { key: "package_version", value: "1.44.1-1ubuntu1.1" },
            { key: "package_name", value: "e2fsprogs" },
            { key: "CVSS2_SCORE", value: "4.6" },
        ],
    };
}

/** One answer of DescribeImageScanFindings, completed an hour before `now`. */
export function sampleEcrAnswer(mode: "basic" | "enhanced", findings: SampleFinding[], now: Date) {
    const counts: Record<string, number> = {};
    for (const { severity = "CRITICAL" } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
    return {
        imageScanFindings: {
            ...(mode === "basic"
                ? { findings: findings.map(sampleBasicFinding) }
                : { enhancedFindings: findings.map(sampleInspectorFinding) }),
            findingSeverityCounts: counts,
            imageScanCompletedAt: (now.getTime() - hour) / 1000,
            vulnerabilitySourceUpdatedAt: (now.getTime() - 7 * hour) / 1000,
        } as Record<string, unknown>,
        registryId: "123456789012",
        repositoryName: sampleRepository,
        imageId: { imageDigest: sampleDigest } as Record<string, unknown>,
        imageScanStatus: {
            status: mode === "basic" ? "COMPLETE" : "ACTIVE",
            description: "The scan was completed successfully.",
        },
    };
}

/** One answer of ListCoverage about the sample image, last scanned an hour before `now`. */
export function sampleCoverage(now: Date) {
    return {
        coveredResources: [
            {
                accountId: "123456789012",
                lastScannedAt: new Date(now.getTime() - hour).toISOString() as unknown,
                resourceId: `arn:aws:ecr:eu-west-1:123456789012:repository/${sampleRepository}/${sampleDigest}`,
                resourceType: "AWS_ECR_CONTAINER_IMAGE",
                scanStatus: { reason: "SUCCESSFUL", statusCode: "ACTIVE" },
                scanType: "PACKAGE",
            },
        ],
    };
}

export function toBytes(document: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(document));
}
