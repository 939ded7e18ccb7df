import type { Rule } from "../../harness/rule";
import { machineImage } from "./machineImage";
import { renewedGroup } from "./renewedGroup";
import { spreadGroup } from "./spreadGroup";

export const autoscalingRules: Rule[] = [renewedGroup, spreadGroup, machineImage];
