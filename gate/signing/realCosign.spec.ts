import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { useBundledGate, type Ending } from "../commands/testing/bundledGate";
import { RegistryServer } from "../registry/testing/registryServer";
import { addImage } from "../registry/testing/sampleImage";
import { useRealTool } from "../tools/testing/realTool";
import { writeFakeTool } from "../verify/testing/fakeTool";
import { cosignTool } from "./testing/cosignTool";
import { KmsServer } from "./testing/kmsServer";

const login = { scheme: "basic", user: "AWS", password: "registry-password-of-the-test" } as const;

describe("gate sign and gate verify-signature with the real cosign", () => {
    const cosign = useRealTool(cosignTool);
    const gate = useBundledGate();
    let registry: RegistryServer;
    let kms: KmsServer;
    let proxy: Server | undefined;
    /** What went out to anywhere but the registry and the key. */
    const strayed: string[] = [];
    let environment: Record<string, string>;

    before(async () => {
        registry = await RegistryServer.start({ login, immutableTags: true });
        kms = await KmsServer.start("alias/signing", "alias/other");
        const watched = createServer().on("connect", (request, socket) => {
            strayed.push(String(request.url));
            socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        });
        proxy = watched;
        await new Promise<void>((resolve) => watched.listen(0, "127.0.0.1", () => resolve()));
        environment = {
            ...kms.environment,
            GATE_REGISTRY_USER: login.user,
            GATE_REGISTRY_PASSWORD: login.password,
            HTTPS_PROXY: `http://127.0.0.1:${(watched.address() as AddressInfo).port}`,
        };
    });
    after(async () => {
        await registry?.stop();
        await kms?.stop();
        // Where the specs are skipped, nothing was started.
        if (proxy === undefined) return;
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy?.close(resolve));
    });

    let images = 0;
    function newImage(): { image: string; path: string; digest: string } {
        images += 1;
        const path = `orders-${images}`;
        const { digest } = addImage(registry.repository(path), [Buffer.from(`layer ${images}`)]);
        return { image: `${registry.host}/${path}@${digest}`, path, digest };
    }

    async function run(
        command: "sign" | "verify-signature",
        image: string,
        {
            key = "awskms:///alias/signing",
            application = "orders",
            program = cosign(),
            given = environment,
        } = {},
    ): Promise<Ending & { operations: string[] }> {
        kms.requests.length = 0;
        const ending = await gate.run(
            [command, "--image", image, "--key", key, "--application", application, "--cosign", program],
            given,
        );
        for (const secret of [login.password, environment["AWS_SECRET_ACCESS_KEY"] ?? assert.fail()])
            assert.ok(!`${ending.out}${ending.err}`.includes(secret));
        return { ...ending, operations: kms.requests.map(({ operation }) => operation) };
    }

    it("signs once, reads back, and asks nobody but registry and key", async () => {
        const { image, path, digest } = newImage();
        const first = await run("sign", image);
        assert.equal(first.code, 0, first.out + first.err);
        assert.match(
            first.out,
            /^SIGNED: \S+ for orders by key sha256:[0-9a-f]{64}, signed now and read back\n$/,
        );
        assert.equal(first.operations.filter((operation) => operation === "Sign").length, 1);
        assert.deepEqual(new Set(first.operations), new Set(["GetPublicKey", "DescribeKey", "Sign"]));
        const tag = `${digest.replace(":", "-")}.sig`;
        const stored = registry.repository(path).tags.get(tag);
        assert.ok(stored);

        const again = await run("sign", image);
        assert.equal(again.code, 0);
        assert.match(again.out, /, was signed already\n$/);
        assert.ok(!again.operations.includes("Sign"));
        assert.equal(registry.repository(path).tags.get(tag), stored);

        const verified = await run("verify-signature", image);
        assert.deepEqual([verified.code, verified.err], [0, ""]);
        assert.match(verified.out, /^SIGNED: \S+ for orders by key sha256:[0-9a-f]{64}\n$/);
        assert.deepEqual(new Set(verified.operations), new Set(["GetPublicKey", "DescribeKey"]));
        assert.deepEqual(strayed, []);
    });

    it("refuses what is not signed, is signed for another application, or by another key", async () => {
        const { image } = newImage();
        const unsigned = await run("verify-signature", image);
        assert.equal(unsigned.code, 1);
        assert.match(unsigned.out, /^REFUSED: \S+: nobody has signed it; publish it through the pipeline\n$/);
        assert.equal((await run("sign", image)).code, 0);
        for (const change of [{ application: "billing" }, { key: "awskms:///alias/other" }]) {
            const refused = await run("verify-signature", image, change);
            assert.equal(refused.code, 1, refused.out);
            assert.match(refused.out, /^REFUSED: \S+: its signature is not one of key [0-9a-f]{12} for /);
            // Signing does not add to it either.
            const signed = await run("sign", image, change);
            assert.equal(signed.code, 1, signed.out);
            assert.ok(!signed.operations.includes("Sign"));
        }
    });

    it("refuses a signature that was moved from another image, and one that was changed", async () => {
        const [signed, bare] = [newImage(), newImage()];
        assert.equal((await run("sign", signed.image)).code, 0);
        const [from, to] = [registry.repository(signed.path), registry.repository(bare.path)];
        const tagOf = (digest: string): string => `${digest.replace(":", "-")}.sig`;
        for (const [digest, content] of from.blobs) to.blobs.set(digest, content);
        const moved = from.tags.get(tagOf(signed.digest)) ?? assert.fail();
        to.manifests.set(moved, from.manifests.get(moved) ?? assert.fail());
        to.tags.set(tagOf(bare.digest), moved);
        assert.equal((await run("verify-signature", bare.image)).code, 1);

        const manifest = from.manifests.get(moved) ?? assert.fail();
        const text = manifest.content.toString();
        const changed = text.replace(
            /(signature":"MEU?[A-Za-z0-9+/]{20})(.)/,
            (_, head: string, one: string) => {
                return `${head}${one === "A" ? "B" : "A"}`;
            },
        );
        assert.notEqual(changed, text);
        from.manifests.set(moved, { ...manifest, content: Buffer.from(changed) });
        assert.notEqual((await run("verify-signature", signed.image)).code, 0);
    });

    it("does not judge without key, registry or a program", async () => {
        const { image } = newImage();
        assert.equal((await run("sign", image)).code, 0);
        const absent = await run("verify-signature", image, { key: "awskms:///alias/absent" });
        const anonymous = await run("verify-signature", image, {
            given: { ...kms.environment, HTTPS_PROXY: environment["HTTPS_PROXY"] ?? "" },
        });
        const nothing = await run("verify-signature", image, { program: gate.at("no-cosign") });
        const liar = writeFakeTool(gate.at("liar"), "process.exit(0);");
        for (const ending of [
            absent,
            anonymous,
            nothing,
            await run("verify-signature", image, { program: liar }),
        ]) {
            assert.equal(ending.code, 2, ending.out);
            assert.match(ending.out, /^NOT JUDGED: .*\n$/);
        }
        rmSync(liar);
        kms.denied.add("Sign");
        try {
            const denied = await run("sign", newImage().image);
            assert.equal(denied.code, 2);
            assert.match(denied.out, /^NOT JUDGED: .* AccessDeniedException.*\n$/);
        } finally {
            kms.denied.clear();
        }
        assert.deepEqual(strayed, []);
    });

    it("hands cosign where AWS is, and none of its own settings", async () => {
        const seen = gate.at("seen.json");
        const spy = writeFakeTool(
            gate.at("spy"),
            `fs.writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env)); process.exit(1);`,
        );
        const given = {
            ...environment,
            COSIGN_EXPERIMENTAL: "1",
            COSIGN_REPOSITORY: "example.com/elsewhere",
            AWS_TLS_INSECURE_SKIP_VERIFY: "1",
            AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/sample",
        };
        assert.equal((await run("verify-signature", newImage().image, { program: spy, given })).code, 2);
        const names = Object.keys(JSON.parse(readFileSync(seen, "utf8")) as object).sort();
        assert.deepEqual(
            names.filter((name) => !["PATH", "LANG", "LC_ALL", "PWD", "SHLVL", "_"].includes(name)),
            [
                "AWS_ACCESS_KEY_ID",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_EC2_METADATA_DISABLED",
                "AWS_ENDPOINT_URL_KMS",
                "AWS_REGION",
                "AWS_SECRET_ACCESS_KEY",
                "DOCKER_CONFIG",
                "HOME",
                "HTTPS_PROXY",
            ],
        );
    });
});

describe("gate sign", () => {
    const gate = useBundledGate();

    it("wants an image by digest, a key in KMS, an application and a program", async () => {
        const good: Record<string, string> = {
            image: `registry.example/orders@sha256:${"a".repeat(64)}`,
            key: "awskms:///alias/signing",
            application: "orders",
            cosign: "./cosign",
        };
        const cases: [string, string | null, RegExp][] = [
            ["image", "registry.example/orders:1", /not an image by digest/],
            ["key", "cosign.key", /is not awskms:/],
            ["key", "env://KEY", /is not awskms:/],
            ["key", "awskms://example.com/alias/signing", /is not awskms:/],
            ["application", "Orders!", /not a name of lower-case letters/],
            ...Object.keys(good).map((name): [string, null, RegExp] => [name, null, /is missing/]),
        ];
        for (const [name, value, message] of cases) {
            const given = Object.entries({ ...good, [name]: value }).flatMap(([option, text]) =>
                text === null ? [] : [`--${option}`, text],
            );
            for (const command of ["sign", "verify-signature"]) {
                const { code, err } = await gate.run([command, ...given]);
                assert.equal(code, 64, `${name} ${value}`);
                assert.match(err, message);
            }
        }
    });
});
