import assert from "node:assert/strict";
import { RegistryServer } from "../registry/testing/registryServer";
import { addImage } from "../registry/testing/sampleImage";
import { useBundledGate, type Ending } from "./testing/bundledGate";

describe("gate promote", () => {
    const gate = useBundledGate();
    it("copies, is repeatable, never moves a tag and says why", async () => {
        const registry = await RegistryServer.start({
            login: { scheme: "bearer", user: "robot", password: "secret" },
        });
        const environment = { GATE_REGISTRY_USER: "robot", GATE_REGISTRY_PASSWORD: "secret" };
        try {
            const image = addImage(registry.repository("orders/candidate"), [Buffer.from("layer")]);
            const later = addImage(registry.repository("orders/candidate"), [Buffer.from("later")]);
            const staging = registry.repository("orders/staging");
            const promote = (digest: string, variables = environment): Promise<Ending> =>
                gate.run(
                    [
                        ...["promote", "--from", `${registry.host}/orders/candidate@${digest}`],
                        ...["--to", `${registry.host}/orders/staging`, "--tag", "abc123"],
                    ],
                    variables,
                );
            const first = await promote(image.digest);
            assert.equal(first.code, 0, first.err);
            assert.match(
                first.out,
                /^PROMOTED: \S+\/orders\/staging@sha256:\S+ as abc123, read back and compared; copied 2 blobs/,
            );
            assert.deepEqual([...staging.tags], [["abc123", image.digest]]);
            const again = await promote(image.digest);
            assert.equal(again.code, 0);
            assert.match(again.out, /was there already\n$/);
            const moved = await promote(later.digest);
            assert.equal(moved.code, 1);
            assert.match(moved.out, /^REFUSED: tag abc123 of .* a released tag is never moved/);
            assert.deepEqual([...staging.tags], [["abc123", image.digest]]);
            const anonymous = await promote(image.digest, {} as typeof environment);
            assert.equal(anonymous.code, 2);
            assert.match(anonymous.out, /^NOT PROMOTED: .*\n$/);
        } finally {
            await registry.stop();
        }
    });
});
