/** What the rules say about the gate, held against the gate itself. */
import { deepEqual, equal } from "node:assert/strict";
import { lintCommand } from "../../gate/commands/lint";
import { secretsCommand } from "../../gate/commands/secrets";
import { stageOption } from "../../gate/commands/inputs";
import { scanStages } from "../../gate/policy/scanStage";
import { gateCommand, gateWords, isGateWithoutJudgement, judgedStages } from "./gateCommand";

const words = (text: string) => text.split(" ").map((word) => ({ text: word, known: !word.includes("$") }));
const nothing = (): undefined => undefined;

describe("the gate in a buildspec", () => {
    it("judges for the stages that the gate knows, test when none is named", () => {
        deepEqual([...judgedStages], [...scanStages]);
        equal(stageOption.help.includes("test unless given"), true);
        equal(gateCommand(words("gate verdict --image x"), nothing)?.gate?.stage, "test");
        equal(
            gateCommand(words("gate verdict --stage scanStagingImage"), nothing)?.gate?.stage,
            "scanStagingImage",
        );
        equal(gateCommand(words("gate verdict"), (name) => (name === "GATE_STAGE" ? "other" : undefined))?.gate?.stage, "other"); // prettier-ignore
    });

    it("is told its tools and subjects by options that its commands have", () => {
        const names = [...lintCommand.options, ...secretsCommand.options].map(({ name }) => name);
        for (const name of [
            "dockerfile",
            "hadolint",
            "repository",
            "tool",
            "tool-path",
            "evidence",
            "application",
        ])
            equal(names.includes(name), true, name);
    });

    for (const [text, judges] of [
        ["node gate.cjs scan --scanner grype", true],
        ["node ./bin/gate.cjs verdict", true],
        ["gate lint --dockerfile Dockerfile", true],
        ["gate secrets --tool gitleaks", true],
        ["gate scan --help", false],
        ["node gate.cjs tools install --tool grype", false],
        ["node gate.cjs sbom --report x", false],
        ["gate explain report.json", false],
        ["gate --version", false],
        ["node --check gate.cjs scan", false],
    ] as const) {
        it(`${judges ? "judges" : "does not judge"}: ${text}`, () => {
            equal(gateCommand(gateWords(words(text)), nothing) !== null, judges);
        });
    }

    it("is nothing suspicious where it judges nothing, and is where nobody knows the command", () => {
        equal(isGateWithoutJudgement(words("node gate.cjs sbom --report x")), true);
        equal(isGateWithoutJudgement(words("node gate.cjs --version")), true);
        equal(isGateWithoutJudgement(words("node gate.cjs approve")), false);
        equal(isGateWithoutJudgement(words("node other.cjs sbom")), false);
    });

    it("takes its options from a variable only in doubt", () => {
        equal(gateCommand(words("gate scan $OPTIONS"), nothing)?.failing.kind, "unknown");
        equal(gateCommand(words("gate secrets --head $COMMIT"), nothing)?.failing.kind, "yes");
        equal(gateCommand(words("gate scan --advisory"), nothing)?.failing.kind, "no");
    });
});
