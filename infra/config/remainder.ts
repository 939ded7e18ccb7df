/**
 * What is left of a document when its faulty values are put aside, so that one wrong value does not hide the
 * contradictions between the others. The stand-ins never reach a resource: the report is thrown either way.
 */
import type { z } from "zod";

const standIns: { pattern: RegExp; length: number; value: (index: number) => unknown }[] = [
    { pattern: /^applications\.\d+\.source\b/, length: 3, value: () => ({ type: "codecommit" }) },
    { pattern: /^applications\.\d+\.name$/, length: 3, value: (index) => `stand-in-${index}` },
    {
        pattern: /^applications\.\d+$/,
        length: 2,
        value: (index) => ({ name: `stand-in-${index}`, source: { type: "codecommit" } }),
    },
    {
        pattern: /^applications$/,
        length: 1,
        value: () => [{ name: "stand-in", source: { type: "codecommit" } }],
    },
    { pattern: /^approval\.alarmEmails\.\d+$/, length: 3, value: (index) => `stand-in-${index}@example.com` },
    {
        pattern: /^approval\.human\.emails\.\d+$/,
        length: 4,
        value: (index) => `stand-in-${index}@example.com`,
    },
    {
        pattern: /^approval\.human\.emails$/,
        length: 3,
        value: () => ["stand-in@example.com"],
    },
    // TEST-NET-2 of RFC 5737: in nobody's network.
    { pattern: /^network\.peerCidrBlocks\.\d+$/, length: 3, value: () => "198.51.100.0/24" },
    { pattern: /^(scanners)\b/, length: 1, value: () => undefined },
    { pattern: /^gatePolicy\.requiredScanners\b/, length: 2, value: () => undefined },
    { pattern: /^gatePolicy\.(waivers|maximumWaiverDays)\b/, length: 2, value: () => undefined },
    { pattern: /^gatePolicy\.version$/, length: 2, value: () => 1 },
];

function put(root: Record<string, unknown>, path: readonly PropertyKey[], value: unknown): void {
    let holder: unknown = root;
    for (const part of path.slice(0, -1)) {
        if (holder === null || typeof holder !== "object") return;
        holder = (holder as Record<PropertyKey, unknown>)[part];
    }
    const last = path.at(-1);
    if (holder === null || typeof holder !== "object" || last === undefined) return;
    if (value === undefined) delete (holder as Record<PropertyKey, unknown>)[last];
    else (holder as Record<PropertyKey, unknown>)[last] = value;
}

/** Copy of the document in which every value that an issue is about is left to its default or replaced by a stand-in. */
export function withoutFaults(
    document: Record<string, unknown>,
    issues: readonly z.core.$ZodIssue[],
): Record<string, unknown> {
    const copy = structuredClone(document);
    for (const issue of issues) {
        const paths =
            issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
        for (const path of paths) {
            const standIn = standIns.find(({ pattern }) => pattern.test(path.map(String).join(".")));
            const index = path.find((part) => typeof part === "number") ?? 0;
            if (issue.code === "unrecognized_keys" || standIn === undefined) put(copy, path, undefined);
            else put(copy, path.slice(0, standIn.length), standIn.value(index));
        }
    }
    return copy;
}
