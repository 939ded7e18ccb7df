import * as z from "zod";
import type { Finding } from "../report/scanReport";
import { severities, type Severity } from "../report/severity";
import { IncompleteError, oneLine } from "./engineError";

/** One entry of `GET /v1/images/{digest}/vuln/all`. */
const entrySchema = z.object({
    vuln: z.string().trim().min(1),
    severity: z.unknown().optional(),
    package: z.string().nullish(),
    package_name: z.string().nullish(),
    package_version: z.string().nullish(),
    package_type: z.string().nullish(),
    package_path: z.string().nullish(),
    fix: z.string().nullish(),
    url: z.string().nullish(),
    will_not_fix: z.unknown().optional(),
});

/**
 * The engine's severity in our words. The engine writes Critical, High, Medium, Low, Negligible and Unknown;
 * anything else, or nothing, is `unknown`, which the gate policy counts as it says.
 */
export function severityOf(value: unknown): Severity {
    const name = typeof value === "string" ? value.trim().toLowerCase() : "";
    return severities.find((severity) => severity === name) ?? "unknown";
}

/** The engine's "no value" is null, an empty text or the text "None". */
function textOrNull(value: string | null | undefined): string | null {
    const text = value?.trim() ?? "";
    return text === "" || text === "None" ? null : text;
}

/**
 * Reads every entry of a vulnerability list; none is ever left out.
 * @param pointer JSON pointer of the list in the raw evidence.
 * @throws IncompleteError naming the first entry that cannot be read.
 */
export function findingsOf(entries: readonly unknown[], pointer: string): Finding[] {
    return entries.map((entry, index) => {
        const finding = findingOf(entry, `${pointer}/${index}`);
        if (!("unusable" in finding)) return finding;
        throw new IncompleteError(
            `the engine's vulnerability list cannot be read: entry ${index} of ${entries.length} has no usable ` +
                `${finding.unusable}: scan again, then look at the engine's log`,
        );
    });
}

/**
 * Reads one entry of a vulnerability list.
 * @param source JSON pointer of the entry in the raw evidence.
 * @returns the finding, or what of the entry cannot be used.
 */
export function findingOf(entry: unknown, source: string): Finding | { unusable: string } {
    const read = entrySchema.safeParse(entry);
    if (!read.success) return { unusable: oneLine(read.error.issues[0]?.path.join(".") || "content") };
    const { vuln, severity, package_version, package_type, package_path, fix, url, will_not_fix } = read.data;
    const name = textOrNull(read.data.package_name) ?? textOrNull(read.data.package);
    if (name === null) return { unusable: "package_name" };
    // Anything but a plain no is taken as "will not fix": it only takes away the fix version.
    const willNotFix = !(will_not_fix === false || will_not_fix === undefined || will_not_fix === null);
    const path = textOrNull(package_path);
    return {
        id: vuln,
        severity: severityOf(severity),
        package: {
            name,
            version: textOrNull(package_version) ?? "",
            type: textOrNull(package_type) ?? "",
            ...(path === null ? {} : { path }),
        },
        fixedIn: willNotFix ? null : textOrNull(fix),
        willNotFix,
        url: textOrNull(url),
        source,
    };
}
