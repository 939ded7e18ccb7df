import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Application } from "./application";
import {
    codecommitApplication,
    connectionApplication,
    exampleGate,
    exampleKeyArn,
    examplePlatform,
    exampleTopicArns,
} from "./testing/examplePlatform";
import { only, recordResources, type RecordedResource } from "../testing/recordedStack";

/** The steps of the default configuration. */
const stepNames = [
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

/** Without review pipelines, of which `reviewPipeline.spec.ts` speaks, unless given. */
async function recorded(
    config: Record<string, unknown> = { protection: "protected" },
    review = { pullRequests: false },
) {
    const applications: Application[] = [];
    const { resources, components } = await recordResources(() => {
        const platform = examplePlatform(config);
        for (const application of [codecommitApplication, connectionApplication]) {
            applications.push(
                new Application(application.name, {
                    application: { ...application, review },
                    platform,
                    gate: { ...exampleGate, objects: [] },
                    topicArns: exampleTopicArns,
                }),
            );
        }
    });
    return { resources, components, applications };
}

describe("Application", () => {
    let resources: RecordedResource[];
    let components: RecordedResource[];
    let applications: Application[];

    before(async () => {
        ({ resources, components, applications } = await recorded());
    });

    it("creates exactly these resources for a CodeCommit source", () => {
        const own = resources.filter(({ name }) => name.startsWith("demo-"));
        const steps = stepNames.flatMap((step) => [
            `aws:cloudwatch/logGroup:LogGroup demo-delivery-${step}-logs`,
            `aws:codebuild/project:Project demo-delivery-${step}-project`,
            `aws:iam/role:Role demo-delivery-${step}-role`,
            `aws:iam/rolePolicy:RolePolicy demo-delivery-${step}-role-policy`,
        ]);
        const repositories = ["candidate", "staging", "production"].flatMap((tier) => [
            `aws:ecr/lifecyclePolicy:LifecyclePolicy demo-repositories-${tier}-lifecycle`,
            `aws:ecr/repository:Repository demo-repositories-${tier}`,
            `aws:ecr/repositoryPolicy:RepositoryPolicy demo-repositories-${tier}-writer`,
        ]);
        assert.deepEqual(
            own.map(({ type, name }) => `${type} ${name}`).sort(),
            [
                ...steps,
                ...repositories,
                "aws:cloudwatch/eventRule:EventRule demo-delivery-trigger",
                "aws:cloudwatch/eventTarget:EventTarget demo-delivery-trigger-target",
                "aws:codecommit/repository:Repository demo-source",
                "aws:codepipeline/pipeline:Pipeline demo-delivery-pipeline",
                "aws:iam/role:Role demo-delivery-role",
                "aws:iam/role:Role demo-delivery-trigger-role",
                "aws:iam/rolePolicy:RolePolicy demo-delivery-role-policy",
                "aws:iam/rolePolicy:RolePolicy demo-delivery-trigger-role-policy",
            ].sort(),
        );
    });

    it("creates no source repository and no event rule for a connection", () => {
        const names = resources.filter(({ name }) => name.startsWith("shop-front-")).map(({ name }) => name);
        assert.deepEqual(
            names.filter((name) => /source|trigger/.test(name)),
            [],
        );
        assert.equal(names.length, stepNames.length * 4 + 3 * 3 + 3);
        assert.deepEqual(only(resources, "shop-front-delivery-pipeline").inputs["triggers"], [
            {
                gitConfiguration: {
                    pushes: [{ branches: { includes: ["release"] } }],
                    sourceActionName: "Source",
                },
                providerType: "CodeStarSourceConnection",
            },
        ]);
    });

    it("has a review pipeline where pull requests are checked, and nothing else because of it", async () => {
        const reviewed = await recorded(undefined, { pullRequests: true });
        const before = resources.map(({ name }) => name);
        const added = reviewed.resources.map(({ name }) => name).filter((name) => !before.includes(name));
        assert.deepEqual(
            added.filter((name) => !/^(demo|shop-front)-review-/.test(name)),
            [],
        );
        assert.equal(reviewed.resources.length, before.length + added.length);
        assert.deepEqual(
            reviewed.applications.map(({ review }) => review === undefined),
            [false, false],
        );
        assert.equal(applications[0]?.review, undefined);
    });

    it("gives no physical name twice, to whatever number of applications", async () => {
        const all = (await recorded(undefined, { pullRequests: true })).resources;
        const names = all.flatMap(({ type, inputs }) =>
            typeof inputs["name"] === "string" && !type.startsWith("aws:iam/rolePolicy")
                ? [`${type} ${inputs["name"]}`]
                : [],
        );
        assert.equal(new Set(names).size, names.length);
    });

    it("tags every taggable resource, and the ones that the policy pack reads by role", () => {
        const taggable = resources.filter(({ type }) =>
            /^aws:(ecr\/repository|codebuild|codepipeline|codecommit|iam\/role|cloudwatch\/(logGroup|eventRule)):\w|Repository$|:Project$|:Pipeline$|:Role$|:LogGroup$|:EventRule$/.test(
                type,
            ),
        );
        assert.equal(taggable.length, resources.filter(({ type }) => !/Policy$|Target$/.test(type)).length);
        for (const { name, inputs } of taggable) {
            const tags = inputs["tags"] as Record<string, string>;
            assert.equal(tags["Team"], "delivery", name);
            assert.equal(tags["ManagedBy"], "pulumi", name);
        }
        const marks = (key: string) =>
            Object.fromEntries(
                taggable
                    .filter(({ name }) => name.startsWith("demo-"))
                    .flatMap(({ name, inputs }) => {
                        const value = (inputs["tags"] as Record<string, string>)[key];
                        return value === undefined ? [] : [[name, value]];
                    }),
            );
        assert.deepEqual(marks("tier"), {
            "demo-repositories-candidate": "candidate",
            "demo-repositories-production": "production",
            "demo-repositories-staging": "staging",
        });
        const roles = {
            lint: "verifier",
            secrets: "verifier",
            build: "builder",
            sbom: "inventory",
            "scan-anchore": "scanner",
            "scan-grype": "scanner",
            "scan-staging-grype": "scanner",
            stage: "promoter",
            publish: "publisher",
        };
        assert.deepEqual(marks("gate:role"), {
            ...Object.fromEntries(
                Object.entries(roles).flatMap(([step, role]) => [
                    [`demo-delivery-${step}-project`, role],
                    [`demo-delivery-${step}-role`, role],
                ]),
            ),
            "demo-delivery-pipeline": "delivery",
            "demo-delivery-role": "delivery",
        });
    });

    it("lets each role be assumed for its own resource alone, as far as the service says for which", () => {
        const trust = (name: string) =>
            JSON.parse(only(resources, name).inputs["assumeRolePolicy"] as string) as unknown;
        const expected = (service: string, condition: object) => ({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "OnlyForOurResource",
                    Effect: "Allow",
                    Principal: { Service: service },
                    Action: "sts:AssumeRole",
                    Condition: condition,
                },
            ],
        });
        const source = (arn: string) => ({
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnEquals: { "aws:SourceArn": arn },
        });
        for (const step of stepNames) {
            assert.deepEqual(
                trust(`demo-delivery-${step}-role`),
                expected(
                    "codebuild.amazonaws.com",
                    source(`arn:aws:codebuild:eu-central-1:123456789012:project/portcullis-dev-demo-${step}`),
                ),
            );
        }
        assert.deepEqual(
            trust("demo-delivery-role"),
            expected("codepipeline.amazonaws.com", {
                StringEqualsIfExists: { "aws:SourceAccount": "123456789012" },
            }),
        );
        assert.deepEqual(
            trust("demo-delivery-trigger-role"),
            expected(
                "events.amazonaws.com",
                source("arn:aws:events:eu-central-1:123456789012:rule/portcullis-dev-demo-trigger"),
            ),
        );
    });

    it("gives the projects their roles, keys, logs and buildspecs", () => {
        const project = (step: string) => only(resources, `demo-delivery-${step}-project`).inputs;
        for (const step of stepNames) {
            const inputs = project(step);
            assert.equal(inputs["serviceRole"], `arn:aws:iam::123456789012:role/portcullis-dev-demo-${step}`);
            assert.equal(inputs["encryptionKey"], exampleKeyArn);
            assert.deepEqual(inputs["artifacts"], { type: "CODEPIPELINE" });
            assert.deepEqual(inputs["cache"], { type: "NO_CACHE" });
            assert.deepEqual(inputs["logsConfig"], {
                cloudwatchLogs: {
                    groupName: `/aws/codebuild/portcullis-dev-demo-${step}`,
                    status: "ENABLED",
                },
            });
            const source = inputs["source"] as Record<string, string>;
            assert.equal(source["type"], "CODEPIPELINE");
            assert.match(source["buildspec"] ?? "", /^version: 0\.2$/m);
            const environment = inputs["environment"] as Record<string, unknown>;
            assert.equal(environment["privilegedMode"], step === "build");
            assert.equal(environment["image"], "aws/codebuild/amazonlinux-x86_64-standard:5.0");
            assert.deepEqual(
                environment["environmentVariables"],
                step === "scan-anchore"
                    ? [
                          { name: "ANCHORE_CA", type: "PARAMETER_STORE", value: "/example/anchore/ca" },
                          {
                              name: "ANCHORE_PASSWORD",
                              type: "PARAMETER_STORE",
                              value: "/example/anchore/admin-password",
                          },
                      ]
                    : [],
            );
            assert.deepEqual(
                inputs["vpcConfig"],
                step === "scan-anchore"
                    ? {
                          vpcId: "vpc-0123456789abcdef0",
                          subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
                          securityGroupIds: ["sg-0123456789abcdef0"],
                      }
                    : undefined,
            );
            assert.equal(inputs["concurrentBuildLimit"], ["stage", "publish"].includes(step) ? 1 : undefined);
        }
    });

    it("makes the pipeline V2 and queued, with its artifacts under the pipeline key", () => {
        const { stages, ...inputs } = only(resources, "demo-delivery-pipeline").inputs;
        assert.deepEqual(inputs, {
            name: "portcullis-dev-demo-delivery",
            pipelineType: "V2",
            executionMode: "QUEUED",
            roleArn: "arn:aws:iam::123456789012:role/portcullis-dev-demo-delivery",
            artifactStores: [
                {
                    type: "S3",
                    location: "example-artifacts",
                    encryptionKey: { id: exampleKeyArn, type: "KMS" },
                },
            ],
            tags: {
                Team: "delivery",
                "gate:role": "delivery",
                Project: "portcullis",
                Stack: "dev",
                ManagedBy: "pulumi",
                Name: "portcullis-dev-demo-delivery",
            },
        });
        assert.deepEqual(
            (stages as { name: string }[]).map(({ name }) => name),
            ["Source", "Verify", "Build", "Test", "Stage", "ScanStagingImage", "Approve", "Publish"],
        );
    });

    it("starts the pipeline from the event rule with a role for just that", () => {
        assert.deepEqual(only(resources, "demo-delivery-trigger-target").inputs, {
            rule: "portcullis-dev-demo-trigger",
            arn: "arn:aws:codepipeline:eu-central-1:123456789012:portcullis-dev-demo-delivery",
            roleArn: "arn:aws:iam::123456789012:role/portcullis-dev-demo-trigger",
            targetId: "pipeline",
        });
    });

    it("puts everything under its components", () => {
        assert.deepEqual(
            components
                .filter(({ name }) => /^demo/.test(name))
                .map(({ type, name }) => `${type} ${name}`)
                .sort(),
            [
                "portcullis:application:Application demo",
                "portcullis:pipeline:DeliveryPipeline demo-delivery",
                ...stepNames.map((step) => `portcullis:pipeline:StepProject demo-delivery-${step}`),
                "portcullis:repositories:Repositories demo-repositories",
            ].sort(),
        );
        assert.equal(applications.length, 2);
    });

    it("protects production and the source in a protected stack, and deletes contents only in a deletable one", async () => {
        const protects = ({ repositories, sourceRepository }: Application) => ({
            ...Object.fromEntries(
                Object.entries(repositories.repositories).map(([tier, repository]) => [
                    tier,
                    isProtected(repository),
                ]),
            ),
            source: isProtected(sourceRepository),
        });
        const strict = applications[0] as Application;
        assert.deepEqual(protects(strict), {
            candidate: false,
            staging: false,
            production: true,
            source: true,
        });

        const open = await recorded({ protection: "deletable" });
        assert.deepEqual(protects(open.applications[0] as Application), {
            candidate: false,
            staging: false,
            production: false,
            source: false,
        });
        const forced = open.resources
            .filter(({ type }) => type === "aws:ecr/repository:Repository")
            .map(({ inputs }) => inputs["forceDelete"]);
        assert.deepEqual(forced, [true, true, true, true, true, true]);
    });
});

/** The resource option `protect`; mocks do not see it, so it is read where the SDK keeps it for children. */
function isProtected(resource: pulumi.Resource | undefined): boolean {
    assert(resource);
    return (resource as unknown as { __protect?: boolean }).__protect === true;
}
