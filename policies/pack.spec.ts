/** The real pack in its own process: loader, bundle, settings, levels by rule id. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { defaultConfiguration, settingsPolicyName } from "./harness/configuration";
import { enforcementOf, groupRules } from "./harness/judgement";
import { unknown, type ResourceDescription } from "./harness/reader";
import { secretOnWire } from "./harness/remediation";
import type { Answer } from "./harness/testing/analyzerRequests";
import { PackServer } from "./harness/testing/packServer";
import { rules } from "./registry";

const repositoryType = "aws:ecr/repository:Repository";
const repository = (name: string, properties: Record<string, unknown>): ResourceDescription => ({
    type: repositoryType,
    name,
    urn: `urn:pulumi:live::project::${repositoryType}::${name}`,
    properties,
});
const careless = repository("careless", { name: "app", tags: { tier: "candidate" } });

/** Rules that these specs speak of; others may have something to say about the same resources. */
const spokenOf = ["ECR-01R", "ECR-01", "ECR-02", "ECR-03", "ECR-04", "ECR-08", "PUL-06"];
const known = ({ diagnostics }: Answer) => diagnostics.filter(({ policy }) => spokenOf.includes(policy));

describe("the policy pack in its own process", () => {
    let server: PackServer;
    before(async () => {
        server = await PackServer.start(__dirname);
    });
    after(() => server.close());

    it("lists every rule once, with its metadata and level", async () => {
        const info = await server.info();
        equal(info.getName(), "portcullis");
        const listed = info.getPoliciesList();
        const groups = groupRules(rules);
        deepEqual(
            listed.map((policy) => policy.getName()),
            [settingsPolicyName, ...groups.map(({ metadata }) => metadata.id)],
        );
        for (const { metadata } of groups) {
            const policy = listed.find((candidate) => candidate.getName() === metadata.id);
            equal(policy?.getDisplayname(), `${metadata.id} ${metadata.title}`);
            equal(policy?.getEnforcementlevel(), enforcementOf(metadata.severity) === "mandatory" ? 1 : 0);
            equal(
                policy?.getSeverity(),
                ["", "low", "medium", "high", "critical"].indexOf(metadata.severity),
            );
            equal(policy?.getRemediationSteps(), metadata.remediation);
            equal(policy?.getUrl(), `docs/policies/${metadata.id}.md`);
            for (const reference of metadata.references)
                ok(policy?.getTagsList().includes(reference), reference);
            equal(policy?.getFramework()?.getSpecification(), metadata.references[0]);
        }
    });

    it("offers the settings with the defaults that rules use", async () => {
        const info = await server.info();
        const schema = info
            .getPoliciesList()[0]
            ?.getConfigschema()
            ?.getProperties()
            ?.toJavaScript() as Record<string, { default: unknown; description?: string }>;
        deepEqual(
            Object.fromEntries(
                Object.entries(schema)
                    .filter(([, property]) => "default" in property)
                    .map(([name, property]) => [name, property.default])
                    .filter(([, value]) => typeof value !== "object" || Array.isArray(value)),
            ),
            Object.fromEntries(
                Object.entries(defaultConfiguration).filter(
                    ([, value]) => typeof value !== "object" || Array.isArray(value),
                ),
            ),
        );
    });

    it("judges a resource", async () => {
        await server.configure({});
        const answer = await server.analyze(careless);
        deepEqual(
            known(answer).map(({ policy, enforcement, urn }) => [policy, enforcement, urn]),
            [
                ["ECR-01R", "mandatory", careless.urn],
                ["ECR-02", "mandatory", careless.urn],
                ["ECR-03", "advisory", careless.urn],
            ],
        );
    });

    it("takes levels by rule id, and settings by the policy of that name", async () => {
        await server.configure({
            [settingsPolicyName]: { level: "mandatory", properties: { registryScanning: "stack" } },
            "ECR-02": { level: "disabled" },
            "ECR-03": { level: "mandatory" },
        });
        const answer = await server.analyze(careless);
        deepEqual(
            known(answer).map(({ policy, enforcement }) => [policy, enforcement]),
            [["ECR-03", "mandatory"]],
        );
        ok(answer.notApplicable.has("ECR-01R"));
    });

    it("takes levels of stack rules by rule id", async () => {
        const stack = [careless, repository("production", { name: "live", tags: { tier: "production" } })];
        const levels = async () =>
            known(await server.analyzeStack(stack)).map(
                ({ policy, enforcement, urn }) => `${policy} ${enforcement} ${urn.split("::").pop()}`,
            );
        await server.configure({});
        deepEqual(await levels(), [
            "ECR-01 mandatory careless",
            "ECR-01 mandatory production",
            "ECR-04 advisory careless",
            "ECR-04 advisory production",
        ]);
        await server.configure({ "ECR-01": { level: "advisory" }, "ECR-04": { level: "disabled" } });
        deepEqual(await levels(), ["ECR-01 advisory careless", "ECR-01 advisory production"]);
    });

    it("declares coverage by a setting", async () => {
        const settings = { coverage: ["pipeline"], profile: "gate" };
        await server.configure({ [settingsPolicyName]: { level: "mandatory", properties: settings } });
        const answer = await server.analyzeStack([]);
        deepEqual(
            known(answer).map(({ policy }) => policy),
            Array.from({ length: 5 }, () => "PUL-06"),
        );
    });

    it("mends resources at level remediate, and nothing at other levels", async () => {
        const secret = secretOnWire({ owner: "team" });
        const mutable = repository("mutable", { name: unknown, imageTagMutability: "MUTABLE", tags: secret });
        await server.configure({ "ECR-02": { level: "mandatory" } });
        deepEqual((await server.remediate(mutable)).by, []);
        await server.configure({ "ECR-02": { level: "remediate" } });
        const { by, properties = {} } = await server.remediate(mutable);
        deepEqual(by, ["ECR-02"]);
        deepEqual(properties, { name: unknown, imageTagMutability: "IMMUTABLE", tags: secret });
        const answer = await server.analyze(repository("mutable", properties));
        ok(known(answer).every(({ policy }) => policy !== "ECR-02"));
        deepEqual((await server.remediate(repository("mutable", properties))).by, []);
    });

    it("names what is unknown, and the rest is judged", async () => {
        await server.configure({});
        const answer = await server.analyze(
            repository("open", { name: unknown, imageTagMutability: unknown }),
        );
        deepEqual(
            known(answer).map(({ policy, enforcement, message }) => [
                policy,
                enforcement,
                / Inconclusive: /.test(message),
            ]),
            [
                ["ECR-01R", "mandatory", false],
                ["ECR-02", "advisory", true],
                ["ECR-03", "advisory", false],
                ["ECR-08", "advisory", true],
            ],
        );
    });
});
