/** Which rules look at the resource types of a run: known for our own pack, whose rules can be asked. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { coverageOf, typesOf } from "../policies/coverage";
import type { TypeUse } from "../policies/coverage";
import { settingsPolicyName } from "../policies/harness/configuration";
import { rules } from "../policies/registry";
import type { PolicyResult, RunResult } from "./model";
import { ownPack } from "./policyConfiguration";
import type { TypeReport } from "./report";

/** Rule ids of our pack, and what they look at. */
interface PackTypes extends TypeUse {
    rules: ReadonlySet<string>;
}

/**
 * The types of the resources that a provider is asked for. Not known for a foreign pack, or for another version of ours:
 * a policy does not announce what it looks at.
 * @param cacheFile where to keep what the rules look at, for the next run of the same code; undefined = nowhere
 */
export function typeReportOf(
    result: Pick<RunResult, "resources" | "policy">,
    cacheFile?: string,
): TypeReport {
    if (result.policy === null) {
        return { known: false, reason: "no policy pack was asked" };
    }
    if (result.policy.pack.name !== ownPack) {
        return { known: false, reason: "the pack does not say what its rules look at" };
    }
    const pack = cached(cacheFile) ?? keep(cacheFile, (own ??= asked()));
    if (!sameRules(result.policy, pack.rules)) {
        return { known: false, reason: "the pack has other rules than the one that this command comes with" };
    }
    const types = result.resources
        .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
        .map(({ type }) => type);
    return { known: true, types: coverageOf(types, pack) };
}

/** One policy, the one for the settings, is no rule. */
function sameRules({ policies }: PolicyResult, ids: ReadonlySet<string>): boolean {
    const named = policies.map(({ name }) => name).filter((name) => name !== settingsPolicyName);
    return named.length === ids.size && named.every((name) => ids.has(name));
}

let own: PackTypes | undefined;

/** Runs the examples of all stack rules, which takes half a second. */
function asked(): PackTypes {
    return { ...typesOf(rules), rules: new Set(rules.map(({ metadata }) => metadata.id)) };
}

type Lists = [string, string[]][];

interface Kept {
    code: string;
    rules: string[];
    judged: Lists;
    consulted: Lists;
}

/** This very file, which as a bundle holds the rules, too. */
function codeDigest(): string {
    return createHash("sha256").update(readFileSync(__filename)).digest("hex");
}

function cached(cacheFile: string | undefined): PackTypes | undefined {
    if (cacheFile === undefined) {
        return undefined;
    }
    try {
        const kept = JSON.parse(readFileSync(cacheFile, "utf8")) as Kept;
        const mapOf = (lists: Lists): Map<string, Set<string>> =>
            new Map(lists.map(([type, ids]) => [type, new Set(ids)]));
        return kept.code === codeDigest()
            ? { rules: new Set(kept.rules), judged: mapOf(kept.judged), consulted: mapOf(kept.consulted) }
            : undefined;
    } catch {
        return undefined;
    }
}

function keep(cacheFile: string | undefined, pack: PackTypes): PackTypes {
    if (cacheFile === undefined) {
        return pack;
    }
    const lists = (map: ReadonlyMap<string, ReadonlySet<string>>): Lists =>
        [...map].map(([type, by]) => [type, [...by]]);
    const kept: Kept = {
        code: codeDigest(),
        rules: [...pack.rules],
        judged: lists(pack.judged),
        consulted: lists(pack.consulted),
    };
    try {
        mkdirSync(dirname(cacheFile), { recursive: true });
        const temporary = `${cacheFile}.${process.pid}`;
        writeFileSync(temporary, JSON.stringify(kept));
        renameSync(temporary, cacheFile);
    } catch {
        // A cache that cannot be written costs the next run half a second, nothing else.
    }
    return pack;
}
