/** What every rule owes its readers, and the provider. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runExample } from "./harness/examples";
import { groupRules } from "./harness/judgement";
import { ResourceReader, type PathSegment } from "./harness/reader";
import type { Rule } from "./harness/rule";
import { rules } from "./registry";

const groups = groupRules(rules);

/** Rules about resource options alone: those are never unknown. */
const judgedByOptions = new Set(["PUL-01"]);

describe("every rule", () => {
    it("has an id of its own family's form, and shares metadata between its halves", () => {
        for (const rule of rules) {
            match(rule.metadata.id, /^[A-Z]+[0-9]*-\d\d[RS]?$/);
            const group = groups.find(({ metadata }) => metadata.id === rule.metadata.id);
            deepEqual(rule.metadata, group?.metadata, rule.metadata.id);
        }
        for (const { metadata, resourceRules, stackRules } of groups) {
            ok(resourceRules.length <= 1 && stackRules.length <= 1, `${metadata.id} has one half twice`);
        }
    });

    for (const { metadata } of groups) {
        it(`${metadata.id}: has title, rationale, remediation and references`, () => {
            match(metadata.title, /^\S.{10,109}[^.]$/, "title: one line without a full stop");
            match(metadata.rationale, /^\S.{30,}\.$/s, "rationale: a sentence");
            match(metadata.remediation, /^\S.{20,}\.$/s, "remediation: a sentence");
            ok(metadata.references.length > 0, "references");
            ok(["critical", "high", "medium", "low"].includes(metadata.severity), "severity");
        });
    }

    for (const rule of rules) {
        it(`${rule.metadata.id} (${rule.level}): shows a bad, a good, an absent and an unknown case`, () => {
            deepEqual(
                new Set(rule.examples.map(({ shows }) => shows)),
                new Set([
                    "bad",
                    "good",
                    "absent",
                    ...(judgedByOptions.has(rule.metadata.id) ? [] : ["unknown"]),
                ]),
            );
            const titles = rule.examples.map(({ title }) => title);
            equal(new Set(titles).size, titles.length, "titles are different");
            for (const { shows, expect, title } of rule.examples) {
                if (shows === "bad")
                    ok(
                        expect.some(({ kind }) => kind === "violation"),
                        title,
                    );
                if (shows === "good") deepEqual(expect, [], title);
            }
            ok(
                judgedByOptions.has(rule.metadata.id) ||
                    rule.examples.some(
                        ({ shows, expect }) =>
                            shows === "unknown" && expect.some(({ kind }) => kind === "inconclusive"),
                    ),
                "an unknown case is inconclusive",
            );
        });
    }
});

/** Type tokens that the installed provider's classes carry, with the properties of each class. */
function providerTypes(): Map<string, Set<string>> {
    const root = dirname(require.resolve("@pulumi/aws/package.json"));
    const types = new Map<string, Set<string>>();
    for (const folder of readdirSync(root, { withFileTypes: true })) {
        if (!folder.isDirectory() || folder.name === "node_modules" || folder.name === "types") continue;
        for (const file of readdirSync(join(root, folder.name))) {
            if (!file.endsWith(".js") || file.startsWith("get")) continue;
            const path = join(root, folder.name, file);
            const token = /__pulumiType = '([^']+)'/.exec(readFileSync(path, "utf8"))?.[1];
            if (!token) continue;
            const declarations = readFileSync(path.replace(/\.js$/, ".d.ts"), "utf8");
            types.set(
                token,
                new Set([...declarations.matchAll(/^ {4}readonly (\w+): /gm)].map(([, name = ""]) => name)),
            );
        }
    }
    return types;
}

/** Read on every kind of principal alike, though users have no such properties: absent there, which is right. */
const readOnEveryPrincipal = ["aws:iam/user:User inlinePolicies", "aws:iam/user:User managedPolicyArns"];

/** Top-level properties that rules read while their examples run, by type. */
function propertiesRead(): Map<string, Set<string>> {
    const read = new Map<string, Set<string>>();
    const original = ResourceReader.prototype.get;
    ResourceReader.prototype.get = function (this: ResourceReader, ...path: PathSegment[]) {
        const names = read.get(this.type) ?? new Set();
        if (typeof path[0] === "string") names.add(path[0]);
        read.set(this.type, names);
        return original.apply(this, path);
    };
    try {
        for (const rule of rules) for (const example of rule.examples) runExample(rule, example);
    } finally {
        ResourceReader.prototype.get = original;
    }
    return read;
}

/** Every token that a rule names: as a type it judges, as one that makes it relevant, and in its examples. */
function namedTokens(rule: Rule): string[] {
    return [
        ...(rule.level === "resource" ? rule.types : (rule.relevantTypes ?? [])),
        ...rule.examples.flatMap(({ resources }) => resources.map(({ type }) => type)),
    ];
}

describe("the installed provider", () => {
    let tokens: Map<string, Set<string>>;
    before(() => {
        tokens = providerTypes();
    });

    it("has more than a thousand types (or this check reads the wrong files)", () => {
        ok(tokens.size > 1_000, `${tokens.size} types`);
    });

    for (const rule of rules) {
        it(`emits the types that ${rule.metadata.id} (${rule.level}) names`, () => {
            const unknownTokens = namedTokens(rule).filter(
                (token) => token.startsWith("aws:") && !tokens.has(token),
            );
            deepEqual([...new Set(unknownTokens)], []);
        });
    }

    it("has every property that rules read", () => {
        const missing = [...propertiesRead()].flatMap(([type, names]) =>
            [...names]
                .filter((name) => tokens.has(type) && !tokens.get(type)?.has(name))
                .map((name) => `${type} ${name}`),
        );
        deepEqual(
            missing.filter((entry) => !readOnEveryPrincipal.includes(entry)),
            [],
        );
    });
});
