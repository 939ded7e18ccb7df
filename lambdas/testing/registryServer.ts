import type { ServerResponse } from "node:http";
import {
    sampleBasicFinding,
    sampleInspectorFinding,
    type SampleFinding,
} from "../../gate/inspector/testing/inspectorAnswer";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";
import { checkInput, type MemberRule } from "./inputRules";

/** What the registry knows about its own scan of one image. */
export interface ImageScan {
    /** ECR API, ScanStatus; null while there is no scan at all. */
    status: string | null;
    description?: string;
    /** When the scan ended; absent while it runs, and for an image that Inspector has not looked at yet. */
    completedAt?: Date;
    /** When the vulnerability data was updated; the time of the scan unless given. */
    dataUpdatedAt?: Date;
    findings: SampleFinding[];
    /** Counts as the registry gives them; of the findings unless given. */
    counts?: Record<string, number>;
}

const operations: Record<string, Record<string, MemberRule>> = {
    /** API reference of Amazon ECR 2015-09-21. */
    DescribeImageScanFindings: {
        registryId: { type: "string", pattern: /^[0-9]{12}$/ },
        repositoryName: {
            type: "string",
            required: true,
            minimum: 2,
            maximum: 256,
            pattern: /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
        },
        imageId: {
            type: "object",
            required: true,
            members: {
                imageDigest: { type: "string", pattern: /^[a-z0-9]+:[0-9a-f]{64}$/ },
                imageTag: { type: "string", minimum: 1, maximum: 300 },
            },
        },
        nextToken: { type: "string" },
        maxResults: { type: "integer", minimum: 1, maximum: 1000 },
    },
};

const seconds = (date: Date): number => date.getTime() / 1000;

/** DescribeImageScanFindings of Amazon ECR, of basic or enhanced scanning, in pages. */
export class RegistryServer extends AwsJsonServer {
    /** Scans by `repository@digest`; images without an entry are unknown to the registry. */
    readonly scans = new Map<string, ImageScan>();
    /** Findings in one answer, where the caller does not want fewer. */
    pageSize = 1000;

    constructor(
        options: AwsServerOptions,
        private readonly registry: { repositories: readonly string[]; scanType: "BASIC" | "ENHANCED" },
    ) {
        super("ecr", options, { version: "1.1", target: "AmazonEC2ContainerRegistry_V20150921" });
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        if (operations[operation] === undefined)
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        const { partition, region, accountId } = this.options.account;
        const resource = `arn:${partition}:ecr:${region}:${accountId}:repository/${String(input["repositoryName"])}`;
        return {
            operation,
            input,
            permissions: [
                { action: `ecr:${operation}`, resource },
                // ECR asks Inspector in the caller's name (Amazon ECR User Guide, "IAM permissions required for enhanced
                // scanning").
                ...(this.registry.scanType === "ENHANCED"
                    ? ["ListCoverage", "ListFindings"].map((action) => ({
                          action: `inspector2:${action}`,
                          resource: "*",
                      }))
                    : []),
            ],
        };
    }

    protected async carryOut({ operation, input }: AwsCall): Promise<(response: ServerResponse) => void> {
        checkInput(input, operations[operation] ?? {}, "InvalidParameterException");
        const { accountId } = this.options.account;
        const name = String(input["repositoryName"]);
        const { imageDigest: digest } = input["imageId"] as { imageDigest?: string };
        if (digest === undefined)
            throw new Refusal("InvalidParameterException", "the fake knows images by their digest only");
        if (!this.registry.repositories.includes(name) || (input["registryId"] ?? accountId) !== accountId) {
            throw new Refusal(
                "RepositoryNotFoundException",
                `The repository with name '${name}' does not exist in the registry with id '${accountId}'`,
            );
        }
        const about = `the image with imageId {imageDigest:'${digest}'}`;
        const scan = this.scans.get(`${name}@${digest}`);
        if (scan === undefined) {
            throw new Refusal(
                "ImageNotFoundException",
                `${about} does not exist within the repository with name '${name}'`,
            );
        }
        if (scan.status === null)
            throw new Refusal("ScanNotFoundException", `Image scan does not exist for ${about} in '${name}'`);
        const token = input["nextToken"] as string | undefined;
        const from = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(token)?.[1] ?? Number.NaN);
        if (Number.isNaN(from)) throw new Refusal("InvalidParameterException", "The next token is invalid");
        const size = Math.min(Number(input["maxResults"] ?? 100), this.pageSize);
        const body = this.page(name, digest, scan, from, size);
        return (response) => this.answer(response, body);
    }

    private page(
        repositoryName: string,
        digest: string,
        scan: ImageScan,
        from: number,
        size: number,
    ): unknown {
        const { status, description = "", completedAt, dataUpdatedAt = completedAt, findings } = scan;
        const isEnhanced = this.registry.scanType === "ENHANCED";
        const part = findings.slice(from, from + size);
        const counts: Record<string, number> = {};
        for (const { severity = "CRITICAL" } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
        return {
            ...(completedAt === undefined
                ? {}
                : {
                      imageScanFindings: {
                          ...(isEnhanced
                              ? {
                                    enhancedFindings: part.map((finding) =>
                                        enhanced(finding, repositoryName, digest),
                                    ),
                                }
                              : { findings: part.map(sampleBasicFinding) }),
                          findingSeverityCounts: scan.counts ?? counts,
                          imageScanCompletedAt: seconds(completedAt),
                          ...(dataUpdatedAt === undefined
                              ? {}
                              : { vulnerabilitySourceUpdatedAt: seconds(dataUpdatedAt) }),
                      },
                  }),
            registryId: this.options.account.accountId,
            repositoryName,
            imageId: { imageDigest: digest },
            imageScanStatus: { status, description },
            ...(from + size < findings.length ? { nextToken: `page-${from + size}` } : {}),
        };
    }
}

function enhanced(finding: SampleFinding, repositoryName: string, digest: string): unknown {
    const sample = sampleInspectorFinding({ ...finding, digest });
    for (const resource of sample.resources) {
        resource.id = `arn:aws:ecr:us-east-1:123456789012:repository/${repositoryName}/${digest}`;
        resource.details["awsEcrContainerImage"] = {
            imageHash: digest,
            repositoryName,
            registry: "123456789012",
        };
    }
    return sample;
}
