import assert from "node:assert/strict";
import { ECRClient } from "@aws-sdk/client-ecr";
import { answerChallenge, parseChallenge } from "./authorization";
import { credentialsFor, ecrRegion } from "./credentials";
import { isLoopback, parseImageReference, parseRepository, parseTag, registryOrigin } from "./reference";
import { RegistryClient } from "./registryClient";

const digest = `sha256:${"a".repeat(64)}`;

describe("image references", () => {
    it("are read with their registry", () => {
        const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        assert.deepEqual(parseImageReference(`${host}/orders/candidate@${digest}`), {
            repository: { host, path: "orders/candidate" },
            digest,
        });
        assert.deepEqual(parseRepository("localhost/a"), { host: "localhost", path: "a" });
        assert.deepEqual(parseRepository("127.0.0.1:5000/a/b_c--d"), {
            host: "127.0.0.1:5000",
            path: "a/b_c--d",
        });
    });

    for (const text of [
        "",
        "orders@" + digest,
        `example.org/orders:1@${digest}`,
        `example.org/orders@${digest}@${digest}`,
        `example.org/orders@sha256:abc`,
        `example.org/orders@sha512:${"a".repeat(128)}`,
        `example.org/Orders@${digest}`,
        `example.org/../x@${digest}`,
        `example.org//x@${digest}`,
        `user@example.org/x@${digest}`,
        `exa mple.org/x@${digest}`,
        `example.org/x?y@${digest}`,
        "example.org/orders:1",
    ]) {
        it(`refuse "${text.slice(0, 40)}"`, () => assert.throws(() => parseImageReference(text), /is not /));
    }

    it("refuse tags with anything unusual", () => {
        assert.equal(parseTag("v1.2-3_4"), "v1.2-3_4");
        for (const tag of ["", "-a", ".a", "a/b", "a b", "a".repeat(129), "a?x=1"]) {
            assert.throws(() => parseTag(tag), /is not a tag/);
        }
    });

    it("speak http with this machine only", () => {
        assert.equal(registryOrigin("127.0.0.1:5000"), "http://127.0.0.1:5000");
        assert.equal(registryOrigin("localhost"), "http://localhost");
        assert.equal(registryOrigin("[::1]:5000"), "http://[::1]:5000");
        for (const host of ["localhost.example.org", "127.0.0.1.example.org", "10.0.0.1:5000", "128.0.0.1"]) {
            assert.equal(isLoopback(host), false);
            assert.equal(registryOrigin(host), `https://${host}`);
        }
        assert.equal(registryOrigin("docker.io"), "https://registry-1.docker.io");
    });
});

describe("registry credentials", () => {
    it("know Amazon ECR by its host", () => {
        assert.equal(ecrRegion("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), "eu-west-1");
        assert.equal(ecrRegion("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"), "cn-north-1");
        assert.equal(ecrRegion("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com"), "us-gov-west-1");
        for (const host of [
            "public.ecr.aws",
            "example.org",
            "12345.dkr.ecr.eu-west-1.amazonaws.com",
            // The token of a real registry must not go to a host that only looks like one.
            "123456789012.dkr.ecr.us-east-1.attacker.example",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com.attacker.example",
        ]) {
            assert.equal(ecrRegion(host), null);
        }
    });

    function ecrAnswering(answer: unknown): (region: string) => ECRClient {
        return () => ({ send: async () => answer }) as unknown as ECRClient;
    }

    it("come from ECR's authorization token there", async () => {
        const authorizationToken = Buffer.from("AWS:pass").toString("base64");
        const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        assert.deepEqual(
            await credentialsFor(host, {}, ecrAnswering({ authorizationData: [{ authorizationToken }] })),
            { user: "AWS", password: "pass" },
        );
        await assert.rejects(credentialsFor(host, {}, ecrAnswering({})), /empty token/);
        const refusing = () =>
            ({ send: () => Promise.reject(new Error("AccessDenied")) }) as unknown as ECRClient;
        await assert.rejects(credentialsFor(host, {}, refusing), /no authorization token \(AccessDenied\)/);
    });

    it("come from the environment elsewhere", async () => {
        const environment = { GATE_REGISTRY_USER: "u", GATE_REGISTRY_PASSWORD: "p" };
        assert.deepEqual(await credentialsFor("example.org", environment), { user: "u", password: "p" });
        assert.equal(await credentialsFor("example.org", {}), null);
        await assert.rejects(credentialsFor("example.org", { GATE_REGISTRY_USER: "u" }), /set together/);
    });
});

describe("registry login", () => {
    const repository = { host: "registry.example.org", path: "orders" };

    it("reads challenges", () => {
        assert.deepEqual(parseChallenge('Bearer realm="https://a.example/t?x=1,2",service="a b" , scope=x'), {
            scheme: "bearer",
            parameters: { realm: "https://a.example/t?x=1,2", service: "a b", scope: "x" },
        });
        assert.deepEqual(parseChallenge("BASIC"), { scheme: "basic", parameters: {} });
        assert.equal(parseChallenge(null), null);
    });

    for (const [realm, why] of [
        ["http://auth.example.org/token", /http:\/\/auth\.example\.org is not https/],
        ["http://127.0.0.1:1/token", /is not https/],
        ["file:///etc/passwd", /is not https/],
        ["nothing", /no address/],
    ] as const) {
        it(`does not send credentials to ${realm}`, () =>
            assert.rejects(
                answerChallenge({ scheme: "bearer", parameters: { realm } }, repository, "pull", null),
                why,
            ));
    }

    it("refuses a challenge that it does not know", () =>
        assert.rejects(
            answerChallenge({ scheme: "negotiate", parameters: {} }, repository, "pull", null),
            /no login that is known/,
        ));

    it("speaks no http with a registry elsewhere, even when told to", async () => {
        const client = new RegistryClient(repository, "pull", null);
        const send = Reflect.get(client, "send") as (
            method: string,
            url: URL,
            options: object,
        ) => Promise<Response>;
        await assert.rejects(
            send.call(client, "GET", new URL("http://storage.example.org/blob"), {}),
            /leads to http:\/\/storage\.example\.org, which is not https/,
        );
    });
});
