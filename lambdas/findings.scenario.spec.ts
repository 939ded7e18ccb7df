import assert from "node:assert/strict";
import { imported, digestOf, executionOf, minute, scanOf } from "../gate/findings/testing/findingSamples";
import { importSchema } from "../gate/findings/testing/importSchema";
import type { SecurityFinding } from "../gate/findings/securityFinding";
import { findingOf } from "../gate/report/testing/sampleFinding";
import { throttled } from "./testing/callJournal";
import { captureStack } from "./testing/capturedStack";
import { FindingsCloud } from "./testing/findingsCloud";
import type { Invocation } from "./testing/functionProcess";
import { unusedGrants } from "./testing/grantUse";

const [first, second] = [findingOf(), findingOf({ id: "CVE-2021-3712", severity: "medium" })];
const [a, b] = [digestOf("a"), digestOf("b")];

/** As many different findings, each in a package of its own. */
const many = (count: number) =>
    Array.from({ length: count }, (_, number) =>
        findingOf({ package: { name: `package-${number}`, version: "1", type: "deb" } }),
    );

describe("Import of findings as uploaded", function () {
    // The program is captured first, which takes long on a machine that is busy.
    this.timeout(300_000);
    let cloud: FindingsCloud;
    /** Grants that were needed in all that follows. */
    const used = new Set<string>();

    before(async () => {
        cloud = await FindingsCloud.start(await captureStack({ securityHub: { mode: "enable" } }));
    });
    beforeEach(() => cloud.reset());
    afterEach(async () => {
        for (const grant of await cloud.usedGrants()) used.add(grant);
        cloud.assertClean();
    });
    after(() => cloud?.stop());

    const returned = (invocation: Invocation): void =>
        assert.equal(invocation.kind, "returned", JSON.stringify(invocation));
    const failed = (invocation: Invocation, message: RegExp): void => {
        assert.equal(invocation.kind, "failed");
        assert.match(invocation.kind === "failed" ? invocation.errorMessage : "", message);
    };
    const requests = () => cloud.journal.done("BatchImportFindings").map(({ input }) => input);

    it("sends exactly what the report says, once, in requests that the strict schema takes", async () => {
        returned(await cloud.scanned({ findings: [first, second] }));
        assert.equal(requests().length, 1);
        const [request] = requests();
        const { Findings: sent } = importSchema.parse(request);
        const { application, settings } = cloud;
        // The same as the pure part makes of it, in the place of this stack.
        const here = (text: string): string =>
            text
                .replaceAll("eu-west-1", settings.account.region)
                .replaceAll("portcullis-dev-orders-candidate", application.repositories[0] ?? "")
                .replaceAll("orders", application.name)
                .replaceAll("s3://evidence/", `s3://${settings.evidenceBucket}/`);
        const expected = imported(scanOf({ findings: [first, second] }), settings.policy);
        assert.deepEqual(sent, JSON.parse(here(JSON.stringify(expected))));
        assert.deepEqual(cloud.active, ["a grype CVE-2021-3711", "a grype CVE-2021-3712"]);
    });

    it("updates on a repeated event, archives what is gone, and is not undone by an older event", async () => {
        const old = await cloud.store({ findings: [first, second] });
        returned((await cloud.deliver(cloud.objectCreated(old)))!);
        returned((await cloud.deliver(cloud.objectCreated(old)))!);
        assert.deepEqual(cloud.active, ["a grype CVE-2021-3711", "a grype CVE-2021-3712"]);
        returned(await cloud.scanned({ findings: [second], at: 10, execution: executionOf(2) }));
        assert.deepEqual(cloud.active, ["a grype CVE-2021-3712"]);
        const before = cloud.hub.stored();
        const sent = requests().length;
        returned((await cloud.deliver(cloud.objectCreated(old)))!);
        assert.equal(requests().length, sent);
        assert.deepEqual(cloud.hub.stored(), before);
    });

    it("archives superseded digests, but for the newest approved one, and follows releases", async () => {
        await cloud.approve(digestOf("0"), executionOf(7), minute(-30));
        returned(
            await cloud.scanned({
                digest: digestOf("0"),
                findings: [first],
                at: -60,
                execution: executionOf(7),
            }),
        );
        returned(await cloud.scanned({ digest: a, findings: [first] }));
        returned(await cloud.scanned({ digest: b, findings: [second], at: 10, execution: executionOf(2) }));
        assert.deepEqual(cloud.active, ["0 grype CVE-2021-3711", "b grype CVE-2021-3712"]);
        await cloud.approve(a, executionOf(1), minute(20));
        returned(await cloud.released(executionOf(1), minute(25)));
        assert.deepEqual(cloud.active, ["a grype CVE-2021-3711", "b grype CVE-2021-3712"]);
    });

    it("sends a large report in requests of a hundred, and reads as many pages as there are", async () => {
        returned(await cloud.scanned({ findings: many(250) }));
        assert.deepEqual(
            requests().map(({ Findings }) => (Findings as unknown[]).length),
            [100, 100, 50],
        );
        for (const request of requests()) importSchema.parse(request);
        cloud.hub.pageSize = 70;
        returned(await cloud.scanned({ findings: many(10), at: 10, stage: "scanStagingImage" }));
        assert.equal(cloud.active.length, 10);
        assert.equal(cloud.hub.stored().length, 250);
    });

    it("sends what was refused once more, and fails with ids and codes when it is refused again", async () => {
        const findings = many(150);
        const bad = (made: SecurityFinding): boolean => /package-(7|120) /.test(made.Title);
        let refusals = 0;
        cloud.hub.fail = (made) => (bad(made) && (refusals += 1) <= 1 ? "InternalError" : null);
        returned(await cloud.scanned({ findings: many(20) }));
        assert.equal(cloud.active.length, 20);
        assert.deepEqual(
            requests().map(({ Findings }) => (Findings as unknown[]).length),
            [20, 1],
        );
        cloud.hub.fail = (made) => (bad(made) && made.Id.includes(b) ? "InternalError" : null);
        const invocation = await cloud.scanned({ findings, digest: b, at: 30 });
        failed(invocation, /2 findings were not imported.*\/grype\/[0-9a-f]{64}: InternalError/);
        // All others were, and a repetition finds nothing else to do.
        assert.equal(cloud.active.filter((line) => line.startsWith("b")).length, 148);
        cloud.hub.fail = () => null;
        returned(await cloud.scanned({ findings, digest: b, at: 30 }));
        assert.equal(cloud.active.filter((line) => line.startsWith("b")).length, 150);
    });

    it("believes no answer that contradicts itself", async () => {
        cloud.hub.tamper = (answer) => ({ ...answer, SuccessCount: 0 });
        failed(await cloud.scanned({ findings: [first] }), /1 finding was not imported.*UnclearAnswer/);
        cloud.hub.tamper = () => ({ FailedCount: 1, SuccessCount: 0, FailedFindings: [] });
        failed(await cloud.scanned({ findings: [first] }), /UnclearAnswer/);
    });

    it("repeats what is throttled, with an end, and loses no event when that is not enough", async () => {
        let left = 2;
        cloud.journal.interrupt = ({ service }) =>
            service === "securityhub" && (left -= 1) >= 0 ? throttled("securityhub") : null;
        const key = await cloud.store({ findings: [first] });
        returned((await cloud.deliver(cloud.objectCreated(key)))!);
        assert.deepEqual(cloud.active, ["a grype CVE-2021-3711"]);
        cloud.journal.interrupt = ({ service }) =>
            service === "securityhub" ? throttled("securityhub") : null;
        const before = cloud.journal.calls.length;
        failed((await cloud.deliver(cloud.objectCreated(key)))!, /ThrottlingException/);
        const attempts = cloud.journal.calls.slice(before).filter(({ service }) => service === "securityhub");
        assert.equal(attempts.length, 4);
    });

    it("says what to do where Security Hub is off", async () => {
        cloud.hub.isEnabled = false;
        failed(await cloud.scanned({ findings: [first] }), /InvalidAccessException.*whether it is on/);
    });

    it("imports nothing that is not as it was stored, and fails", async () => {
        const key = await cloud.store({ findings: [first] });
        const report = key.replace("manifest", "report");
        const content = cloud.evidence.objects.get(report);
        assert(content);
        cloud.evidence.objects.set(report, Buffer.from(String(content).replace("critical", "low")));
        failed((await cloud.deliver(cloud.objectCreated(key)))!, /is not what was stored/);
        cloud.evidence.objects.delete(report);
        failed((await cloud.deliver(cloud.objectCreated(key)))!, /is gone/);
        cloud.evidence.objects.clear();
        failed((await cloud.deliver(cloud.objectCreated(key)))!, /are not there/);
        // Of another image, under a key of ours.
        const other = await cloud.store({ digest: b, findings: [first] });
        for (const file of ["manifest", "report", "raw"]) {
            const from = other.replace("manifest", file);
            cloud.evidence.objects.set(key.replace("manifest", file), cloud.evidence.objects.get(from)!);
        }
        failed((await cloud.deliver(cloud.objectCreated(key)))!, /is not a manifest of this place/);
        assert.deepEqual(requests(), []);
        assert.deepEqual(cloud.active, []);
    });

    it("ignores reviews, bills of materials and commits, and hears of no other object", async () => {
        const key = await cloud.store({ findings: [first] });
        const { name } = cloud.application;
        for (const other of [
            key.replace(`${name}/`, `${name}--review/`),
            key.replace("/grype/", "/sbom/").replace("/test/", "/build/"),
            `${name}/git-${"c".repeat(40)}/gitleaks/${executionOf(1)}/verify/manifest.json`,
        ]) {
            returned((await cloud.deliver(cloud.objectCreated(other)))!);
        }
        assert.equal(await cloud.deliver(cloud.objectCreated(key.replace("manifest", "report"))), null);
        assert.deepEqual(cloud.journal.calls, []);
        failed(await cloud.invoke({ source: "aws.s3" }), /see who invoked/);
        failed(
            (await cloud.deliver(cloud.objectCreated(key.replace("/grype/", "/other/"))))!,
            /none that the gate/,
        );
    });

    it("does nothing by what cannot be read in the approval table", async () => {
        returned(await cloud.scanned({ digest: a, findings: [first] }));
        await cloud.approve(a, executionOf(1), minute(5));
        const [item] = await cloud.table.items();
        await cloud.table.put({ ...item, document: { S: "{}" } });
        failed(await cloud.scanned({ digest: b, findings: [second], at: 60 }), /is damaged/);
        assert.deepEqual(cloud.active, ["a grype CVE-2021-3711"]);
    });

    it("has a role that grants all that it did and nothing else", () => {
        const unused = unusedGrants(cloud.permissions.statementsOf(cloud.role), used);
        assert.deepEqual(
            unused.map((grant) => grant.split(" ").slice(0, 2).join(" ")),
            [
                // What Lambda and AWS X-Ray do in a function's name; no call of the function's.
                "WriteOwnLog logs:CreateLogStream",
                "WriteOwnLog logs:PutLogEvents",
                "SendTraces xray:PutTelemetryRecords",
                "SendTraces xray:PutTraceSegments",
                "KeepFailedEvents sqs:SendMessage",
            ],
        );
    });
});
