import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCode, IncompleteWorkError, type CommandOptions } from "../commands/command";
import { canaryDocument, doubtsAboutCanary } from "./canary";
import { canaryCommand } from "./canaryCommand";
import { sampleCanary, sampleModifiedFinding, sampleTrivyDocument, toBytes } from "./testing/trivyDocument";
import { readTrivyDocument } from "./trivyDocument";

const now = new Date("2026-03-04T12:00:00Z");
const run = { version: "0.69.3", scannedAt: "2026-03-04T11:40:00.000Z" };

function doubtsAbout(document: unknown, changed: Partial<typeof run> = {}): string[] {
    return doubtsAboutCanary(readTrivyDocument([toBytes(document)]), { ...run, ...changed });
}

/** What is said when a filter of Trivy has left findings out. */
function missedWith(filter: (vulnerability: Record<string, unknown>, type: string) => boolean): string[] {
    const document = sampleCanary(now);
    for (const result of document.Results) {
        const vulnerabilities = result.Vulnerabilities as Record<string, unknown>[];
        const left = vulnerabilities.filter((each) => filter(each, result.Class ?? ""));
        if (left.length > 0) result.Vulnerabilities = left;
        else delete result.Vulnerabilities;
    }
    const [doubt = "", ...more] = doubtsAbout(document);
    assert.deepEqual(more, []);
    return [...doubt.matchAll(/CVE-[\d-]+/g)].map(([id]) => id);
}

describe("canary", () => {
    it("shows that Trivy looks when all of it is found", () =>
        assert.deepEqual(doubtsAbout(sampleCanary(now)), []));

    const all = ["CVE-2021-44228", "CVE-2021-23337", "CVE-2020-28500", "CVE-2005-2541"];
    const filters: [string, Parameters<typeof missedWith>[0], string[]][] = [
        ["--scanners secret", () => false, all],
        ["--pkg-types os", (_, type) => type === "os-pkgs", all.slice(0, 3)],
        ["--pkg-types library", (_, type) => type !== "os-pkgs", all.slice(3)],
        ["--severity CRITICAL", ({ Severity }) => Severity === "CRITICAL", all.slice(1)],
        ["--severity without LOW", ({ Severity }) => Severity !== "LOW", all.slice(3)],
        ["--severity without MEDIUM", ({ Severity }) => Severity !== "MEDIUM", all.slice(2, 3)],
        ["--severity without HIGH", ({ Severity }) => Severity !== "HIGH", all.slice(1, 2)],
        ["--ignore-unfixed", ({ Status }) => Status === "fixed", all.slice(3)],
        ["--ignore-status fixed", ({ Status }) => Status !== "fixed", all.slice(0, 3)],
        ["an ignored id", ({ VulnerabilityID }) => VulnerabilityID !== all[0], all.slice(0, 1)],
    ];
    for (const [name, filter, missed] of filters) {
        it(`shows ${name}`, () => assert.deepEqual(missedWith(filter), missed));
    }

    it("does not count what an ignore file has taken out", () => {
        const document = sampleCanary(now);
        const [first] = document.Results;
        assert.ok(first !== undefined);
        const [found] = first.Vulnerabilities as unknown[];
        delete first.Vulnerabilities;
        first["ExperimentalModifiedFindings"] = [sampleModifiedFinding(found)];
        assert.match(
            doubtsAbout(document)[0] ?? "",
            /did not find CVE-2005-2541 \(low and without a fix, Debian\)/,
        );
    });

    it("does not count a finding in another package", () => {
        const document = JSON.parse(JSON.stringify(sampleCanary(now)).replaceAll('"lodash"', '"lodash-es"'));
        assert.match(doubtsAbout(document)[0] ?? "", /CVE-2021-23337 .*CVE-2020-28500/);
    });

    for (const [name, document, changed, reason] of [
        ["an image's report", sampleTrivyDocument([], now), {}, /is of a container_image, not of the canary/],
        ["no report", {}, {}, /does not have Trivy's JSON format/],
        [
            "another version",
            sampleCanary(now),
            { version: "0.74.0" },
            /canary was scanned by Trivy 0.69.3, the image by 0.74.0/,
        ],
        [
            "another run",
            sampleCanary(now),
            { scannedAt: "2026-03-04T08:00:00.000Z" },
            /more than 2 hours from the image/,
        ],
        ["no time", { ...sampleCanary(now), CreatedAt: undefined }, {}, /at an unknown time/],
        ["an image of no time", sampleCanary(now), { scannedAt: "" }, /more than 2 hours from the image/],
    ] as const) {
        it(`doubts ${name}`, () => assert.match(doubtsAbout(document, changed).join("\n"), reason));
    }

    it("is a CycloneDX document whose packages hang together", () => {
        const { components, dependencies, metadata, ...rest } = JSON.parse(canaryDocument());
        assert.deepEqual([rest.bomFormat, rest.specVersion, rest.version], ["CycloneDX", "1.5", 1]);
        const named = components.map((each: Record<string, string>) => [
            each["group"],
            each["name"],
            each["version"],
        ]);
        assert.deepEqual(named, [
            [undefined, "debian", "12"],
            ["org.apache.logging.log4j", "log4j-core", "2.14.1"],
            [undefined, "lodash", "4.17.20"],
            [undefined, "tar", "1.34+dfsg-1.2+deb12u1"],
        ]);
        const references = components.map((each: Record<string, string>) => each["bom-ref"]).sort();
        const depended = dependencies.flatMap((each: { dependsOn: string[] }) => each.dependsOn).sort();
        assert.deepEqual(depended, references);
        assert.equal(metadata.component["bom-ref"], "canary");
    });

    it("is written by gate canary", async () => {
        const folder = await mkdtemp(join(tmpdir(), "canary-"));
        try {
            const path = join(folder, "canary.cdx.json");
            const lines: string[] = [];
            const context = {
                environment: {},
                now: () => now,
                print: (line: string) => void lines.push(line),
                complain: assert.fail,
                colours: false,
            };
            const options = (out: string) => ({ required: () => out }) as unknown as CommandOptions;
            assert.equal(await canaryCommand.run(options(path), context), exitCode.pass);
            assert.equal(await readFile(path, "utf8"), canaryDocument());
            assert.deepEqual(lines, [`canary written to ${path}`]);
            await assert.rejects(canaryCommand.run(options(folder), context), IncompleteWorkError);
        } finally {
            await rm(folder, { recursive: true });
        }
    });
});
