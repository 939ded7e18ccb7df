import assert from "node:assert/strict";
import { join } from "node:path";
import type { CapturedResource, RunResult, Value } from "./model";
import { RunFailure, runOffline } from "./run";
import { runProgram } from "./testing/runProgram";

const fixtures = join(__dirname, "fixtures");

function run(
    name: string,
    mode: RunResult["mode"],
    config: Record<string, unknown> = {},
): Promise<RunResult> {
    return runProgram({ cwd: join(fixtures, "cases"), mode, config: { case: name, ...config } });
}

/** The lines of the failure; fails when the run succeeds. */
async function failure(name: string, mode: RunResult["mode"] = "preview"): Promise<string[]> {
    try {
        await run(name, mode);
    } catch (error) {
        assert.ok(error instanceof RunFailure, String(error));
        return error.lines;
    }
    assert.fail(`the case ${name} ended well`);
}

function resource(result: RunResult, name: string): CapturedResource {
    const found = result.resources.filter((candidate) => candidate.name === name);
    assert.equal(found.length, 1, `${name}: ${found.length} resources`);
    return found[0]!;
}

const prefix = "urn:pulumi:dev::cases::";

describe("runOffline", () => {
    describe("what is captured", () => {
        let basic: RunResult;
        before(async () => {
            basic = await runProgram({ cwd: join(fixtures, "basic"), mode: "preview" });
        });

        it("builds URNs from every ancestor but the stack", () => {
            const bucket = resource(basic, "shop-store-bucket");
            assert.equal(
                bucket.urn,
                "urn:pulumi:dev::basic::fixture:index:Shop$fixture:index:Store$aws:s3/bucket:Bucket::shop-store-bucket",
            );
            assert.equal(bucket.parent, resource(basic, "shop-store").urn);
            assert.equal(resource(basic, "shop").urn, "urn:pulumi:dev::basic::fixture:index:Shop::shop");
            assert.equal(
                resource(basic, "basic-dev").urn,
                "urn:pulumi:dev::basic::pulumi:pulumi:Stack::basic-dev",
            );
        });

        it("registers a default provider per package and version", () => {
            const providers = basic.resources
                .filter(({ type }) => type.startsWith("pulumi:providers:"))
                .map(({ type, name, inputs }) => [type, name, inputs["region"]]);
            assert.deepEqual(
                providers.sort(),
                [
                    ["pulumi:providers:aws", "default_7_43_0", "eu-west-1"],
                    ["pulumi:providers:aws", "default_7_48_0", "eu-west-1"],
                    ["pulumi:providers:awsx", "default_3_9_0", undefined],
                    ["pulumi:providers:random", "default_4_21_2", undefined],
                ].sort(),
            );
            assert.equal(
                resource(basic, "group").provider,
                "urn:pulumi:dev::basic::pulumi:providers:aws::default_7_48_0::04da6b54-80e4-46f7-96ec-b56ff0331ba9",
            );
            const vpc = basic.resources.find(({ type }) => type === "aws:ec2/vpc:Vpc")!;
            assert.match(vpc.provider, /pulumi:providers:aws::default_7_43_0::/);
        });

        it("keeps secrets and unknowns apart, and marks both", () => {
            const parameter = resource(basic, "parameter");
            assert.deepEqual(parameter.inputs["value"], { $secret: { $unknown: true } });
            assert.deepEqual(parameter.propertyDependencies["value"], [resource(basic, "password").urn]);
            assert.deepEqual(basic.stackOutputs, {
                arn: { $unknown: true },
                cidr: "10.20.0.0/16",
                groupId: { $unknown: true },
                parameterName: "/fixture/password",
                publicSubnetIds: { $unknown: true },
                secret: { $secret: { $unknown: true } },
            });
        });

        it("names the children behind an output of a remote component", () => {
            const behind = resource(basic, "group").propertyDependencies["vpcId"]!;
            const component = basic.resources.find(({ type }) => type === "awsx:ec2:Vpc")!;
            assert.ok(behind.includes(component.urn));
            assert.ok(behind.includes(`${component.urn.replace("::network", "")}$aws:ec2/vpc:Vpc::network`));
            assert.equal(component.remote, true);
            assert.deepEqual(component.inputs, {});
        });

        it("knows where in the program a resource was made", () => {
            assert.deepEqual(resource(basic, "shop-store-bucket").source, { file: "index.ts", line: 11 });
        });

        it("collects the log", async () => {
            const { log } = await run("printing", "preview");
            assert.deepEqual(log.map(({ severity, message }) => [severity, message]).sort(), [
                ["info", "from the program"],
                ["warning", "careful"],
            ]);
        });
    });

    describe("preview", () => {
        it("gives inputs and leaves computed outputs unknown", async () => {
            const result = await run("unknowns", "preview");
            const topic = resource(result, "topic");
            assert.deepEqual(topic.id, { $unknown: true });
            assert.equal(topic.outputs["name"], "fixture");
            assert.deepEqual(topic.outputs["arn"], { $unknown: true });
            const policy = resource(result, "policy");
            assert.deepEqual(policy.inputs, { arn: { $unknown: true }, policy: { $unknown: true } });
            assert.deepEqual(policy.propertyDependencies, { arn: [topic.urn], policy: [topic.urn] });
            assert.deepEqual(result.stackOutputs, {
                arn: { $unknown: true },
                name: "fixture",
                secret: { $secret: "hidden" },
            });
        });

        it("keeps options, inherited providers and dependencies", async () => {
            const result = await run("options", "preview");
            const second = resource(result, "second");
            assert.equal(resource(result, "first").protect, true);
            assert.deepEqual(
                {
                    provider: second.provider.split("::").slice(0, -1).join("::"),
                    region: second.outputs["region"],
                    ignoreChanges: second.ignoreChanges,
                    aliases: second.aliases,
                    retainOnDelete: second.retainOnDelete,
                    deleteBeforeReplace: second.deleteBeforeReplace,
                    dependencies: second.dependencies,
                },
                {
                    provider: `${prefix}pulumi:providers:aws::west`,
                    region: "us-west-2",
                    ignoreChanges: ["tags"],
                    aliases: [`${prefix}fixture:index:Group$aws:sns/topic:Topic::older`],
                    retainOnDelete: true,
                    deleteBeforeReplace: true,
                    dependencies: [`${prefix}aws:sns/topic:Topic::first`],
                },
            );
        });

        it("answers data sources for the provider's region", async () => {
            const { stackOutputs } = await run("invokes", "preview");
            assert.equal((stackOutputs["caller"] as Record<string, Value>)["accountId"], "123456789012");
            assert.equal(stackOutputs["region"], "eu-central-1");
            assert.equal(stackOutputs["otherRegion"], "us-west-1");
            assert.equal(stackOutputs["partition"], "aws");
            assert.deepEqual(stackOutputs["zones"], ["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
            assert.match(String(stackOutputs["image"]), /^ami-[0-9a-f]{17}$/);
        });

        it("hands configuration over and keeps credentials out", async () => {
            const secret = { secure: "v1:abc" };
            process.env["AWS_SECRET_ACCESS_KEY"] = "should-not-travel";
            try {
                const { stackOutputs, log } = await run("configuration", "preview", {
                    object: { list: [1, "two"] },
                    secret,
                    flag: true,
                });
                assert.deepEqual(stackOutputs, {
                    credentials: [],
                    flag: true,
                    limit: 3,
                    object: { list: [1, "two"] },
                    secret: { $secret: "offline-placeholder-for-cases:secret" },
                });
                assert.match(log[0]!.message, /^cases:secret is encrypted/);
            } finally {
                delete process.env["AWS_SECRET_ACCESS_KEY"];
            }
        });
    });

    describe("update", () => {
        it("computes ids, names and secrets, the same every time", async () => {
            const [one, two] = [await run("values", "update"), await run("values", "update")];
            assert.deepEqual(one.stackOutputs, two.stackOutputs);
            const { password, privateKey, publicKey, topic, role } = one.stackOutputs;
            const text = (password as { $secret: string }).$secret;
            assert.match(text, /^[A-Za-z0-9]{24}$/);
            assert.ok([...text.matchAll(/\d/g)].length >= 3, text);
            assert.match((privateKey as { $secret: string }).$secret, /^-----BEGIN RSA PRIVATE KEY-----\n/);
            assert.match(String(publicKey), /^-----BEGIN PUBLIC KEY-----\n/);
            assert.equal(topic, "arn:aws:sns:eu-central-1:123456789012:fixture");
            assert.equal(role, "arn:aws:iam::123456789012:role/fixture");
        });

        it("gives the children of a remote component the provider that the program names", async () => {
            const result = await run("componentProvider", "update");
            const subnets = result.resources.filter(({ type }) => type === "aws:ec2/subnet:Subnet");
            assert.deepEqual(
                [...new Set(subnets.map(({ provider }) => provider.split("::").slice(0, -1).join("::")))],
                [`${prefix}pulumi:providers:aws::west`],
            );
            assert.equal(result.stackOutputs["zone"], "us-west-1c");
            assert.equal((result.stackOutputs["ids"] as Value[]).length, 2);
            assert.ok(!result.resources.some(({ name }) => name.startsWith("default_7")));
        });

        it("reads existing resources by id", async () => {
            const { stackOutputs } = await run("existing", "update");
            assert.equal(stackOutputs["id"], "vpc-0123456789abcdef0");
        });
    });

    describe("refusals", () => {
        it("refuses a duplicate URN in the engine's words", async () => {
            assert.deepEqual(await failure("duplicate"), [
                `Duplicate resource URN '${prefix}aws:sns/topic:Topic::twice'; try giving it a unique name`,
            ]);
        });

        it("names an output that is read and not simulated, behind an apply", async () => {
            assert.deepEqual(await failure("missingOutputInResource", "update"), [
                'aws:ssm/parameter:Parameter "reader" reads the output "websiteEndpoint" of aws:s3/bucket:Bucket, which the offline engine does not simulate: add it to the entry of aws:s3/bucket:Bucket in offline/behaviour/aws/*.ts',
            ]);
        });

        it("names it when only a stack output reads it", async () => {
            assert.deepEqual(await failure("missingOutputInStackOutput", "update"), [
                'a stack output reads the output "websiteEndpoint" of aws:s3/bucket:Bucket, which the offline engine does not simulate: add it to the entry of aws:s3/bucket:Bucket in offline/behaviour/aws/*.ts',
            ]);
        });

        it("previews a type without table entry and refuses to update it", async () => {
            assert.equal(resource(await run("unknownType", "preview"), "vault").inputs["name"], "fixture");
            assert.deepEqual(await failure("unknownType", "update"), [
                "the offline engine does not know what aws:glacier/vault:Vault returns: add an entry for it to offline/behaviour/aws/*.ts",
            ]);
        });

        it("refuses a provider that it does not stand in for", async () => {
            assert.match(
                (await failure("noSuchProvider"))[0]!,
                /^the offline engine has no provider for docker:index\/image:Image/,
            );
        });

        it("refuses a function that it cannot answer", async () => {
            assert.deepEqual(await failure("unknownInvoke"), [
                "the offline engine cannot answer the function aws:iam/getUser:getUser: add it to offline/behaviour/invokes.ts",
            ]);
            assert.match(
                (await failure("privateParameter"))[0]!,
                /cannot know the SSM parameter "\/own\/secret"/,
            );
        });

        it("refuses an argument of a remote component that is not imitated", async () => {
            assert.deepEqual(await failure("componentArgument"), [
                'awsx:ec2:Vpc "network": the argument ipv4IpamPoolId is not imitated offline (offline/expansion)',
            ]);
        });

        it("refuses transforms and hooks instead of ignoring them", async () => {
            assert.match((await failure("transform")).join("\n"), /does not support transforms/);
            assert.match((await failure("hook")).join("\n"), /hook/);
        });

        it("reports what the program throws", async () => {
            assert.match((await failure("exception")).join("\n"), /something broke in the program/);
            assert.deepEqual(await failure("runError"), ["two settings are wrong"]);
            assert.match((await failure("exceptionInApply")).join("\n"), /broke inside apply/);
            assert.deepEqual(await failure("exitCode"), ["the program ended with exit code 7"]);
        });

        it("takes neither an early end nor an endless program for a success", async () => {
            assert.match((await failure("forgotten"))[0]!, /exit code 0 before it was through/);
            const endless = runOffline({
                cwd: join(fixtures, "cases"),
                stack: "dev",
                mode: "preview",
                policyPack: null,
                config: { case: "endless" },
                programTimeout: 4_000,
            });
            await assert.rejects(endless, /the program did not end within 4 s/);
        });
    });
});
