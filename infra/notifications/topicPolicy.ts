import type { Account } from "../naming";

/**
 * Policy of the topic that tells people: AWS CodeStar Notifications publishes, for rules of this account, and nobody else
 * does. No other service is allowed to, and the Denies hold whatever IAM policies say.
 *
 * The account is compared if it is sent; the Developer Tools console User Guide ("Configure Amazon SNS topics for
 * notifications") shows the policy without it.
 */
export function notificationTopicPolicy(account: Account, topicArn: string): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "NotificationRulesPublish",
                Effect: "Allow",
                Principal: { Service: "codestar-notifications.amazonaws.com" },
                Action: "sns:Publish",
                Resource: topicArn,
                Condition: { StringEqualsIfExists: { "aws:SourceAccount": account.accountId } },
            },
            {
                Sid: "OnlyServicesPublish",
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: topicArn,
                Condition: { Bool: { "aws:PrincipalIsAWSService": "false" } },
            },
            {
                Sid: "OnlyOverTls",
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: topicArn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}
