/**
 * Settings of the pack: one object for all rules, given as the configuration of the policy `portcullis` (Pulumi shows
 * every policy only its own configuration, so the pack's settings need a policy of their own):
 *
 *     { "portcullis": { "coverage": "pipeline", "allowedRegistries": ["docker.io/anchore"] }, "ECR-03": "mandatory" }
 *
 * To add a setting: add a field with a default and a description to one of the files in `settings/`. The JSON schema that the Pulumi
 * engine checks a configuration file against, the type that rules see and the generated documentation follow from it.
 */
import { z } from "zod";
import { didYouMean } from "../../gate/policy/didYouMean";
import { settingsRead } from "../settingsRead";
import { checkRuleSettings, settingProblems, type SettingsRead } from "./ruleSettings";
import { accountSettings } from "./settings/accountSettings";
import { deliverySettings } from "./settings/deliverySettings";
import { gateSettings } from "./settings/gateSettings";
import { platformSettings } from "./settings/platformSettings";
import { runSettings, type RuleOverrides } from "./settings/runSettings";

export type { RuleLevel, RuleOverrides } from "./settings/runSettings";

const packSettings = z.strictObject({
    ...runSettings,
    ...deliverySettings,
    ...platformSettings,
    ...accountSettings,
    ...gateSettings,
});

/** Settings as rules see them: every field is filled. */
export type PackConfiguration = z.output<typeof packSettings>;

/** The settings of a stack that configures nothing. */
export const defaultConfiguration: PackConfiguration = packSettings.parse({});

/** Name of the policy that carries the settings. */
export const settingsPolicyName = "portcullis";

export type ConfigurationResult =
    { ok: true; configuration: PackConfiguration } | { ok: false; problems: string[] };

/**
 * Fills in defaults and checks. Never throws: problems name path and expectation, one line each.
 * @param read which settings each rule reads; that of the pack's own rules unless given.
 */
export function readConfiguration(given: unknown, read: SettingsRead = settingsRead): ConfigurationResult {
    const parsed = packSettings.safeParse(given ?? {});
    if (!parsed.success) {
        const problems = parsed.error.issues.flatMap((issue) =>
            issue.code === "unrecognized_keys" && issue.path.length === 0
                ? issue.keys.map((key) => `${key}: ${unknownSetting(key, read)}`)
                : settingProblems(new z.ZodError([issue]), given, packSettings),
        );
        const others = checkRuleSettings(readableRules(given), packSettings.shape, read).problems;
        return { ok: false, problems: [...problems, ...others] };
    }
    const { rules, problems } = checkRuleSettings(parsed.data.rules, packSettings.shape, read);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, configuration: { ...parsed.data, rules } };
}

/** Settings of rules in something that is wrong elsewhere: all problems are to be told at once. */
function readableRules(given: unknown): Record<string, RuleOverrides> {
    const settings = z.object({ rules: z.record(z.string(), z.unknown()) }).safeParse(given);
    const entries = Object.entries(settings.data?.rules ?? {});
    return Object.fromEntries(
        entries.filter(
            (entry): entry is [string, RuleOverrides] => z.looseObject({}).safeParse(entry[1]).success,
        ),
    );
}

/** There are too many settings to list them all. */
function unknownSetting(key: string, read: SettingsRead): string {
    if (Object.hasOwn(read, key)) return `settings of a rule belong under rules.${key}`;
    return `is not a setting${didYouMean(key, Object.keys(packSettings.shape))}`;
}

/** JSON schema of the settings' properties (draft 7), as a policy's `configSchema` wants it. */
export function configurationProperties(): Record<string, Record<string, unknown>> {
    const schema = z.toJSONSchema(packSettings, { target: "draft-7", io: "input" });
    return schema.properties as Record<string, Record<string, unknown>>;
}
