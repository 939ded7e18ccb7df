/**
 * Faults of the Amazon Inspector approval gate's two functions: what they do when events come early, late, twice, never or
 * from somebody else. Driven through the archives that would be uploaded, with genuine events.
 */
import assert from "node:assert/strict";
import { ApprovalCloud } from "../lambdas/testing/approvalCloud";
import { captureStack } from "../lambdas/testing/capturedStack";
import { Release } from "../lambdas/testing/release";

const required = ["grype"];
const config = {
    gatePolicy: {
        version: 1,
        limits: { critical: 0, high: 1, medium: 10, low: 15 },
        requiredScanners: { test: required, scanStagingImage: required },
    },
};

describe("Inspector gate, as uploaded", () => {
    let cloud: ApprovalCloud;
    before(async function () {
        this.timeout(120_000);
        cloud = await ApprovalCloud.start(await captureStack(config));
    });
    beforeEach(() => cloud.reset());
    afterEach(() => {
        cloud.assertClean();
    });
    after(() => cloud?.stop());

    const statuses = (release: Release): string[] => release.answers().map(({ status }) => status);
    const quiet = (): void => {
        assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
    };
    async function announced(release: Release, times = 1): Promise<void> {
        await release.announce(times);
        await cloud.delivery.drainStream();
    }
    async function event(release: Release, change: Parameters<Release["scanEvent"]>[0] = {}): Promise<void> {
        await cloud.delivery.sendEvent(release.scanEvent(change));
        await cloud.delivery.drainStream();
    }

    it("Inspector gate 5: the scan's event may come before the approval's record, or after it", async () => {
        const early = await Release.ready(cloud);
        await event(early);
        assert.deepEqual(statuses(early), []);
        assert.equal((await early.scanRecord())?.status, "ended", "what came first is kept");
        await announced(early);
        assert.deepEqual(statuses(early), ["Approved"]);

        const late = await Release.ready(cloud);
        late.unscanned();
        await announced(late);
        assert.deepEqual(statuses(late), []);
        late.scanned();
        await event(late);
        assert.deepEqual(statuses(late), ["Approved"]);
        quiet();

        // An event that cannot be delivered is not gone after three minutes: it ends in a queue, with an alarm.
        cloud.delivery.unreachable.add("scan-event");
        await event(late);
        assert.deepEqual(cloud.queued, { "portcullis-dev-approval-scan-event-failed": 1 });
        assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-scan-event-failed"]);
    });

    it("Inspector gate 6: scans of other repositories start nothing, and break nothing", async () => {
        const release = await Release.ready(cloud);
        release.unscanned();
        await announced(release);
        for (const repository of [
            "portcullis-dev-sample-candidate",
            "portcullis-dev-sample-production",
            "library/nginx",
        ]) {
            const foreign = release.scanEvent({ repository });
            assert.deepEqual(await cloud.delivery.sendEvent(foreign), [], repository);
            const { invocation } = await cloud.runner.invoke("scan-event", foreign);
            assert.equal(invocation.kind, "returned", repository);
        }
        assert.deepEqual(statuses(release), []);
        quiet();
    });

    it("Inspector gate 7: a scan that failed, cannot be done or never comes is a rejection with its reason", async () => {
        for (const [status, description] of [
            ["FAILED", "The scan failed"],
            ["UNSUPPORTED_IMAGE", "no package manager"],
        ] as const) {
            const release = await Release.ready(cloud);
            release.scanned({
                status,
                description,
                ...(status === "FAILED" ? { completedAt: cloud.now } : {}),
            });
            await announced(release);
            await event(release, { status });
            assert.deepEqual(statuses(release), ["Rejected"], status);
            assert.match((await release.record())?.decision?.reasons.join("\n") ?? "", new RegExp(status));
        }
        const silent = await Release.ready(cloud);
        silent.unscanned();
        await announced(silent);
        await cloud.watch(30);
        assert.deepEqual(statuses(silent), []);
        await cloud.watch(31);
        assert.deepEqual(statuses(silent), ["Rejected"]);
        assert.match(silent.answers()[0]?.summary ?? "", /has not ended/);
        assert.ok(cloud.now < (silent.run.approval?.expiresAt ?? new Date(0)), "before the action gives up");
    });

    it("Inspector gate 8: a digest that was scanned before needs no new event", async () => {
        const release = await Release.ready(cloud);
        release.scanned({ completedAt: new Date(cloud.now.getTime() - 20 * 3_600_000) });
        await announced(release);
        assert.deepEqual(statuses(release), ["Approved"]);
        const again = await Release.ready(cloud, { digest: release.digest });
        await announced(again);
        assert.deepEqual(statuses(again), ["Approved"]);
        assert.ok(!cloud.facts.includes("ScanRecorded"));
        quiet();
    });

    it("Inspector gate 9: two executions with one digest keep their own tokens and get their own answers", async () => {
        const first = await Release.ready(cloud);
        const { declaration } = first.pipeline;
        const mode = declaration.executionMode ?? "SUPERSEDED";
        declaration.executionMode = "PARALLEL";
        try {
            // The second one has evidence of one stage only.
            const second = new Release(cloud, { digest: first.digest });
            second.enter();
            await second.store("test");
            first.unscanned();
            await announced(first);
            await announced(second);
            assert.deepEqual([statuses(first), statuses(second)], [[], ["Rejected"]]);
            first.scanned();
            await event(first);
            assert.deepEqual([statuses(first), statuses(second)], [["Approved"], ["Rejected"]]);
            assert.notEqual(first.token, second.token);
            assert.deepEqual(
                [(await first.record())?.request.token, (await second.record())?.request.token],
                [first.token, second.token],
            );
        } finally {
            declaration.executionMode = mode;
        }
    });

    it("Inspector gate 10: a severity that the event leaves out is no error, and its total must fit what is listed", async () => {
        for (const counts of [{}, { CRITICAL: 0 }, { LOW: 0, TOTAL: 0 }] as Record<string, number>[]) {
            const release = await Release.ready(cloud);
            release.unscanned();
            await announced(release);
            release.scanned();
            await event(release, { counts });
            assert.deepEqual(statuses(release), ["Approved"], JSON.stringify(counts));
        }
        quiet();
        // 24 altogether, of which the event names none: the registry's own list decides, and it has none of them.
        const contradiction = await Release.ready(cloud);
        await event(contradiction, { counts: { TOTAL: 24 } });
        await announced(contradiction);
        assert.deepEqual(statuses(contradiction), []);
        await cloud.watch(61);
        assert.deepEqual(statuses(contradiction), ["Rejected"]);
        assert.match(contradiction.answers()[0]?.summary ?? "", /counts 24 findings/);
    });

    it("Inspector gate 11: a limit is what is still allowed, zero is not one, and every severity has its own", async () => {
        const limits = { CRITICAL: 0, HIGH: 1, MEDIUM: 10, LOW: 15 };
        for (const [severity, limit] of Object.entries(limits)) {
            for (const [count, expected] of [
                [limit, "Approved"],
                [limit + 1, "Rejected"],
            ] as const) {
                const release = await Release.ready(cloud);
                const findings = Array.from({ length: count }, (_, at) => ({ id: `CVE-2026-${2000 + at}`, severity })); // prettier-ignore
                release.scanned({ findings });
                await announced(release);
                assert.deepEqual(statuses(release), [expected], `${count} ${severity}, limit ${limit}`);
            }
        }
    });

    it("Inspector gate 12: every record of a message counts, and the question is JSON", async () => {
        const first = await Release.ready(cloud);
        await announced(first);
        assert.deepEqual(statuses(first), ["Approved"]);
        const second = await Release.ready(cloud);
        const { NotificationArn: topic = "", CustomData: question = "" } = second.run.configuration;
        await cloud.delivery.publish(topic, [first.message(), second.message()], second.publisher);
        await cloud.delivery.drainStream();
        assert.deepEqual([statuses(first), statuses(second)], [["Approved"], ["Approved"]]);
        assert.equal((JSON.parse(question) as { digest: string }).digest, second.digest);
        quiet();

        const third = await Release.ready(cloud);
        third.run.configuration["CustomData"] = `Image_Digest=${third.digest}`;
        await announced(third);
        assert.deepEqual(statuses(third), ["Rejected"], "text to be split somehow is refused");
        assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-request-unreadable"]);
    });

    it("Inspector gate 13: said ten times is answered once; records expire; nobody may delete one", async () => {
        const release = await Release.ready(cloud);
        await announced(release, 5);
        for (let times = 0; times < 5; times++) await event(release);
        await announced(release);
        await cloud.watch();
        assert.deepEqual(statuses(release), ["Approved"]);
        assert.equal(cloud.journal.done("PutApprovalResult").length, 1);
        quiet();

        const refused = await Release.ready(cloud);
        refused.scanned({ findings: [{ severity: "CRITICAL" }] });
        await announced(refused);
        const items = await cloud.table.items();
        const kinds = items.map((item) => [item["record"]?.S?.split("#")[0], item["status"]?.S, "expires" in item]); // prettier-ignore
        // An approval is kept; what was refused, and what a scan said, goes in time.
        assert.deepEqual(kinds.sort(), [
            ["request", "approved", false],
            ["request", "rejected", true],
            ["scan", "ended", true],
        ]);
        const { properties: table } = cloud.stack.one("aws:dynamodb/table:Table", {
            name: "portcullis-dev-approvals",
        });
        assert.deepEqual(table["ttl"], { enabled: true, attributeName: "expires" });
        const policies = cloud.stack.all("aws:iam/rolePolicy:RolePolicy").map(({ properties }) => String(properties["policy"])); // prettier-ignore
        assert.ok(policies.some((policy) => policy.includes("dynamodb:PutItem")));
        assert.deepEqual(
            policies.filter((policy) => /dynamodb:(?:\*|Delete)/.test(policy)),
            [],
        );
    });
});
