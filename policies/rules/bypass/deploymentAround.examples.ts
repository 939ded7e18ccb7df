import {
    deliveryArns,
    deliveryStack,
    deliveryWithout,
    deployStatements,
    deployTrust,
    serviceWith,
    trustedRole,
    trustOf,
} from "../../delivery/exampleDelivery";
import { functionExample } from "../../gate/exampleGate";
import { unknown } from "../../harness/reader";
import type { RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { allow, buildspecOf, projectExample, roleExample } from "../../pipeline/exampleResources";
import { roleType } from "../../pipeline/project";

const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const holder = (...statements: Record<string, unknown>[]) => roleExample("build-role", statements, "builder");
const trusted = (assumeRolePolicy: unknown) =>
    trustedRole("deploy-role", assumeRolePolicy, deployStatements, "deployer");
const root = { AWS: "arn:aws:iam::123456789012:root" };
const served = functionExample("checkout", { tags: { tier: "production" } });
const registers = allow("ecs:RegisterTaskDefinition", "*");

const refused: [title: string, actions: string | string[], resource: string][] = [
    ["updates the service", "ecs:UpdateService", deliveryArns.service],
    ["updates every service", "ecs:Update*", "*"],
    ["replaces the service by one without a hook", ["ecs:DeleteService", "ecs:CreateService"], arn("ecs", "service/main/*")], // prettier-ignore
    ["adds a task set", "ecs:CreateTaskSet", deliveryArns.service],
    ["makes a task set the primary one", "ecs:UpdateServicePrimaryTaskSet", deliveryArns.service],
    ["runs a task beside the service", "ecs:RunTask", deliveryArns.family],
    ["starts a task on an instance", "ecs:StartTask", arn("ecs", "task-definition/*")],
];

export const examples: RuleExample[] = [
    ...refused.map(([title, actions, resource]) =>
        badExample(`the builder ${title}`, deliveryStack(holder(allow(actions, resource))), "build-role"),
    ),
    badExample(
        "the builder writes a task definition and passes the service's role",
        deliveryStack(holder(registers, allow("iam:PassRole", deliveryArns.taskRole))),
        "build-role",
    ),
    badExample(
        "a project runs as the deploy role: its commands may deploy whatever they like",
        deliveryStack(projectExample("deploy", undefined)),
        "deploy-role",
    ),
    badExample(
        "a step that only prepares the deployment deploys by itself",
        deliveryStack(
            projectExample("prepare", buildspecOf(["node gate.cjs imagedefinitions --image x"]), "deployer"),
            roleExample("prepare-role", [allow("ecs:UpdateService", deliveryArns.service)], "deployer"),
        ),
        "prepare-role",
    ),
    badExample(
        "a function runs as the deploy role",
        deliveryStack(functionExample("ops", { role: deliveryArns.deployRole })),
        "deploy-role",
    ),
    badExample("anybody in the account may become the deployer", deliveryStack(trusted(trustOf(root))), "deploy-role"), // prettier-ignore
    badExample(
        "CodeBuild may become the deployer",
        deliveryStack(trusted(trustOf({ Service: "codebuild.amazonaws.com" }))),
        "deploy-role",
    ),
    badExample(
        "the deployer of staging reaches production",
        deliveryStack(
            trustedRole("staging-deploy-role", deployTrust, [allow("ecs:UpdateService", "*")], "deployer"),
        ),
        "staging-deploy-role",
    ),
    badExample(
        "the builder updates a function in production",
        deliveryStack(served, holder(allow("lambda:UpdateFunctionCode", arn("lambda", "function:checkout")))),
        "build-role",
    ),
    badExample(
        "the builder deploys by CodeDeploy",
        deliveryStack(
            {
                type: "aws:codedeploy/deploymentGroup:DeploymentGroup",
                name: "shop-group",
                props: { appName: "shop", deploymentGroupName: "production" },
            },
            holder(allow("codedeploy:CreateDeployment", "*")),
        ),
        "build-role",
    ),
    badExample(
        "a service outside the stack that a release names",
        [...deliveryWithout("shop", "shop-task"), holder(allow("ecs:UpdateService", deliveryArns.service))],
        "build-role",
    ),
    goodExample("only the role of the Deploy action", deliveryStack()),
    goodExample(
        "the deployer is bound to the pipeline's role by a condition",
        deliveryStack(
            trusted(trustOf(root, { ArnEquals: { "aws:PrincipalArn": deliveryArns.pipelineRole } })),
        ),
    ),
    goodExample(
        "the same verbs on another service and its roles",
        deliveryStack(
            holder(
                allow(["ecs:UpdateService", "ecs:CreateTaskSet"], arn("ecs", "service/main/docs")),
                allow("ecs:RunTask", arn("ecs", "task-definition/migration:*")),
                registers,
                allow("iam:PassRole", "arn:aws:iam::123456789012:role/docs-role"),
            ),
        ),
    ),
    goodExample(
        "tasks of every family, in another cluster only",
        deliveryStack(
            holder(allow("ecs:RunTask", "*", { ArnEquals: { "ecs:cluster": arn("ecs", "cluster/tests") } })),
        ),
    ),
    goodExample(
        "the task's role may be passed to a build, which is no task",
        deliveryStack(
            holder(registers, allow("iam:PassRole", deliveryArns.taskRole, { StringEquals: { "iam:PassedToService": "codebuild.amazonaws.com" } })), // prettier-ignore
        ),
    ),
    {
        title: "no service that anything is delivered to",
        shows: "absent",
        resources: [serviceWith({ tags: undefined }), holder(allow("ecs:UpdateService", "*"))],
        expect: [],
    },
    openExample(
        "a policy that is not known yet",
        deliveryStack({
            type: roleType,
            name: "build-role",
            props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
        }),
        "build-role",
    ),
    openExample("who may become the deployer is not known yet", deliveryStack(trusted(unknown)), "deploy-role"), // prettier-ignore
    openExample(
        "the service's name is not known yet",
        deliveryStack(
            serviceWith({ name: unknown }),
            holder(allow("ecs:UpdateService", arn("ecs", "service/main/something"))),
        ),
        "build-role",
    ),
];
