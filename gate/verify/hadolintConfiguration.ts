import { parse, stringify } from "yaml";
import * as z from "zod";
import { lintLevels, type LintLevel } from "./checkReport";

/** How the pipeline wants Dockerfiles to be linted. */
export interface LintSettings {
    /** Lowest level that fails. */
    threshold: LintLevel;
    /** Registries that `FROM` may name, `*` as a wildcard; empty: any registry. */
    trustedRegistries: readonly string[];
    /** Rules that are switched off for every application, e.g. `DL3008`. */
    ignored: readonly string[];
}

/** Rules of hadolint (DL) and of ShellCheck (SC), which hadolint runs over `RUN` instructions. */
const ruleCode = /^(DL|SC)\d{4}$/;
/** Host, optional port, optional path, wildcards: what hadolint compares with the registry of a `FROM`. */
const registry = /^[A-Za-z0-9*]([A-Za-z0-9.*:/_-]*[A-Za-z0-9*])?$/;

/**
 * The text of a hadolint configuration file (YAML; keys as in the hadolint README, "Configure"). Comments in a
 * Dockerfile cannot switch rules off under it.
 * @throws RangeError naming a setting that hadolint would not understand, or that would switch off its parser error.
 */
export function hadolintConfiguration({ threshold, trustedRegistries, ignored }: LintSettings): string {
    for (const code of ignored) {
        if (!ruleCode.test(code))
            throw new RangeError(`ignored: "${code}" is not a rule like DL3008 or SC2086`);
        // DL1000 says that the file could not be parsed, so that no other rule has seen anything.
        if (code === "DL1000")
            throw new RangeError("ignored: DL1000 means that nothing was checked; it stays on");
    }
    for (const name of trustedRegistries) {
        if (!registry.test(name))
            throw new RangeError(`trustedRegistries: "${name}" is not a registry like public.ecr.aws`);
    }
    return stringify({
        "failure-threshold": threshold,
        "disable-ignore-pragma": true,
        ...(trustedRegistries.length > 0 ? { trustedRegistries: [...trustedRegistries] } : {}),
        ignored: [...ignored],
    });
}

const codes = z.array(z.string().regex(ruleCode, "must be a rule like DL3008 or SC2086"));

/** What hadolint 2.15 understands (its README, "Configure"), without what would change its answer's form. */
const fileSchema = z.strictObject({
    "failure-threshold": z.enum(lintLevels).optional(),
    "disable-ignore-pragma": z.literal(true).optional(),
    "no-fail": z.literal(false).optional(),
    ignored: codes.refine((given) => !given.includes("DL1000"), "DL1000 cannot be ignored").optional(),
    override: z
        .strictObject({
            error: codes.optional(),
            warning: codes.optional(),
            info: codes.optional(),
            style: codes.optional(),
        })
        .optional(),
    trustedRegistries: z.array(z.string().regex(registry, "must be a registry")).optional(),
    "label-schema": z.record(z.string(), z.string()).optional(),
    "strict-labels": z.boolean().optional(),
});

/**
 * What is wrong with the text of a hadolint configuration file; null when nothing is. It has to be asked before
 * hadolint is run: hadolint lints without any configuration when it does not understand the file, and passes over
 * keys that it does not know.
 */
export function problemWithRules(text: string): string | null {
    let value: unknown;
    try {
        value = parse(text);
    } catch (error) {
        return `not YAML (${(error as Error).message.split("\n")[0] ?? ""})`;
    }
    const result = fileSchema.safeParse(value);
    if (result.success) return null;
    return result.error.issues
        .map(({ path, message }) => `${path.join(".") || "document"}: ${message}`)
        .join("; ");
}
