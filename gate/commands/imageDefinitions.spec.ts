import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { useBundledGate, type Ending } from "./testing/bundledGate";

const image = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample-orders-production@sha256:${"a".repeat(64)}`;

describe("gate imagedefinitions", () => {
    const gate = useBundledGate();
    const write = (out: string, change: { image?: string; container?: string } = {}): Promise<Ending> => {
        const given = { image, container: "application", ...change };
        return gate.run([
            ...["imagedefinitions", "--image", given.image, "--container", given.container],
            ...["--out", out],
        ]);
    };

    it("writes exactly one container with its image by digest", async () => {
        const out = gate.at("imagedefinitions.json");
        assert.deepEqual(await write(out), {
            code: 0,
            out: `WRITTEN: ${out}: container application runs ${image}\n`,
            err: "",
        });
        assert.deepEqual(JSON.parse(readFileSync(out, "utf8")), [{ name: "application", imageUri: image }]);
    });

    it("replaces what an artifact brought, and writes through no link", async () => {
        const folder = gate.at("artifact");
        mkdirSync(folder);
        writeFileSync(gate.at("victim"), "unchanged");
        const out = gate.at("artifact", "imagedefinitions.json");
        symlinkSync(gate.at("victim"), out);
        assert.equal((await write(out)).code, 0);
        assert.equal(readFileSync(gate.at("victim"), "utf8"), "unchanged");
        assert.match(
            readFileSync(out, "utf8"),
            /^\[\{"name":"application","imageUri":"\S+@sha256:a+"\}\]\n$/,
        );
        assert.deepEqual(readdirSync(folder), ["imagedefinitions.json"]);
    });

    it("says so when the file cannot be written, and leaves nothing behind", async () => {
        mkdirSync(gate.at("taken", "imagedefinitions.json", "inside"), { recursive: true });
        for (const out of [gate.at("taken", "imagedefinitions.json"), gate.at("absent", "x.json")]) {
            const { code, err } = await write(out);
            assert.equal(code, 2);
            assert.match(err, /^gate: INCOMPLETE: \S+ cannot be written \(.*\)\n$/);
        }
        assert.deepEqual(readdirSync(gate.at("taken")), ["imagedefinitions.json"]);
    });

    it("wants an image by digest and the name of a container", async () => {
        const out = gate.at("never.json");
        for (const change of [
            { image: "registry.example/orders:latest" },
            { image: image.slice(0, -1) },
            { container: 'a"b' },
            { container: "c".repeat(256) },
        ]) {
            assert.equal((await write(out, change)).code, 64);
        }
        assert.ok(!readdirSync(gate.at()).includes("never.json"));
    });
});
