import assert from "node:assert/strict";
import { join } from "node:path";
import { TypingsReader } from "../behaviour/typings";
import { captured, DeploymentEngine } from "./engine";
import type { EngineSettings } from "./engine";
import { noOptions } from "./registration";
import type { EngineResource, Registration } from "./registration";
import { outputSignature, signatureKey, unknownSentinel } from "./wire";
import type { WireObject } from "./wire";

const typings = new TypingsReader(join(__dirname, "..", ".."));

function engine(changes: Partial<EngineSettings> = {}) {
    const seen: EngineResource[] = [];
    const created = new DeploymentEngine({
        project: "demo",
        stack: "dev",
        mode: "preview",
        config: { "aws:region": "eu-west-1", "aws:profile": "hidden" },
        secretConfigKeys: ["aws:profile"],
        typings,
        onResource: (resource) => seen.push(resource),
        ...changes,
    });
    const root = created.register(registration("pulumi:pulumi:Stack", "demo-dev", { custom: false })).urn;
    return { engine: created, seen, root };
}

function registration(type: string, name: string, changes: Partial<Registration> = {}): Registration {
    return {
        type,
        name,
        parent: "",
        custom: true,
        remote: false,
        inputs: {},
        dependencies: [],
        propertyDependencies: {},
        provider: "",
        providers: {},
        version: "7.48.0",
        options: noOptions,
        ...changes,
    };
}

const topic = "aws:sns/topic:Topic";

describe("DeploymentEngine", () => {
    it("hands every resource on, in the order of registration, default providers first", () => {
        const { engine: it, seen, root } = engine();
        it.register(registration(topic, "one", { parent: root, inputs: { name: "one" } }));
        it.register(registration(topic, "two", { parent: root, inputs: { name: "two" } }));
        assert.deepEqual(
            seen.map(({ captured: { type, name } }) => `${type} ${name}`),
            [
                "pulumi:pulumi:Stack demo-dev",
                "pulumi:providers:aws default_7_48_0",
                "aws:sns/topic:Topic one",
                "aws:sns/topic:Topic two",
            ],
        );
        assert.equal(seen[1]!.captured.parent, "");
        assert.deepEqual(seen[1]!.captured.inputs, {
            region: "eu-west-1",
            profile: { $secret: "hidden" },
            version: "7.48.0",
        });
        assert.equal(seen[2]!.provider, seen[1]);
    });

    it("refuses a second resource of the same URN and remembers why", () => {
        const { engine: it, root } = engine();
        it.register(registration(topic, "one", { parent: root }));
        const message =
            "Duplicate resource URN 'urn:pulumi:dev::demo::aws:sns/topic:Topic::one'; try giving it a unique name";
        assert.throws(() => it.register(registration(topic, "one", { parent: root })), { message });
        assert.deepEqual(it.failures, [message]);
    });

    it("needs a region for AWS", () => {
        const { engine: it, root } = engine({ config: {} });
        assert.throws(
            () => it.register(registration(topic, "one", { parent: root })),
            /the AWS provider has no region: set aws:region in Pulumi\.dev\.yaml/,
        );
    });

    it("passes a component's providers on to children and grandchildren", () => {
        const { engine: it, root } = engine({ mode: "update" });
        const provider = it.register(
            registration("pulumi:providers:aws", "west", { parent: root, inputs: { region: "us-west-2" } }),
        );
        const reference = `${provider.urn}::${provider.id}`;
        const outer = it.register(
            registration("a:b:Outer", "outer", {
                custom: false,
                parent: root,
                providers: { aws: reference },
            }),
        );
        const inner = it.register(registration("a:b:Inner", "inner", { custom: false, parent: outer.urn }));
        const { state } = it.register(
            registration(topic, "one", { parent: inner.urn, inputs: { name: "one" } }),
        );
        assert.equal(state["arn"], "arn:aws:sns:us-west-2:123456789012:one");
        assert.ok(!captured(it).resources.some(({ name }) => name.startsWith("default")));
    });

    it("answers a resource reference from its own resources", () => {
        const { engine: it, root } = engine({ mode: "update" });
        const one = it.register(registration(topic, "one", { parent: root, inputs: { name: "one" } }));
        const answer = it.invoke("pulumi:pulumi:getResource", { urn: one.urn }, "", "");
        assert.equal(answer["id"], one.id);
        assert.equal((answer["state"] as WireObject)["name"], "one");
        assert.throws(
            () => it.invoke("pulumi:pulumi:getResource", { urn: "urn:x" }, "", ""),
            /unknown resource urn:x/,
        );
    });

    it("leaves a subnet's IPv6 block unknown in preview and out in an update", () => {
        for (const mode of ["preview", "update"] as const) {
            const { engine: it, seen, root } = engine({ mode });
            it.register(
                registration("awsx:ec2:Vpc", "network", {
                    custom: false,
                    remote: true,
                    parent: root,
                    version: "3.9.0",
                    inputs: { cidrBlock: { [signatureKey]: outputSignature, value: "10.0.0.0/16" } },
                }),
            );
            const subnet = seen.find(({ captured: { name } }) => name === "network-private-1")!;
            const vpc = seen.find(({ captured: { type } }) => type === "aws:ec2/vpc:Vpc")!.captured.urn;
            assert.equal(subnet.inputs["ipv6CidrBlock"], mode === "preview" ? unknownSentinel : undefined);
            assert.deepEqual(
                subnet.captured.propertyDependencies["ipv6CidrBlock"],
                mode === "preview" ? [vpc] : undefined,
            );
            assert.deepEqual(subnet.captured.propertyDependencies["vpcId"], [vpc]);
            assert.deepEqual(subnet.captured.propertyDependencies["cidrBlock"], []);
        }
    });

    it("refuses unknown arguments of a remote component", () => {
        const { engine: it, root } = engine();
        const network = registration("awsx:ec2:Vpc", "network", {
            custom: false,
            remote: true,
            parent: root,
            inputs: { cidrBlock: { [signatureKey]: outputSignature } },
        });
        assert.throws(
            () => it.register(network),
            /the argument cidrBlock holds a value that is not known yet/,
        );
        assert.throws(
            () =>
                it.register({ ...network, type: "awsx:lb:ApplicationLoadBalancer", name: "lb", inputs: {} }),
            /cannot expand the remote component awsx:lb:ApplicationLoadBalancer "lb"/,
        );
    });

    it("treats a read of an unknown id like a new resource in preview", () => {
        const { engine: it, root } = engine();
        const vpc = registration("aws:ec2/vpc:Vpc", "existing", { parent: root });
        assert.equal(it.read(vpc, unknownSentinel).id, "");
        assert.match(String(it.read({ ...vpc, name: "other" }, "vpc-1").state["arn"]), /vpc\/vpc-1$/);
    });

    it("keeps the outputs of the stack apart from its inputs", () => {
        const { engine: it, root } = engine();
        assert.equal(it.finished, false);
        it.registerOutputs(root, { url: { [signatureKey]: outputSignature } });
        assert.equal(it.finished, true);
        assert.deepEqual(captured(it).stackOutputs, { url: { $unknown: true } });
        assert.throws(() => it.registerOutputs("urn:pulumi:dev::demo::a:b:C::no", {}), /unknown resource/);
    });
});
