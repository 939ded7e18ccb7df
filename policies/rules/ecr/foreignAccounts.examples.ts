/** Examples of ECR-06. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { projectExample, roleExample } from "../../pipeline/exampleResources";
import { registryPolicyType, repositoryPolicyType } from "./repository";

const own = "123456789012";
const other = "210987654321";
const root = (account: string): object => ({ AWS: `arn:aws:iam::${account}:root` });
const member = { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };

const document = (statement: object): string =>
    JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "ecr:BatchGetImage", ...statement }],
    });
const repositoryPolicy = (policy: unknown, name = "policy"): ExampleResource => ({
    type: repositoryPolicyType,
    name,
    props: { repository: "team/app", policy },
});
const registryPolicy = (statement: object): ExampleResource => ({
    type: registryPolicyType,
    name: "policy",
    props: {
        policy: document({
            Action: "ecr:ReplicateImage",
            Resource: `arn:aws:ecr:eu-central-1:${own}:repository/*`,
            ...statement,
        }),
    },
});
const bad: RuleExample["expect"] = [{ resource: "policy", kind: "violation" }];
const trusted = { trustedAccounts: [other] };

export const resourceExamples: RuleExample[] = [
    {
        title: "a registry policy admits another account",
        shows: "bad",
        resources: [registryPolicy({ Principal: root(other) })],
        expect: bad,
    },
    {
        title: "the account is declared trusted",
        shows: "good",
        configuration: trusted,
        resources: [registryPolicy({ Principal: root(other) })],
        expect: [],
    },
    {
        title: "the registry's own account",
        shows: "good",
        resources: [registryPolicy({ Principal: root(own) })],
        expect: [],
    },
    {
        title: "bounded by the organization",
        shows: "good",
        resources: [registryPolicy({ Principal: root(other), Condition: member })],
        expect: [],
    },
    {
        title: "one organization of two is none",
        shows: "bad",
        resources: [
            registryPolicy({
                Principal: root(other),
                Condition: { StringEquals: { "aws:PrincipalOrgID": ["o-a1b2c3d4e5", "no-organization"] } },
            }),
        ],
        expect: bad,
    },
    {
        title: "another account is refused",
        shows: "good",
        resources: [registryPolicy({ Effect: "Deny", Principal: root(other) })],
        expect: [],
    },
    { title: "no document", shows: "absent", resources: [repositoryPolicy(undefined)], expect: bad },
    {
        title: "a document of another type",
        shows: "bad",
        resources: [repositoryPolicy([])],
        expect: bad,
    },
    {
        title: "text that is not JSON",
        shows: "bad",
        resources: [repositoryPolicy("{Statement")],
        expect: bad,
    },
    {
        title: "a document that is not known yet does not hide the next",
        shows: "unknown",
        resources: [repositoryPolicy(unknown, "first"), registryPolicy({ Principal: root(other) })],
        expect: [
            { resource: "first", kind: "inconclusive" },
            { resource: "policy", kind: "violation" },
        ],
    },
];

const project = projectExample("build", undefined);

export const stackExamples: RuleExample[] = [
    {
        title: "a registry policy names its own account: the other half of this rule has judged it",
        shows: "good",
        resources: [project, registryPolicy({ Principal: root(other) })],
        expect: [],
    },
    {
        title: "text that is not JSON: the other half of this rule has said it",
        shows: "good",
        resources: [project, repositoryPolicy("{")],
        expect: [],
    },
    {
        title: "another account than that of the stack's roles",
        shows: "bad",
        resources: [project, repositoryPolicy(document({ Principal: root(other) }))],
        expect: bad,
    },
    {
        title: "an account id without an ARN, beside the own account",
        shows: "bad",
        resources: [project, repositoryPolicy(document({ Principal: { AWS: [own, other] } }))],
        expect: bad,
    },
    {
        title: "everybody of another account, by a condition",
        shows: "bad",
        resources: [
            project,
            repositoryPolicy(
                document({
                    Principal: "*",
                    Condition: { StringEquals: { "aws:PrincipalAccount": other } },
                }),
            ),
        ],
        expect: bad,
    },
    {
        title: "any organization is none",
        shows: "bad",
        resources: [
            project,
            repositoryPolicy(
                document({
                    Principal: root(other),
                    Condition: { StringLike: { "aws:PrincipalOrgID": "*" } },
                }),
            ),
        ],
        expect: bad,
    },
    {
        title: "declared trusted",
        shows: "good",
        configuration: trusted,
        resources: [project, repositoryPolicy(document({ Principal: root(other) }))],
        expect: [],
    },
    {
        title: "bounded by the organization",
        shows: "good",
        resources: [repositoryPolicy(document({ Principal: root(other), Condition: member }))],
        expect: [],
    },
    {
        title: "a role of the stack, which is of the stack's own account",
        shows: "good",
        resources: [
            roleExample("runner", []),
            repositoryPolicy(document({ Principal: { AWS: `arn:aws:iam::${own}:role/runner` } })),
        ],
        expect: [],
    },
    {
        title: "a service of AWS",
        shows: "good",
        resources: [repositoryPolicy(document({ Principal: { Service: "codebuild.amazonaws.com" } }))],
        expect: [],
    },
    {
        title: "nothing in the stack says which account is its own",
        shows: "absent",
        resources: [repositoryPolicy(document({ Principal: root(other) }))],
        expect: bad,
    },
    {
        title: "a document that is not known yet does not hide the next",
        shows: "unknown",
        resources: [
            repositoryPolicy(unknown, "first"),
            repositoryPolicy(document({ Principal: root(other) })),
        ],
        expect: [
            { resource: "first", kind: "inconclusive" },
            { resource: "policy", kind: "violation" },
        ],
    },
];
