import { deepEqual, equal, match, ok } from "node:assert/strict";
import { rules } from "../registry";
import { defaultConfiguration } from "./configuration";
import { policiesFor } from "./crossguard";
import { beforeCreation, exampleConfiguration, exampleDescriptions } from "./examples";
import { groupRules, judgeResource, type RuleGroup } from "./judgement";
import { pass, violation } from "./outcome";
import { ResourceReader, unknown, type ResourceDescription } from "./reader";
import { remediated, secretOnWire } from "./remediation";
import type { PropertyChange, Remediation, ResourceRule } from "./rule";
import { analyze, remediate } from "./testing/analyzerRequests";

type Properties = Record<string, unknown>;

const type = "a:b:C";
const resource = (properties: Properties): ResourceDescription => ({
    type,
    name: "x",
    urn: `urn:pulumi:dev::project::${type}::x`,
    properties,
});

/** A rule that wants `encryption.enabled`, and mends it with the given changes. */
function ruleWith(
    changes: Remediation["changes"],
    { id = "T-1", when = "always" as Remediation["when"] } = {},
): ResourceRule {
    return {
        level: "resource",
        metadata: {
            id,
            family: "ecs",
            title: "T",
            rationale: "R.",
            severity: "medium",
            remediation: "M.",
            references: ["FSBP X.1"],
        },
        types: [type],
        evaluate: (reader) => {
            const flag = reader.boolean("encryption", "enabled");
            return [flag.kind === "known" && flag.value ? pass : violation("Not encrypted.", "Encrypt.")];
        },
        remediation: { when, changes },
        examples: [],
    };
}

const encrypt: PropertyChange[] = [{ path: ["encryption", "enabled"], value: true }];
const policies = (...list: ResourceRule[]) => policiesFor(list, { preview: true });
const mended = async (properties: Properties, changes = encrypt) =>
    (await remediate(policies(ruleWith(() => changes)), resource(properties))).properties;

describe("remediation through the SDK", () => {
    it("sets a property and the objects above it, and the rule passes afterwards", async () => {
        const list = policies(ruleWith(() => encrypt));
        const first = await remediate(list, resource({ name: "n" }));
        deepEqual(first, {
            by: ["T-1"],
            properties: { name: "n", encryption: { enabled: true } },
            diagnostics: [],
        });
        deepEqual((await analyze(list, resource(first.properties!))).diagnostics, []);
        deepEqual((await remediate(list, resource(first.properties!))).by, []);
    });

    it("gives everything else back as it came: secrets, unknown values, assets, archives", async () => {
        const mark = "4dabf18193072939515e22adb298388d";
        const asset = { [mark]: "c44067f5952c0a294b673a41bacd8c17", text: "", hash: "0123" };
        const rest = {
            password: secretOnWire("correct horse"),
            nested: [{ token: secretOnWire({ deep: ["battery staple"] }) }, null, 1.5],
            arn: unknown,
            code: {
                [mark]: "0def7320c3a5731c473e5ecbe6d01bc7",
                hash: "4567",
                assets: { "index.js": { ...asset, text: "exports.a = 1" } },
            },
        };
        deepEqual(await mended({ ...rest, encryption: { enabled: false, key: secretOnWire("k") } }), {
            ...rest,
            encryption: { enabled: true, key: secretOnWire("k") },
        });
    });

    it("never sets what is secret or not known, nor what holds such a value", async () => {
        equal(await mended({ encryption: secretOnWire({ enabled: false }) }), undefined);
        equal(await mended({ encryption: { enabled: secretOnWire(false) } }), undefined);
        equal(await mended({ encryption: unknown }), undefined);
        equal(await mended({ encryption: { enabled: unknown } }), undefined);
        const whole = [{ path: ["encryption"], value: { enabled: true } }];
        equal(await mended({ encryption: { key: secretOnWire("k") } }, whole), undefined);
        equal(await mended({ encryption: { key: unknown } }, whole), undefined);
        deepEqual(await mended({ encryption: { key: "k" } }, whole), { encryption: { enabled: true } });
    });

    it("never writes a secret in the clear, wherever the remediation read it", async () => {
        const copied = [...encrypt, { path: ["copy"], value: { text: 'is "very secret"' } }];
        equal(await mended({ password: secretOnWire('"very secret"') }, copied), undefined);
        ok(await mended({ password: secretOnWire("something else") }, copied));
    });

    it("takes what it sets from the list of the provider's defaults", async () => {
        deepEqual(await mended({ encryption: { enabled: false, __defaults: ["enabled", "key"] } }), {
            encryption: { enabled: true, __defaults: ["key"] },
        });
    });

    it("reaches into lists, and adds the first element of one", async () => {
        const inList = (index: number) => [...encrypt, { path: ["list", index, "on"], value: true }];
        deepEqual((await mended({ list: [{ a: 1 }, { b: 2 }] }, inList(1)))?.["list"], [
            { a: 1 },
            { b: 2, on: true },
        ]);
        deepEqual((await mended({}, inList(0)))?.["list"], [{ on: true }]);
    });

    it("leaves a resource alone that does not violate the rule", async () => {
        const list = policies(ruleWith(() => [{ path: ["name"], value: "other" }]));
        deepEqual(await remediate(list, resource({ encryption: { enabled: true } })), {
            by: [],
            properties: undefined,
            diagnostics: [],
        });
    });

    it("several rules build on each other", async () => {
        const list = policies(
            ruleWith(() => [{ path: ["encryption", "key"], value: "k" }]),
            ruleWith(() => encrypt, { id: "T-2" }),
            ruleWith(() => encrypt, { id: "T-3" }),
        );
        deepEqual(await remediate(list, resource({})), {
            by: ["T-1", "T-2"],
            properties: { encryption: { key: "k", enabled: true } },
            diagnostics: [],
        });
    });

    it("one for the creation only is carried out when the settings say so", async () => {
        const rule = ruleWith(() => encrypt, { when: "create" });
        deepEqual((await remediate(policies(rule), resource({}))).by, []);
        const settings = { remediateOnCreation: true };
        const list = policiesFor([rule], { preview: true, settings });
        deepEqual((await remediate(list, resource({}))).by, ["T-1"]);
    });

    it("leaves alone what an exemption covers", async () => {
        const exemption = `version: 1
exemptions:
  - id: E-1
    finding: EXA-01
    target: { type: "a:b:C", name: x }
    reason: The key comes with the next release of the product that writes here.
    ticket: SEC-1
    owner: Ada
    approver: Grace
    created: 2026-03-02
    expires: 2026-03-20
`;
        const list = policiesFor([ruleWith(() => encrypt, { id: "EXA-01" })], {
            preview: true,
            settings: { exemptions: "exemptions.yaml" },
            run: { now: () => new Date("2026-03-10T12:00:00Z"), readFile: () => exemption },
        });
        deepEqual((await remediate(list, resource({}))).by, []);
        deepEqual((await remediate(list, { ...resource({}), name: "y", urn: "urn:y" })).by, ["EXA-01"]);
        const { diagnostics } = await analyze(list, resource({}));
        match(diagnostics[0]?.message ?? "", /^\[EXA-01\] Exempted by E-1 /);
    });

    it("one that throws or has no place for its value is a mandatory finding, said once", async () => {
        const list = policies(
            ruleWith(() => {
                throw new TypeError("cannot read x");
            }),
            ruleWith(() => [{ path: ["name", "inside"], value: 1 }], { id: "T-2" }),
            ruleWith(() => encrypt, { id: "T-3" }),
        );
        const x = resource({ name: "text" });
        const answer = await remediate(list, x);
        deepEqual(answer.by, ["T-3"]);
        const { diagnostics } = await analyze(list, resource(answer.properties!));
        deepEqual(
            diagnostics.map(({ policy, enforcement }) => [policy, enforcement]),
            [
                ["T-1", "mandatory"],
                ["T-2", "mandatory"],
            ],
        );
        match(diagnostics[0]?.message ?? "", /^\[T-1\] Remediation error: TypeError: cannot read x\nFix: /);
        match(diagnostics[1]?.message ?? "", /^\[T-2\] Remediation error: .*name\.inside.*\nFix: /);
        deepEqual((await analyze(list, resource(answer.properties!))).diagnostics, []);
    });
});

describe("remediation of the rules", () => {
    const configured = { ...defaultConfiguration, remediateOnCreation: true };
    const violates = (group: RuleGroup, description: ResourceDescription): boolean =>
        judgeResource(group, new ResourceReader(description), configured).findings.some(
            ({ kind }) => kind === "violation",
        );
    const mending = rules.filter((rule) => rule.level === "resource" && rule.remediation !== undefined);

    for (const rule of mending) {
        const [group] = groupRules([rule]) as [RuleGroup];
        const bad = rule.examples.filter(({ shows }) => shows === "bad" || shows === "absent");

        it(`${rule.metadata.id}: leaves fewer findings, and changes nothing a second time`, () => {
            let changed = 0;
            for (const example of bad) {
                const configuration = { ...exampleConfiguration(example), remediateOnCreation: true };
                for (const description of exampleDescriptions(example).map(beforeCreation)) {
                    const properties = remediated(group, description, configuration);
                    if (properties === undefined) continue;
                    changed += 1;
                    const after = { ...description, properties };
                    const count = (subject: ResourceDescription) =>
                        judgeResource(group, new ResourceReader(subject), configuration).findings.length;
                    ok(count(after) < count(description), example.title);
                    equal(remediated(group, after, configuration), undefined, example.title);
                }
            }
            ok(changed > 0, "no bad example is mended");
        });

        it(`${rule.metadata.id}: keeps secrets secret and unknown values unknown`, () => {
            for (const example of bad) {
                for (const description of exampleDescriptions(example).map(beforeCreation)) {
                    for (const [name, value] of Object.entries(description.properties)) {
                        for (const marked of [secretOnWire(value), unknown]) {
                            const properties = { ...description.properties, [name]: marked };
                            const result = remediated(group, { ...description, properties }, configured);
                            if (result) deepEqual(result[name], marked, `${example.title}: ${name}`);
                        }
                    }
                }
            }
        });
    }

    it("is offered by rules that can be violated", () => {
        for (const rule of mending) {
            const [group] = groupRules([rule]) as [RuleGroup];
            const descriptions = rule.examples.flatMap((example) => exampleDescriptions(example));
            ok(descriptions.some((description) => violates(group, beforeCreation(description))));
        }
    });
});
