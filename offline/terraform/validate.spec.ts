import assert from "node:assert/strict";
import { runProgram } from "../testing/runProgram";
import { validateWithTerraform, whyUnavailable } from "./validate";

/** Provider 5.100 is older than the runtime of the functions. */
const newerThanProvider = /^expected runtime to be one of .* got nodejs24\.x$/;

describe("Terraform AWS provider", () => {
    const unavailable = whyUnavailable(process.env);
    const everySource = [
        {
            name: "shop",
            source: { type: "codecommit", branch: "main" },
            delivery: {
                staging: { type: "create" },
                production: {
                    type: "create",
                    loadBalancer: {
                        certificateArn:
                            "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-4cde-8f01-23456789abcd",
                    },
                },
            },
        },
        {
            name: "web",
            source: {
                type: "connection",
                branch: "next",
                connectionArn:
                    "arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-4cde-8f01-23456789abcd",
                repository: "example/web",
            },
            review: { feedback: { host: "github", tokenSecret: "example/github" } },
            mergeInto: "main",
            delivery: {
                production: { type: "existing", cluster: "live", service: "web", container: "web" },
            },
        },
    ];
    const stacks: {
        title: string;
        stack: string;
        config?: Record<string, unknown>;
        /** Properties that provider 5.100 does not have yet; their values are judged by behaviour/aws/containerRules.ts. */
        newer: string[];
    }[] = [
        { title: "prod", stack: "prod", newer: ["aws_ecs_service.deploymentConfiguration"] },
        {
            title: "dev with every source, service, endpoint, analyzer and channel",
            stack: "dev",
            newer: [
                "aws_ecs_service.deploymentConfiguration",
                "aws_ecs_service.loadBalancers.advancedConfiguration",
            ],
            config: {
                applications: everySource,
                network: { zones: 3, natGateways: "perZone", interfaceEndpoints: true },
                anchore: { analyzers: 1 },
                securityHub: { mode: "enable" },
                notifications: {
                    emails: ["team@example.com"],
                    slack: { workspaceId: "T0123ABCD4", channelId: "C0123ABCD4" },
                },
                approval: { human: { emails: ["approver@example.com"] }, alarmEmails: ["alarm@example.com"] },
            },
        },
    ];
    for (const { title, stack, config, newer } of stacks) {
        it(`accepts the inputs of every resource of ${title}${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, async function () {
            if (unavailable !== undefined) {
                this.skip();
            }
            this.timeout(300_000);
            const { resources } = await runProgram({ stack, mode: "update", ...(config ? { config } : {}) });
            const result = validateWithTerraform(resources, process.env);
            assert.deepEqual(
                result.problems.filter(
                    ({ severity, summary }) => severity === "error" && !newerThanProvider.test(summary),
                ),
                [],
            );
            assert.ok(result.validated > 100, `only ${result.validated} resources were converted`);
            // Provider 5.100 is one major behind the one @pulumi/aws 7 is built on: what it cannot know is listed here.
            assert.deepEqual(result.conversion.unmappedTypes, []);
            assert.deepEqual(result.conversion.unmappedProperties, newer);
        });
    }

    it("names the resource whose value it refuses", async function () {
        if (unavailable !== undefined) {
            this.skip();
        }
        this.timeout(300_000);
        const { resources } = await runProgram({ stack: "dev", mode: "update" });
        const repository = resources.find(({ type }) => type === "aws:ecr/repository:Repository");
        assert.ok(repository);
        const misspelt = { ...repository, inputs: { ...repository.inputs, imageTagMutability: "IMMUTABEL" } };
        const { problems } = validateWithTerraform([misspelt], process.env);
        assert.deepEqual(
            problems.map(({ urn }) => urn),
            [repository.urn],
        );
        assert.match(problems[0]?.summary ?? "", /image_tag_mutability/);
    });
});
