import type { ECRClient } from "@aws-sdk/client-ecr";
import type { ApprovalSettings } from "../../gate/approval/approvalSettings";
import type { AsyncApprovalEffects } from "../../gate/approval/effects";
import { askEcrOnce, type EcrAnswer } from "../../gate/inspector/askEcr";
import { judgeAnswer } from "../../gate/inspector/judgeAnswer";
import { dnsSuffix } from "./partition";
import { ServiceError } from "./serviceCalls";

/** ECR knows no such image: there will be no scan, so that is an answer, and never one that passes. */
const absentImage = ["ImageNotFoundException", "RepositoryNotFoundException"];

/**
 * Asks Amazon ECR once what its scan of an image found, and does not wait for one that still runs. Needs
 * ecr:DescribeImageScanFindings on the repository, and for enhanced scanning inspector2:ListFindings.
 */
export function registryEffects(
    client: ECRClient,
    { account, scanType }: Pick<ApprovalSettings, "account" | "scanType">,
    signal: AbortSignal,
): Pick<AsyncApprovalEffects, "askRegistry"> {
    const { accountId, region } = account;
    return {
        async askRegistry({ repository, digest }) {
            const { answer, state, error } = await askEcrOnce(
                { registryId: accountId, repositoryName: repository, digest, client },
                () => signal,
            );
            if (state === "waiting") {
                const status = answer.pages[0]?.imageScanStatus?.status;
                const why =
                    answer.problems[0] ??
                    `ECR's scan of ${repository}@${digest} is ${status}, and has not ended`;
                return { kind: "pending", why };
            }
            if (error !== null && !absentImage.includes(error)) {
                throw new ServiceError(`${answer.problems.join("; ")}; the event is tried again`);
            }
            if (scanType === "ENHANCED" && answer.pages.some(isOfBasicScanning)) {
                const why =
                    `ECR's answer about ${repository}@${digest} is one of basic scanning, and this gate is ` +
                    "configured for ENHANCED scanning";
                return { kind: "pending", why };
            }
            const image = `${accountId}.dkr.ecr.${region}.${dnsSuffix(account)}/${repository}@${digest}`;
            const { report } = judgeAnswer(answer, { image, digest, now: new Date() });
            return { kind: "ended", report, total: report.findings.length };
        },
    };
}

/** Basic scanning knows less. It may be all that there is of an image until Inspector has looked at it. */
function isOfBasicScanning({ imageScanStatus, imageScanFindings }: EcrAnswer["pages"][number]): boolean {
    return imageScanStatus?.status === "COMPLETE" && !Array.isArray(imageScanFindings?.enhancedFindings);
}
