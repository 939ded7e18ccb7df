/** Statements about evidence. Each step adds to its own place and to no other; see `gate/evidence` for the keys. */
import type { LiteralPlatform } from "../application/platform";
import { bucketArn, objectArn } from "../arn";
import type { ScanStage } from "../../gate/policy/scanStage";
import type { ScannerName } from "../../gate/report/scanReport";
import type { CheckToolName } from "../../gate/verify/checkReport";
import type { Statement } from "../iamStatement";
import { allow } from "./permissions";

/** Evidence in a place; a star stands for whatever is not fixed. */
function evidenceOf(platform: LiteralPlatform, application: string, place: string): string {
    return objectArn(platform.account, platform.evidenceBucketName, `${application}/${place}`);
}

/**
 * Add evidence in one place and read it back. The condition admits only requests with `If-None-Match`, so what is there
 * cannot be replaced (Amazon S3 User Guide, "Enforce conditional writes").
 */
function addEvidence(platform: LiteralPlatform, application: string, place: string): Statement[] {
    const own = evidenceOf(platform, application, place);
    return [
        allow("AddEvidence", ["s3:PutObject"], [own], { Null: { "s3:if-none-match": "false" } }),
        allow("ReadOwnEvidence", ["s3:GetObject"], [own]),
    ];
}

/** What one tool of the Verify stage found, about any commit of the application. */
export function addCheckEvidence(
    platform: LiteralPlatform,
    application: string,
    tool: CheckToolName,
): Statement[] {
    return addEvidence(platform, application, `git-*/${tool}/*/verify/*`);
}

/** Bills of materials of any image of the application. */
export function addSbomEvidence(platform: LiteralPlatform, application: string): Statement[] {
    return addEvidence(platform, application, "sha256-*/sbom/*/build/*");
}

/** Evidence of one scanner in one stage, about any image of the application. */
export function addScanEvidence(
    platform: LiteralPlatform,
    application: string,
    scanner: ScannerName,
    stage: ScanStage,
): Statement[] {
    return addEvidence(platform, application, `sha256-*/${scanner}/*/${stage}/*`);
}

/**
 * Read every scanner's evidence about the application. Listing is what makes S3 answer 404, and not 403, for a report
 * that is missing, so that the gate can say which one.
 */
export function readEvidence(platform: LiteralPlatform, application: string): Statement[] {
    return [
        allow("ReadEvidence", ["s3:GetObject"], [evidenceOf(platform, application, "sha256-*/*/*")]),
        allow("ListEvidence", ["s3:ListBucket"], [bucketArn(platform.account, platform.evidenceBucketName)]),
    ];
}
