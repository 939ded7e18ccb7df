import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { bundleGate } from "./bundle";

describe("gate bundle", () => {
    it("is the same every time and holds no path of this machine", () => {
        const [one, two] = [bundleGate(), bundleGate()];
        assert.match(one.sha256, /^[0-9a-f]{64}$/);
        assert.equal(one.sha256, two.sha256);
        const text = Buffer.from(one.code).toString();
        assert.ok(!text.includes(process.cwd()), "holds the working directory");
        assert.ok(!text.includes("sourceMappingURL"));
        assert.ok(one.code.length < 3_000_000, `${one.code.length} bytes`);
    });

    it("does not depend on the working directory", () => {
        const here = process.cwd();
        const { sha256 } = bundleGate();
        process.chdir(tmpdir());
        try {
            assert.equal(bundleGate().sha256, sha256);
        } finally {
            process.chdir(here);
        }
    });
});
