import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { reportOf } from "../../gate/approval/testing/approvalSamples";
import { exampleSettings, exampleSubject } from "../../gate/approval/testing/genuineShapes";
import { evidenceKey, scanPlace } from "../../gate/evidence/evidencePlace";
import { S3EvidenceStore } from "../../gate/evidence/s3Store";
import { storeScan } from "../../gate/evidence/scanEvidence";
import { S3Server } from "../../gate/evidence/testing/s3Server";
import { evidenceEffects } from "./evidence";

const { application, digest, execution, image } = exampleSubject();
const subject = { application, digest, execution, stage: "test" as const };
const settings = exampleSettings();
const raw = Buffer.from('{"matches":[]}');
const keyOf = (file: "report.json" | "manifest.json"): string =>
    `${settings.evidenceBucket}/${evidenceKey(scanPlace(subject, "grype"), file)}`;

describe("stored reports of a stage", () => {
    let s3: S3Server;
    const kept = { ...process.env };
    const report = reportOf("grype", image, {
        raw: { sha256: createHash("sha256").update(raw).digest("hex"), bytes: raw.length },
    });
    const load = () => evidenceEffects(settings, new AbortController().signal).loadScans(subject);

    beforeEach(async () => {
        s3 = await S3Server.start();
        Object.assign(process.env, {
            AWS_ENDPOINT_URL_S3: s3.url,
            AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
            AWS_SECRET_ACCESS_KEY: "example",
        });
        const client = new S3Client({ endpoint: s3.url, forcePathStyle: true, region: "eu-west-1" });
        await storeScan(new S3EvidenceStore(settings.evidenceBucket, client), subject, { report, raw });
        client.destroy();
        s3.requests.length = 0;
    });
    afterEach(async () => {
        for (const name of ["AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
            if (kept[name] === undefined) delete process.env[name];
            else process.env[name] = kept[name];
        }
        await s3.stop();
    });

    it("are given as they were stored, with where they are; the raw answer is not read", async () => {
        assert.deepEqual(await load(), {
            reports: [report],
            places: [{ scanner: "grype", place: `s3://${keyOf("report.json")}` }],
        });
        assert.deepEqual(
            s3.requests
                .filter((request) => request.includes("/grype/"))
                .map((text) => text.replace(/ .*\//, " ")),
            ["GET manifest.json", "GET report.json", "HEAD raw.json"],
        );
    });

    it("are unreadable where they were changed, with their place", async () => {
        s3.objects.set(keyOf("report.json"), Buffer.from("{}"));
        const { reports, places } = await load();
        assert.deepEqual(reports, [
            {
                unreadable: `evidence s3://${keyOf("report.json")} is not what was stored; start a new pipeline execution`,
                scanner: "grype",
            },
        ]);
        assert.deepEqual(places, [{ scanner: "grype", place: `s3://${keyOf("report.json")}` }]);
    });

    it("are unreadable where the role may not read, and none where there are none", async () => {
        s3.interruptions.push({ method: "GET", status: 403, code: "AccessDenied" });
        const { reports } = await load();
        // The scanner that is asked for first.
        assert.match(JSON.stringify(reports[0]), /403 AccessDenied.*"scanner":"anchore"/);
        const other = evidenceEffects(settings, new AbortController().signal);
        assert.deepEqual(await other.loadScans({ ...subject, stage: "scanStagingImage" }), {
            reports: [],
            places: [],
        });
    });

    it("are not judged when S3 could not be asked", async () => {
        s3.interruptions.push({ method: "GET", status: 403, code: "ExpiredToken" });
        await assert.rejects(load(), /^ServiceError: S3 GET of .* failed \(403 ExpiredToken\)/);
    });
});
