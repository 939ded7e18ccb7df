import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import type { ScanReport } from "../report/scanReport";
import { damage, randomNumbers } from "../report/testing/damage";
import { judge, type Outcome } from "../verdict/verdict";
import { parseReport, serializeReport } from "./scanEvidence";

const now = new Date("2026-03-04T12:00:00Z");
const digest = `sha256:${"a".repeat(64)}`;
const policy = gatePolicySchema.parse({ version: 1 });

const refused: ScanReport = {
    version: 1,
    scanner: { name: "grype", version: "0.115.0" },
    subject: { image: `registry.example.org/orders/candidate@${digest}`, digest },
    startedAt: "2026-03-04T11:00:00Z",
    finishedAt: "2026-03-04T11:01:00Z",
    raw: null,
    dataBuiltAt: "2026-03-03T11:00:00Z",
    complete: true,
    incompleteReasons: [],
    findings: [
        {
            id: "CVE-2021-3711",
            severity: "critical",
            package: { name: "openssl", version: "1.1.1k-1", type: "deb" },
            fixedIn: null,
            willNotFix: false,
            url: null,
            source: "/matches/0",
        },
    ],
    refusals: [],
};

function outcomeOf(content: Uint8Array): Outcome {
    return judge({
        policy,
        stage: "test",
        reports: [parseReport(content, "report.json", "grype")],
        digest,
        now,
    }).outcome;
}

describe("damaged evidence", () => {
    for (const [name, report] of Object.entries({
        "of a refused image": refused,
        "of a scan that was not complete": {
            ...refused,
            findings: [],
            complete: false,
            incompleteReasons: ["no data"],
        },
        "of a scanner's own refusal": {
            ...refused,
            findings: [],
            refusals: [{ rule: "dockerfile", message: "runs as root" }],
        },
        "with data too old": { ...refused, findings: [], dataBuiltAt: "2024-01-03T11:00:00Z" },
    })) {
        it(`${name} never passes`, () => {
            const content = Buffer.from(serializeReport(report));
            assert.notEqual(outcomeOf(content), "pass");
            const random = randomNumbers(20_260_304);
            for (let round = 0; round < 5_000; round += 1) {
                const damaged = damage(content, random);
                assert.notEqual(outcomeOf(damaged), "pass", Buffer.from(damaged).toString());
            }
        });
    }
});
