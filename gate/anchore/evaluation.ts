import type { GatePolicy } from "../policy/gatePolicy";
import type { Finding } from "../report/scanReport";
import { imagePath } from "./analysis";
import { checkAnswer, vulnerabilityList } from "./answers";
import { readCheck, type CheckResult } from "./check";
import { callLimits, type Answer, type EngineClient } from "./client";
import { EngineError, IncompleteError, oneLine } from "./engineError";
import type { EngineSubject } from "./subject";
import { findingsOf } from "./vulnerabilities";

const dayMilliseconds = 86_400_000;

/** Clocks of the engine's hosts differ by less than this; an evaluation dated further ahead is wrong. */
const allowedAheadMilliseconds = 300_000;

/** The forced vulnerability list. */
export interface VulnerabilityReading {
    findings: Finding[];
    /** The call, for comparing times. */
    answer: Answer<unknown>;
}

/**
 * Reads all vulnerabilities of the image with a forced refresh. Without it the engine keeps an empty list for ever
 * once it has stored one, and keeps a verdict while its data ages. `vendor_only=false` also lists what the
 * distributor will not fix; the engine's policy never sees those.
 * @throws IncompleteError, EngineError
 */
export async function forcedVulnerabilities(
    client: EngineClient,
    subject: EngineSubject,
): Promise<VulnerabilityReading> {
    const answer = await client.call({
        method: "GET",
        path: `${imagePath(subject)}/vuln/all`,
        query: { force_refresh: "true", vendor_only: "false" },
        answer: vulnerabilityList,
        limit: callLimits.evaluate,
    });
    const { imageDigest, vulnerability_type, vulnerabilities } = answer.value;
    if (imageDigest !== subject.digest || vulnerability_type !== "all") {
        throw new IncompleteError(
            `the engine's vulnerability list is about ${oneLine(imageDigest)} (${oneLine(vulnerability_type)}), not ` +
                `about all of ${subject.digest}: scan again, then look at the engine's log`,
        );
    }
    const pointer = `/exchanges/${answer.exchange}/response/body/vulnerabilities`;
    return { findings: findingsOf(vulnerabilities, pointer), answer };
}

/** The engine's policy answer, with the oldest instant at which its vulnerability data can have been built. */
export interface PolicyReading extends Pick<CheckResult, "refusals"> {
    dataBuiltAt: Date;
}

/**
 * Asks for the policy check after the forced refresh and judges the answer (`readCheck`).
 *
 * The evaluation must not be older than the refresh. Both times are the engine's own (header Date of the refresh's
 * answer, whole seconds, and `last_evaluation`), so that a difference between our clock and the engine's does not
 * matter; only when the header is missing our clock takes its place. An evaluation that looks older is asked for
 * once more, two seconds later: two hosts of one engine may disagree about the second.
 * @throws IncompleteError, EngineError
 */
export async function policyCheck(
    client: EngineClient,
    request: {
        subject: EngineSubject;
        policyId: string;
        policy: GatePolicy;
        refresh: VulnerabilityReading;
        now: () => Date;
        sleep: (milliseconds: number) => Promise<void>;
    },
): Promise<PolicyReading> {
    const { subject, policyId, policy, refresh, now, sleep } = request;
    const notBefore = wholeSecond(
        refresh.answer.engineDate ?? new Date(refresh.answer.sentAt.getTime() + refresh.answer.milliseconds),
    );
    for (let attempt = 1; ; attempt++) {
        const answer = await askCheck(client, subject, policyId);
        const result = readCheck(answer.value, { subject, policyId, policy, findings: refresh.findings });
        const receivedAt = now();
        if (result.evaluatedAt.getTime() >= notBefore.getTime()) {
            demandNotAhead(result.evaluatedAt, answer.engineDate ?? receivedAt);
            return {
                refusals: result.refusals,
                dataBuiltAt: oldestBuild({
                    evaluatedAt: result.evaluatedAt,
                    millisecondsSinceRefresh: receivedAt.getTime() - refresh.answer.sentAt.getTime(),
                    staleAfterDays: result.staleAfterDays,
                }),
            };
        }
        if (attempt === 2) {
            throw new IncompleteError(
                `the engine's check is from ${text(result.evaluatedAt)}, before the forced refresh at ` +
                    `${text(notBefore)}: an old verdict proves nothing; check the engine's clock, then scan again`,
            );
        }
        await sleep(2_000);
    }
}

/**
 * The oldest instant at which the engine's data can have been built. The engine does not say when that was. But the
 * rule `stale_feed_data` would have fired on data built more than N days before the evaluation, and it did not.
 * The rules ran at the earliest right after the refresh was asked for, at the latest at `last_evaluation`, so the
 * bound is N days before the former, on the engine's clock. That is the clock that the rule uses; if it is slow,
 * the bound is older and the verdict stricter.
 */
export function oldestBuild(known: {
    evaluatedAt: Date;
    /** From sending the refresh to having the check. */
    millisecondsSinceRefresh: number;
    staleAfterDays: number;
}): Date {
    const { evaluatedAt, millisecondsSinceRefresh, staleAfterDays } = known;
    const earliest = evaluatedAt.getTime() - Math.max(0, millisecondsSinceRefresh);
    return wholeSecond(new Date(earliest - staleAfterDays * dayMilliseconds));
}

async function askCheck(client: EngineClient, subject: EngineSubject, policyId: string) {
    try {
        return await client.call({
            method: "GET",
            path: `${imagePath(subject)}/check`,
            query: { tag: subject.fullTag, policyId, detail: "true" },
            answer: checkAnswer,
            limit: callLimits.evaluate,
        });
    } catch (error) {
        if (error instanceof EngineError && error.kind === "notFound") {
            throw new IncompleteError(
                `the engine has no verdict on ${subject.digest} by policy ${policyId}: ${error.brief}: ` +
                    "check that this policy is in the engine, then scan again",
            );
        }
        throw error;
    }
}

function demandNotAhead(evaluatedAt: Date, engineNow: Date): void {
    if (evaluatedAt.getTime() > engineNow.getTime() + allowedAheadMilliseconds) {
        throw new IncompleteError(
            `the engine's check is dated ${text(evaluatedAt)}, ahead of its clock (${text(engineNow)}): ` +
                "check the engine's clock, then scan again",
        );
    }
}

function wholeSecond(date: Date): Date {
    return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function text(date: Date): string {
    return date.toISOString().replace(".000Z", "Z");
}
