import { stringify } from "yaml";
import type { LintLevel } from "./checkReport";

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
