import type { Rule } from "../../harness/rule";
import { deliveredMessages } from "./deliveredMessages";
import { keyForPublishers } from "./keyForPublishers";
import { topicAccess } from "./topicAccess";
import { topicKey, topicKeyOfServices } from "./topicKey";
import { topicHasTlsPolicy, topicTls } from "./topicTls";

export const snsRules: Rule[] = [
    topicKey,
    topicKeyOfServices,
    topicAccess,
    topicTls,
    topicHasTlsPolicy,
    deliveredMessages,
    keyForPublishers,
];
