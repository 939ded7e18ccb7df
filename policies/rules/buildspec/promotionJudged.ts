/**
 * BS-03 for `gate promote` and `gate imagedefinitions`: the commands copy and name whatever they are told to. It is a push like any other, and what judges the
 * image before it in this step is `gate verdict`, once for each stage of the pipeline that scans: the scan of an earlier
 * step is evidence until a verdict reads it. PIPE-01 asks for those earlier steps and BS-04 for the phases in between, so
 * the finding belongs here. `gate scan` judges one scanner, not all that the policy requires. Whether the execution was
 * approved is asked again where it counts: a stage that is run again or rolled back passes no approval action.
 */
import {
    tamperingBefore,
    type BuildspecAnalysis,
    type DeliveryFinding,
    type ScannerFinding,
} from "../../buildspec/analysis";
import { judgedStages } from "../../buildspec/gateCommand";
import type { GateRun } from "../../buildspec/scannerUse";
import { inconclusive, violation } from "../../harness/outcome";
import type { Outcome } from "../../harness/rule";
import { commandLabel } from "./onBuildspec";

/** What has to be asked before an image goes into production, and how a finding says that it was not. */
interface Question {
    /** Distinguishes findings. */
    id: string;
    /** As it is written in a buildspec. */
    command: string;
    without: string;
    asks: (gate: GateRun) => boolean;
    /** Whether it may ask it, which its words do not show. */
    mayAsk: (gate: GateRun) => boolean;
}

const stageQuestions = judgedStages.map((stage): Question => ({
    id: stage,
    command: `gate verdict --stage ${stage}`,
    without: `it copies to production unjudged by stage ${stage}`,
    asks: (gate) => gate.command === "verdict" && gate.stage === stage,
    mayAsk: (gate) => gate.command === "verdict" && (gate.stage?.includes("$") ?? false),
}));

const commandQuestion = (command: GateRun["command"], without: string): Question => ({
    id: command,
    command: `gate ${command}`,
    without,
    asks: (gate) => gate.command === command,
    mayAsk: () => false,
});

/** Every stage is judged, and the decision of this execution is asked for. */
const promotionQuestions = [
    ...stageQuestions,
    commandQuestion("approved", "it copies to production without asking whether this execution was approved"),
];

const deploymentQuestions = [
    commandQuestion("verify-signature", "it names an image for production without asking for its signature"),
];

/** @param tier of the repository that it writes, by its name */
export function promotionJudged(
    promotion: DeliveryFinding,
    tier: string,
    analysis: BuildspecAnalysis,
    property: string,
): Outcome[] {
    const questions = promotion.kind === "definition" ? deploymentQuestions : promotionQuestions;
    return questions.flatMap((question) => asked(question, promotion, tier, analysis, property));
}

function asked(
    question: Question,
    promotion: DeliveryFinding,
    tier: string,
    analysis: BuildspecAnalysis,
    property: string,
): Outcome[] {
    const label = commandLabel(promotion);
    const judges = analysis.scanners.filter(
        ({ gate, order }) =>
            order < promotion.order && gate !== null && (question.asks(gate) || question.mayAsk(gate)),
    );
    const complaints = judges.map((judge) => ({ judge, why: complaint(judge, promotion, analysis) }));
    const sound = complaints.filter(({ why }) => why === null);
    if (sound.some(({ judge }) => judge.gate && question.asks(judge.gate))) return [];
    if (sound[0])
        return [
            inconclusive(
                { property },
                `${commandLabel(sound[0].judge)}: whether it judges stage ${question.id} cannot be told`,
            ),
        ];
    const doubt = judges.find((judge) => judge.failing.kind === "unknown" && !judge.swallowed);
    if (doubt?.failing.kind === "unknown")
        return [inconclusive({ property }, `${commandLabel(doubt)}: ${doubt.failing.why}`)];
    const why = complaints.at(-1)?.why ?? `no ${question.command} stands before it in this buildspec`;
    if (tier !== "production")
        return [inconclusive({ property }, `${label}: whether it writes production cannot be told; ${why}`)];
    return [
        violation(
            `${property}, ${label}: ${question.without}: ${why}.`,
            `Run ${question.command} for the same digest before it, so that its failure ends the build.`,
            { findingId: `${label}|${question.id}` },
        ),
    ];
}

/** Why the command does not keep the promotion from running; null when it does. */
function complaint(
    judge: ScannerFinding,
    promotion: DeliveryFinding,
    analysis: BuildspecAnalysis,
): string | null {
    const name = commandLabel(judge);
    if (judge.failing.kind === "no") return `${name}: ${judge.failing.why}`;
    if (judge.failing.kind === "unknown") return `${name}: ${judge.failing.why}`;
    if (judge.swallowed) return `${name}: its exit status is lost`;
    if (judge.skippable || judge.inFinally) return `${name}: the build can go on without it`;
    if (judge.onFailure === "CONTINUE") return `${name}: its phase goes on after a failure`;
    if (promotion.runsAfterFailureOf.some(({ phase, text }) => phase === judge.phase && text === judge.text))
        return `${name}: the promotion runs although it failed`;
    const tampering = tamperingBefore(analysis, judge);
    if (tampering) return `${name}: it need not be what runs: ${tampering.reason}`;
    const [judged, promoted] = [digestOf(judge.target), digestOf(promotion.source)];
    if (judged !== null && promoted !== null && judged !== promoted)
        return `${name}: it judges ${judged}, not ${promoted}`;
    return null;
}

function digestOf(reference: string | null): string | null {
    const at = reference?.indexOf("@") ?? -1;
    return reference && at >= 0 ? reference.slice(at + 1).replace(/[{}]/g, "") : null;
}
