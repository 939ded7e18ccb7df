import type { ScanReport } from "../report/scanReport";
import { evaluationSchema, isObject, mappingSchema, type Evaluation } from "./checkFormat";
import { demandData, readRows, refusalsOf, type CheckExpectation } from "./checkRows";
import { IncompleteError, oneLine } from "./engineError";

/** What the engine's policy says about the image. */
export interface CheckResult {
    refusals: ScanReport["refusals"];
    /** The engine's clock at the evaluation, whole seconds. */
    evaluatedAt: Date;
    /** Data older than this many days would have stopped the image (`stale_feed_data` of the bundle used). */
    staleAfterDays: number;
}

/**
 * Reads the answer of `GET /v1/images/{digest}/check?tag=…&policyId=…&detail=true`. Everything that makes the
 * engine's answer worth something is demanded, because each of these was seen to be absent in an answer that the
 * engine itself calls a pass:
 *
 * - exactly this digest, exactly this tag, exactly one evaluation, by exactly this policy id;
 * - reason `policy_evaluation` (not an allow-list), a matched mapping, no evaluation problems;
 * - rules in the bundle used that stop on missing and on stale vulnerability data;
 * - `status`, `final_action` and the rows agree with each other; every row is understood.
 *
 * Rows of the `package` trigger must be findings that we have counted ourselves. A stop of such a row that our own
 * policy would allow, and every other stop, becomes a refusal. A warning is accepted only if it is such a counted
 * finding; all other warnings make the answer incomplete, for the engine calls an image without any vulnerability
 * data a pass with warnings.
 * @param answer the answer, already checked to be digest → tag → list of evaluations.
 * @throws IncompleteError
 */
export function readCheck(
    answer: readonly Record<string, Record<string, unknown[]>>[],
    expected: CheckExpectation,
): CheckResult {
    const evaluation = theEvaluation(answer, expected);
    const { result } = evaluation.detail;
    demandTrustworthy(evaluation, expected);
    const staleAfterDays = demandDataRules(evaluation, expected.policyId);
    const rows = readRows(evaluation);
    demandData(rows);
    const refusals = refusalsOf(rows, expected);
    const worst = rows.some((row) => row.action === "stop")
        ? "stop"
        : rows.some((row) => row.action === "warn")
          ? "warn"
          : "go";
    if (worst !== result.final_action || (evaluation.status === "fail") !== (worst === "stop")) {
        throw new IncompleteError(
            `the engine contradicts itself: its check says status ${evaluation.status} and final action ` +
                `${result.final_action}, but its rows amount to ${worst}: scan again, then look at the engine's log`,
        );
    }
    return { refusals, evaluatedAt: new Date(evaluation.last_evaluation), staleAfterDays };
}

function theEvaluation(
    answer: readonly Record<string, Record<string, unknown[]>>[],
    { subject: { digest, fullTag } }: CheckExpectation,
): Evaluation {
    const digests = answer.flatMap((entry) => Object.entries(entry));
    const [byDigest] = digests;
    if (byDigest === undefined || digests.length !== 1 || byDigest[0] !== digest) {
        throw otherThan("digest", digest, digests);
    }
    const tags = Object.entries(byDigest[1]);
    const [byTag] = tags;
    if (byTag === undefined || tags.length !== 1 || byTag[0] !== fullTag) {
        throw otherThan("tag", fullTag, tags);
    }
    const evaluations = byTag[1];
    if (evaluations.length !== 1) {
        throw new IncompleteError(
            `the engine's check holds ${evaluations.length} evaluations instead of one: scan again`,
        );
    }
    const read = evaluationSchema.safeParse(evaluations[0]);
    if (!read.success) {
        const path = read.error.issues[0]?.path.join(".") ?? "";
        throw new IncompleteError(
            `the engine's check has no usable ${path === "" ? "evaluation" : oneLine(path)}: ` +
                "scan again, then look at the engine's log",
        );
    }
    return read.data;
}

function otherThan(what: string, wanted: string, found: readonly [string, unknown][]): IncompleteError {
    const names = found.map(([key]) => key).join(", ");
    return new IncompleteError(
        `the engine's check is not about exactly the wanted ${what} ${wanted}, but about ` +
            `${names === "" ? "none" : oneLine(names)}: scan again, then look at the engine's log`,
    );
}

function demandTrustworthy(evaluation: Evaluation, { subject, policyId }: CheckExpectation): void {
    const { result } = evaluation.detail;
    const problems: string[] = [];
    if (evaluation.policyId !== policyId) {
        problems.push(`it was made by policy ${oneLine(evaluation.policyId)} instead of ${policyId}`);
    }
    if ((result.image_digest ?? subject.digest) !== subject.digest) {
        problems.push(`its result is about ${oneLine(result.image_digest ?? "")}`);
    }
    if ((result.tag ?? subject.fullTag) !== subject.fullTag) {
        problems.push(`its result is about tag ${oneLine(result.tag ?? "")}`);
    }
    if (result.final_action_reason !== "policy_evaluation") {
        problems.push(
            `its reason is ${oneLine(result.final_action_reason)} instead of policy_evaluation ` +
                "(an allow-list or deny-list of the engine decided)",
        );
    }
    const allowListed = result.matched_whitelisted_images_rule;
    if (allowListed !== undefined && allowListed !== null && allowListed !== false) {
        problems.push("an allow-list of the engine names the image");
    }
    if (!isObject(result.matched_mapping_rule)) {
        problems.push("no mapping of the policy bundle matches the image, so no rule was applied");
    }
    if (result.evaluation_problems.length > 0) {
        problems.push(`it reports ${result.evaluation_problems.length} evaluation problems`);
    }
    if (problems.length > 0) {
        throw new IncompleteError(
            ...problems.map(
                (problem) =>
                    `the engine's check cannot be used: ${problem}: check the policies in the engine, then scan again`,
            ),
        );
    }
}

/**
 * Demands that the rules applied stop on missing and on stale data, and returns the days of the latter. Without
 * them an engine that has no data answers pass and go.
 */
function demandDataRules(evaluation: Evaluation, policyId: string): number {
    const { bundle, matched_mapping_rule } = evaluation.detail.result;
    const mapping = mappingSchema.safeParse(matched_mapping_rule);
    const ids = mapping.success
        ? [...(mapping.data.policy_ids ?? []), ...[mapping.data.policy_id ?? []].flat()]
        : [];
    const stops = bundle.policies
        .filter(({ id }) => ids.includes(id))
        .flatMap(({ rules }) => rules)
        .filter((rule) => rule.gate === "vulnerabilities" && rule.action.toUpperCase() === "STOP");
    const days = stops
        .filter(({ trigger }) => trigger === "stale_feed_data")
        .flatMap(({ params }) => params ?? [])
        .filter(({ name, value }) => name === "max_days_since_sync" && /^\d{1,4}$/.test(value))
        .map(({ value }) => Number(value));
    if (days.length === 0 || !stops.some(({ trigger }) => trigger === "vulnerability_data_unavailable")) {
        throw new IncompleteError(
            `policy ${policyId} in the engine does not stop on missing and on stale vulnerability data, so its ` +
                "answer proves nothing: use the gate's own bundle, or add both rules with action STOP",
        );
    }
    return Math.min(...days);
}
