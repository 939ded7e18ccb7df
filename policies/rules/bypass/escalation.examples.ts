import { trustedRole, trustOf } from "../../delivery/exampleDelivery";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { allow, buildspecOf, projectExample, roleExample } from "../../pipeline/exampleResources";
import { roleType } from "../../pipeline/project";

const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const build = projectExample("build", buildspecOf(["npm test"]));
const withStatements = (...statements: ReturnType<typeof allow>[]): ExampleResource[] => [
    build,
    roleExample("build-role", statements),
];
const to = (service: string) => ({ StringEquals: { "iam:PassedToService": `${service}.amazonaws.com` } });

const refused: [title: string, ...statements: ReturnType<typeof allow>[]][] = [
    ["a role passed to a project of its own", allow("iam:PassRole", role("admin")), allow("codebuild:CreateProject", "*")], // prettier-ignore
    ["the same, to the right service", allow("iam:PassRole", role("admin"), to("codebuild")), allow("codebuild:*Project", "*")], // prettier-ignore
    [
        "a role passed to a function of its own",
        allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "*"),
    ],
    ["a new version of a policy", allow("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/*")],
    ["another policy for a role", allow("iam:Attach*", role("*"))],
    ["who may become a role", allow("iam:UpdateAssumeRolePolicy", role("build-role"))],
    ["a policy of a user", allow("iam:PutUserPolicy", "*")],
    ["everything but billing", { Effect: "Allow", NotAction: "aws-portal:*", Resource: "*" }],
    ["roles by pattern passed to a stack", allow("iam:PassRole", role("*"), to("cloudformation")), allow("cloudformation:CreateStack", "*")], // prettier-ignore
];
const accepted: [title: string, ...statements: ReturnType<typeof allow>[]][] = [
    ["a role may be passed, and nothing made", allow("iam:PassRole", role("task"), to("ecs-tasks"))],
    ["something may be made, and no role passed", allow("codebuild:CreateProject", "*")],
    [
        "the role goes to another service",
        allow("iam:PassRole", role("task"), to("ecs-tasks")),
        allow("codebuild:CreateProject", "*"),
    ],
    [
        "a function is updated and invoked, not made",
        allow("iam:PassRole", role("shop"), to("lambda")),
        allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"], "*"),
    ],
    [
        "the role that deploys a service",
        allow(["ecs:RegisterTaskDefinition", "ecs:UpdateService"], "*"),
        allow("iam:PassRole", role("task"), to("ecs-tasks")),
    ],
    [
        "one role passed to a stack",
        allow("iam:PassRole", role("deploy"), to("cloudformation")),
        allow("cloudformation:CreateStack", "*"),
    ],
    [
        "policies of roles that stay within a boundary",
        allow(["iam:PutRolePolicy", "iam:AttachRolePolicy"], role("ci/*"), {
            StringEquals: { "iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/ci-boundary" },
        }),
    ],
    [
        "denied",
        allow(["iam:PassRole", "codebuild:CreateProject"], "*"),
        { Effect: "Deny", Action: "iam:PassRole", Resource: "*" },
    ],
];

export const examples: RuleExample[] = [
    ...refused.map(([title, ...statements]) =>
        badExample(`a build: ${title}`, withStatements(...statements), "build-role"),
    ),
    ...accepted.map(([title, ...statements]) =>
        goodExample(`a build: ${title}`, withStatements(...statements)),
    ),
    badExample(
        "the two halves are in two forms",
        [
            build,
            { type: roleType, name: "build-role", props: { name: "build-role", managedPolicyArns: ["arn:aws:iam::aws:policy/AWSCodeBuildAdminAccess"] } }, // prettier-ignore
            {
                type: "aws:iam/rolePolicy:RolePolicy",
                name: "pass",
                props: { role: "build-role", policy: { Statement: [allow("iam:PassRole", "*")] } },
            },
        ],
        "build-role",
    ),
    badExample(
        "a CI system elsewhere becomes the role",
        [
            trustedRole(
                "deploy",
                trustOf({
                    Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
                }).replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"),
                [allow("iam:PutRolePolicy", "*")],
            ),
        ],
        "deploy",
    ),
    goodExample("a role that is not CI's", [
        build,
        roleExample("build-role", [allow("s3:GetObject", "arn:aws:s3:::demo/*")]),
        trustedRole("administrators", trustOf({ AWS: role("people") }), [allow("iam:*", "*")]),
    ]),
    { title: "no role of CI", shows: "absent", resources: [roleExample("ops", [allow("iam:*", "*")])], expect: [] }, // prettier-ignore
    openExample(
        "a policy that is not known yet",
        [
            build,
            {
                type: roleType,
                name: "build-role",
                props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
            },
        ],
        "build-role",
    ),
    {
        title: "an unknown policy of the first role does not hide the second",
        shows: "unknown",
        resources: [
            projectExample("first", buildspecOf(["npm test"])),
            { type: roleType, name: "first-role", props: { name: "first-role", inlinePolicies: unknown } },
            ...withStatements(allow("iam:PutGroupPolicy", "*")),
        ],
        expect: [
            { resource: "first-role", kind: "inconclusive" },
            { resource: "build-role", kind: "violation" },
        ],
    },
];
