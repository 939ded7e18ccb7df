import type { Rule } from "../../harness/rule";
import { keyForPublishers } from "./keyForPublishers";
import { topicAccess } from "./topicAccess";

export const snsRules: Rule[] = [topicAccess, keyForPublishers];
