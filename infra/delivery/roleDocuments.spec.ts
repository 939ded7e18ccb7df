import assert from "node:assert/strict";
import { applicationNames } from "../application/applicationNames";
import {
    codecommitApplication,
    exampleAccount,
    exampleConfig,
    exampleLiterals,
} from "../application/testing/examplePlatform";
import { createNaming } from "../naming";
import { artifact, key, permissions, pull, token } from "../pipeline/testing/permissionLines";
import { createdTargetNames, deliveryTargets, type DeliveryTarget } from "./deliveryNames";
import { balancerStatements, deployStatements, deployTrust, executionStatements } from "./roleDocuments";

const platform = exampleLiterals();
const { account, naming } = platform;
const names = applicationNames(account, naming, "demo");
const prefix = "portcullis-dev-demo";
const ecs = (resource: string) => `arn:aws:ecs:eu-central-1:123456789012:${resource}`;

/** Targets as the configuration of one application gives them, with its defaults. */
function targets(delivery: Record<string, unknown>): DeliveryTarget[] {
    const { applications } = exampleConfig({ applications: [{ ...codecommitApplication, delivery }] });
    return applications.flatMap((application) => deliveryTargets(account, naming, application));
}

const [staging, production] = targets({ staging: { type: "create" }, production: { type: "create" } });
assert(staging && production);

const deploy = (tier: string, artifactName: string) => [
    `Allow s3:GetObject ${artifact(artifactName)}`,
    `Allow s3:GetObjectVersion ${artifact(artifactName)}`,
    key("Decrypt"),
    "Allow ecs:DescribeTaskDefinition *",
    "Allow ecs:RegisterTaskDefinition *",
    `Allow ecs:TagResource ${ecs(`task-definition/${prefix}-${tier}:*`)} ` +
        '{"StringEquals":{"ecs:CreateAction":["RegisterTaskDefinition"]}}',
    `Allow ecs:DescribeServices ${ecs(`service/portcullis-dev-delivery/${prefix}-${tier}`)}`,
    `Allow ecs:UpdateService ${ecs(`service/portcullis-dev-delivery/${prefix}-${tier}`)}`,
    ...["execution", "task"].map(
        (part) =>
            `Allow iam:PassRole arn:aws:iam::123456789012:role/${prefix}-${tier}-${part} ` +
            '{"StringEquals":{"iam:PassedToService":["ecs.amazonaws.com","ecs-tasks.amazonaws.com"]}}',
    ),
];

describe("Targets of delivery", () => {
    it("are named for their application and tier, staging first", () => {
        assert.deepEqual(
            [staging, production].map(({ tier, service, cluster, container, deployRole, repository }) => [
                tier,
                cluster.arn,
                service.arn,
                container,
                deployRole.arn,
                repository.name,
            ]),
            ["staging", "production"].map((tier) => [
                tier,
                ecs("cluster/portcullis-dev-delivery"),
                ecs(`service/portcullis-dev-delivery/${prefix}-${tier}`),
                "application",
                `arn:aws:iam::123456789012:role/${prefix}-${tier}-deploy`,
                `${prefix}-${tier}`,
            ]),
        );
        assert.deepEqual(targets({}), []);
    });

    it("differ for every two applications and tiers, however long their names are", () => {
        const applications = [
            "a".repeat(30),
            `${"a".repeat(29)}b`,
            "demo",
            "demo-staging",
            "demo-production",
        ];
        for (const stack of ["dev", "an-extraordinarily-long-name-for-a-stack"]) {
            const long = createNaming("portcullis", stack, account);
            const all = applications.flatMap((application) =>
                (["staging", "production"] as const).flatMap((tier) => {
                    const { family, taskRole, executionRole, balancerRole, balancer, targetGroups } =
                        createdTargetNames(account, long, application, tier);
                    return [
                        [family, "family"],
                        [taskRole.name, "role"],
                        [executionRole.name, "role"],
                        [balancerRole.name, "role"],
                        [balancer, "balancer"],
                        [targetGroups.blue, "group"],
                        [targetGroups.green, "group"],
                    ].map((pair) => pair.join(" "));
                }),
            );
            assert.equal(new Set(all).size, all.length);
        }
    });

    it("take an existing service by its own names", () => {
        const [target] = targets({
            production: { type: "existing", cluster: "main", service: "shop", container: "web" },
        });
        assert.deepEqual(
            { ...target, repository: undefined },
            {
                application: "demo",
                tier: "production",
                type: "existing",
                cluster: { name: "main", arn: ecs("cluster/main") },
                service: { name: "shop", arn: ecs("service/main/shop") },
                container: "web",
                repository: undefined,
                deployRole: {
                    name: `${prefix}-production-deploy`,
                    arn: `arn:aws:iam::123456789012:role/${prefix}-production-deploy`,
                },
                passedRoleArns: [],
                taskDefinitionsArn: ecs("task-definition/*:*"),
            },
        );
    });
});

describe("Roles of delivery", () => {
    it("let a pipeline deploy to its own service, with its own roles and family", () => {
        const { deployment } = names.artifacts;
        assert.deepEqual(
            permissions(deployStatements(platform, names, production)),
            deploy("production", deployment.production).sort(),
        );
        assert.deepEqual(
            permissions(deployStatements(platform, names, staging)),
            deploy("staging", deployment.staging).sort(),
        );
    });

    it("pass on no role of an existing service that the configuration does not name", () => {
        const lines = (taskRoleArns: string[]) => {
            const [target] = targets({
                production: {
                    type: "existing",
                    cluster: "main",
                    service: "shop",
                    container: "web",
                    taskRoleArns,
                },
            });
            assert(target);
            return permissions(deployStatements(platform, names, target)).filter((line) =>
                /PassRole|ecs:(Update|Register)/.test(line),
            );
        };
        const rest = [
            "Allow ecs:RegisterTaskDefinition *",
            `Allow ecs:UpdateService ${ecs("service/main/shop")}`,
        ];
        assert.deepEqual(lines([]), rest);
        assert.deepEqual(lines(["arn:aws:iam::123456789012:role/shop"]), [
            ...rest,
            "Allow iam:PassRole arn:aws:iam::123456789012:role/shop " +
                '{"StringEquals":{"iam:PassedToService":["ecs.amazonaws.com","ecs-tasks.amazonaws.com"]}}',
        ]);
    });

    it("are taken by the application's own pipeline only", () => {
        assert.deepEqual(JSON.parse(deployTrust(exampleAccount, names.pipeline.roleArn)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "OnlyTheOwnPipeline",
                    Effect: "Allow",
                    Principal: { AWS: "arn:aws:iam::123456789012:root" },
                    Action: "sts:AssumeRole",
                    Condition: {
                        ArnEquals: {
                            "aws:PrincipalArn": "arn:aws:iam::123456789012:role/portcullis-dev-demo-delivery",
                        },
                    },
                },
            ],
        });
    });

    it("start a task with one repository and one log", () => {
        const log =
            "arn:aws:logs:eu-central-1:123456789012:log-group:portcullis-dev-demo-production:log-stream:*";
        assert.deepEqual(
            permissions(
                executionStatements(
                    account,
                    production,
                    createdTargetNames(account, naming, "demo", "production"),
                ),
            ),
            [
                ...token,
                ...pull("production"),
                `Allow logs:CreateLogStream ${log}`,
                `Allow logs:PutLogEvents ${log}`,
            ].sort(),
        );
    });

    it("move the traffic of one load balancer between its own two groups", () => {
        const created = createdTargetNames(account, naming, "demo", "production");
        const elb = (resource: string) =>
            `arn:aws:elasticloadbalancing:eu-central-1:123456789012:${resource}`;
        assert.deepEqual(
            permissions(balancerStatements(account, created)),
            [
                ...["DescribeListeners", "DescribeRules", "DescribeTargetGroups", "DescribeTargetHealth"].map(
                    (action) => `Allow elasticloadbalancing:${action} *`,
                ),
                ...[created.targetGroups.blue, created.targetGroups.green].flatMap((group) =>
                    ["DeregisterTargets", "RegisterTargets"].map(
                        (action) => `Allow elasticloadbalancing:${action} ${elb(`targetgroup/${group}/*`)}`,
                    ),
                ),
                `Allow elasticloadbalancing:ModifyRule ${elb(`listener-rule/app/${created.balancer}/*`)}`,
            ].sort(),
        );
    });
});
