import type { Rule } from "../../harness/rule";
import { instanceMetadata } from "./instanceMetadata";

export const launchTemplateRules: Rule[] = [instanceMetadata];
