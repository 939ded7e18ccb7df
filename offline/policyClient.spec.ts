import assert from "node:assert/strict";
import { join } from "node:path";
import type { PolicyDiagnostic, RunResult } from "./model";
import { analyzerMessages } from "./engine/protocol";
import { parseDiagnostic, parseMessage } from "./policyMessages";
import { parsePolicyConfiguration } from "./policyConfiguration";
import { RunFailure, runOffline } from "./run";
import { runProgram } from "./testing/runProgram";

const fixtures = join(__dirname, "fixtures");

function run(name: string, pack: string) {
    return runProgram({
        cwd: join(fixtures, "cases"),
        mode: "preview",
        config: { case: name },
        policy: join(fixtures, pack),
    });
}

describe("policy client", () => {
    it("asks the real pack server about every resource and the stack", async () => {
        const { policy, resources } = await run("unknowns", "pack");
        assert.ok(policy);
        assert.deepEqual(policy.pack, { name: "fixture", version: "1.2.3" });
        assert.deepEqual(
            policy.policies.map(({ name, enforcement, severity }) => [name, enforcement, severity]),
            [
                ["TOPIC-01", "mandatory", "high"],
                ["TOPIC-02", "mandatory", "critical"],
                ["TOPIC-03", "mandatory", "unspecified"],
                ["STACK-01", "advisory", "unspecified"],
            ],
        );
        const topic = resources.find(({ name }) => name === "topic")!.urn;
        const topicPolicy = resources.find(({ name }) => name === "policy")!.urn;
        const expected: Omit<PolicyDiagnostic, "pack">[] = [
            {
                policy: "TOPIC-01",
                urn: topic,
                enforcement: "mandatory",
                severity: "high",
                message: "no display name!",
                inconclusive: false,
                fix: "set displayName",
            },
            {
                policy: "TOPIC-03",
                urn: topic,
                enforcement: "advisory",
                severity: "unspecified",
                message: "not known yet (arn)",
                inconclusive: true,
            },
            {
                policy: "STACK-01",
                urn: topicPolicy,
                enforcement: "advisory",
                severity: "unspecified",
                message: `${resources.length} resources, policy of topic`,
                inconclusive: false,
            },
        ];
        const unknown = policy.diagnostics.filter(({ policy: name }) => name === "TOPIC-02");
        assert.equal(unknown.length, 1);
        assert.equal(unknown[0]!.inconclusive, true);
        assert.equal(unknown[0]!.enforcement, "advisory");
        assert.equal(unknown[0]!.urn, topicPolicy);
        assert.match(unknown[0]!.message, /^can't run policy 'TOPIC-02'/);
        assert.deepEqual(
            policy.diagnostics
                .filter(({ policy: name }) => name !== "TOPIC-02")
                .map(({ pack, ...diagnostic }) => {
                    assert.equal(pack, "fixture");
                    return diagnostic;
                }),
            expected,
        );
    });

    it("fails when the pack cannot be loaded", async () => {
        await assert.rejects(run("none", "brokenPack"), (error) => {
            assert.ok(error instanceof RunFailure);
            assert.match(error.message, /ended with exit code \d+ before it listened/);
            assert.match(error.message, /this pack cannot be loaded/);
            return true;
        });
    });

    it("fails when the folder is no pack", async () => {
        await assert.rejects(run("none", "cases"), /is no policy pack: it has no PulumiPolicy.yaml/);
    });
});

describe("levels and settings of policies", () => {
    const judge = async (file: string): Promise<NonNullable<RunResult["policy"]>> => {
        const { policy } = await runOffline({
            cwd: join(fixtures, "cases"),
            stack: "dev",
            mode: "preview",
            config: { case: "unknowns" },
            policyPack: join(fixtures, "remedyPack"),
            policyConfiguration: parsePolicyConfiguration(file),
        });
        assert.ok(policy);
        return policy;
    };
    const said = ({ diagnostics }: NonNullable<RunResult["policy"]>): string[] =>
        diagnostics.map(({ policy, enforcement, message }) => `${policy} ${enforcement}: ${message}`);

    it("reach the pack, and the report says what was in force", async () => {
        const policy = await judge('{ "all": "disabled", "NAME-01": "advisory" }');
        assert.deepEqual(said(policy), ["NAME-01 advisory: no display name"]);
        assert.deepEqual(
            policy.policies.map(({ name, enforcement }) => [name, enforcement]),
            [
                ["NAME-01", "advisory"],
                ["NAME-02", "disabled"],
            ],
        );
        assert.equal(policy.remediations, undefined);
    });

    it("let policies mend what they then judge, for the stack's rules too", async () => {
        const policy = await judge('{ "NAME-01": { "enforcementLevel": "remediate", "prefix": "my " } }');
        assert.deepEqual(said(policy), ["NAME-02 advisory: displayName my topic, name fixture"]);
        assert.deepEqual(
            policy.remediations?.map(({ policy: name, urn }) => [name, urn.split("::").at(-1)]),
            [["NAME-01", "topic"]],
        );
    });

    it("end the run when they are wrong", async () => {
        const failed = async (file: string): Promise<string[]> => {
            try {
                await judge(file);
            } catch (error) {
                assert.ok(error instanceof RunFailure);
                return error.lines;
            }
            return [];
        };
        assert.deepEqual(await failed('{ "NAME-1": "advisory", "NAME-02": { "x": 1 } }'), [
            'policy configuration: the pack has no policy "NAME-1"; did you mean "NAME-01"?',
            'policy configuration: NAME-02: takes no settings, so not "x" either',
        ]);
        assert.match(
            (await failed('{ "NAME-01": { "prefix": "" } }')).join(),
            /^policy configuration: NAME-01\.prefix: /,
        );
    });
});

describe("parseMessage", () => {
    it("takes rule id, fix and description apart", () => {
        assert.deepEqual(parseMessage("About.\n[ECR-01] scan is off\nFix: switch it on", "About."), {
            message: "scan is off",
            inconclusive: false,
            fix: "switch it on",
        });
    });
    it("keeps a message of another pack as it is", () => {
        assert.deepEqual(parseMessage("Buckets must be private", "Other"), {
            message: "Buckets must be private",
            inconclusive: false,
        });
    });
    it("marks what could not be judged", () => {
        assert.equal(parseMessage("[IAM-01] Inconclusive: unknown (policy)", "").inconclusive, true);
        assert.equal(
            parseMessage("can't run policy 'X' from policy pack 'p@v1' during preview: y", "").inconclusive,
            true,
        );
        assert.equal(parseMessage("[IAM-01] Rule error: boom", "").inconclusive, false);
    });
    it("takes the finding id out, with and without an exemption", () => {
        const id = "\nFinding id: ECS-02[web|digest]\nFix: pin it";
        assert.deepEqual(parseMessage(`[ECS-02] by tag: moves${id}`, ""), {
            message: "by tag: moves",
            inconclusive: false,
            findingId: "ECS-02[web|digest]",
            fix: "pin it",
        });
        const excused = "[ECS-02] Exempted by EX-2 until 2026-12-01 (2 days left): known Finding: by tag";
        const { message, findingId, exempted } = parseMessage(`${excused}${id}`, "");
        assert.deepEqual([message, findingId, exempted?.id], ["by tag", "ECS-02[web|digest]", "EX-2"]);
    });
    it("takes an exemption apart and keeps what it excuses", () => {
        assert.deepEqual(
            parseMessage(
                "[IAM-01] Exempted by EX-2 until 2026-12-01 (1 day left): legacy role: TICKET-1 Finding: too broad\nFix: narrow it",
                "",
            ),
            {
                message: "too broad",
                inconclusive: false,
                exempted: {
                    id: "EX-2",
                    until: "2026-12-01",
                    daysLeft: 1,
                    reason: "legacy role: TICKET-1",
                },
                fix: "narrow it",
            },
        );
        // Of another form it is no exemption.
        assert.deepEqual(parseMessage("[IAM-01] Exempted by EX-2 for ever: no Finding: too broad", ""), {
            message: "Exempted by EX-2 for ever: no Finding: too broad",
            inconclusive: false,
        });
    });
    it("takes no exemption of what the pack still enforces", () => {
        const said = (level: number): boolean => {
            const diagnostic = new analyzerMessages.AnalyzeDiagnostic();
            diagnostic.setMessage(
                "[X-01] Exempted by EX-2 until 2026-12-01 (3 days left): because Finding: too broad",
            );
            diagnostic.setEnforcementlevel(level as analyzerMessages.EnforcementLevel);
            return (
                parseDiagnostic(diagnostic, new analyzerMessages.AnalyzerInfo(), "").exempted !== undefined
            );
        };
        assert.deepEqual([0, 1, 3].map(said), [true, false, false]);
    });
    it("never shows an empty message", () => {
        assert.equal(parseMessage("About.", "About.").message, "About.");
    });
});
