/** Steps one after the other with the real gate: what a scan says decides whether an image moves on. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleDigest, sampleGrypeDocument, type SampleMatch } from "../gate/grype/testing/grypeDocument";
import { uuid } from "../gate/approval/testing/approvalSamples";
import { useRealTool } from "../gate/tools/testing/realTool";
import { hadolintTool } from "../gate/verify/testing/verifyTools";
import { useApprovals } from "./testing/approvals";
import { calls, execution, needsBash, production } from "./testing/stepRun";
import { RealGate } from "./testing/realGate";

const image = {
    IMAGE_DIGEST: sampleDigest,
    IMAGE_TAG: "commit-0123456789ab-7",
    COMMIT_ID: "0123456789abcdef0123456789abcdef01234567",
};
/** Grype alone, required in both stages. */
const grypeOnly = {
    scanners: [{ name: "grype", mode: "required" }],
    gatePolicy: { version: 1, limits: { critical: 0, high: 0 } },
};
const critical: SampleMatch = { severity: "Critical" };
const low: SampleMatch = { severity: "Low" };
const placeOf = (stage: string) => `demo/${sampleDigest.replace(":", "-")}/grype/${execution}/${stage}`;

describe("steps with the real gate", function () {
    this.slow(20_000);
    this.timeout(120_000);
    let gate: RealGate;
    const approvals = useApprovals();
    before(function () {
        needsBash(this);
    });
    beforeEach(() => {
        gate = new RealGate(grypeOnly);
        gate.cosign();
    });
    afterEach(() => gate.close());

    /** Lets grype find this. Its program knows the file that the step asks for. */
    function found(matches: SampleMatch[]): void {
        const document = JSON.stringify(sampleGrypeDocument(matches, new Date()));
        gate.tool("grype", `#!/usr/bin/env bash\ncat > grype.json <<'END'\n${document}\nEND\n`);
    }
    /** The image as a later step is given it, by which the steps before have judged it. */
    const inTable = (): Record<string, string> => ({ ...image, ...approvals.environment() });
    const gateCommands = (result: ReturnType<RealGate["run"]>) =>
        calls(result, "node").map((line) => line.split(" ")[2]);
    const promotions = ({ calls }: ReturnType<RealGate["run"]>) =>
        calls.filter(([program, , command]) => program === "node" && command === "promote").length;

    it("move an image without findings to staging, and to production once the gate has approved it in this execution", async () => {
        found([low]);
        const outcomes = (["scan-grype", "stage", "scan-staging-grype"] as const).map((name) => {
            const result = gate.run(name, image);
            assert.equal(result.succeeded, true, result.output);
            return promotions(result);
        });
        assert.deepEqual(outcomes, [0, 1, 0]);
        const refused = (message: RegExp, variables = inTable()) => {
            const publish = gate.run("publish", variables);
            assert.equal(publish.succeeded, false);
            assert.match(publish.output, message);
            assert.equal(gateCommands(publish).at(-1), "approved");
        };
        const here = { digest: sampleDigest, execution };
        await approvals.write({ ...here, execution: uuid(5) });
        await approvals.write({ ...here, application: "other" }, { token: uuid(6) });
        refused(/REFUSED: .* was never approved in the pipeline execution/);
        refused(/NOT JUDGED: table/, { ...inTable(), AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9" });

        await approvals.write(here);
        const publish = gate.run("publish", inTable());
        assert.equal(publish.succeeded, true, publish.output);
        assert.deepEqual(gateCommands(publish).slice(-3), ["approved", "promote", "sign"]);
        assert.match(publish.output, /^SIGNED: .*, signed now and read back$/m);
        assert.deepEqual(
            gate.evidenceKeys(),
            ["scanStagingImage", "test"].flatMap((stage) =>
                ["manifest", "raw", "report"].map((file) => `${placeOf(stage)}/${file}.json`),
            ),
        );

        // What it signed is what production may run; the stage can be tried again, until the gate thinks better of it.
        assert.equal(gate.run("deploy-production", inTable()).succeeded, true);
        assert.match(gate.run("publish", inTable()).output, /^SIGNED: .*, was signed already$/m);
        await approvals.write(here, { status: "rejected", minutes: 5, token: uuid(7) });
        refused(/REFUSED: .* was rejected/);
    });

    it("store what was found although the scan fails, and promote nothing after it", () => {
        found([critical, low]);
        const scan = gate.run("scan-grype", image);
        assert.deepEqual(scan.phases, { install: "succeeded", build: "failed" });
        assert.match(scan.output, /CVE-2021-3711/);
        const report = JSON.parse(
            readFileSync(join(gate.evidence, placeOf("test"), "report.json"), "utf8"),
        ) as { findings: unknown[] };
        assert.equal(report.findings.length, 2);
        // Somebody retries the next stage by hand.
        const stage = gate.run("stage", image);
        assert.equal(stage.succeeded, false);
        assert.equal(promotions(stage), 0);
    });

    it("publish nothing that was scanned in one stage only", () => {
        found([low]);
        assert.equal(gate.run("scan-grype", image).succeeded, true);
        assert.equal(gate.run("stage", image).succeeded, true);
        const publish = gate.run("publish", image);
        assert.equal(publish.succeeded, false);
        assert.equal(promotions(publish), 0);
        assert.match(publish.output, /INCOMPLETE/);
    });

    it("publish nothing in which the second scan found something new", () => {
        found([low]);
        assert.equal(gate.run("scan-grype", image).succeeded, true);
        assert.equal(gate.run("stage", image).succeeded, true);
        found([low, critical]);
        assert.equal(gate.run("scan-staging-grype", image).succeeded, false);
        const publish = gate.run("publish", image);
        assert.equal(publish.succeeded, false);
        assert.equal(promotions(publish), 0);
    });

    it("deploy nothing to production that this stack's key did not sign", () => {
        const deployed = () => gate.run("deploy-production", inTable());
        const unsigned = deployed();
        assert.equal(unsigned.succeeded, false);
        assert.match(unsigned.output, /REFUSED: .*: nobody has signed it/);
        assert.deepEqual(unsigned.artifacts, {});

        gate.sign(`${production}@${sampleDigest}`, "demo");
        const signed = deployed();
        assert.equal(signed.succeeded, true, signed.output);
        assert.deepEqual(JSON.parse(signed.artifacts["imagedefinitions.json"] ?? ""), [
            { name: "web", imageUri: `${production}@${sampleDigest}` },
        ]);

        // Another key, and another application's signature.
        gate.cosign();
        const otherKey = deployed();
        gate.sign(`${production}@${sampleDigest}`, "billing");
        for (const refused of [otherKey, deployed()]) {
            assert.equal(refused.succeeded, false);
            assert.match(refused.output, /REFUSED: .*: its signature is not one of key /);
            assert.deepEqual(refused.artifacts, {});
        }
    });

    for (const file of ["raw.json", "report.json", "manifest.json"]) {
        it(`stage nothing when ${file} of the evidence was changed afterwards`, () => {
            found([low]);
            assert.equal(gate.run("scan-grype", image).succeeded, true);
            const path = join(gate.evidence, placeOf("test"), file);
            const text = readFileSync(path, "utf8");
            // Another byte of the same length, which is still JSON.
            writeFileSync(path, text.replace("2021", "2022").replace(/"sha256": ?"[0-9a-f]/, '"sha256":"_'));
            assert.notEqual(readFileSync(path, "utf8"), text);
            const stage = gate.run("stage", image);
            assert.equal(stage.succeeded, false);
            assert.equal(promotions(stage), 0);
        });
    }

    it("judge another digest by nothing that was said about this one", () => {
        found([low]);
        assert.equal(gate.run("scan-grype", image).succeeded, true);
        const stage = gate.run("stage", { ...image, IMAGE_DIGEST: `sha256:${"e".repeat(64)}` });
        assert.equal(stage.succeeded, false);
        assert.equal(promotions(stage), 0);
    });

    it("fail incomplete when grype writes nothing", () => {
        gate.tool("grype", "#!/usr/bin/env bash\n: > grype.json\n");
        const scan = gate.run("scan-grype", image);
        assert.equal(scan.succeeded, false);
        assert.match(scan.output, /INCOMPLETE/);
    });

    describe("lint, with the real hadolint", () => {
        const hadolint = useRealTool(hadolintTool);

        /** A repository with one commit, as CodeBuild clones it. */
        function lint(dockerfile: string, beside: Record<string, string> = {}) {
            gate.tool("hadolint", readFileSync(hadolint()));
            let commit = "";
            const clone = (folder: string) => {
                const git = (...words: string[]) => {
                    const identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
                    const { status, stdout, stderr } = spawnSync(
                        "git",
                        ["-C", folder, ...identity, ...words],
                        {
                            encoding: "utf8",
                        },
                    );
                    assert.equal(status, 0, stderr);
                    return stdout.trim();
                };
                mkdirSync(join(folder, "docker"));
                for (const [path, text] of Object.entries({ "docker/Dockerfile": dockerfile, ...beside }))
                    writeFileSync(join(folder, path), text);
                git("init", "--quiet");
                git("add", ".");
                git("commit", "--quiet", "--message", "one");
                commit = git("rev-parse", "HEAD");
            };
            // The commit is known only when it is made, so it is made twice: the same content at the same second.
            const date = {
                GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
                GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
            };
            const before = { ...process.env };
            Object.assign(process.env, date);
            try {
                gate.run("lint", { COMMIT_ID: "0".repeat(40) }, clone);
                const result = gate.run("lint", { COMMIT_ID: commit }, clone);
                return { result, commit };
            } finally {
                for (const name of Object.keys(date)) delete process.env[name];
                Object.assign(process.env, before);
            }
        }
        const clean = 'FROM debian:12.1\nUSER nobody\nCMD ["true"]\n';

        it("passes a clean Dockerfile and stores the result under its commit", () => {
            const { result, commit } = lint(clean);
            assert.equal(result.succeeded, true, result.output);
            assert(
                gate.evidenceKeys().includes(`demo/git-${commit}/hadolint/${execution}/verify/report.json`),
                gate.evidenceKeys().join("\n"),
            );
        });

        it("fails an image without a version, whatever the application says about hadolint", () => {
            const rules = "ignored: [DL3006, DL3007]\nno-fail: true\n";
            const { result, commit } = lint(
                "# hadolint global ignore=DL3006\n# hadolint ignore=DL3006\nFROM debian\n",
                {
                    ".hadolint.yaml": rules,
                    "docker/.hadolint.yaml": rules,
                },
            );
            assert.deepEqual(result.phases, { install: "succeeded", build: "failed" });
            assert.match(result.output, /DL3006/);
            assert(gate.evidenceKeys().some((key) => key.startsWith(`demo/git-${commit}/hadolint/`)));
        });
    });
});
