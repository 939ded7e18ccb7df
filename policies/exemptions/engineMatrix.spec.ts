/** Levels of CrossGuard × profile × exemption × strictness, through the request handlers of the SDK. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Policies } from "@pulumi/policy";
import { defaultConfiguration, type PackConfiguration } from "../harness/configuration";
import { policiesFor } from "../harness/crossguard";
import { about, inconclusive, violation } from "../harness/outcome";
import { profilesOf, type Profile } from "../harness/profiles";
import type { ResourceDescription } from "../harness/reader";
import type { Outcome, Rule, RuleMetadata } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { analyze, analyzeStack, type Diagnostic } from "../harness/testing/analyzerRequests";
import { rules as packRules } from "../registry";

const type = "aws:ecr/repository:Repository";
const resource = (name: string, token = type): ResourceDescription => ({
    type: token,
    name,
    urn: `urn:pulumi:dev::shop::${token}::${name}`,
    properties: {},
});
const root = resource("shop-dev", "pulumi:pulumi:Stack");
const tools = resource("tools");

const metadata = (id: string, more: Partial<RuleMetadata>): RuleMetadata => ({
    id,
    family: "ecr",
    title: "Title",
    rationale: "Because.",
    severity: "high",
    remediation: "Mend it.",
    references: ["FSBP ECR.1"],
    ...more,
});
const wrong = violation("It is wrong.", "Mend it.");
const open = inconclusive({ property: "name" }, "not known yet");
const inResource = (id: string, outcome: Outcome, more: Partial<RuleMetadata> = {}): Rule => ({
    level: "resource",
    metadata: metadata(id, more),
    types: [type],
    evaluate: () => [outcome],
    examples: [],
});
const inStack = (id: string, outcome: Outcome, more: Partial<RuleMetadata> = {}): Rule => ({
    level: "stack",
    metadata: metadata(id, more),
    evaluate: (graph) => graph.ofType(type).flatMap((found) => about(found, outcome)),
    examples: [],
});

/** The rules about the run, as the pack has them. */
const meta = packRules.filter(({ metadata: { everyProfile } }) => everyProfile);
const rules: Rule[] = [
    inResource("ECR-01", wrong),
    inStack("ECR-02", wrong),
    inResource("ECR-03", wrong, { severity: "low" }),
    inResource("S3-01", wrong, { family: "s3" }),
    inResource("ECR-04", open),
    inStack("ECR-05", open, { severity: "low" }),
    ...meta,
];
const byId = new Map(rules.map((rule) => [rule.metadata.id, rule.metadata]));

const levels = ["advisory", "mandatory", "remediate", "disabled"] as const;
type Level = (typeof levels)[number];

const exempted = ["ECR-01", "ECR-02", "ECR-03", "S3-01"];
function exemptionFile(expires: string): string {
    return JSON.stringify({
        version: 1,
        exemptions: exempted.map((finding) => ({
            id: `EX-${finding}`,
            finding,
            target: { urn: tools.urn },
            reason: "The tool images move their tag weekly; they are used by digest only.",
            ticket: "SEC-101",
            owner: "Ada Example",
            approver: "Grace Example",
            created: "2026-02-20",
            expires,
        })),
    });
}
const files = { none: undefined, valid: exemptionFile("2026-03-20"), expired: exemptionFile("2026-02-28") };

/** As if a policy configuration gave every rule this level. */
function atLevel(policies: Policies, level: Level | undefined): Policies {
    if (level === undefined) return policies;
    const list = [...policies];
    Object.defineProperty(list, Symbol.iterator, {
        *value() {
            for (const policy of Reflect.get(policies, Symbol.iterator).call(policies) as Iterable<
                Policies[number]
            >)
                yield byId.has(policy.name)
                    ? (Object.create(policy, {
                          enforcementLevel: { value: level, enumerable: true },
                      }) as Policies[number])
                    : policy;
        },
    });
    return list;
}

async function ask(
    settings: Partial<PackConfiguration>,
    file: string | undefined,
    level?: Level,
): Promise<Diagnostic[]> {
    const policies = policiesFor(rules, {
        preview: true,
        settings: {
            ...defaultConfiguration,
            ...(file === undefined ? {} : { exemptions: "/exemptions.json" }),
            ...settings,
        },
        run: { now: () => new Date("2026-03-01T12:00:00Z"), readFile: () => file ?? "" },
    });
    const list = atLevel(policies, level);
    const answers = [];
    for (const description of [root, tools]) answers.push(await analyze(list, description));
    answers.push(await analyzeStack(list, [root, tools]));
    return answers.flatMap(({ diagnostics }) => diagnostics);
}

type Line = [policy: string, kind: string, enforcement: string];
const lineOf = ({ policy, message, enforcement }: Diagnostic): Line => {
    const [, kind = "violation"] = /^\[\S+\] (Exempted|Inconclusive)\b/.exec(message) ?? [];
    return [policy, kind, enforcement];
};

/** What the documentation promises. */
function promised(
    level: Level | undefined,
    profile: Profile,
    file: keyof typeof files,
    strict: boolean,
): Line[] {
    const runs = (id: string) => profilesOf(byId.get(id)!).includes(profile);
    const grave = (id: string) => ["critical", "high"].includes(byId.get(id)!.severity);
    const blocks = (id: string) =>
        level === undefined ? grave(id) : level === "mandatory" || level === "remediate";
    const enforcement = (mandatory: boolean) => (mandatory ? "mandatory" : "advisory");
    if (level === "disabled") return [];
    const lines: Line[] = [];
    for (const id of exempted.filter(runs)) {
        if (file === "valid") lines.push([id, "Exempted", "advisory"]);
        else lines.push([id, "violation", enforcement(blocks(id))]);
    }
    for (const id of ["ECR-04", "ECR-05"].filter(runs))
        lines.push([id, "Inconclusive", enforcement(strict && grave(id) && blocks(id))]);
    // Four expired entries, whatever the profile.
    if (file === "expired")
        for (const _ of exempted) lines.push(["PUL-05", "violation", enforcement(blocks("PUL-05"))]);
    // It weighs more than its rule where a limit is broken.
    if (strict && runs("ECR-04")) lines.push(["PUL-07", "violation", "mandatory"]);
    return lines;
}

describe("levels, profiles, exemptions and strictness together", () => {
    for (const level of [undefined, ...levels]) {
        for (const profile of ["gate", "baseline", "strict"] as const) {
            it(`level ${level ?? "by severity"}, profile ${profile}`, async () => {
                for (const file of ["none", "valid", "expired"] as const) {
                    for (const strictUnknowns of [false, true]) {
                        const given = await ask({ profile, strictUnknowns }, files[file], level);
                        deepEqual(
                            given.map(lineOf).sort(),
                            promised(level, profile, file, strictUnknowns).sort(),
                            `exemptions ${file}, strict ${strictUnknowns}`,
                        );
                    }
                }
            });
        }
    }

    it("the pack's levels of tiers go over those of CrossGuard, except disabled", async () => {
        const settings = {
            levels: { gate: "advisory", baseline: "disabled", "strict-only": "mandatory" },
        } as const;
        const expected: Line[] = [
            ["ECR-01", "violation", "advisory"],
            ["ECR-02", "violation", "advisory"],
            ["ECR-03", "violation", "mandatory"],
            ["ECR-04", "Inconclusive", "advisory"],
            ["ECR-05", "Inconclusive", "advisory"],
        ];
        for (const level of [undefined, "advisory", "mandatory"] as const)
            deepEqual((await ask(settings, undefined, level)).map(lineOf).sort(), expected, level);
        deepEqual(await ask(settings, undefined, "disabled"), []);
    });

    it("a rule's own level goes over that of its tier", async () => {
        const settings: Partial<PackConfiguration> = {
            levels: { gate: "disabled", baseline: "disabled", "strict-only": "disabled" },
            rules: { "ECR-02": { level: "mandatory" }, "S3-01": { level: "advisory" } },
        };
        deepEqual((await ask(settings, undefined)).map(lineOf).sort(), [
            ["ECR-02", "violation", "mandatory"],
            ["S3-01", "violation", "advisory"],
        ]);
    });

    it("a rule with settings of its own shares nothing with the others that depends on settings", async () => {
        /** As models that several rules share are kept. */
        const kept = new WeakMap<StackGraph, string>();
        const telling = (id: string): Rule => ({
            level: "stack",
            metadata: metadata(id, {}),
            evaluate: (graph, { repositoryTierTag }) => {
                if (!kept.has(graph)) kept.set(graph, repositoryTierTag);
                const reference = graph.referenceOfValue("elsewhere", "property", [type]).kind;
                return about(null, violation(`${kept.get(graph)} ${reference}`, "f"));
            },
            examples: [],
        });
        const policies = policiesFor(["BYP-01", "BYP-03", "BYP-05"].map(telling), {
            preview: true,
            settings: {
                repositoryTierTag: "tier",
                rules: { "BYP-03": { repositoryTierTag: "stage", externalReferences: ["else*"] } },
            },
        });
        const { diagnostics } = await analyzeStack(policies, [root, tools]);
        deepEqual(
            diagnostics.map(({ message }) => message.split("\n")[0]),
            ["[BYP-01] tier dangling", "[BYP-03] stage external", "[BYP-05] tier dangling"],
        );
    });

    it("a limit takes the weight from the single findings", async () => {
        const lines = async (inconclusiveLimit: number) =>
            (await ask({ strictUnknowns: true, inconclusiveLimit }, undefined))
                .map(lineOf)
                .filter(([, kind], index, all) => kind === "Inconclusive" || all[index]?.[0] === "PUL-07")
                .sort();
        const single: Line[] = [
            ["ECR-04", "Inconclusive", "advisory"],
            ["ECR-05", "Inconclusive", "advisory"],
        ];
        deepEqual(await lines(1), [...single, ["PUL-07", "Inconclusive", "advisory"]]);
        deepEqual(await lines(0), [...single, ["PUL-07", "violation", "mandatory"]]);
    });

    it("a file that is missing is a violation, and everything stands", async () => {
        const policies = policiesFor(rules, {
            preview: true,
            settings: { exemptions: "/there/is/no/such/file.yaml" },
        });
        const stack = await analyzeStack(policies, [root, tools]);
        const about = stack.diagnostics.filter(({ policy }) => policy === "PUL-05");
        equal(about.length, 1);
        equal(about[0]?.enforcement, "mandatory");
        equal(about[0]?.urn, root.urn);
        ok(about[0]?.message.includes("/there/is/no/such/file.yaml cannot be read: there is no such file"));
    });
});
