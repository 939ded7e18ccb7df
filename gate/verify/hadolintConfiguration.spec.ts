import assert from "node:assert/strict";
import { parse } from "yaml";
import { hadolintConfiguration, problemWithRules } from "./hadolintConfiguration";

describe("hadolint configuration", () => {
    it("says everything that was set, and that comments switch nothing off", () => {
        const text = hadolintConfiguration({
            threshold: "info",
            trustedRegistries: ["public.ecr.aws", "*.dkr.ecr.eu-central-1.amazonaws.com"],
            ignored: ["DL3008", "SC2086"],
        });
        assert.deepEqual(parse(text), {
            "failure-threshold": "info",
            "disable-ignore-pragma": true,
            trustedRegistries: ["public.ecr.aws", "*.dkr.ecr.eu-central-1.amazonaws.com"],
            ignored: ["DL3008", "SC2086"],
        });
        assert.equal(problemWithRules(text), null);
    });

    it("trusts any registry when none is named, as hadolint does without the key", () => {
        const text = hadolintConfiguration({ threshold: "error", trustedRegistries: [], ignored: [] });
        assert.deepEqual(Object.keys(parse(text) as object), [
            "failure-threshold",
            "disable-ignore-pragma",
            "ignored",
        ]);
    });

    it("refuses what hadolint would not understand, and to ignore that nothing was checked", () => {
        const settings = { threshold: "error", trustedRegistries: [], ignored: [] } as const;
        for (const code of ["DL1000", "3007", "DL30071", "dl3007", "all", ""])
            assert.throws(() => hadolintConfiguration({ ...settings, ignored: [code] }), RangeError, code);
        for (const registry of ["", "a b", "a\nignored: [DL3007]", "-x"])
            assert.throws(
                () => hadolintConfiguration({ ...settings, trustedRegistries: [registry] }),
                RangeError,
            );
    });

    it("tells what is wrong with a file by hand", () => {
        for (const [text, problem] of [
            ["ignored: [DL3007]\noverride:\n  error: [DL3008]\nlabel-schema:\n  maintainer: text\n", null],
            ["trusted-registries: [x]\n", 'document: Unrecognized key: "trusted-registries"'],
            ["ignored: DL3007\n", "ignored: Invalid input: expected array, received string"],
            ["ignored: [DL1000]\n", "ignored: DL1000 cannot be ignored"],
            ["disable-ignore-pragma: false\n", "disable-ignore-pragma: Invalid input: expected true"],
            ["no-fail: true\n", "no-fail: Invalid input: expected false"],
            ["format: sarif\n", 'document: Unrecognized key: "format"'],
        ] as const)
            assert.equal(problemWithRules(text), problem, text);
        assert.match(problemWithRules("ignored: [\n") ?? "", /^not YAML \(/);
        assert.match(
            problemWithRules("ignored: []\nignored: [DL3007]\n") ?? "",
            /^not YAML \(Map keys must be unique/,
        );
    });
});
