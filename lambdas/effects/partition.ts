import type { ApprovalSettings } from "../../gate/approval/approvalSettings";

/** DNS suffixes of AWS's partitions (botocore, endpoints.json). */
const suffixes: Record<string, string> = {
    aws: "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
};

/** @throws Error for a partition whose addresses are not known here. */
export function dnsSuffix({ partition }: Pick<ApprovalSettings["account"], "partition">): string {
    const suffix = Object.hasOwn(suffixes, partition) ? suffixes[partition] : undefined;
    if (suffix === undefined) {
        throw new Error(`the partition ${partition} is none of ${Object.keys(suffixes).join(", ")}`);
    }
    return suffix;
}
