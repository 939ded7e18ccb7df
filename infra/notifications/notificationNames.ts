import { roleArn, topicArn } from "../arn";
import type { NameAndArn } from "../function/functionNames";
import type { Account, Naming } from "../naming";

/** Every physical name of what tells people. */
export interface NotificationNames {
    topic: NameAndArn;
    /** Rule of one application's delivery pipeline. */
    rule(application: string): string;
    chat: { configuration: string; role: NameAndArn };
}

export function notificationNames(account: Account, naming: Naming): NotificationNames {
    const topic = naming.physical("snsTopic", "notifications");
    const role = naming.physical("iamRole", "notifications", "chat");
    return {
        topic: { name: topic, arn: topicArn(account, topic) },
        rule: (application) => naming.physical("notificationRule", application, "delivery"),
        chat: {
            configuration: naming.physical("chatConfiguration", "notifications"),
            role: { name: role, arn: roleArn(account, role) },
        },
    };
}
