import type { Rule } from "../../harness/rule";
import { alarmActions } from "./alarmActions";
import { managedGroup } from "./managedGroup";
import { retention } from "./retention";
import { tamperingAlarms } from "./tamperingAlarms";

export const logsRules: Rule[] = [retention, managedGroup, tamperingAlarms, alarmActions];
