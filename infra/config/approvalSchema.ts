/** Settings of the stage Approve: the gate's own action, and people who approve after it. */
import { z } from "zod";

/** Longest time that an approval action may wait, in minutes: 60 days (CodePipeline quotas). */
const longestApproval = 86_400;

/** Minutes between giving up on a scan and the end of the gate's action, in which the rejection must be given. */
export const decisionMinutes = 30;

const addresses = z.array(z.email("must be an e-mail address")).max(50);

export const approvalSchema = z.strictObject({
    scanTimeoutMinutes: z
        .int()
        .min(5)
        .max(longestApproval - decisionMinutes)
        .default(60)
        .describe(
            "Minutes for which the gate waits for Amazon ECR's own scan of the staging image. After them the release is " +
                "rejected.",
        ),
    timeoutMinutes: z
        .int()
        .min(5 + decisionMinutes)
        .max(longestApproval)
        .default(120)
        .describe(
            "Minutes after which CodePipeline itself gives up on the gate. At least 30 more than scanTimeoutMinutes, so " +
                "that a release is rejected with a reason and does not just time out.",
        ),
    alarmEmails: addresses
        .default([])
        .describe(
            "People who are told when the gate itself fails or is bypassed. Each must confirm the subscription once.",
        ),
    human: z
        .strictObject({
            emails: addresses
                .min(1, "must name at least one person: nobody would know that an approval waits")
                .describe(
                    "People who are told that an approval waits. Each must confirm the subscription once.",
                ),
            timeoutMinutes: z
                .int()
                .min(5)
                .max(longestApproval)
                .default(1_200)
                .describe(
                    "Minutes after which an unanswered human approval fails the pipeline; 5 to 86400 (60 days).",
                ),
        })
        .optional()
        .describe(
            "People who approve after the gate has. Together with timeoutMinutes not longer than " +
                "gatePolicy.maximumReportAgeHours: the verdict is repeated after the approvals.",
        ),
});
