import { servicePublishesPolicy } from "../approval/topicPolicy";
import type { Account } from "../naming";

/**
 * Policy of the topic that tells people: AWS CodeStar Notifications publishes, for rules of this account, and nobody else
 * does. No other service is allowed to, and the Denies hold whatever IAM policies say.
 *
 * The account is compared if it is sent; the Developer Tools console User Guide ("Configure Amazon SNS topics for
 * notifications") shows the policy without it.
 */
export function notificationTopicPolicy(account: Account, topicArn: string): string {
    return servicePublishesPolicy(topicArn, {
        sid: "NotificationRulesPublish",
        service: "codestar-notifications.amazonaws.com",
        condition: { StringEqualsIfExists: { "aws:SourceAccount": account.accountId } },
    });
}
