/** What the role of the function that imports findings may do: one ability for each statement, on literal resources. */
import { scanStages } from "../../gate/policy/scanStage";
import type { LiteralPlatform } from "../application/platform";
import { approvalNames } from "../approval/approvalNames";
import { bucketArn, objectArn } from "../arn";
import { runningStatements } from "../function/functionStatements";
import type { Statement } from "../iamStatement";
import { allow, useKey } from "../pipeline/permissions";
import type { FindingsNames } from "./findingsNames";
import { importFindings, readFindings } from "./findingsStatements";

/** Read reports and decisions, write findings. It changes nothing that anybody is judged by. */
export function findingsRoleStatements(
    {
        account,
        naming,
        evidenceBucketName,
        pipelineKey,
    }: Pick<LiteralPlatform, "account" | "naming" | "evidenceBucketName" | "pipelineKey">,
    names: FindingsNames,
): Statement[] {
    return [
        ...runningStatements(account, names.function),
        // Reports only, of whatever application: the bucket holds evidence of this stack alone.
        allow(
            "ReadScanReports",
            ["s3:GetObject"],
            scanStages.map((stage) => objectArn(account, evidenceBucketName, `*/sha256-*/${stage}/*`)),
        ),
        // Listing is what makes S3 answer 404, and not 403, for a report that is missing.
        allow("ListEvidence", ["s3:ListBucket"], [bucketArn(account, evidenceBucketName)]),
        allow("ReadDecisions", ["dynamodb:Query"], [approvalNames(account, naming).table.arn]),
        // Of the evidence, and of the approval table.
        useKey(account, pipelineKey.aliasName, "read"),
        importFindings(account),
        readFindings(account),
    ];
}
