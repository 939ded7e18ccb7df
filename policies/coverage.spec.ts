import assert from "node:assert/strict";
import { coverageOf, typesOf } from "./coverage";
import { pass, violation } from "./harness/outcome";
import type { ResourceRule, RuleExample, StackRule } from "./harness/rule";
import { rules } from "./registry";

const metadata = (id: string): StackRule["metadata"] => ({
    id,
    family: "kms",
    title: id,
    rationale: "",
    severity: "low",
    remediation: "",
    references: [],
});
const example = (...types: string[]): RuleExample => ({
    title: "",
    shows: "good",
    expect: [],
    resources: types.map((type, position) => ({ type, name: `r${position}`, props: {} })),
});
const sorted = (map: ReadonlyMap<string, ReadonlySet<string>>): [string, string[]][] =>
    [...map]
        .map(([type, ids]): [string, string[]] => [type, [...ids].sort()])
        .sort(([a], [b]) => (a < b ? -1 : 1));

describe("types that the rules look at", () => {
    const resourceRule: ResourceRule = {
        level: "resource",
        metadata: metadata("A-01"),
        types: ["a", "b"],
        evaluate: () => [pass],
        examples: [],
    };
    const stackRule: StackRule = {
        level: "stack",
        metadata: metadata("A-02"),
        relevantTypes: ["relevant"],
        evaluate: (graph) =>
            graph
                .ofType("relevant")
                .flatMap((resource) => [
                    { resource, outcome: pass },
                    ...(graph.reference(resource, ["key"], ["referred"]).kind === "absent"
                        ? [{ resource: graph.resources[1] ?? null, outcome: violation("x", "y") }]
                        : []),
                    ...graph
                        .dependencies(resource, "other", ["depended"])
                        .map(() => ({ resource, outcome: pass })),
                    ...graph
                        .referrers(resource, ["referring"], "p")
                        .certain.map(() => ({ resource, outcome: pass })),
                ]),
        examples: [example("relevant", "unasked", "bystander"), example("bystander")],
    };
    const skipping: StackRule = {
        ...stackRule,
        metadata: metadata("A-03"),
        evaluate: (graph) =>
            graph
                .ofType("a", "elsewhere")
                .map((resource) => ({ resource, outcome: { kind: "notApplicable", reason: "" } })),
        examples: [example("a", "relevant")],
    };

    it("are those of resource rules, those that findings are about, and those that graphs are asked for", () => {
        const { judged, consulted } = typesOf([resourceRule, stackRule, skipping]);
        assert.deepEqual(sorted(judged), [
            ["a", ["A-01"]],
            ["b", ["A-01"]],
            ["relevant", ["A-02"]],
            ["unasked", ["A-02"]],
        ]);
        assert.deepEqual(sorted(consulted), [
            ["a", ["A-03"]],
            ["depended", ["A-02"]],
            ["elsewhere", ["A-03"]],
            ["referred", ["A-02"]],
            ["referring", ["A-02"]],
            ["relevant", ["A-03"]],
        ]);
    });

    it("survive a rule that breaks on its example", () => {
        const broken: StackRule = {
            ...stackRule,
            evaluate: (graph) => {
                graph.ofType("before");
                throw new Error("broken");
            },
        };
        assert.ok(typesOf([broken]).consulted.has("before"));
    });

    it("tell which types of a stack nobody looks at", () => {
        assert.deepEqual(
            coverageOf(["nobody", "b", "referred", "nobody"], typesOf([resourceRule, stackRule])),
            [
                { type: "b", resources: 1, judgedBy: 1, consultedBy: 0 },
                { type: "nobody", resources: 2, judgedBy: 0, consultedBy: 0 },
                { type: "referred", resources: 1, judgedBy: 0, consultedBy: 1 },
            ],
        );
    });

    it("include what the pack is about, and only what is not there stays uncovered", () => {
        const use = typesOf(rules);
        for (const type of [
            "aws:ecr/repository:Repository",
            "aws:codepipeline/pipeline:Pipeline",
            "aws:codebuild/project:Project",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:lambda/function:Function",
        ]) {
            assert.ok(use.judged.has(type), type);
        }
        assert.ok(
            !use.judged.has("aws:glacier/vault:Vault") && !use.consulted.has("aws:glacier/vault:Vault"),
        );
    });
});
