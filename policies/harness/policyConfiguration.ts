/** Checks a whole policy-pack configuration file, as `pulumi --policy-pack-config` takes it. */
import { didYouMean } from "../../gate/policy/didYouMean";
import { settingsRead } from "../settingsRead";
import { readConfiguration, settingsPolicyName } from "./configuration";
import type { SettingsRead } from "./ruleSettings";

/** Levels of the engine (apitype.EnforcementLevel). */
const levels = ["advisory", "mandatory", "remediate", "disabled"];

/** Keys of the file that name no policy. */
const reserved = ["all", "environments"];

/**
 * What is wrong with a parsed policy-pack configuration file, one line each; nothing when it is right. Pure.
 *
 * The engine itself checks settings against a JSON schema, but says nothing of policies that it does not know, of
 * properties that nothing reads, and of levels that settings of the pack overrule.
 */
export function checkPolicyConfiguration(document: unknown, read: SettingsRead = settingsRead): string[] {
    if (!isObject(document)) return ["the file must be an object: policy name → level or settings"];
    const names = [settingsPolicyName, ...reserved, ...Object.keys(read)];
    const problems = Object.entries(document).flatMap(([name, value]) => {
        if (name === "environments") return environmentProblems(value);
        if (!names.includes(name)) return [`${name}: there is no such policy${didYouMean(name, names)}`];
        return policyProblems(name, value, read);
    });
    return [...problems, ...overruledLevels(document, read)];
}

function policyProblems(name: string, value: unknown, read: SettingsRead): string[] {
    if (typeof value === "string") return levelProblems(name, value);
    if (!isObject(value)) return [`${name}: must be a level (${levels.join(", ")}) or an object`];
    const { enforcementLevel, ...settings } = value;
    const problems =
        enforcementLevel === undefined ? [] : levelProblems(`${name}.enforcementLevel`, enforcementLevel);
    if (name === settingsPolicyName) {
        const result = readConfiguration(settings, read);
        return [
            ...problems,
            ...(result.ok ? [] : result.problems.map((problem) => `${settingsPolicyName}.${problem}`)),
        ];
    }
    const unread = Object.keys(settings).map((key) => `${name}.${key}: ${unreadSetting(name, key)}`);
    return [...problems, ...unread];
}

function unreadSetting(policy: string, key: string): string {
    if (policy === "all") return 'is not read: "all" takes a level only';
    return key === "level"
        ? 'is not read; did you mean "enforcementLevel"?'
        : `is not read: settings of one rule belong under ${settingsPolicyName}.rules.${policy}`;
}

function levelProblems(path: string, level: unknown): string[] {
    if (levels.includes(level as string)) {
        const name = path.split(".")[0];
        return name === settingsPolicyName && level === "disabled"
            ? [`${path}: must not be disabled: no setting of the pack would be read`]
            : [];
    }
    return [
        `${path}: must be one of ${levels.join(", ")}, not ${JSON.stringify(level)}${didYouMean(level, levels)}`,
    ];
}

function environmentProblems(value: unknown): string[] {
    const right = Array.isArray(value) && value.every((entry) => typeof entry === "string");
    return right ? [] : ["environments: must be a list of names of Pulumi ESC environments"];
}

/** A level beside the rule's name has no effect when the pack's own settings give the rule one. */
function overruledLevels(document: Record<string, unknown>, read: SettingsRead): string[] {
    const settings = document[settingsPolicyName];
    const rules = isObject(settings) ? settings["rules"] : undefined;
    if (!isObject(rules)) return [];
    return Object.keys(rules).flatMap((id) => {
        const own = isObject(rules[id]) ? rules[id]["level"] : undefined;
        const given = Object.hasOwn(document, id) ? document[id] : undefined;
        const level = isObject(given) ? given["enforcementLevel"] : given;
        if (!Object.hasOwn(read, id) || own === undefined || level === undefined) return [];
        if (level === own || level === "disabled") return [];
        return [
            `${id}: its level stands twice, here and under ${settingsPolicyName}.rules.${id}.level, which wins`,
        ];
    });
}

function isObject(value: unknown): value is Record<string, unknown> {
    return value !== null && typeof value === "object" && !Array.isArray(value);
}
