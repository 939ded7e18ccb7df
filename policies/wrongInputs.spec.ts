/** What every rule does with inputs that are not of the type it expects, and with the other names of a type. */
import { deepEqual, ok } from "node:assert/strict";
import { policiesFor } from "./harness/crossguard";
import { exampleDescriptions, findingsOf, runExample } from "./harness/examples";
import { ResourceReader, type PathSegment } from "./harness/reader";
import type { ExampleResource, Rule, RuleExample } from "./harness/rule";
import { analyze } from "./harness/testing/analyzerRequests";
import { rules } from "./registry";

/** Tokens of one and the same thing: the provider emits each of them. */
const aliases: readonly [RegExp, string][] = [
    [/^aws:lb\//, "aws:alb/"],
    [/^aws:alb\//, "aws:lb/"],
];

function otherName(type: string): string | undefined {
    const alias = aliases.find(([pattern]) => pattern.test(type));
    return alias === undefined ? undefined : type.replace(alias[0], alias[1]);
}

function renamed(example: RuleExample): RuleExample | undefined {
    const resources = example.resources.map((resource) => ({
        ...resource,
        type: otherName(resource.type) ?? resource.type,
    }));
    return resources.some(({ type }, index) => type !== example.resources[index]?.type)
        ? { ...example, resources }
        : undefined;
}

/** Top-level properties that the rule reads while it judges the example, by resource name. */
function propertiesRead(rule: Rule, example: RuleExample): Map<string, Set<string>> {
    const read = new Map<string, Set<string>>();
    const original = ResourceReader.prototype.get;
    ResourceReader.prototype.get = function (this: ResourceReader, ...path: PathSegment[]) {
        const [top] = path;
        if (typeof top === "string") read.set(this.name, (read.get(this.name) ?? new Set()).add(top));
        return original.apply(this, path);
    };
    try {
        runExample(rule, example);
    } finally {
        ResourceReader.prototype.get = original;
    }
    return read;
}

/** A value that no property of the kind of `value` may have. */
function wrongTypeOf(value: unknown): unknown {
    return Array.isArray(value) || (typeof value === "object" && value !== null) ? 7 : [[{ wrong: {} }]];
}

function withProperty(example: RuleExample, name: string, property: string): RuleExample {
    const resources = example.resources.map((resource): ExampleResource =>
        resource.name === name
            ? { ...resource, props: { ...resource.props, [property]: wrongTypeOf(resource.props[property]) } }
            : resource,
    );
    return { ...example, resources };
}

/** Every way to give one property that the rule reads, and the example sets, a wrong type. */
function* spoiled(rule: Rule, example: RuleExample): Generator<[string, RuleExample]> {
    for (const [name, properties] of propertiesRead(rule, example)) {
        const resource = example.resources.find((candidate) => candidate.name === name);
        for (const property of properties) {
            if (resource?.props[property] === undefined) continue;
            yield [`${name}.${property}`, withProperty(example, name, property)];
        }
    }
}

/** Properties that only say which resource it is: whatever they are, what they belong to is judged. */
const identifying = ["name", "tags", "port", "loadBalancerType", "description"];

describe("inputs of a wrong type", () => {
    for (const rule of rules) {
        it(`${rule.metadata.id} (${rule.level}) does not crash`, () => {
            // Examples of stack rules are whole stacks and much alike: the first of each kind will do.
            const examples = rule.examples.filter(
                ({ shows }, index) =>
                    rule.level === "resource" ||
                    rule.examples.findIndex((each) => each.shows === shows) === index,
            );
            for (const example of examples) {
                for (const [place, bad] of spoiled(rule, example)) {
                    try {
                        runExample(rule, bad);
                    } catch (error) {
                        ok(false, `${example.title}, ${place}: ${String(error)}`);
                    }
                }
            }
        });
    }

    for (const rule of rules.filter(({ level }) => level === "resource")) {
        it(`${rule.metadata.id} does not pass what it cannot read`, () => {
            for (const example of rule.examples.filter(({ shows }) => shows === "good")) {
                for (const [place, bad] of spoiled(rule, example)) {
                    if (identifying.some((property) => place.endsWith(`.${property}`))) continue;
                    const kinds = runExample(rule, bad).map(({ outcome }) => outcome.kind);
                    ok(
                        kinds.some((kind) => kind !== "pass"),
                        `${example.title}: passes although ${place} is of a wrong type`,
                    );
                }
            }
        });
    }
});

describe("resources of another type", () => {
    for (const rule of rules.filter(({ level }) => level === "resource")) {
        it(`${rule.metadata.id} does not judge them`, async () => {
            for (const example of rule.examples.filter(({ shows }) => shows === "bad")) {
                const policies = policiesFor([rule], {
                    preview: true,
                    settings: example.configuration ?? {},
                });
                for (const description of exampleDescriptions(example)) {
                    const answer = await analyze(policies, {
                        ...description,
                        type: "other:thing/thing:Thing",
                    });
                    deepEqual(answer.diagnostics, [], example.title);
                }
            }
        });
    }
});

describe("other names of a type", () => {
    const concerned = rules.flatMap((rule) =>
        rule.examples.flatMap((example) => {
            const other = renamed(example);
            return other === undefined ? [] : [{ rule, example, other }];
        }),
    );

    it("are known of some rules (or this check reads nothing)", () => {
        ok(concerned.length > 10, `${concerned.length} examples`);
    });

    for (const { rule, example, other } of concerned) {
        it(`${rule.metadata.id} (${rule.level}): ${example.title}`, () => {
            deepEqual(findingsOf(runExample(rule, other)), example.expect);
        });
    }
});
