import { deliveryArns, deliveryStack, trustedRole, trustOf } from "../../delivery/exampleDelivery";
import { functionExample } from "../../gate/exampleGate";
import { eventRuleType, eventTargetType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample } from "../../harness/stackExamples";
import { allow, roleExample } from "../../pipeline/exampleResources";
import { keyType } from "../../signing/signingKeys";

const account = "123456789012";
const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:${account}:${resource}`;
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;

/** The delivery, with a signing key, the role of overrides and a function that watches what runs. */
const whole = (...more: ExampleResource[]): ExampleResource[] =>
    deliveryStack(
        { type: keyType, name: "signing", props: { keyUsage: "SIGN_VERIFY" } },
        {
            type: "aws:kms/alias:Alias",
            name: "signing-alias",
            props: { name: "alias/demo-signing", targetKeyId: unknown },
            propertyDependencies: { targetKeyId: ["signing"] },
        },
        trustedRole("people", trustOf({ AWS: role("on-call") }), [allow("dynamodb:PutItem", arn("dynamodb", "table/overrides"))], "break-glass"), // prettier-ignore
        functionExample("auditor"),
        roleExample("auditor-role", [allow("ecs:ListTasks", "*")], "auditor"),
        { type: eventRuleType, name: "tasks", props: { name: "tasks" } },
        { type: eventTargetType, name: "tasks-target", props: { rule: "tasks", arn: arn("lambda", "function:auditor") } }, // prettier-ignore
        ...more,
    );
const builder = (actions: string | string[], resource: string) =>
    roleExample("build-role", [allow(actions, resource)], "builder");

const refused: [title: string, actions: string | string[], resource: string][] = [
    ["what the admission function runs", "lambda:UpdateFunctionCode", deliveryArns.admission],
    ["what the admission function is told", "lambda:UpdateFunctionConfiguration", deliveryArns.admission],
    ["what the admission function may read", "iam:PutRolePolicy", role("admission-role")],
    ["what watches the running images", "lambda:PutFunctionConcurrency", arn("lambda", "function:auditor")],
    ["whether running images are looked at", "events:DisableRule", arn("events", "rule/tasks")],
    ["who may become the deployer", "iam:UpdateAssumeRolePolicy", deliveryArns.deployRole],
    ["what the deployer may do", "iam:AttachRolePolicy", role("deploy-*")],
    ["as whom the hook is called", "iam:DeleteRolePolicy", deliveryArns.hookRole],
    ["who lets images run without an approval", "iam:UpdateAssumeRolePolicy", role("people")],
    ["who signs", "kms:PutKeyPolicy", "*"],
    ["which key signs", "kms:UpdateAlias", arn("kms", "alias/demo-signing")],
];

export const deliveryGripExamples: RuleExample[] = [
    ...refused.map(
        ([title, actions, resource]) =>
        badExample(`delivery: the builder may change ${title}`, whole(builder(actions, resource)), "build-role"), // prettier-ignore
    ),
    goodExample(
        "delivery: the same verbs on what belongs to others",
        whole(
            roleExample("build-role", [
                allow("lambda:UpdateFunctionCode", arn("lambda", "function:docs")),
                allow("iam:PutRolePolicy", role("docs")),
                allow("kms:UpdateAlias", arn("kms", "alias/demo-data")),
                allow("events:DisableRule", arn("events", "rule/nightly")),
            ]),
        ),
    ),
];
