import assert from "node:assert/strict";
import { join } from "node:path";
import { analyzerMessages, Struct } from "./engine/protocol";
import {
    noConfiguration,
    parsePolicyConfiguration,
    PolicyConfigurationError,
    readPolicyConfiguration,
    reconcile,
} from "./policyConfiguration";
import type { ReconciledConfiguration } from "./policyConfiguration";

/** What a pack announces: names, levels by number, schemas. */
function pack(
    policies: { name: string; level?: number; schema?: object; required?: string[] }[],
    { name = "theirs", initial = {} }: { name?: string; initial?: Record<string, [number, object]> } = {},
): analyzerMessages.AnalyzerInfo {
    const info = new analyzerMessages.AnalyzerInfo();
    info.setName(name);
    info.setPoliciesList(
        policies.map((each) => {
            const policy = new analyzerMessages.PolicyInfo();
            policy.setName(each.name);
            policy.setEnforcementlevel((each.level ?? 0) as analyzerMessages.EnforcementLevel);
            if (each.schema) {
                const schema = new analyzerMessages.PolicyConfigSchema();
                schema.setProperties(Struct.fromJavaScript(each.schema as Record<string, never>));
                schema.setRequiredList(each.required ?? []);
                policy.setConfigschema(schema);
            }
            return policy;
        }),
    );
    for (const [policy, [level, properties]] of Object.entries(initial)) {
        const config = new analyzerMessages.PolicyConfig();
        config.setEnforcementlevel(level as analyzerMessages.EnforcementLevel);
        config.setProperties(Struct.fromJavaScript(properties as Record<string, never>));
        info.getInitialconfigMap().set(policy, config);
    }
    return info;
}

const plain = (result: ReconciledConfiguration): object =>
    Object.fromEntries([...result].map(([name, { level, properties }]) => [name, [level, properties]]));

async function problems(run: () => unknown): Promise<string[]> {
    try {
        await run();
    } catch (error) {
        assert.ok(error instanceof PolicyConfigurationError, String(error));
        return error.lines;
    }
    return [];
}

const theirs = pack(
    [
        {
            name: "one",
            level: 1,
            schema: {
                limit: { type: "number", minimum: 1, default: 3 },
                names: { type: "array", items: { type: "string" }, default: ["a"] },
            },
        },
        { name: "two" },
        { name: "three", level: 2 },
    ],
    { initial: { two: [1, { own: true }] } },
);

describe("configuration of policies", () => {
    it("is what the pack says when nobody says otherwise", async () => {
        assert.deepEqual(plain(await reconcile(theirs, noConfiguration)), {
            one: ["mandatory", { limit: 3, names: ["a"] }],
            two: ["mandatory", { own: true }],
            three: ["disabled", {}],
        });
    });

    it("puts the file over it: all, then single policies, setting by setting", async () => {
        const given = parsePolicyConfiguration(
            '{ "three": "remediate", "all": "advisory", "one": { "enforcementLevel": "mandatory", "limit": 5 } }',
        );
        assert.deepEqual(plain(await reconcile(theirs, given)), {
            one: ["mandatory", { limit: 5, names: ["a"] }],
            two: ["advisory", { own: true }],
            three: ["remediate", {}],
        });
        assert.deepEqual(parsePolicyConfiguration("  \n"), noConfiguration);
    });

    it("is refused with every problem in the file", async () => {
        assert.deepEqual(
            await problems(() =>
                parsePolicyConfiguration(
                    '{ "one": "mandatry", "two": { "enforcementLevel": 1 }, "three": 3, "environments": ["x"] }',
                ),
            ),
            [
                'one: "mandatry" is no enforcement level; advisory, disabled, mandatory, remediate are',
                "two: 1 is no enforcement level; advisory, disabled, mandatory, remediate are",
                "three: must be a level or an object with enforcementLevel and settings",
                "environments: Pulumi ESC is not asked offline; put the values that the rules need into the file",
            ],
        );
        assert.match((await problems(() => parsePolicyConfiguration("{ one:")))[0] ?? "", /^not JSON: /);
        assert.deepEqual(await problems(() => parsePolicyConfiguration("[]")), [
            "must be a JSON object of policy names",
        ]);
    });

    it("is refused when the pack has no such policy or setting, or the setting is wrong", async () => {
        const given = parsePolicyConfiguration(
            '{ "on": "advisory", "two": { "limit": 1 }, "all": { "x": 1 }, "one": { "limt": 1, "limit": 0, "names": [7] } }',
        );
        const lines = await problems(() => reconcile(theirs, given));
        assert.deepEqual(lines.slice(0, 4), [
            'policy configuration: the pack has no policy "on"; did you mean "one"?',
            'policy configuration: two: takes no settings, so not "limit" either',
            "policy configuration: all: takes a level only; settings belong to one policy",
            'policy configuration: one: has no setting "limt"; did you mean "limit"?',
        ]);
        assert.deepEqual(
            lines.slice(4).map((line) => line.split(": ")[1]),
            ["one.limit", "one.names.0"],
        );
    });

    it("asks for required settings of a policy that is given some, and survives odd names", async () => {
        const strict = pack([
            { name: "__proto__", schema: { a: { type: "string" }, b: {} }, required: ["a"] },
        ]);
        const given = parsePolicyConfiguration('{ "__proto__": { "b": 1 } }');
        assert.match((await problems(() => reconcile(strict, given)))[0] ?? "", /__proto__\.a: /);
        const right = parsePolicyConfiguration('{ "__proto__": { "a": "x" } }');
        assert.deepEqual((await reconcile(strict, right)).get("__proto__")?.properties, { a: "x" });
    });

    it("of our own pack is checked by the pack's own check", async () => {
        const own = pack([{ name: "ECR-02" }, { name: "portcullis", schema: { profile: {} } }], {
            name: "portcullis",
        });
        const given = parsePolicyConfiguration('{ "ECR-2": "advisory", "portcullis": { "profil": "gate" } }');
        assert.deepEqual(await problems(() => reconcile(own, given)), [
            'policy configuration: ECR-2: there is no such policy; did you mean "ECR-02"?',
            'policy configuration: portcullis.profil: is not a setting; did you mean "profile"?',
        ]);
    });

    it("names the file that cannot be read or understood", async () => {
        const missing = join(__dirname, "no-such-file.json");
        assert.match(
            (await problems(() => readPolicyConfiguration(missing)))[0] ?? "",
            /^--policy-config .*no-such-file\.json cannot be read: ENOENT/,
        );
        assert.match(
            (await problems(() => readPolicyConfiguration(__filename)))[0] ?? "",
            /policyConfiguration\.spec\.ts: not JSON: /,
        );
    });
});
