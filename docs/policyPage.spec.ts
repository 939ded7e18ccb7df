import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { unknown } from "../policies/harness/reader";
import type { ResourceRule } from "../policies/harness/rule";
import { groupRules } from "../policies/harness/judgement";
import { rules } from "../policies/registry";
import { exampleProgram } from "./exampleProgram";
import { staleDocuments } from "./generate";
import { policyPage } from "./policyPage";
import { policyReference } from "./policyReference";

describe("an example as a program", () => {
    it("shows classes, documents as objects, scripts line by line, and what is not known yet", async () => {
        assert.equal(
            await exampleProgram({
                title: "all of it",
                shows: "bad",
                expect: [],
                resources: [
                    { type: "pulumi:pulumi:Stack", name: "stack", props: {} },
                    { type: "pulumi:providers:aws", name: "west", props: { region: "us-west-2" } },
                    {
                        type: "aws:ecr/repositoryPolicy:RepositoryPolicy",
                        name: "open",
                        props: { repository: unknown, policy: '{"Statement":[]}', none: undefined },
                        propertyDependencies: { repository: ["app"] },
                        protect: true,
                        ignoreChanges: ["policy"],
                    },
                    { type: "aws:codebuild/project:Project", name: "scan", props: { "a-b": "x\n`${y}`" } },
                ],
            }),
            [
                "// knownAfterUpdate: an output that a preview does not know.",
                'new aws.Provider("west", { region: "us-west-2" });',
                "",
                "// repository is made of outputs of app.",
                "new aws.ecr.RepositoryPolicy(",
                '  "open",',
                "  { repository: knownAfterUpdate, policy: JSON.stringify({ Statement: [] }) },",
                '  { protect: true, ignoreChanges: ["policy"] },',
                ");",
                "",
                'new aws.codebuild.Project("scan", {',
                '  "a-b": `x',
                "\\`\\${y}\\``,",
                "});",
            ].join("\n"),
        );
    });

    it("is nothing for a stack without resources", async () => {
        assert.equal(await exampleProgram({ title: "t", shows: "absent", expect: [], resources: [] }), "");
    });
});

describe("the page of a rule", () => {
    const rule: ResourceRule = {
        level: "resource",
        metadata: {
            id: "T-01",
            family: "ecr",
            title: "Something is set",
            rationale: "Else it is not.",
            severity: "low",
            remediation: "Set it.",
            references: ["FSBP T.1"],
            neverExempt: true,
        },
        types: ["aws:ecr/repository:Repository"],
        evaluate: () => [],
        remediation: { when: "create", changes: () => [] },
        examples: [
            {
                title: "a | b",
                shows: "bad",
                resources: [{ type: "aws:ecr/repository:Repository", name: "app", props: {} }],
                configuration: { registryScanning: "stack" },
                expect: [{ resource: null, kind: "violation" }],
            },
        ],
    };

    it("says what the metadata says", async () => {
        const page = await policyPage([rule]);
        for (const line of [
            "# T-01 Something is set",
            "| Severity | low: advisory unless configured otherwise |",
            "| Profiles | strict |",
            "| Exemptions | none: this rule can never be exempted |",
            'new aws.ecr.Repository("app", {});',
            "| a \\| b | bad | violation on the stack |",
            "- FSBP T.1",
        ])
            assert.ok(page.split("\n").includes(line), line);
        assert.ok(page.includes('"registryScanning": "stack"'));
        assert.ok(page.includes("while the resource is created"));
        assert.ok(!page.includes("## Passes"));
    });
});

describe("the list of rules", () => {
    it("links to a page of every rule, and no page is left over", () => {
        const listed = [...policyReference().matchAll(/\]\((policies\/[^)]+\.md)\)/g)].map(
            ([, path]) => path,
        );
        const pages = readdirSync(join(__dirname, "policies")).map((name) => `policies/${name}`);
        assert.deepEqual(
            listed.filter((path) => path !== undefined).sort(),
            groupRules(rules)
                .map(({ metadata }) => `policies/${metadata.id}.md`)
                .sort(),
        );
        assert.deepEqual(pages.sort(), listed.sort());
        assert.deepEqual(staleDocuments(new Map(pages.map((name) => [name, ""]))), []);
        assert.deepEqual(staleDocuments(new Map(pages.slice(1).map((name) => [name, ""]))), [pages[0]]);
    });
});
