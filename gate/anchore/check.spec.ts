import assert from "node:assert/strict";
import type { Finding } from "../report/scanReport";
import { readCheck } from "./check";
import { IncompleteError } from "./engineError";
import { anchorePolicyBundle } from "./policyBundle";
import { checkBody, evaluate, listed } from "./testing/engineModel";
import {
    dataWith,
    digest,
    fullTag,
    image,
    otherDigest,
    policy,
    registryImage,
    start,
} from "./testing/scenario";
import { engineSubject } from "./subject";
import { findingsOf } from "./vulnerabilities";

// The shape of an answer, loosely, so that a test can break any part of it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

const bundle = anchorePolicyBundle(policy);
const subject = engineSubject(image, digest, "c0ffee");

/** A good answer about an image with these vulnerabilities, changed by `change`. */
function answer(
    change: (parts: Loose) => void,
    vulnerabilities = [listed("CVE-2098-1001", "Critical", "libalpha")],
) {
    const model = registryImage({ status: "analyzed", stored: vulnerabilities });
    const decision = evaluate(bundle, model, fullTag, dataWith(), start);
    const body: Loose = structuredClone(checkBody(model, fullTag, { bundle, active: true }, decision, start));
    const evaluations = body[0][digest][fullTag];
    const result = evaluations[0].detail.result;
    const rows = result.result[model.imageId].result;
    change({ body, evaluations, evaluation: evaluations[0], result, rows, imageId: model.imageId });
    return body;
}

function read(
    body: Loose,
    findings: readonly Finding[] = findingsOf([listed("CVE-2098-1001", "Critical", "libalpha")], ""),
) {
    return readCheck(body, { subject, policyId: bundle.id, policy, findings });
}

function reasonsOf(body: Loose, findings?: readonly Finding[]): string[] {
    try {
        read(body, findings);
    } catch (error) {
        assert.ok(error instanceof IncompleteError, String(error));
        return error.reasons;
    }
    return [];
}

const cannotUse = "the engine's check cannot be used";
const checkPolicies = "check the policies in the engine, then scan again";
const lookAtLog = "scan again, then look at the engine's log";

describe("Anchore policy check", () => {
    it("reads a stop that our own count explains, and a go", () => {
        const expected = { refusals: [], evaluatedAt: new Date("2026-03-04T12:00:00Z"), staleAfterDays: 4 };
        assert.deepEqual(read(answer(() => {})), expected);
        assert.deepEqual(
            read(
                answer(() => {}, []),
                [],
            ),
            expected,
        );
    });

    const table: [string, (parts: Loose) => void, string][] = [
        [
            "another digest",
            ({ body }) => (body[0] = { [otherDigest]: body[0][digest] }),
            `the engine's check is not about exactly the wanted digest ${digest}, but about ${otherDigest}: ${lookAtLog}`,
        ],
        [
            "two digests in one object",
            ({ body }) => (body[0][otherDigest] = body[0][digest]),
            `the engine's check is not about exactly the wanted digest ${digest}, but about ${digest}, ${otherDigest}: ${lookAtLog}`,
        ],
        [
            "two answers",
            ({ body }) => body.push(structuredClone(body[0])),
            `the engine's check is not about exactly the wanted digest ${digest}, but about ${digest}, ${digest}: ${lookAtLog}`,
        ],
        [
            "no answer",
            ({ body }) => body.pop(),
            `the engine's check is not about exactly the wanted digest ${digest}, but about none: ${lookAtLog}`,
        ],
        [
            "another tag",
            ({ body }) => (body[0][digest] = { [`${fullTag}x`]: body[0][digest][fullTag] }),
            `the engine's check is not about exactly the wanted tag ${fullTag}, but about ${fullTag}x: ${lookAtLog}`,
        ],
        [
            "two tags",
            ({ body }) => (body[0][digest][`${fullTag}x`] = body[0][digest][fullTag]),
            `the engine's check is not about exactly the wanted tag ${fullTag}, but about ${fullTag}, ${fullTag}x: ${lookAtLog}`,
        ],
        [
            "several evaluations",
            ({ evaluations }) => evaluations.push(structuredClone(evaluations[0])),
            "the engine's check holds 2 evaluations instead of one: scan again",
        ],
        [
            "no evaluation",
            ({ evaluations }) => evaluations.pop(),
            "the engine's check holds 0 evaluations instead of one: scan again",
        ],
        [
            "no status, as when it was never evaluated",
            ({ evaluation }) => delete evaluation.status,
            `the engine's check has no usable status: ${lookAtLog}`,
        ],
        [
            "an unknown status",
            ({ evaluation }) => (evaluation.status = "passed"),
            `the engine's check has no usable status: ${lookAtLog}`,
        ],
        [
            "no detail",
            ({ evaluation }) => (evaluation.detail = {}),
            `the engine's check has no usable detail.result: ${lookAtLog}`,
        ],
        [
            "no time",
            ({ evaluation }) => (evaluation.last_evaluation = "yesterday"),
            `the engine's check has no usable last_evaluation: ${lookAtLog}`,
        ],
        [
            "an unknown final action",
            ({ result }) => (result.final_action = "allow"),
            `the engine's check has no usable detail.result.final_action: ${lookAtLog}`,
        ],
        [
            "another policy",
            ({ evaluation }) => (evaluation.policyId = "default"),
            `${cannotUse}: it was made by policy default instead of ${bundle.id}: ${checkPolicies}`,
        ],
        [
            "a result about another digest",
            ({ result }) => (result.image_digest = otherDigest),
            `${cannotUse}: its result is about ${otherDigest}: ${checkPolicies}`,
        ],
        [
            "a result about another tag",
            ({ result }) => (result.tag = "x"),
            `${cannotUse}: its result is about tag x: ${checkPolicies}`,
        ],
        [
            "an allow-listed image",
            ({ result }) => (result.final_action_reason = "whitelisted"),
            `${cannotUse}: its reason is whitelisted instead of policy_evaluation (an allow-list or deny-list of the ` +
                `engine decided): ${checkPolicies}`,
        ],
        [
            "a matched allow-list",
            ({ result }) => (result.matched_whitelisted_images_rule = { id: "x" }),
            `${cannotUse}: an allow-list of the engine names the image: ${checkPolicies}`,
        ],
        ...[false, null, undefined, [], "every-image"].map(
            (value): [string, (parts: Loose) => void, string] => [
                `mapping ${JSON.stringify(value)}`,
                ({ result }) => {
                    delete result.matched_mapping_rule;
                    if (value !== undefined) result.matched_mapping_rule = value;
                },
                `${cannotUse}: no mapping of the policy bundle matches the image, so no rule was applied: ${checkPolicies}`,
            ],
        ),
        [
            "evaluation problems",
            ({ result }) => result.evaluation_problems.push({ severity: "error" }),
            `${cannotUse}: it reports 1 evaluation problems: ${checkPolicies}`,
        ],
        [
            "a mapping to a policy without the data rules",
            ({ result }) => (result.matched_mapping_rule.policy_ids = ["other"]),
            `policy ${bundle.id} in the engine does not stop on missing and on stale vulnerability data, so its answer ` +
                "proves nothing: use the gate's own bundle, or add both rules with action STOP",
        ],
        [
            "two decisions",
            ({ result, rows }) => (result.result.other = { result: rows }),
            "the engine's check holds 2 readable decisions instead of one: scan again",
        ],
        [
            "fewer rows than counted",
            ({ rows }) => rows.rows.pop(),
            "the engine's check lists 0 rows and says 1, or its columns are not the ones of Anchore Engine 1.1.0: " +
                lookAtLog,
        ],
        [
            "a column with another name",
            ({ rows }) => (rows.header[6] = "Action"),
            "the engine's check lists 1 rows and says 1, or its columns are not the ones of Anchore Engine 1.1.0: " +
                lookAtLog,
        ],
        [
            "an unknown action in a row",
            ({ rows }) => (rows.rows[0][6] = "allow"),
            "the engine's check cannot be read at row 0: scan again",
        ],
        [
            "another final action inside",
            ({ rows }) => (rows.final_action = "go"),
            "the engine contradicts itself: final action stop outside and go inside its check: " + lookAtLog,
        ],
        [
            "final action go over a row that stops",
            ({ evaluation, result, rows }) => {
                evaluation.status = "pass";
                result.final_action = rows.final_action = "go";
            },
            "the engine contradicts itself: its check says status pass and final action go, but its rows amount to " +
                `stop: ${lookAtLog}`,
        ],
        [
            "final action go over a row that warns",
            ({ evaluation, result, rows }) => {
                rows.rows[0][6] = "warn";
                evaluation.status = "pass";
                result.final_action = rows.final_action = "go";
            },
            "the engine contradicts itself: its check says status pass and final action go, but its rows amount to " +
                `warn: ${lookAtLog}`,
        ],
        [
            "final action stop without any row",
            ({ rows }) => {
                rows.rows = [];
                rows.row_count = 0;
            },
            "the engine contradicts itself: its check says status fail and final action stop, but its rows amount to " +
                `go: ${lookAtLog}`,
        ],
        [
            "status pass with final action stop",
            ({ evaluation }) => (evaluation.status = "pass"),
            "the engine contradicts itself: its check says status pass and final action stop, but its rows amount to " +
                `stop: ${lookAtLog}`,
        ],
        [
            "a finding that the list does not have",
            ({ rows }) => (rows.rows[0][2] = "CVE-2098-9999+libalpha"),
            "the engine contradicts itself: its check names CVE-2098-9999+libalpha, which is missing from its list of " +
                `1 vulnerabilities: ${lookAtLog}`,
        ],
    ];
    for (const [name, change, reason] of table) {
        it(`refuses ${name}`, () => assert.deepEqual(reasonsOf(answer(change)), [reason]));
    }

    it("lists every problem, not only the first", () => {
        const reasons = reasonsOf(
            answer(({ evaluation, result }) => {
                evaluation.policyId = "default";
                result.matched_mapping_rule = false;
                result.final_action_reason = "blacklisted";
            }),
        );
        assert.equal(reasons.length, 3);
    });

    /** Replaces the only row's gate, trigger and action, and lets everything else agree with it. */
    const row = (gate: string, trigger: string, gateAction: string, whitelisted: unknown = false) =>
        answer(({ evaluation, result, rows }) => {
            rows.rows[0].splice(2, 6, "0d9", gate, trigger, "what it said", gateAction, whitelisted);
            rows.final_action = result.final_action = gateAction;
            evaluation.status = gateAction === "stop" ? "fail" : "pass";
        });

    it("takes other stops as refusals, whatever their gate", () => {
        assert.deepEqual(read(row("secret_scans", "content_regex_checks", "stop")).refusals, [
            { rule: "secret_scans/content_regex_checks", message: "what it said" },
        ]);
    });

    it("refuses a warning that is not a vulnerability, which the engine calls a pass", () => {
        assert.deepEqual(reasonsOf(row("dockerfile", "instruction", "warn")), [
            'the engine only warns about "what it said" (dockerfile/instruction), which the gate cannot count: make it ' +
                "STOP or GO in the policy of the engine",
        ]);
    });

    for (const gateAction of ["stop", "warn", "go"]) {
        for (const trigger of ["stale_feed_data", "vulnerability_data_unavailable"]) {
            it(`refuses ${trigger} with action ${gateAction}, even when it is allow-listed`, () => {
                for (const whitelisted of [false, { name: "list" }]) {
                    assert.deepEqual(reasonsOf(row("vulnerabilities", trigger, gateAction, whitelisted)), [
                        "the engine has no usable vulnerability data for this image (what it said): synchronise its " +
                            "feeds; if the image has no distribution the engine knows (scratch, distroless, Wolfi), " +
                            "scan it with grype",
                    ]);
                }
            });
        }
    }

    it("refuses a row that the engine's allow-list excuses", () => {
        assert.deepEqual(reasonsOf(row("dockerfile", "effective_user", "go", { matched_rule_id: "x" })), [
            'an allow-list in the engine excuses "what it said" (dockerfile/effective_user): remove it; exceptions ' +
                "belong to the gate policy",
        ]);
    });

    it("accepts a warning that is a finding we count, and leaves the limit to the verdict", () => {
        const findings = findingsOf([listed("CVE-2098-1002", "Medium", "libbeta")], "");
        const body = answer(({ evaluation, result, rows }) => {
            rows.rows[0][2] = "CVE-2098-1002+libbeta";
            rows.rows[0][6] = rows.final_action = result.final_action = "warn";
            evaluation.status = "pass";
        });
        assert.deepEqual(read(body, findings).refusals, []);
    });
});

describe("Anchore vulnerability list", () => {
    for (const [name, entry, where] of [
        ["text", "CVE-2098-1", "content"],
        ["null", null, "content"],
        ["no id", { package_name: "a" }, "vuln"],
        ["an empty id", { vuln: " ", package_name: "a" }, "vuln"],
        ["a number as fix", { vuln: "CVE-2098-1", package_name: "a", fix: 3 }, "fix"],
        ["no package", { vuln: "CVE-2098-1", package_name: "None" }, "package_name"],
    ] as const) {
        it(`is refused as a whole when one entry is or has ${name}`, () => {
            const good = listed("CVE-2098-1001", "Critical", "libalpha");
            assert.throws(
                () => findingsOf([good, entry], ""),
                (error) =>
                    error instanceof IncompleteError &&
                    error.message ===
                        `the engine's vulnerability list cannot be read: entry 1 of 2 has no usable ${where}: ${lookAtLog}`,
            );
        });
    }

    it("gives a finding for the sparsest entry", () => {
        assert.deepEqual(findingsOf([{ vuln: "CVE-2098-1", package: "a-1" }], "/x"), [
            {
                id: "CVE-2098-1",
                severity: "unknown",
                package: { name: "a-1", version: "", type: "" },
                fixedIn: null,
                willNotFix: false,
                url: null,
                source: "/x/0",
            },
        ]);
    });
});
