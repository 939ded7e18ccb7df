import assert from "node:assert/strict";
import { join } from "node:path";
import * as fc from "fast-check";
import { accountIn, answerInvoke, availabilityZones } from "./invokes";
import { randomText } from "./random";
import { missingOutputMarker, simulate, simulatedPackages } from "./simulate";
import type { SimulationRequest } from "./simulate";
import { judgedTypes } from "./fixtures/judgedTypes";
import { parseTypings, TypingsReader } from "./typings";
import { secret, unknownSentinel } from "../engine/wire";
import type { WireObject } from "../engine/wire";

/** What makes a resource of a type whose inputs are judged. */
const validInputs = Object.fromEntries(judgedTypes.map(({ type, inputs }) => [type, inputs]));

const typings = new TypingsReader(join(__dirname, ".."));

function request(
    type: string,
    inputs: WireObject,
    changes: Partial<SimulationRequest> = {},
): SimulationRequest {
    return {
        urn: `urn:pulumi:dev::demo::${type}::thing`,
        type,
        name: "thing",
        inputs,
        mode: "update",
        account: accountIn("eu-west-1"),
        typings: typings.read(type),
        directory: __dirname,
        additionalSecretOutputs: [],
        ...changes,
    };
}

describe("simulate", () => {
    it("knows only types that the installed SDK has", () => {
        for (const { table } of Object.values(simulatedPackages)) {
            const unknown = Object.keys(table).filter((type) => typings.read(type) === undefined);
            assert.deepEqual(unknown, []);
        }
    });

    it("gives outputs that the classes have, for every type of the tables", () => {
        const strange: string[] = [];
        for (const { table } of Object.values(simulatedPackages)) {
            for (const type of Object.keys(table)) {
                const inputs: WireObject = type.startsWith("random:")
                    ? { length: 8, byteLength: 4, min: 1, max: 3 }
                    : (validInputs[type] ?? {});
                const { id, state } = simulate(request(type, inputs));
                const { outputs } = typings.read(type)!;
                strange.push(
                    ...Object.keys(state)
                        .filter((key) => !outputs.has(key) && key !== "id" && !(key in inputs))
                        .map((key) => `${type} ${key}`),
                );
                assert.equal(typeof id, "string", type);
            }
        }
        assert.deepEqual(strange, []);
    });

    it("makes ids as the services do", () => {
        const id = (type: string, inputs: WireObject = {}) => simulate(request(type, inputs)).id;
        assert.match(id("aws:ec2/vpc:Vpc"), /^vpc-0[0-9a-f]{16}$/);
        assert.match(id("aws:ec2/launchTemplate:LaunchTemplate"), /^lt-0[0-9a-f]{16}$/);
        assert.match(
            id("aws:kms/key:Key"),
            /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        assert.equal(
            id("aws:ecs/cluster:Cluster", { name: "main" }),
            "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
        );
        assert.equal(id("aws:iam/role:Role", { name: "builder" }), "builder");
        assert.equal(
            simulate(request("aws:ecr/repository:Repository", { name: "app" })).state["repositoryUrl"],
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app",
        );
    });

    it("names what has no name after its logical name", () => {
        const { inputs, state } = simulate(request("aws:sns/topic:Topic", {}, { mode: "preview" }));
        assert.match(String(inputs["name"]), /^thing-[0-9a-f]{7}$/);
        assert.equal(state["name"], inputs["name"]);
        assert.equal(
            simulate(request("aws:sns/topic:Topic", { namePrefix: "t-" })).inputs["name"],
            undefined,
        );
    });

    it("marks what the class promises and the table lacks, for the program only", () => {
        const type = "aws:s3/bucket:Bucket";
        const { state, reply, missing } = simulate(request(type, { bucket: "b" }));
        assert.ok(missing.includes("websiteEndpoint"));
        assert.equal(reply["websiteEndpoint"], missingOutputMarker(type, "websiteEndpoint"));
        assert.equal(state["websiteEndpoint"], unknownSentinel);
        assert.equal(reply["arn"], "arn:aws:s3:::b");
    });

    it("leaves unknown what preview cannot know", () => {
        const { id, state } = simulate(request("aws:s3/bucket:Bucket", { bucket: "b" }, { mode: "preview" }));
        assert.equal(id, "");
        assert.equal(state["bucket"], "b");
        assert.equal(state["arn"], unknownSentinel);
        assert.equal(state["region"], "eu-west-1");
    });

    it("keeps secrets secret", () => {
        const { state } = simulate(
            request(
                "aws:ssm/parameter:Parameter",
                { name: "/a", value: secret("x") },
                { additionalSecretOutputs: ["insecureValue"] },
            ),
        );
        assert.deepEqual(state["value"], secret("x"));
        assert.deepEqual(state["insecureValue"], secret(unknownSentinel));
    });

    it("lets inputs win over the table", () => {
        const { state } = simulate(
            request("aws:ecs/taskDefinition:TaskDefinition", {
                ...validInputs["aws:ecs/taskDefinition:TaskDefinition"],
                networkMode: "awsvpc",
            }),
        );
        assert.equal(state["networkMode"], "awsvpc");
    });

    it("refuses unknown types by name", () => {
        assert.throws(
            () => simulate(request("gcp:storage/bucket:Bucket", {})),
            /no provider for gcp:storage\/bucket:Bucket/,
        );
        assert.throws(
            () => simulate(request("aws:ec2/nothing:Nothing", {})),
            /@pulumi\/aws has no resource aws:ec2\/nothing:Nothing/,
        );
        assert.throws(
            () => simulate(request("aws:glacier/vault:Vault", {})),
            /add an entry for it to offline\/behaviour\/aws/,
        );
    });
});

describe("random passwords", () => {
    it("keep length, alphabets and minima", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 8, max: 64 }),
                fc.boolean(),
                fc.nat(3),
                fc.string({ minLength: 1 }),
                (length, special, minNumeric, urn) => {
                    const text = randomText({
                        urn,
                        type: "random:index/randomPassword:RandomPassword",
                        name: "p",
                        inputs: { length, special, minNumeric },
                        account: accountIn("eu-west-1"),
                        directory: __dirname,
                    });
                    assert.equal(text.length, length);
                    assert.ok([...text.matchAll(/\d/g)].length >= minNumeric);
                    assert.match(text, special ? /^[!-~]+$/ : /^[A-Za-z0-9]+$/);
                },
            ),
        );
    });
    it("cannot be shorter than their minima", () => {
        assert.throws(
            () =>
                simulate(
                    request("random:index/randomPassword:RandomPassword", {
                        length: 3,
                        minLower: 2,
                        minUpper: 2,
                    }),
                ),
            /length 3 cannot hold the minimum of 4 characters/,
        );
    });
});

describe("typings", () => {
    it("tell required outputs from optional ones, over several lines", () => {
        const { requiredOutputs, outputs } = parseTypings(
            [
                "    readonly arn: pulumi.Output<string>;",
                "    readonly tags: pulumi.Output<{",
                "        [key: string]: string;",
                "    } | undefined>;",
                "    readonly ids: pulumi.Output<string[]>;",
                "",
            ].join("\n"),
        );
        assert.deepEqual(
            [...requiredOutputs],
            [
                ["arn", "string"],
                ["ids", "string[]"],
            ],
        );
        assert.deepEqual([...outputs], ["arn", "tags", "ids"]);
    });
});

describe("data sources", () => {
    it("follow the partition of the region", () => {
        assert.equal(accountIn("cn-north-1").partition, "aws-cn");
        assert.equal(accountIn("us-gov-west-1").partition, "aws-us-gov");
        const partition = answerInvoke("aws:index/getPartition:getPartition", {}, accountIn("cn-north-1"));
        assert.equal(partition["dnsSuffix"], "amazonaws.com.cn");
        assert.equal(partition["reverseDnsPrefix"], "cn.com.amazonaws");
    });
    it("know the zones of a region", () => {
        assert.deepEqual(availabilityZones("us-west-1"), ["us-west-1a", "us-west-1c"]);
        assert.deepEqual(availabilityZones("eu-west-1").length, 3);
    });
    it("are refused when they are not in the table", () => {
        assert.throws(
            () => answerInvoke("aws:ec2/getAmi:getAmi", {}, accountIn("eu-west-1")),
            /aws:ec2\/getAmi:getAmi/,
        );
    });
});
