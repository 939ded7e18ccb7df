import assert from "node:assert/strict";
import { EngineClient } from "./client";
import { EngineError, IncompleteError } from "./engineError";
import { ensurePolicyBundle, ensureRegistry } from "./ensure";
import { anchorePolicyBundle } from "./policyBundle";
import { startEngine, type EngineServer, type EngineState } from "./testing/engineServer";
import { policy, scanScenario, stoppedClock } from "./testing/scenario";

const bundle = anchorePolicyBundle(policy);
const host = "registry.example.org:5000";
const access = { name: host, type: "docker_v2", user: "robot", password: "battery-staple" };
const role = {
    name: "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    type: "awsecr",
    user: "awsauto",
    password: "awsauto",
};

/** Runs the step against an engine and returns its writes, as `METHOD path` lines. */
async function writes(
    state: Partial<EngineState>,
    step: (client: EngineClient, engine: EngineServer) => Promise<void>,
): Promise<string[]> {
    const engine = await startEngine(state);
    const clock = stoppedClock();
    const client = new EngineClient({
        url: engine.url,
        user: "admin",
        password: "correct-horse",
        deadline: new Date(clock.now().getTime() + 600_000),
        ...clock,
        exchanges: [],
    });
    try {
        await step(client, engine);
        return engine.requests
            .filter(({ method }) => method !== "GET")
            .map(({ method, path }) => `${method} ${path}`);
    } finally {
        await engine.close();
    }
}

describe("registry in the engine", () => {
    const entry = { registry: host, registry_user: "robot", registry_type: "docker_v2" };

    it("is added when it is missing", async () => {
        assert.deepEqual(await writes({}, (client) => ensureRegistry(client, access)), [
            "POST /v1/registries",
        ]);
    });

    it("gets its password again when it is there", async () => {
        assert.deepEqual(await writes({ registries: [entry] }, (client) => ensureRegistry(client, access)), [
            `PUT /v1/registries/${host}`,
        ]);
    });

    it("is left alone when the engine uses its own role", async () => {
        const own = { registry: role.name, registry_user: "awsauto", registry_type: "awsecr" };
        assert.deepEqual(
            await writes({ registries: [entry, own] }, (client) => ensureRegistry(client, role)),
            [],
        );
        assert.deepEqual(
            await writes({ registries: [{ ...own, registry_user: "AKIDEXAMPLE" }] }, (client) =>
                ensureRegistry(client, role),
            ),
            [`PUT /v1/registries/${role.name}`],
        );
    });

    it("is updated when another scan has added it in the meantime", async () => {
        const race: Partial<EngineState> = {
            registries: [entry],
            tamper: ({ method, path }, reply) =>
                method === "GET" && path === "/v1/registries" ? { ...reply, body: [] } : reply,
        };
        assert.deepEqual(await writes(race, (client) => ensureRegistry(client, access)), [
            "POST /v1/registries",
            `PUT /v1/registries/${host}`,
        ]);
    });

    it("that refuses the login ends the scan with its reason and without the password", async () => {
        const { report } = await scanScenario({
            engine: {
                tamper: ({ method, path }, reply) =>
                    method === "POST" && path === "/v1/registries"
                        ? {
                              status: 406,
                              body: {
                                  httpcode: 406,
                                  message:
                                      "cannot ping supplied registry (robot:battery-staple) - invalid username/password",
                              },
                          }
                        : reply,
            },
        });
        assert.deepEqual(report.incompleteReasons, [
            "the engine cannot log in to registry registry.example.org: POST /v1/registries: status 406 (cannot ping " +
                "supplied registry (robot:***) - invalid username/password): " +
                "check user, password and type of the registry",
        ]);
    });
});

describe("policy bundle in the engine", () => {
    const path = `/v1/policies/${bundle.id}`;

    it("is uploaded and activated when it is missing", async () => {
        await writes({}, async (client, { state, requests }) => {
            await ensurePolicyBundle(client, bundle);
            assert.deepEqual(state.policies.get(bundle.id), { bundle, active: true });
            assert.deepEqual(
                requests.map((request) => `${request.method} ${request.path}`),
                ["GET /v1/policies", "POST /v1/policies", `PUT ${path}`, `GET ${path}`],
            );
            const put = requests[2];
            assert.deepEqual(put?.query, { active: "true" });
            const record = put?.body as Record<string, unknown>;
            assert.equal(record.policyId, bundle.id);
            assert.equal(record.active, true);
            assert.deepEqual(record.policybundle, bundle);
        });
    });

    it("is never posted again: that would switch it off", async () => {
        const lines = await writes({}, async (client, { state }) => {
            for (let time = 0; time < 3; time++) await ensurePolicyBundle(client, bundle);
            assert.equal(state.policies.get(bundle.id)?.active, true);
        });
        assert.deepEqual(lines, ["POST /v1/policies", `PUT ${path}`]);
    });

    it("is only activated when it is there and switched off", async () => {
        const policies = new Map([[bundle.id, { bundle, active: false }]]);
        const lines = await writes({ policies }, (client) => ensurePolicyBundle(client, bundle));
        assert.deepEqual(lines, [`PUT ${path}`]);
        assert.equal(policies.get(bundle.id)?.active, true);
    });

    it("that somebody has edited is not used", async () => {
        const edited = structuredClone(bundle);
        edited.policies[0]?.rules.pop();
        const policies = new Map([[bundle.id, { bundle: edited, active: true }]]);
        await assert.rejects(
            writes({ policies }, (client) => ensurePolicyBundle(client, bundle)),
            (error) =>
                error instanceof IncompleteError &&
                error.message ===
                    `the engine holds other rules under policy ${bundle.id} than the gate uploaded: somebody edited it; ` +
                        "activate another policy, delete this one in the engine, then scan again",
        );
    });

    it("that the engine refuses ends the scan", async () => {
        await assert.rejects(
            writes(
                {
                    tamper: ({ method }, reply) =>
                        method === "POST"
                            ? { status: 400, body: { message: "Bundle failed validation" } }
                            : reply,
                },
                (client) => ensurePolicyBundle(client, bundle),
            ),
            (error) =>
                error instanceof EngineError &&
                error.kind === "badRequest" &&
                error.message ===
                    "POST /v1/policies: 400 (Bundle failed validation): look at the engine's log, then scan again",
        );
    });

    it("needs no activation for the verdict: the check names its id", async () => {
        const { report, verdict } = await scanScenario({
            engine: {
                tamper: ({ method }, reply) =>
                    method === "PUT" ? { status: 500, body: { message: "no" } } : reply,
            },
        });
        assert.deepEqual(report.incompleteReasons, []);
        assert.equal(verdict.outcome, "pass");
    });
});
