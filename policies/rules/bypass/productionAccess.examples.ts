/** BYP-01's examples of repository policies, trust policies and tags that say more than is true. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import {
    allow,
    buildBuildspec,
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryArnExample,
    repositoryExample,
    roleExample,
    scanBuildspec,
} from "../../pipeline/exampleResources";
import { roleType } from "../../pipeline/project";
import { repositoryPolicyType } from "../ecr/repository";

const production = repositoryExample("production", "production");
const grants = [allow(pushActions, repositoryArnExample("production"))];
const publisher = roleExample("publish-role", grants, "publisher");
const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

const admits = (Principal: unknown, more: object = {}): ExampleResource => ({
    type: repositoryPolicyType,
    name: "policy",
    props: {
        repository: "demo/production",
        policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "ecr:PutImage", Principal, ...more }],
        }),
    },
});

const strangers: [title: string, policy: ExampleResource][] = [
    ["a role that is only a name here", admits({ AWS: roleArn("landing-zone-ops") })],
    ["the account's root", admits({ AWS: "arn:aws:iam::123456789012:root" })],
    ["the publisher and another", admits({ AWS: [roleArn("publish-role"), roleArn("ops")] })],
    [
        "a pattern of names",
        admits({ AWS: "*" }, { Condition: { ArnLike: { "aws:PrincipalArn": roleArn("*") } } }),
    ],
    ["everybody", admits("*", { Action: "ecr:*" })],
    ["everybody but one", admits(undefined, { NotPrincipal: { AWS: roleArn("ops") } })],
    ["a service", admits({ Service: "lambda.amazonaws.com" }, { Action: ["ecr:UploadLayerPart"] })],
];
const harmless: [title: string, policy: ExampleResource][] = [
    ["the publisher's exact ARN", admits({ AWS: roleArn("publish-role") })],
    [
        "the publisher by a condition",
        admits("*", { Condition: { ArnEquals: { "aws:PrincipalArn": roleArn("publish-role") } } }),
    ],
    ["others may read", admits({ AWS: roleArn("ops") }, { Action: ["ecr:BatchGetImage"] })],
    ["others are denied", admits("*", { Effect: "Deny" })],
    [
        "another repository",
        {
            ...admits({ AWS: roleArn("ops") }),
            props: { ...admits({ AWS: roleArn("ops") }).props, repository: "demo/candidate" },
        },
    ],
];

const trusting = (Principal: unknown, role = publisher): ExampleResource => ({
    ...role,
    props: {
        ...role.props,
        assumeRolePolicy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal }],
        }),
    },
});
const posing: [title: string, ...projects: ExampleResource[]][] = [
    ["that builds", projectExample("publish", buildBuildspec)],
    ["that scans", projectExample("publish", scanBuildspec)],
    ["that is declared a builder", projectExample("publish", "buildspec.yml", "builder")],
    [
        "and of another one",
        projectExample("publish", publishBuildspec),
        projectExample("other", publishBuildspec, undefined, { serviceRole: roleArn("publish-role") }),
    ],
];

const powerUser = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser";
const rolePolicy = (policy: unknown): ExampleResource => ({
    type: "aws:iam/rolePolicy:RolePolicy",
    name: "grant",
    props: { role: "landing-zone-ops", policy },
});
const pushPolicy = { Statement: [allow(pushActions, repositoryArnExample("production"))] };
const grantOf = (type: string, props: Record<string, unknown>): ExampleResource => ({
    type,
    name: "grant",
    props,
});
const outsideGrants: [title: string, grant: ExampleResource][] = [
    ["an in-line policy of a role", rolePolicy(pushPolicy)],
    [
        "an in-line policy of a user",
        grantOf("aws:iam/userPolicy:UserPolicy", { user: "contractor", policy: pushPolicy }),
    ],
    [
        "an attachment of a user",
        grantOf("aws:iam/userPolicyAttachment:UserPolicyAttachment", {
            user: "contractor",
            policyArn: powerUser,
        }),
    ],
    [
        "an entry in a list of attachments",
        grantOf("aws:iam/policyAttachment:PolicyAttachment", {
            roles: ["landing-zone-ops"],
            policyArn: powerUser,
        }),
    ],
];

export const productionAccessExamples: RuleExample[] = [
    ...strangers.map(([title, policy]): RuleExample => ({
        title: `the repository's policy admits ${title}`,
        shows: "bad",
        resources: [production, publisher, policy],
        expect: [{ resource: "policy", kind: "violation" }],
    })),
    ...harmless.map(([title, policy]): RuleExample => ({
        title: `a repository policy: ${title}`,
        shows: "good",
        resources: [production, repositoryExample("candidate", "candidate"), publisher, policy],
        expect: [],
    })),
    {
        title: "the policy of a production repository of another stack",
        shows: "bad",
        resources: [admits({ AWS: roleArn("ops") })],
        expect: [{ resource: "policy", kind: "violation" }],
    },
    {
        title: "a repository policy that is not known yet",
        shows: "unknown",
        resources: [
            production,
            { ...admits("*"), props: { repository: "demo/production", policy: unknown } },
        ],
        expect: [{ resource: "policy", kind: "inconclusive" }],
    },
    ...posing.map(([title, ...projects]): RuleExample => ({
        title: `the tag of a publisher on the role of a project ${title}`,
        shows: "bad",
        resources: [production, publisher, ...projects],
        expect: [{ resource: "publish-role", kind: "violation" }],
    })),
    {
        title: "the tag of a publisher on the role of the project that publishes",
        shows: "good",
        resources: [production, publisher, projectExample("publish", publishBuildspec, "publisher")],
        expect: [],
    },
    {
        title: "a role without any permission may be assumed",
        shows: "good",
        resources: [
            production,
            publisher,
            trusting(
                { AWS: roleArn("ops") },
                { type: roleType, name: "ops-role", props: { name: "ops-role" } },
            ),
        ],
        expect: [],
    },
    ...outsideGrants.map(([title, grant]): RuleExample => ({
        title: `${title} of a principal that is only a name here`,
        shows: "bad",
        resources: [production, publisher, grant],
        expect: [{ resource: "grant", kind: "violation" }],
    })),
    {
        title: "a principal that is only a name here may read",
        shows: "good",
        resources: [
            production,
            publisher,
            rolePolicy({ Statement: [allow("ecr:BatchGetImage", repositoryArnExample("production"))] }),
        ],
        expect: [],
    },
];
