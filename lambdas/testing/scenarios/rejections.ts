import assert from "node:assert/strict";
import type { ApprovalCloud } from "../approvalCloud";
import { Release, reportedFinding } from "../release";
import type { ImageScan } from "../registryServer";

/** Announces, lets everything follow, and gives the reasons of the rejection, which must be the one answer. */
async function rejected(cloud: ApprovalCloud, release: Release): Promise<string> {
    await release.announce();
    await cloud.delivery.drainStream();
    return reasonsOf(cloud, release);
}

async function reasonsOf(cloud: ApprovalCloud, release: Release): Promise<string> {
    const record = await release.record();
    assert.equal(record?.status, "rejected");
    assert.equal(record.decision?.answer, "rejected");
    const { summary, reasons } = record.decision;
    assert.deepEqual(
        release.answers().map((answer) => [answer.status, answer.summary]),
        [["Rejected", summary]],
    );
    assert.ok(summary.length <= 512, String(summary.length));
    assert.ok(reasons.length > 0);
    assert.deepEqual(cloud.queued, {});
    return reasons.join("\n");
}

/** Everything that keeps an image out, each with its reason. */
export function rejectionScenarios(cloudOf: () => ApprovalCloud): void {
    describe("rejections", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        const endings: { title: string; scan: Partial<ImageScan>; reason: RegExp }[] = [
            {
                title: "one critical finding",
                scan: { findings: [{ id: "CVE-2026-2000", severity: "CRITICAL" }] },
                reason: /^registry: CVE-2026-2000 \(critical\).*1 critical, 0 allowed/m,
            },
            {
                title: "a severity that nobody knows, which counts as high",
                scan: { findings: [{ severity: "UNDEFINED" }] },
                reason: /^registry: .*counted as high/m,
            },
            {
                title: "a scan that failed",
                scan: { status: "FAILED", description: "The scan failed", completedAt: new Date() },
                reason: /^registry: .*FAILED \(The scan failed\)/m,
            },
            {
                title: "an image that the registry cannot scan",
                scan: { status: "UNSUPPORTED_IMAGE", description: "no package manager" },
                reason: /^registry: .*UNSUPPORTED_IMAGE/m,
            },
            {
                title: "an image that the registry does not watch any more",
                scan: { status: "SCAN_ELIGIBILITY_EXPIRED" },
                reason: /^registry: .*SCAN_ELIGIBILITY_EXPIRED/m,
            },
            {
                title: "a scan older than reports may be",
                scan: { completedAt: new Date(Date.now() - 25 * 3_600_000) },
                reason: /^registry: .*older|^registry: .*hours/m,
            },
            {
                title: "counts that do not fit the findings that are listed",
                scan: { counts: { CRITICAL: 2 } },
                reason: /^registry: .*counts 2 findings that are critical/m,
            },
        ];
        for (const { title, scan, reason } of endings) {
            it(`rejects ${title}`, async () => {
                const release = await Release.ready(cloud);
                release.scanned(scan);
                assert.match(await rejected(cloud, release), reason);
            });
        }

        it("rejects at once when the registry does not know the image", async () => {
            const release = await Release.ready(cloud);
            cloud.registry.scans.clear();
            assert.match(await rejected(cloud, release), /^registry: .*ImageNotFoundException/m);
        });

        it("rejects findings of the stored evidence, with counts and limits in the record and the summary", async () => {
            const release = new Release(cloud);
            release.enter();
            release.scanned();
            await release.store("test", {
                findings: [reportedFinding(), reportedFinding({ id: "CVE-2026-1001", severity: "critical" })],
            });
            await release.store("scanStagingImage");
            const reasons = await rejected(cloud, release);
            assert.match(
                reasons,
                /^test: CVE-2026-1001 \(critical\) in libexample 1\.2\.3 .*fixed in 1\.2\.4/m,
            );
            const decision = (await release.record())?.decision;
            assert.deepEqual(
                decision?.parts.map(({ part, outcome, counts }) => [
                    part,
                    outcome,
                    counts.critical,
                    counts.high,
                ]),
                [
                    ["test", "fail", 1, 1],
                    ["scanStagingImage", "pass", 0, 0],
                    ["registry", "pass", 0, 0],
                ],
            );
            assert.match(decision?.summary ?? "", /^rejected sha256:.*critical 1 of 0, high/s);
        });

        const damages: {
            title: string;
            damage: (release: Release, cloud: ApprovalCloud) => void;
            reason: RegExp;
        }[] = [
            {
                title: "is missing",
                damage: (_release, { evidence }) => removeReports(evidence.objects, "/test/"),
                reason: /^test: .*grype/m,
            },
            {
                title: "was changed after it was stored",
                damage: (_release, { evidence }) => {
                    for (const [key, content] of evidence.objects) {
                        if (!key.endsWith("/test/report.json")) continue;
                        evidence.objects.set(
                            key,
                            Buffer.from(content.toString().replace("0.116.0", "0.116.1")),
                        );
                    }
                },
                reason: /^test: .*not what was stored/m,
            },
            {
                title: "is of another image",
                damage: ({ digest }, { evidence }) => {
                    const other = `sha256:${"f".repeat(64)}`;
                    for (const [key, content] of [...evidence.objects]) {
                        if (!key.includes("/test/")) continue;
                        evidence.objects.set(key, Buffer.from(content.toString().replaceAll(digest, other)));
                    }
                },
                reason: /^test: /m,
            },
            {
                title: "is half there",
                damage: (_release, { evidence }) => {
                    for (const key of evidence.objects.keys())
                        if (key.endsWith("/test/manifest.json")) evidence.objects.delete(key);
                },
                reason: /^test: .*no manifest/m,
            },
        ];
        for (const { title, damage, reason } of damages) {
            it(`rejects when evidence ${title}`, async () => {
                const release = await Release.ready(cloud);
                damage(release, cloud);
                assert.match(await rejected(cloud, release), reason);
            });
        }

        it("rejects a scan that an event calls failed, also when the event comes first", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            const status = "FAILED";
            await cloud.delivery.sendEvent(
                release.scanEvent({ status, id: "00000000-0000-4000-8000-000000000001" }),
            );
            const reasons = await rejected(cloud, release);
            assert.match(
                reasons,
                new RegExp(`event 00000000-0000-4000-8000-000000000001 .* ended as ${status}`),
            );
        });

        it("does not approve while an event counts more findings than the registry lists, and rejects in the end", async () => {
            const release = await Release.ready(cloud);
            await cloud.delivery.sendEvent(
                release.scanEvent({ counts: { CRITICAL: 1, HIGH: 0, MEDIUM: 0, TOTAL: 1 } }),
            );
            await release.announce();
            await cloud.delivery.drainStream();
            assert.deepEqual(release.answers(), []);
            await cloud.watch(61);
            assert.match(await reasonsOf(cloud, release), /counts 1 findings in .*the registry lists 0/);
        });

        it("rejects a request whose scan never comes, before the action itself gives up", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            await release.announce();
            await cloud.delivery.drainStream();
            for (let minutes = 5; minutes <= 55; minutes += 25) {
                await cloud.watch(25);
                if (minutes < 55) assert.deepEqual(release.answers(), [], `after ${minutes} minutes`);
            }
            const reasons = await reasonsOf(cloud, release);
            assert.match(reasons, /the scan of portcullis-dev-sample-staging@sha256:.* has not ended/);
            assert.match(reasons, /had to be decided before/);
            assert.ok(
                cloud.now < (release.run.approval?.expiresAt ?? new Date(0)),
                "well before the time-out",
            );
        });

        const questions: {
            title: string;
            customData: (original: string, release: Release) => string | null;
            reason: RegExp;
        }[] = [
            { title: "there is none", customData: () => null, reason: /custom ?data/i },
            { title: "it is no JSON", customData: () => "please approve", reason: /custom ?data/i },
            {
                title: "it names another digest than the pipeline has",
                customData: (original, { digest }) => original.replaceAll(digest, `sha256:${"e".repeat(64)}`),
                reason: /disagree about (digest, image|image, digest)/,
            },
            {
                title: "it names an application that the stack does not have",
                customData: (original) => original.replace('"sample"', '"other"'),
                reason: /other/,
            },
        ];
        for (const { title, customData, reason } of questions) {
            it(`rejects a message whose question is not the pipeline's (${title}), with an alarm`, async () => {
                const release = await Release.ready(cloud);
                const message = JSON.parse(release.message()) as { approval: { customData: string | null } };
                message.approval.customData = customData(String(message.approval.customData), release);
                const { NotificationArn: topic = "" } = release.run.configuration;
                await cloud.delivery.publish(topic, [JSON.stringify(message)], release.publisher);
                await cloud.delivery.drainStream();
                // A request about another execution or image is another record; the watchdog finds the true one.
                await cloud.watch();
                const answers = release.answers();
                assert.deepEqual(
                    answers.map(({ status }) => status),
                    ["Rejected"],
                );
                assert.match(answers[0]?.summary ?? "", reason);
                assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-request-unreadable"]);
            });
        }

        it("closes a request about an execution that does not exist, and decides the one that waits", async () => {
            const release = await Release.ready(cloud);
            const message = release
                .message()
                .replace(release.execution, "11111111-2222-4333-8444-555555555555");
            const { NotificationArn: topic = "" } = release.run.configuration;
            await cloud.delivery.publish(topic, [message], release.publisher);
            await cloud.delivery.drainStream();
            assert.equal((await release.record())?.status, "closed");
            assert.deepEqual(release.answers(), []);
            await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });
    });
}

function removeReports(objects: Map<string, Buffer>, part: string): void {
    for (const key of objects.keys()) if (key.includes(part)) objects.delete(key);
}
