import assert from "node:assert/strict";
import { accepted, problems, type Settings } from "./testing/settings";

const allowed = { reason: "Keys of the documentation, valid nowhere", paths: ["^docs/"] };

describe("configuration of the Verify stage", () => {
    it("has rules without any setting", () => {
        assert.deepEqual(accepted({}).verify, {
            lint: { threshold: "warning", trustedRegistries: [], ignored: [] },
            secrets: { tool: "gitleaks", extraRules: [], allowed: [] },
        });
    });

    it("takes rules and exceptions", () => {
        const verify = {
            lint: { threshold: "error", trustedRegistries: ["public.ecr.aws"], ignored: ["DL3008"] },
            secrets: {
                tool: "gitleaks",
                extraRules: [{ id: "our-token", description: "Token of ours", regex: "our_[a-z]{20}" }],
                allowed: [allowed],
            },
        };
        assert.deepEqual(accepted({ verify }).verify, verify);
    });

    const refused: [string, Settings, string[]][] = [
        [
            "a rule that hadolint does not have, and a level",
            { lint: { ignored: ["3008"], threshold: "fatal" } },
            ["verify.lint.threshold: must be one of error, warning, info, style"],
        ],
        [
            "a rule that hadolint does not have",
            { lint: { ignored: ["3008"] } },
            ['verify.lint.ignored: "3008" is not a rule like DL3008 or SC2086'],
        ],
        [
            "ignoring that nothing could be parsed",
            { lint: { ignored: ["DL1000"] } },
            ["verify.lint.ignored: DL1000 means that nothing was checked; it stays on"],
        ],
        [
            "an exception without a reason",
            { secrets: { allowed: [{ ...allowed, reason: "no" }] } },
            ["verify.secrets: allowed[0]: the reason has less than 20 characters"],
        ],
        [
            "an exception for everything",
            { secrets: { allowed: [{ ...allowed, paths: [".*"] }] } },
            ['verify.secrets: allowed[0]: ".*" allows everything'],
        ],
        [
            "rules that trufflehog would not obey",
            { secrets: { tool: "trufflehog", allowed: [allowed] } },
            ["verify.secrets.allowed: needs secrets.tool gitleaks"],
        ],
        [
            "switching the stage off",
            { enabled: false },
            ["verify.enabled: is not a setting; known here: lint, secrets"],
        ],
    ];
    for (const [what, verify, expected] of refused) {
        it(`refuses ${what}`, () => assert.deepEqual(problems({ verify }), expected));
    }
});
