/** What must be true of every answer to a deployment. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { RequestRecord } from "../approval/records";
import { minutesAfterStart, uuid } from "../approval/testing/approvalSamples";
import { demand, finding, waiverOf } from "../verdict/testing/verdictSamples";
import { nothingReleasedDigest } from "./imageReference";
import {
    anyDeployment,
    approvalSample,
    definitionArn,
    deploymentOf,
    good,
    goodImage,
    hookEvent,
    now,
    other,
    overrideSample,
    recordsOf,
    registry,
    revisionArn,
    serviceArn,
    statusOf,
    viewOf,
    withPolicy,
    withReports,
    type Deployment,
    type Judge,
} from "./testing/deploymentSamples";

export type AdmissionProperty = (judge: Judge, seed?: number) => void;

const critical = { counts: { critical: 1, high: 0, medium: 0, low: 0, negligible: 0 } };
const waiver = waiverOf({ created: "2026-03-01", expires: "2026-03-10" });
const relied = {
    waivers: [{ id: waiver.id, owner: waiver.owner, expires: waiver.expires, severity: "critical" as const }],
};
const parts = approvalSample().decision?.parts ?? [];
const production = `${registry}/sample/orders/production`;
const details = hookEvent()["executionDetails"] as Record<string, unknown>;

/** Deployments that must be refused at once, by what is wrong with them. */
export const refusedDeployments: Record<string, Deployment> = {
    "no record": deploymentOf({ records: [] }),
    "a record of another application": deploymentOf({
        records: [approvalSample({ application: "billing" })],
    }),
    "a record of another digest": deploymentOf({ records: [approvalSample({ digest: other })] }),
    "a rejection": deploymentOf({ records: [approvalSample({ status: "rejected" })] }),
    "a closed request": deploymentOf({ records: [approvalSample({ status: "closed" })] }),
    "a request that nobody works on": deploymentOf({ records: [approvalSample({ status: "waiting" })] }),
    "a request whose worker is gone": deploymentOf({
        records: [
            {
                ...approvalSample({ status: "waiting" }),
                claim: { owner: "x", until: minutesAfterStart(29).toISOString() },
            },
        ],
    }),
    "a rejection after the approval": deploymentOf({
        records: [approvalSample(), approvalSample({ status: "rejected", minutes: 2, token: uuid(2) })],
    }),
    "an approval with a part that failed": deploymentOf({
        records: [
            approvalSample({
                decision: {
                    parts: parts.map((part, at) => (at === 1 ? { ...part, outcome: "fail" } : part)),
                },
            }),
        ],
    }),
    "an approval without the registry": deploymentOf({
        records: [approvalSample({ decision: { parts: parts.slice(0, 2) } })],
    }),
    "a waiver that has expired": deploymentOf({
        policy: { waivers: [{ ...waiver, expires: "2026-03-03" }] },
        records: [
            approvalSample({ decision: { waivers: [{ ...relied.waivers[0]!, expires: "2026-03-03" }] } }),
        ],
    }),
    "a waiver that is not in the policy any more": deploymentOf({
        records: [approvalSample({ decision: relied })],
    }),
    "a waiver of another application now": deploymentOf({
        policy: { waivers: [{ ...waiver, applications: ["billing"] }] },
        records: [approvalSample({ decision: relied })],
    }),
    "a waiver of one package now": deploymentOf({
        policy: { waivers: [{ ...waiver, package: "openssl" }] },
        records: [approvalSample({ decision: relied })],
    }),
    "a waiver of another package now": deploymentOf({
        policy: { waivers: [{ ...waiver, package: "openssl" }] },
        records: [approvalSample({ decision: { waivers: [{ ...relied.waivers[0]!, package: "curl" }] } })],
    }),
    "a waiver of another owner now": deploymentOf({
        policy: { waivers: [{ ...waiver, owner: "somebody-else" }] },
        records: [approvalSample({ decision: relied })],
    }),
    "a waiver that lives longer than today's policy allows": deploymentOf({
        policy: { waivers: [waiver], maximumWaiverDays: { critical: 8 } },
        records: [approvalSample({ decision: relied })],
    }),
    "a waiver that was renewed for longer than its finding allows": deploymentOf({
        policy: { waivers: [{ ...waiver, expires: "2026-03-20" }] },
        records: [approvalSample({ decision: relied })],
    }),
    "a waiver of which nobody knows what it excused, that is too long for the worst": deploymentOf({
        policy: { waivers: [waiver], maximumWaiverDays: { critical: 8 } },
        records: [
            approvalSample({
                decision: { waivers: relied.waivers.map(({ severity: _severity, ...rest }) => rest) },
            }),
        ],
    }),
    "findings without a severity, which count more today": deploymentOf({
        policy: { unknownCountsAs: "high" },
        records: [approvalSample({ decision: { counting: { unknown: "medium", unfixed: null } } })],
    }),
    "findings without a fix, which count more today": deploymentOf({
        policy: { unfixedCountsAs: "medium" },
        records: [approvalSample({ decision: { counting: { unknown: null, unfixed: "low" } } })],
    }),
    "findings without a fix, which count as any other today": deploymentOf({
        records: [approvalSample({ decision: { counting: { unknown: null, unfixed: "high" } } })],
    }),
    "an approval of another policy that does not say how it counted": deploymentOf({
        records: [approvalSample({ decision: { counting: undefined } })],
    }),
    "counts above today's limits": deploymentOf({
        records: [
            approvalSample({
                decision: { parts: parts.map((part, at) => (at === 1 ? { ...part, ...critical } : part)) },
            }),
        ],
    }),
    "worse counts that add up above today's limits": deploymentOf({
        policy: { limits: { critical: 2, high: 2 } },
        records: [
            approvalSample({
                decision: {
                    parts: parts.map((part) => ({
                        ...part,
                        counts: { ...part.counts, critical: 2, high: 1 },
                    })),
                },
            }),
        ],
    }),
    "a scanner that was not required then": deploymentOf({
        policy: { requiredScanners: { test: ["grype", "anchore"], scanStagingImage: ["grype"] } },
    }),
    "a scanner that was only listed then": deploymentOf({
        policy: { requiredScanners: { test: ["anchore"], scanStagingImage: ["grype"] } },
        records: [
            approvalSample({
                decision: {
                    parts: parts.map((part) => ({
                        ...part,
                        evidence: [{ scanner: "anchore", place: "s3://x" }],
                    })),
                },
            }),
        ],
    }),
    "a record that does not say who was required, of another policy": deploymentOf({
        records: [approvalSample({ decision: { parts: parts.map(({ required: _, ...part }) => part) } })],
    }),
    "records that cannot be read": deploymentOf({
        records: { kind: "unavailable", why: "the table is gone" },
    }),
    "a finding of the registry today": deploymentOf({ views: [viewOf("bad")] }),
    "a finding of the registry in either repository": deploymentOf({
        views: [viewOf("failed"), viewOf("bad", "sample/orders/staging")],
    }),
    "a registry that has stopped looking": deploymentOf({
        views: [viewOf("failed"), viewOf("failed", "sample/orders/staging")],
    }),
    "a registry that answers about another digest": deploymentOf({
        views: [viewOf("clean", undefined, other)],
    }),
    "a registry that answers about another repository": deploymentOf({
        views: [{ ...viewOf("clean", "sample/billing/production"), repository: "sample/orders/production" }],
    }),
    "a registry that cannot be asked": deploymentOf({
        views: [
            { repository: "sample/orders/production", answer: { kind: "unavailable", why: "it is down" } },
        ],
    }),
    "a registry that was not asked": deploymentOf({ views: [] }),
    "an expired waiver in today's policy": deploymentOf({
        policy: { waivers: [{ ...waiver, expires: "2026-03-03" }] },
    }),
    "a digest that is none": deploymentOf({
        containers: { application: `${production}@sha256:abc` },
        revision: { containerImages: [] },
    }),
    "two containers of one name": {
        ...deploymentOf(),
        definition: {
            taskDefinition: {
                taskDefinitionArn: definitionArn,
                containerDefinitions: [
                    { name: "application", image: goodImage },
                    { name: "application", image: goodImage },
                ],
            },
        },
    },
    "attempts beyond their end": deploymentOf({ event: { hookDetails: { portcullisAttempts: 11 } } }),
    "the image that nobody has, beside a container that nobody defined": deploymentOf({
        containers: { application: `${production}@${nothingReleasedDigest}` },
        revision: { containerImages: [{ containerName: "miner", image: goodImage }] },
    }),
    "a tag": deploymentOf({
        containers: { application: `${production}:latest` },
        revision: { containerImages: [] },
    }),
    "a tag beside the digest": deploymentOf({
        containers: { application: `${production}:latest@${good}` },
        revision: { containerImages: [] },
    }),
    "the staging repository": deploymentOf({
        containers: { application: `${registry}/sample/orders/staging@${good}` },
        revision: { containerImages: [] },
    }),
    "the repository of another application": deploymentOf({
        containers: { application: `${registry}/sample/billing/production@${good}` },
        revision: { containerImages: [] },
    }),
    "the registry of another account": deploymentOf({
        containers: { application: goodImage.replace("123456789012", "210987654321") },
        revision: { containerImages: [] },
    }),
    "the registry of another region": deploymentOf({
        containers: { application: goodImage.replace("eu-central-1", "eu-west-1") },
        revision: { containerImages: [] },
    }),
    "an image that is no text": deploymentOf({
        containers: { application: 7 },
        revision: { containerImages: [] },
    }),
    "a sidecar from elsewhere": deploymentOf({
        containers: { application: goodImage, proxy: "public.ecr.aws/nginx/nginx:1.27" },
    }),
    "a sidecar that was never approved": deploymentOf({
        containers: { application: goodImage, migrate: `${production}@${other}` },
    }),
    "a sidecar that is called like one of Amazon ECS": deploymentOf({
        containers: { application: goodImage, "aws-guardduty-agent-x1": `${production}@${other}` },
    }),
    "an image that the revision resolved otherwise": deploymentOf({
        revision: {
            containerImages: [{ containerName: "application", image: goodImage, imageDigest: other }],
        },
    }),
    "a revision with another image than the task definition": deploymentOf({
        revision: {
            containerImages: [
                { containerName: "application", image: `${production}@${other}`, imageDigest: other },
            ],
        },
    }),
    "a revision with a container that the task definition does not have": deploymentOf({
        revision: { containerImages: [{ containerName: "miner", image: goodImage, imageDigest: good }] },
    }),
    "a revision of another task definition": deploymentOf({
        revision: {
            taskDefinition:
                "arn:aws:ecs:eu-central-1:123456789012:task-definition/sample-orders-production:8",
        },
    }),
    "a task definition of another account": deploymentOf({
        revision: {
            taskDefinition:
                "arn:aws:ecs:eu-central-1:210987654321:task-definition/sample-orders-production:7",
        },
    }),
    "a revision of another service": deploymentOf({ revision: { serviceArn: `${serviceArn}2` } }),
    "another revision than was asked for": deploymentOf({
        revision: { serviceRevisionArn: `${revisionArn}1` },
    }),
    "a revision of another cluster": deploymentOf({
        revision: { clusterArn: "arn:aws:ecs:eu-central-1:123456789012:cluster/default" },
    }),
    "a revision that Amazon ECS does not describe": {
        ...deploymentOf(),
        revision: { serviceRevisions: [], failures: [{ arn: revisionArn, reason: "MISSING" }] },
    },
    "two revisions": {
        ...deploymentOf(),
        revision: {
            serviceRevisions: [{ serviceRevisionArn: revisionArn }, { serviceRevisionArn: revisionArn }],
        },
    },
    "a task definition without containers": deploymentOf({
        containers: {},
        revision: { containerImages: [] },
    }),
    "another stage": deploymentOf({ event: { lifecycleStage: "POST_SCALE_UP" } }),
    "a service that is not ours": deploymentOf({
        event: { executionDetails: { ...details, serviceArn: `${serviceArn}-2` } },
    }),
    "a revision of a service that is not ours": deploymentOf({
        event: {
            executionDetails: {
                ...details,
                targetServiceRevisionArn: revisionArn.replace("orders", "billing"),
            },
        },
    }),
    "a deployment of another service": deploymentOf({
        event: {
            resourceArn: `arn:aws:ecs:eu-central-1:123456789012:service-deployment/sample-delivery/x/1`,
        },
    }),
    "attempts that somebody else counted": deploymentOf({
        event: { hookDetails: { portcullisAttempts: -1_000 } },
    }),
    "the image that nobody has, beside another": deploymentOf({
        containers: { application: `${production}@${nothingReleasedDigest}`, proxy: goodImage },
        revision: { containerImages: [] },
    }),
    "an override of another application": deploymentOf({
        records: [],
        overrides: [overrideSample({ application: "billing" })],
    }),
    "an override of another digest": deploymentOf({
        records: [],
        overrides: [overrideSample({ digest: other })],
    }),
    "an override that has ended": deploymentOf({
        records: [],
        overrides: [overrideSample({ until: now.toISOString() })],
    }),
    "an override that was revoked": deploymentOf({
        records: [],
        overrides: [overrideSample({ revoked: { at: now.toISOString(), by: "bob" } })],
    }),
    "an override for more than a day": deploymentOf({
        records: [],
        overrides: [overrideSample({ until: minutesAfterStart(20 + 24 * 60 + 1).toISOString() })],
    }),
    "an override that has not begun": deploymentOf({
        records: [],
        overrides: [
            overrideSample({
                issuedAt: minutesAfterStart(36).toISOString(),
                until: minutesAfterStart(60).toISOString(),
            }),
        ],
    }),
    "an override whose times are none": deploymentOf({
        records: [],
        overrides: [overrideSample({ issuedAt: "yesterday", until: "tomorrow" })],
    }),
    "an override of an image from elsewhere": deploymentOf({
        containers: { application: `${registry}/sample/orders/staging@${good}` },
        revision: { containerImages: [] },
        overrides: [overrideSample()],
    }),
};

/** Deployments that wait, and for how long nobody may make them wait. */
export const waitingDeployments: Record<string, Deployment> = {
    "a request that somebody works on": deploymentOf({
        records: [
            {
                ...approvalSample({ status: "waiting" }),
                claim: { owner: "x", until: minutesAfterStart(31).toISOString() },
            },
        ],
    }),
    "an approval that is being recorded": deploymentOf({
        records: [{ ...approvalSample(), status: "waiting" }],
    }),
    "a registry that has not looked yet": deploymentOf({
        views: [viewOf("pending"), viewOf("pending", "sample/orders/staging")],
    }),
};

/** Only what was admitted before may be admitted after. */
function assertNeverBetter(judge: Judge, before: Deployment, after: Deployment): void {
    if (statusOf(judge(before)) !== "SUCCEEDED") assert.notEqual(statusOf(judge(after)), "SUCCEEDED");
}

/** When a record was answered; before all others where it was not. */
function answeredAt({ decision, closed }: RequestRecord): number {
    return Date.parse(decision?.decidedAt ?? closed?.at ?? "1970-01-01T00:00:00Z");
}

function reasonsOf(judge: Judge, given: Deployment): string[] {
    return judge(given).facts.flatMap(
        ({ details: { reasons, why } }) => [reasons ?? [], why ?? []].flat() as string[],
    );
}

export const admissionProperties: Record<string, AdmissionProperty> = {
    "what is approved and still good is admitted, and says by which execution": (judge) => {
        const { answer, facts } = judge(deploymentOf());
        assert.deepEqual(answer, { hookStatus: "SUCCEEDED" });
        assert.deepEqual(
            facts.map(({ fact }) => fact),
            ["Admitted"],
        );
        assert.deepEqual((facts[0]?.details["images"] as { execution: string }[])[0]?.execution, uuid(900));
    },
    "what is wrong is refused, with a reason in one line": (judge) => {
        for (const [name, given] of Object.entries(refusedDeployments)) {
            const { answer, facts } = judge(given);
            assert.deepEqual(answer, { hookStatus: "FAILED" }, name);
            assert.ok(["AdmissionRefused", "AdmissionFailed"].includes(facts[0]?.fact ?? ""), name);
            const reasons = reasonsOf(judge, given);
            assert.ok(reasons.length > 0 && reasons.every((reason) => /^[^\n]+$/.test(reason)), name);
        }
    },
    "what may still come is waited for, and not for ever": (judge) => {
        for (const [name, given] of Object.entries(waitingDeployments)) {
            let hookDetails: unknown = { mine: "stays" };
            for (let call = 0; call < 10; call += 1) {
                const { answer } = judge({ ...given, event: hookEvent({ hookDetails }) });
                assert.deepEqual(
                    answer,
                    {
                        hookStatus: "IN_PROGRESS",
                        callBackDelay: 30,
                        hookDetails: { portcullisAttempts: call + 1 },
                    },
                    name,
                );
                hookDetails = { mine: "stays", ...("hookDetails" in answer ? answer.hookDetails : {}) };
            }
            const { answer } = judge({ ...given, event: hookEvent({ hookDetails }) });
            assert.deepEqual(answer, { hookStatus: "FAILED" }, name);
        }
    },
    "a service to which nothing was released is refused, and that is no alarm": (judge) => {
        const { answer, facts } = judge(
            deploymentOf({
                containers: { application: `${production}@${nothingReleasedDigest}` },
                revision: { containerImages: [] },
            }),
        );
        assert.deepEqual(
            [answer, facts.map(({ fact }) => fact)],
            [{ hookStatus: "FAILED" }, ["NothingReleased"]],
        );
    },
    "an override opens what its digest and application were refused, and says so": (judge) => {
        for (const given of [
            deploymentOf({ records: [] }),
            deploymentOf({ views: [viewOf("bad")] }),
            deploymentOf({ views: [viewOf("pending")] }),
            deploymentOf({ records: { kind: "unavailable", why: "the table is gone" } }),
        ]) {
            const { answer, facts, overrides } = judge({ ...given, overrides: [overrideSample()] });
            assert.deepEqual(answer, { hookStatus: "SUCCEEDED" });
            assert.deepEqual(
                facts.map(({ fact }) => fact),
                ["BreakGlassUsed"],
            );
            assert.equal(overrides.length, 1);
            assert.ok((facts[0]?.details["despite"] as string[]).length > 0);
        }
    },
    "an override is not used where there is an approval": (judge) => {
        const { facts, overrides } = judge(deploymentOf({ overrides: [overrideSample()] }));
        assert.deepEqual([facts.map(({ fact }) => fact), overrides], [["Admitted"], []]);
    },
    "the age of evidence is not asked again": (judge) => {
        const later = minutesAfterStart(60 * 24 * 40);
        assert.equal(statusOf(judge(deploymentOf({ now: later }))), "SUCCEEDED");
    },
    "the payload of older versions of the developer guide is judged alike": (judge) => {
        const [flat, bad] = [deploymentOf(), deploymentOf({ records: [] })];
        assert.equal(statusOf(judge({ ...flat, event: details })), "SUCCEEDED");
        assert.equal(statusOf(judge({ ...bad, event: details })), "FAILED");
        const { serviceArn: _, ...half } = details;
        assert.equal(statusOf(judge({ ...flat, event: half })), "FAILED");
    },
    "a waiver that is still there and holds is still relied on": (judge) => {
        for (const expires of [waiver.expires, "2026-03-15", "2026-03-05"]) {
            const given = deploymentOf({
                policy: { waivers: [{ ...waiver, expires }] },
                records: [approvalSample({ decision: relied })],
            });
            assert.equal(statusOf(judge(given)), "SUCCEEDED", expires);
        }
    },
    "findings that count the same today, or less, are counted as they were": (judge) => {
        for (const [policy, counting] of [
            [{ unknownCountsAs: "medium" }, { unknown: "medium", unfixed: null }],
            [{ unknownCountsAs: "low" }, { unknown: "medium", unfixed: null }],
            [{ unknownCountsAs: "critical" }, { unknown: null, unfixed: null }],
            [{ unfixedCountsAs: "low" }, { unknown: null, unfixed: "low" }],
            [{ unfixedCountsAs: "negligible" }, { unknown: null, unfixed: "low" }],
            [{ unfixedCountsAs: "own" }, { unknown: null, unfixed: null }],
        ] as const) {
            const given = deploymentOf({ policy, records: [approvalSample({ decision: { counting } })] });
            assert.equal(statusOf(judge(given)), "SUCCEEDED", JSON.stringify([policy, counting]));
        }
    },
    "a repository that says nothing usable is made up for by the other": (judge) => {
        for (const kind of ["pending", "failed"] as const) {
            const views = [viewOf(kind), viewOf("clean", "sample/orders/staging")];
            assert.equal(statusOf(judge(deploymentOf({ views }))), "SUCCEEDED", kind);
        }
    },
    "containers that Amazon ECS adds itself are not asked about": (judge) => {
        const image = "999999999999.dkr.ecr.eu-central-1.amazonaws.com/aws-guardduty-agent-fargate:v1";
        const containerImages = [{ containerName: "aws-guardduty-agent-x1Yz", image }];
        assert.equal(statusOf(judge(deploymentOf({ revision: { containerImages } }))), "SUCCEEDED");
    },
    "every container is judged, whichever it is": (judge, seed) =>
        demand(
            seed,
            fc.property(fc.nat(3), fc.nat(3), (size, at) => {
                const names = Array.from({ length: size + 1 }, (_, index) => `c${index}`);
                const bad = names[at % names.length];
                const containers = Object.fromEntries(
                    names.map((name) => [name, name === bad ? `${production}@${other}` : goodImage]),
                );
                assert.notEqual(
                    statusOf(judge(deploymentOf({ containers, revision: { containerImages: [] } }))),
                    "SUCCEEDED",
                );
            }),
            30,
        ),
    "admitted means approved, or let through by an override that holds": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, (given) => {
                if (statusOf(judge(given)) !== "SUCCEEDED") return;
                const approved = recordsOf(given).some(
                    ({ status, request: { subject } }) =>
                        status === "approved" && subject?.application === "orders" && subject.digest === good,
                );
                const open = given.overrides.some(
                    ({ application, digest, until }) =>
                        application === "orders" && digest === good && new Date(until) > given.now,
                );
                assert.ok(approved || open);
            }),
            400,
        ),
    "a further finding never lets through what was refused": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, finding, (given, one) =>
                assertNeverBetter(
                    judge,
                    given,
                    withReports(given, ({ findings }) => ({ findings: [...findings, one] })),
                ),
            ),
            300,
        ),
    "losing an older record, an override or an answer never lets through what was refused": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, fc.nat(2), (given, at) => {
                // The newest answer decides; the one before it was right in its own time.
                const newest = Math.max(...recordsOf(given).map(answeredAt));
                const older = recordsOf(given).filter((record) => answeredAt(record) !== newest);
                const lost = older[at % Math.max(older.length, 1)];
                const records = recordsOf(given).filter((record) => record !== lost);
                assertNeverBetter(judge, given, { ...given, records });
                assertNeverBetter(judge, given, { ...given, overrides: given.overrides.slice(1) });
                assertNeverBetter(judge, given, { ...given, views: given.views.slice(1) });
            }),
            300,
        ),
    "without any approval nothing is admitted but by an override": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, (given) => {
                const records = recordsOf(given).filter(({ status }) => status !== "approved");
                assert.notEqual(statusOf(judge({ ...given, records, overrides: [] })), "SUCCEEDED");
            }),
            200,
        ),
    "a rejection never lets through what was refused": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, fc.integer({ min: 1, max: 25 }), (given, minutes) => {
                const rejection = approvalSample({ status: "rejected", minutes, token: uuid(99) });
                assertNeverBetter(judge, given, { ...given, records: [...recordsOf(given), rejection] });
            }),
            200,
        ),
    "a stricter policy never lets through what was refused": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, (given) => {
                const { limits, requiredScanners } = given.settings.policy;
                assertNeverBetter(
                    judge,
                    given,
                    withPolicy(given, { limits: { ...limits, critical: 0, high: 0 } }),
                );
                const more = { ...requiredScanners, test: [...requiredScanners.test, "anchore" as const] };
                assertNeverBetter(judge, given, withPolicy(given, { requiredScanners: more }));
            }),
            200,
        ),
    "every answer is one of a hook, and tells of itself": (judge, seed) =>
        demand(
            seed,
            fc.property(anyDeployment, (given) => {
                const { answer, facts } = judge(given);
                assert.ok(["SUCCEEDED", "IN_PROGRESS", "FAILED"].includes(answer.hookStatus));
                assert.ok(facts.length > 0);
                if (answer.hookStatus !== "SUCCEEDED") assert.ok(reasonsOf(judge, given).length > 0);
            }),
            200,
        ),
};
