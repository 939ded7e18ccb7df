/** Judgements that are wrong on purpose, each in one way that a real mistake would be. */
import type { ScanStage } from "../../policy/scanStage";
import { judgeRequest, type Judgement, type JudgementRequest } from "../judgement";
import { digests, registryAnswer, storedOf, subjectOf } from "./approvalSamples";
import { decisionIn, judgementOf, type JudgeRequest } from "./judgementSamples";

const clean = registryAnswer("clean", "sample/orders/staging", digests[0]);
const approved: Judgement = { kind: "decided", decision: decisionIn(judgeRequest(judgementOf())) };

function cleanEvidence(given: JudgementRequest, stage: ScanStage): JudgementRequest {
    return { ...given, stored: { ...given.stored, [stage]: storedOf(subjectOf(), stage) } };
}

/** The request whose ended registry report is changed. */
function withReport(
    given: JudgementRequest,
    change: (report: (typeof clean & { kind: "ended" })["report"]) => object,
): JudgementRequest {
    const { registry } = given;
    if (registry.kind === "pending") return given;
    return {
        ...given,
        registry: { ...registry, report: { ...registry.report, ...change(registry.report) } },
    };
}

export const brokenJudgements: Record<string, JudgeRequest> = {
    "approves everything": () => approved,
    "forgets the evidence of the test stage": (given) => judgeRequest(cleanEvidence(given, "test")),
    "forgets the evidence of the staging image": (given) =>
        judgeRequest(cleanEvidence(given, "scanStagingImage")),
    "takes the evidence of one stage for both": (given) =>
        judgeRequest({ ...given, stored: { ...given.stored, scanStagingImage: given.stored.test } }),
    "forgets the registry": (given) => judgeRequest({ ...given, registry: clean, scan: null }),
    "takes a pending scan for a clean one": (given) =>
        judgeRequest(given.registry.kind === "pending" ? { ...given, registry: clean } : given),
    "does not ask which repository the registry's answer is about": (given) =>
        judgeRequest(
            withReport(given, ({ subject }) => ({
                subject: { ...subject, image: `x/sample/orders/staging@${subject.digest}` },
            })),
        ),
    "does not ask which digest the registry's answer is about": (given) =>
        judgeRequest(
            withReport(given, () => ({
                subject: { image: `x/sample/orders/staging@${digests[0]}`, digest: digests[0] },
            })),
        ),
    "believes an incomplete scan of the registry": (given) =>
        judgeRequest(withReport(given, () => ({ complete: true, incompleteReasons: [] }))),
    "requires the stage's scanners of the registry, and has none": (given) =>
        judgeRequest(
            withReport(given, ({ scanner }) => ({ scanner: { ...scanner, name: "inspector" as const } })),
        ),
    "waits for an incomplete scan": (given) => {
        const { registry } = given;
        return registry.kind === "ended" &&
            !registry.report.complete &&
            given.now < new Date(given.request.decideBy)
            ? { kind: "wait", why: "it may get better" }
            : judgeRequest(given);
    },
    "never ends waiting": (given) =>
        given.registry.kind === "pending" ? { kind: "wait", why: "it is pending" } : judgeRequest(given),
    "approves after the last moment": (given) =>
        judgeRequest({ ...given, request: { ...given.request, decideBy: "2027-01-01T00:00:00.000Z" } }),
    "does not look at failed events": (given) =>
        judgeRequest(given.scan?.status === "failed" ? { ...given, scan: null } : given),
    "does not compare what events count": (given) =>
        judgeRequest(given.scan?.status === "ended" ? { ...given, scan: null } : given),
    "listens to events about others": (given) =>
        judgeRequest({
            ...given,
            scan: given.scan && { ...given.scan, repository: "sample/orders/staging", digest: digests[0] },
        }),
    "waits for a contradiction to go away by itself at the end": (given) =>
        (given.scan?.total ?? 0) > 0 && given.registry.kind === "ended"
            ? { kind: "wait", why: "they may agree" }
            : judgeRequest(given),
    "rejects without a reason": (given) => {
        const judgement = judgeRequest(given);
        if (judgement.kind === "wait" || judgement.decision.answer === "approved") return judgement;
        return { kind: "decided", decision: { ...judgement.decision, reasons: [] } };
    },
    "approves a request that cannot be read": (given) =>
        given.request.subject === null ? approved : judgeRequest(given),
};
