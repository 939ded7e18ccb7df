/** The delivery part in the whole program: what mocks cannot see, such as dependencies, protection and unknown values. */
import assert from "node:assert/strict";
import type { CapturedResource, RunResult, Value } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { codecommitApplication, connectionApplication } from "./testing/examplePlatform";

/** Paths of the values that only an update will know. */
function unknownPaths(value: Value, path = ""): string[] {
    if (Array.isArray(value))
        return value.flatMap((element, index) => unknownPaths(element, `${path}[${index}]`));
    if (value === null || typeof value !== "object") return [];
    if ("$unknown" in value) return [path];
    return Object.entries(value).flatMap(([key, inner]) =>
        unknownPaths(inner as Value, path === "" ? key : `${path}.${key}`),
    );
}

describe("delivery part of the program", function () {
    this.timeout(300_000);
    let result: RunResult;
    let own: CapturedResource[];

    before(async () => {
        result = await runProgram({
            stack: "prod",
            mode: "preview",
            config: { applications: [codecommitApplication, connectionApplication] },
        });
        own = result.resources.filter(
            ({ name, custom }) => custom && /^(demo|shop-front|gate|approval)-/.test(name),
        );
    });

    function named(name: string): CapturedResource {
        const found = own.filter((resource) => resource.name === name);
        assert.equal(found.length, 1, name);
        return found[0] as CapturedResource;
    }

    /** Names of everything that must exist before a resource, however far away. */
    function earlierThan(name: string): Set<string> {
        const byUrn = new Map(result.resources.map((resource) => [resource.urn, resource]));
        const seen = new Set<string>();
        const visit = (resource: CapturedResource) => {
            for (const urn of resource.dependencies) {
                const dependency = byUrn.get(urn);
                if (dependency === undefined || seen.has(dependency.name)) continue;
                seen.add(dependency.name);
                visit(dependency);
            }
        };
        visit(named(name));
        return seen;
    }

    it("leaves nothing unknown at preview but the network and what resources call each other by", () => {
        const paths = new Set(
            own.flatMap(({ type, inputs }) =>
                unknownPaths(inputs).map((path) => `${type.split(":").at(-1)} ${path}`),
            ),
        );
        assert.deepEqual(
            [...paths].sort(),
            [
                "BucketObjectv2 kmsKeyId",
                "EventSourceMapping destinationConfig.onFailure.destinationArn",
                "EventSourceMapping eventSourceArn",
                "EventSourceMapping functionName",
                "EventTarget arn",
                "EventTarget deadLetterConfig.arn",
                "EventTarget roleArn",
                "Function deadLetterConfig.targetArn",
                "Function kmsKeyArn",
                "Function role",
                "LogGroup kmsKeyId",
                "MetricAlarm alarmActions[0]",
                "MetricAlarm okActions[0]",
                "Pipeline artifactStores[0].encryptionKey.id",
                "Pipeline roleArn",
                "Project encryptionKey",
                "Project serviceRole",
                "Project vpcConfig.securityGroupIds[0]",
                "Project vpcConfig.subnets",
                "Project vpcConfig.vpcId",
                "QueuePolicy queueUrl",
                "Repository encryptionConfigurations[0].kmsKey",
                "ResourcePolicy resourceArn",
                "Schedule target.arn",
                "Schedule target.deadLetterConfig.arn",
                "Schedule target.roleArn",
                "Table serverSideEncryption.kmsKeyArn",
                "Topic kmsMasterKeyId",
                "TopicPolicy arn",
                "TopicSubscription endpoint",
                "TopicSubscription topic",
            ].sort(),
        );
    });

    it("creates everything that a first execution uses before the pipeline, which starts at once", () => {
        const steps = [
            "lint",
            "secrets",
            "build",
            "sbom",
            "scan-anchore",
            "scan-grype",
            "stage",
            "scan-staging-grype",
            "publish",
        ];
        const earlier = earlierThan("demo-delivery-pipeline");
        const needed = [
            "demo-source",
            "demo-delivery-role",
            "demo-delivery-role-policy",
            "approval-topic-recorder",
            "approval-stream",
            "approval-scan-target",
            "approval-watchdog-schedule",
            "gate-command",
            "gate-policy",
            "gate-lint-rules",
            "gate-secret-rules",
            "keys-pipeline",
            "keys-pipeline-alias",
            "storage-artifacts",
            "storage-artifacts-policy",
            "storage-evidence",
            "storage-evidence-lock",
            ...["candidate", "staging", "production"].map((tier) => `demo-repositories-${tier}`),
            ...steps.flatMap((step) => [
                `demo-delivery-${step}-project`,
                `demo-delivery-${step}-role`,
                `demo-delivery-${step}-role-policy`,
                `demo-delivery-${step}-logs`,
            ]),
        ];
        assert.deepEqual(
            needed.filter((name) => !earlier.has(name)),
            [],
        );
    });

    it("keeps the applications independent of each other", () => {
        for (const [name, other] of [
            ["demo", "shop-front"],
            ["shop-front", "demo"],
        ] as const) {
            const foreign = [...earlierThan(`${name}-delivery-pipeline`)].filter((dependency) =>
                dependency.startsWith(`${other}-`),
            );
            assert.deepEqual(foreign, []);
        }
    });

    it("protects the pipelines, the production repositories, their policies and the source code, and nothing else of it", () => {
        assert.deepEqual(
            own
                .filter((resource) => resource.protect)
                .map(({ name }) => name)
                .sort(),
            [
                "approval-table",
                "approval-table-policy",
                "demo-delivery-pipeline",
                "demo-repositories-production",
                "demo-repositories-production-lifecycle",
                "demo-repositories-production-writer",
                "demo-source",
                "shop-front-delivery-pipeline",
                "shop-front-repositories-production",
                "shop-front-repositories-production-lifecycle",
                "shop-front-repositories-production-writer",
            ],
        );
    });

    it("lets exactly the pipelines of the stack publish to the approval topic", () => {
        const { Statement } = JSON.parse(named("approval-topic-policy").inputs["policy"] as string) as {
            Statement: { Sid: string; Condition: unknown }[];
        };
        assert.deepEqual(Statement.find(({ Sid }) => Sid === "NobodyElsePublishes")?.Condition, {
            ArnNotEquals: {
                "aws:PrincipalArn": ["demo", "shop-front"].map(
                    (name) => `arn:aws:iam::123456789012:role/portcullis-prod-${name}-delivery`,
                ),
            },
        });
    });
});
