import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Policies } from "@pulumi/policy";
import { policiesFor } from "./crossguard";
import { about, inconclusive, notApplicable, pass, violation } from "./outcome";
import type { ResourceDescription } from "./reader";
import { unknown } from "./reader";
import type { ResourceRule, Rule, RuleMetadata, StackRule } from "./rule";
import { analyze, analyzeStack } from "./testing/analyzerRequests";

const metadata = (id: string, more: Partial<RuleMetadata> = {}): RuleMetadata => ({
    id,
    family: "ecr",
    title: "Title",
    rationale: "Because.",
    severity: "high",
    remediation: "Mend it.",
    references: ["FSBP ECR.1"],

    ...more,
});

const resourceRule = (
    id: string,
    evaluate: ResourceRule["evaluate"],
    more: Partial<RuleMetadata> = {},
    types = ["a:b:C"],
): ResourceRule => ({ level: "resource", metadata: metadata(id, more), types, evaluate, examples: [] });

const stackRule = (
    id: string,
    evaluate: StackRule["evaluate"],
    more: Partial<StackRule> = {},
): StackRule => ({
    level: "stack",
    metadata: metadata(id),
    evaluate,
    examples: [],
    ...more,
});

const wrong = violation("It is wrong.", "Mend it.");
const throwing = (): never => {
    throw new TypeError("cannot read x");
};

const resource = (
    name: string,
    properties: Record<string, unknown> = {},
    type = "a:b:C",
): ResourceDescription => ({
    type,
    name,
    urn: `urn:pulumi:dev::project::${type}::${name}`,
    properties,
});
const root = resource("project-dev", {}, "pulumi:pulumi:Stack");

const policies = (rules: Rule[], settings = {}): Policies => policiesFor(rules, { preview: true, settings });

describe("policies made of rules", () => {
    it("a throwing resource rule is a mandatory violation and does not silence the others", async () => {
        const answer = await analyze(
            policies([
                resourceRule("T-1", () => [wrong]),
                resourceRule("T-2", throwing, { severity: "low" }),
                resourceRule("T-3", () => [wrong]),
            ]),
            resource("x"),
        );
        deepEqual(
            answer.diagnostics.map(({ policy, enforcement }) => [policy, enforcement]),
            [
                ["T-1", "mandatory"],
                ["T-2", "mandatory"],
                ["T-3", "mandatory"],
            ],
        );
        match(answer.diagnostics[1]?.message ?? "", /^\[T-2\] Rule error: TypeError: cannot read x\nFix: /);
    });

    it("a throwing stack rule is a mandatory violation on the stack and does not silence the others", async () => {
        const answer = await analyzeStack(
            policies([
                stackRule("T-1", throwing),
                stackRule("T-2", (graph) => graph.ofType("a:b:C").flatMap((found) => about(found, wrong))),
            ]),
            [root, resource("x"), resource("y")],
        );
        deepEqual(
            answer.diagnostics.map(({ policy, urn, enforcement }) => [policy, urn, enforcement]),
            [
                ["T-1", root.urn, "mandatory"],
                ["T-2", resource("x").urn, "mandatory"],
                ["T-2", resource("y").urn, "mandatory"],
            ],
        );
    });

    it("one half that throws leaves the findings of the other half of the rule", async () => {
        const shared = metadata("T-1");
        const answer = await analyze(
            policies([
                { ...resourceRule("T-1", throwing), metadata: shared },
                { ...resourceRule("T-1", () => [wrong]), metadata: shared },
            ]),
            resource("x"),
        );
        deepEqual(
            answer.diagnostics.map(({ message }) => message.split("\n")[0]),
            ["[T-1] Rule error: TypeError: cannot read x", "[T-1] It is wrong."],
        );
    });

    it("an unknown value in the first resource does not hide the last", async () => {
        const rule = stackRule("T-1", (graph) =>
            graph.ofType("a:b:C").flatMap((found) => {
                const flag = found.boolean("flag");
                if (flag.kind === "unknown") return about(found, inconclusive(flag, "not known"));
                return about(found, wrong);
            }),
        );
        const answer = await analyzeStack(policies([rule]), [
            resource("first", { flag: unknown }),
            resource("last"),
        ]);
        deepEqual(
            answer.diagnostics.map(({ message, urn, enforcement }) => [message, urn, enforcement]),
            [
                ["[T-1] Inconclusive: not known (flag)", resource("first").urn, "advisory"],
                ["[T-1] It is wrong.\nFix: Mend it.", resource("last").urn, "mandatory"],
            ],
        );
    });

    it("what a rule says twice of one resource is reported once, and of two resources twice", async () => {
        const rule = stackRule("T-1", (graph) =>
            [...graph.ofType("a:b:C"), ...graph.ofType("a:b:C")].flatMap((found) => about(found, wrong)),
        );
        const answer = await analyzeStack(policies([rule]), [resource("x"), resource("y")]);
        deepEqual(
            answer.diagnostics.map(({ urn }) => urn),
            [resource("x").urn, resource("y").urn],
        );
    });

    it("a finding may weigh less than its rule, or more", async () => {
        const answer = await analyze(
            policies([
                resourceRule("T-1", () => [violation("m", "f", { severity: "medium" })], {
                    severity: "high",
                }),
                resourceRule("T-2", () => [violation("m", "f", { severity: "critical" })], {
                    severity: "low",
                }),
                resourceRule("T-3", () => [wrong], { severity: "medium" }),
            ]),
            resource("x"),
        );
        deepEqual(
            answer.diagnostics.map(({ severity, enforcement }) => [severity, enforcement]),
            [
                ["medium", "advisory"],
                ["critical", "mandatory"],
                ["medium", "advisory"],
            ],
        );
    });

    it("with strictUnknowns only critical and high rules turn mandatory", async () => {
        const open = () => [inconclusive({ property: "p" }, "w")];
        const rules = [resourceRule("T-1", open), resourceRule("T-2", open, { severity: "medium" })];
        const levels = async (settings: object) =>
            (await analyze(policies(rules, settings), resource("x"))).diagnostics.map(
                ({ enforcement }) => enforcement,
            );
        deepEqual(await levels({}), ["advisory", "advisory"]);
        deepEqual(await levels({ strictUnknowns: true }), ["mandatory", "advisory"]);
    });

    it("says what is not applicable and why, and nothing about what passes", async () => {
        const answer = await analyze(
            policies([
                resourceRule("T-1", () => [pass]),
                resourceRule("T-2", () => [notApplicable("no tier"), notApplicable("other")]),
                resourceRule("T-3", () => [pass, notApplicable("partly")]),
                stackRule("T-5", () => []),
            ]),
            resource("x"),
        );
        deepEqual(answer.diagnostics, []);
        deepEqual([...answer.notApplicable], [["T-2", "no tier"]]);
    });

    it("says once, of the stack, which rules concern none of its resources", async () => {
        const list = policies([
            resourceRule("T-1", () => [pass]),
            resourceRule("T-2", () => [wrong], {}, ["a:b:D", "a:b:E"]),
            resourceRule("T-3", () => [pass], {}, ["a:b:C", "a:b:F"]),
        ]);
        deepEqual([...(await analyze(list, resource("x"))).notApplicable], []);
        deepEqual(
            [...(await analyzeStack(list, [resource("x")])).notApplicable],
            [["T-2", "Policy only applies to resources of type 'a:b:D, a:b:E'"]],
        );
        deepEqual(
            [...(await analyzeStack(list, [resource("x"), resource("y", {}, "a:b:E")])).notApplicable],
            [],
        );
    });

    it("a stack rule about types that the stack has not is not applicable, one that passes says nothing", async () => {
        const answer = await analyzeStack(
            policies([
                stackRule("T-1", () => about(null, wrong), { relevantTypes: ["a:b:D"] }),
                stackRule("T-2", () => about(null, pass), { relevantTypes: ["a:b:C"] }),
                stackRule("T-3", () => about(null, notApplicable("nothing declared"))),
            ]),
            [resource("x")],
        );
        deepEqual(answer.diagnostics, []);
        deepEqual(
            [...answer.notApplicable],
            [
                ["T-1", "Policy only applies to resources of type 'a:b:D'"],
                ["T-3", "nothing declared"],
            ],
        );
    });

    it("runs every rule once per request", async () => {
        const runs: string[] = [];
        const counted = (id: string) =>
            resourceRule(id, () => {
                runs.push(id);
                return [wrong];
            });
        const list = policies([counted("T-1"), counted("T-2")]);
        await analyze(list, resource("x"));
        deepEqual(runs, ["T-1", "T-2"]);
        await analyze(list, resource("y"));
        deepEqual(runs, ["T-1", "T-2", "T-1", "T-2"]);
    });

    it("keeps requests apart that are in flight at the same time", async () => {
        const list = policies([
            resourceRule("T-1", (reader) => [violation(reader.name, "f")]),
            resourceRule("T-2", (reader) => [violation(reader.name, "f")]),
        ]);
        const names = Array.from({ length: 20 }, (_, index) => `r${index}`);
        const answers = await Promise.all(names.map((name) => analyze(list, resource(name))));
        deepEqual(
            answers.map(({ diagnostics }) => diagnostics.map(({ message }) => message)),
            names.map((name) => [`[T-1] ${name}\nFix: f`, `[T-2] ${name}\nFix: f`]),
        );
    });

    it("judges the same when the list is read by index", async () => {
        const list = policies([
            resourceRule("T-1", (reader) => [violation(reader.name, "f")]),
            resourceRule("T-2", () => [pass]),
            stackRule("T-3", (graph) => about(graph.resources[0] ?? null, wrong)),
        ]);
        const copy = Array.from({ length: list.length }, (_, index) => list[index]) as Policies;
        const summary = async (name: string) => [
            ...(await analyze(copy, resource(name))).diagnostics,
            ...(await analyzeStack(copy, [resource(name)])).diagnostics,
        ];
        for (const name of ["x", "y"]) {
            deepEqual(
                (await summary(name)).map(({ message, urn }) => [message, urn]),
                [
                    [`[T-1] ${name}\nFix: f`, resource(name).urn],
                    ["[T-3] It is wrong.\nFix: Mend it.", resource(name).urn],
                ],
            );
        }
    });

    it("runs only the rules of the profile, and calls the others not applicable", async () => {
        const list = policies(
            [resourceRule("T-1", () => [wrong]), resourceRule("T-2", () => [wrong], { family: "ecs" })],
            { profile: "gate" },
        );
        const answer = await analyze(list, resource("x"));
        deepEqual(
            answer.diagnostics.map(({ policy }) => policy),
            ["T-1"],
        );
        deepEqual([...answer.notApplicable.keys()], []);
        deepEqual([...(await analyzeStack(list, [resource("x")])).notApplicable.keys()], ["T-2"]);
    });

    it("reports wrong settings once, on the stack, and goes on with the defaults", async () => {
        const list = policies([resourceRule("T-1", () => [wrong])], { profile: "lax", unknownKey: 1 });
        const onStack = await analyze(list, root);
        equal(onStack.diagnostics.length, 1);
        const [problem] = onStack.diagnostics;
        equal(problem?.enforcement, "mandatory");
        match(problem?.message ?? "", /^\[portcullis\] .*profile: .*unknownKey/s);
        deepEqual(
            (await analyze(list, resource("x"))).diagnostics.map(({ policy }) => policy),
            ["T-1"],
        );
        deepEqual(
            (await analyzeStack(list, [root])).diagnostics.map(({ policy, urn }) => [policy, urn]),
            [["portcullis", root.urn]],
        );
    });

    it("reads protect, ignoreChanges, parent and property dependencies", async () => {
        const seen: unknown[] = [];
        const list = policies([
            resourceRule("T-1", (reader) => {
                seen.push(reader.protect, reader.ignoreChanges, reader.parent);
                return [pass];
            }),
            stackRule("T-2", (graph) => {
                const child = graph.ofType("a:b:C")[1];
                seen.push(child?.propertyDependencies, child?.parent, child?.get("gone").kind);
                return [];
            }),
        ]);
        const child = {
            ...resource("child"),
            protect: true,
            ignoreChanges: ["tags"],
            parent: resource("x").urn,
            propertyDependencies: { gone: [resource("x").urn] },
        };
        await analyze(list, child);
        await analyzeStack(list, [resource("x"), child]);
        deepEqual(seen, [
            true,
            ["tags"],
            resource("x").urn,
            { gone: [resource("x").urn] },
            resource("x").urn,
            "unknown",
        ]);
    });

    it("never makes the SDK say that it cannot run a policy", async () => {
        const reading = resourceRule("T-1", (reader) => {
            ok(reader.get("a", "b").kind === "unknown");
            return [inconclusive(reader.get("a", "b"), "not known")];
        });
        const answer = await analyze(policies([reading]), resource("x", { a: { b: unknown } }));
        deepEqual(
            answer.diagnostics.map(({ message }) => message),
            ["[T-1] Inconclusive: not known (a.b)"],
        );
    });
});
