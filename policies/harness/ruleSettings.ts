/** Settings that hold for one rule only: `portcullis.rules.<RULE-ID>`. */
import type { z } from "zod";
import { didYouMean } from "../../gate/policy/didYouMean";
import { explainIssue } from "../../gate/policy/policyProblems";
import type { PackConfiguration, RuleOverrides } from "./configuration";

/** By rule id, the settings that the rule reads. */
export type SettingsRead = Readonly<Record<string, readonly string[]>>;

/**
 * Checks the settings of single rules and fills in what their schemas do. A setting that the rule does not read is a
 * problem: it would have no effect, and whoever wrote it believes otherwise.
 */
export function checkRuleSettings(
    given: Readonly<Record<string, RuleOverrides>>,
    shape: Readonly<Record<string, z.ZodType>>,
    settingsRead: SettingsRead,
): { rules: Record<string, RuleOverrides>; problems: string[] } {
    const rules: Record<string, RuleOverrides> = {};
    const problems: string[] = [];
    for (const [id, overrides] of Object.entries(given)) {
        if (!Object.hasOwn(settingsRead, id)) {
            problems.push(`rules.${id}: there is no such rule${didYouMean(id, Object.keys(settingsRead))}`);
            continue;
        }
        const read = settingsRead[id] ?? [];
        const checked: RuleOverrides = {};
        for (const [name, value] of Object.entries(overrides)) {
            if (name === "level") {
                if (overrides.level !== undefined) checked.level = overrides.level;
                continue;
            }
            const schema = read.includes(name) ? shape[name] : undefined;
            if (schema === undefined) {
                problems.push(`rules.${id}.${name}: ${notRead(id, name, read, Object.keys(shape))}`);
                continue;
            }
            const parsed = schema.safeParse(value);
            if (parsed.success) checked[name] = parsed.data;
            else problems.push(...settingProblems(parsed.error, value, schema, `rules.${id}.${name}`));
        }
        rules[id] = checked;
    }
    return { rules, problems };
}

/** One line for each issue: path, what is allowed there, what stands there. */
export function settingProblems(error: z.ZodError, value: unknown, schema: z.ZodType, prefix = ""): string[] {
    return error.issues.flatMap((issue) =>
        explainIssue(issue, value, schema).map(({ path, message }) => {
            const place = [...(prefix === "" ? [] : [prefix]), ...path].join(".");
            return `${place === "" ? "settings" : place}: ${message}`;
        }),
    );
}

const merged = new WeakMap<PackConfiguration, Map<string, PackConfiguration>>();

/** The settings that a rule sees: those of the pack, with its own over them. The same object when it has none. */
export function configurationOf(configuration: PackConfiguration, id: string): PackConfiguration {
    if (!hasOwnSettings(configuration, id)) return configuration;
    let byRule = merged.get(configuration);
    if (!byRule) merged.set(configuration, (byRule = new Map()));
    let own = byRule.get(id);
    if (!own) {
        const { level: _, ...settings } = configuration.rules[id] ?? {};
        byRule.set(id, (own = { ...configuration, ...settings }));
    }
    return own;
}

function hasOwnSettings({ rules }: PackConfiguration, id: string): boolean {
    return Object.hasOwn(rules, id) && Object.keys(rules[id] ?? {}).some((name) => name !== "level");
}

function notRead(id: string, name: string, read: readonly string[], known: readonly string[]): string {
    if (known.includes(name))
        return `${id} does not read this setting${read.length === 0 ? "; it reads none, only level can be set" : `; it reads ${read.join(", ")}`}`;
    const names = ["level", ...read];
    return `is not a setting; ${id} knows ${names.join(", ")}${didYouMean(name, names)}`;
}
