/** What the documents of the deploy roles mean to an evaluator of IAM policies. */
import assert from "node:assert/strict";
import { applicationNames } from "../application/applicationNames";
import {
    codecommitApplication,
    exampleConfig,
    exampleLiterals,
} from "../application/testing/examplePlatform";
import { identityPolicy } from "../iamStatement";
import { isAllowed } from "../testing/iamQuestion";
import { deliveryTargets } from "./deliveryNames";
import { deployStatements, deployTrust } from "./roleDocuments";

const platform = exampleLiterals(
    exampleConfig({
        applications: [
            {
                ...codecommitApplication,
                delivery: { staging: { type: "create" }, production: { type: "create" } },
            },
        ],
    }),
);
const { account, naming } = platform;
const names = applicationNames(account, naming, "demo");
const [staging, production] = platform.config.applications.flatMap((application) =>
    deliveryTargets(account, naming, application),
);
assert(staging && production);

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const mayDo = (target: typeof staging, action: string, resource: string, context?: Record<string, string>) =>
    isAllowed({
        principal: target.deployRole.arn,
        action,
        resource,
        ...(context === undefined ? {} : { context }),
        identityPolicy: identityPolicy(deployStatements(platform, names, target)),
    });
const toTasks = { "iam:PassedToService": "ecs-tasks.amazonaws.com" };

describe("Access of deploy roles", () => {
    it("updates the service of its own tier and no other", async () => {
        for (const [target, other] of [
            [staging, production],
            [production, staging],
        ] as const) {
            for (const action of ["ecs:UpdateService", "ecs:DescribeServices"]) {
                assert.equal(await mayDo(target, action, target.service.arn), true);
                assert.equal(await mayDo(target, action, other.service.arn), false);
            }
            for (const action of ["ecs:DeleteService", "ecs:CreateService"]) {
                assert.equal(await mayDo(target, action, target.service.arn), false, action);
            }
            const task =
                "arn:aws:ecs:eu-central-1:123456789012:task/portcullis-dev-delivery/0123456789abcdef";
            assert.equal(await mayDo(target, "ecs:StopTask", task), false);
        }
    });

    it("passes on the roles of its own tier, to tasks only", async () => {
        for (const [target, other] of [
            [staging, production],
            [production, staging],
        ] as const) {
            for (const arn of target.passedRoleArns) {
                assert.equal(await mayDo(target, "iam:PassRole", arn, toTasks), true);
                assert.equal(
                    await mayDo(target, "iam:PassRole", arn, {
                        "iam:PassedToService": "lambda.amazonaws.com",
                    }),
                    false,
                );
            }
            for (const arn of [...other.passedRoleArns, role("administrator"), target.deployRole.arn]) {
                assert.equal(await mayDo(target, "iam:PassRole", arn, toTasks), false);
            }
        }
    });

    it("reads the image definitions of its own tier, and no other artifact", async () => {
        const key = (artifact: string) =>
            `arn:aws:s3:::example-artifacts/portcullis-dev-demo-/${artifact}/abc1234`;
        const { source, image, deployment } = names.artifacts;
        assert.equal(await mayDo(production, "s3:GetObject", key(deployment.production)), true);
        for (const artifact of [source, image, deployment.staging]) {
            assert.equal(await mayDo(production, "s3:GetObject", key(artifact)), false, artifact);
        }
        assert.equal(await mayDo(production, "s3:PutObject", key(deployment.production)), false);
    });

    it("is taken by the pipeline of the same application, and by nobody else in the account or outside", async () => {
        const may = (principal: string) =>
            isAllowed({
                principal,
                action: "sts:AssumeRole",
                resource: production.deployRole.arn,
                // Everybody here might, as far as his own policies go.
                identityPolicy: identityPolicy([
                    { Sid: "Any", Effect: "Allow", Action: ["sts:AssumeRole"], Resource: ["*"] },
                ]),
                resourcePolicy: deployTrust(account, names.pipeline.roleArn),
            });
        assert.equal(await may(names.pipeline.roleArn), true);
        for (const other of [
            role("administrator"),
            staging.deployRole.arn,
            names.steps["deploy-production"].roleArn,
            applicationNames(account, naming, "shop").pipeline.roleArn,
            names.pipeline.roleArn.replace("123456789012", "210987654321"),
            "arn:aws:iam::123456789012:user/somebody",
        ]) {
            assert.equal(await may(other), false, other);
        }
    });
});
