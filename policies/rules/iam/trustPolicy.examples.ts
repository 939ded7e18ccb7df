import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { roleType } from "../../pipeline/project";

const account = "123456789012";
const statement = (principal: unknown, condition?: unknown, action = "sts:AssumeRole") => ({
    Effect: "Allow",
    Principal: principal,
    Action: action,
    ...(condition === undefined ? {} : { Condition: condition }),
});
const role = (...statements: unknown[]): ExampleResource => ({
    type: roleType,
    name: "role",
    props: { assumeRolePolicy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
});
const bad = (title: string, ...statements: unknown[]): RuleExample => ({
    title,
    shows: "bad",
    resources: [role(...statements)],
    expect: [{ resource: "role", kind: "violation" }],
});
const good = (title: string, ...statements: unknown[]): RuleExample => ({
    title,
    shows: "good",
    resources: [role(...statements)],
    expect: [],
});
const service = (name: string) => ({ Service: `${name}.amazonaws.com` });
const ofAccount = { StringEquals: { "aws:SourceAccount": account } };

const host = "token.actions.githubusercontent.com";
const gitHub = { Federated: `arn:aws:iam::${account}:oidc-provider/${host}` };
const gitLab = (sub: unknown) =>
    statement(
        { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
        { StringEquals: { "gitlab.com:aud": "https://gitlab.com" }, StringLike: { "gitlab.com:sub": sub } },
        "sts:AssumeRoleWithWebIdentity",
    );
const token = (sub: unknown, aud: unknown = "sts.amazonaws.com") =>
    statement(
        gitHub,
        {
            ...(aud === null ? {} : { StringEquals: { [`${host}:aud`]: aud } }),
            ...(sub === null ? {} : { StringLike: { [`${host}:sub`]: sub } }),
        },
        "sts:AssumeRoleWithWebIdentity",
    );
const ref = "repo:example/shop:ref:refs/heads/main";

export const examples: RuleExample[] = [
    bad("everybody", statement("*")),
    bad("everybody, in a list of principals", statement({ AWS: [`arn:aws:iam::${account}:root`, "*"] })),
    bad("a role of any account", statement({ AWS: "arn:aws:iam::*:role/deploy" })),
    bad("everybody of any organization", statement("*", { StringLike: { "aws:PrincipalOrgID": "*" } })),
    bad("a service that nobody listed", statement({ Service: "unheard-of.amazonaws.com" })),
    bad("a service for anybody's resource", statement(service("codebuild"))),
    bad("a service, for any account", statement(service("events"), { StringLike: { "aws:SourceAccount": "*" } })), // prettier-ignore
    bad(
        "the second of two services",
        statement({ Service: ["lambda.amazonaws.com", "scheduler.amazonaws.com"] }),
    ),
    bad("tokens without a subject", token(null)),
    bad("tokens of any repository of an owner", token("repo:example/*")),
    bad("tokens of any branch", token("repo:example/shop:*")),
    bad("tokens of any branch, in other words", token("repo:example/shop:ref:refs/heads/*")),
    bad("tokens for any audience", token(ref, null)),
    bad("one subject of two is wide", token([ref, "repo:example/shop:environment:*"])),
    bad("an identity of any service account of a cluster", statement({ Federated: `arn:aws:iam::${account}:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE` }, { StringEquals: { "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com" } }, "sts:AssumeRoleWithWebIdentity")), // prettier-ignore
    bad("everybody but one", { Effect: "Allow", NotPrincipal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" }), // prettier-ignore
    bad("everybody of one account or of any", statement("*", { ArnLike: { "aws:PrincipalArn": [`arn:aws:iam::${account}:role/pipeline`, "arn:*"] } })), // prettier-ignore
    bad("a service, for one account or any", statement(service("events"), { StringLike: { "aws:SourceAccount": [account, "*"] } })), // prettier-ignore
    bad("every identity provider", statement({ Federated: "*" }, undefined, "sts:AssumeRoleWithWebIdentity")),
    bad("tokens for one audience or any", token(ref, ["sts.amazonaws.com", "*"])),
    bad("tokens of a repository, whatever runs", token("repo:example/shop:")),
    bad("tokens of repositories that begin alike", token("repo:example/shop*:ref:refs/heads/main")),
    bad("tokens of any repository, in other words", token("*:ref:refs/heads/main")),
    bad("tokens of any project of another provider", gitLab("*")),
    bad("tokens of any branch of another provider", gitLab("project_path:*:*")),
    good("tokens of one branch of another provider", gitLab("project_path:example/shop:ref_type:branch:ref:main")), // prettier-ignore
    good("an identity pool, told by its audience", statement({ Federated: "cognito-identity.amazonaws.com" }, { StringEquals: { "cognito-identity.amazonaws.com:aud": "eu-central-1:12345678-1234-1234-1234-123456789012" } }, "sts:AssumeRoleWithWebIdentity")), // prettier-ignore
    good("a service within the organization", statement(service("codebuild"), { StringEquals: { "aws:SourceOrgID": "o-a1b2c3d4e5" } })), // prettier-ignore
    good("a statement about tags only", statement("*", undefined, "sts:TagSession")),
    good("a service for this account's resources", statement(service("codebuild"), ofAccount)),
    good(
        "a service for one resource",
        statement(service("events"), {
            ArnEquals: { "aws:SourceArn": `arn:aws:events:eu-central-1:${account}:rule/trigger` },
        }),
    ),
    good("services that send no source", statement({ Service: ["lambda.amazonaws.com", "ec2.amazonaws.com"] })), // prettier-ignore
    good("a regional and a Chinese name of a service", statement({ Service: ["lambda.amazonaws.com.cn", "logs.eu-central-1.amazonaws.com"] }, ofAccount)), // prettier-ignore
    good("a role by its ARN, whoever the account is", statement("*", { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${account}:role/pipeline` } })), // prettier-ignore
    good("the account", statement({ AWS: `arn:aws:iam::${account}:root` })),
    good("tokens of one branch", token(ref)),
    good("tokens of one environment, and of release tags", token(["repo:example/shop:environment:production", "repo:example/shop:ref:refs/tags/v*"])), // prettier-ignore
    good("a company's directory", statement({ Federated: `arn:aws:iam::${account}:saml-provider/company` }, { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } }, "sts:AssumeRoleWithSAML")), // prettier-ignore
    good("a Deny for everybody", { ...statement("*"), Effect: "Deny" }),
    {
        title: "a further service, named in the settings",
        shows: "good",
        resources: [role(statement({ Service: "unheard-of.amazonaws.com" }))],
        configuration: { trustedServices: ["unheard-of.amazonaws.com"] },
        expect: [],
    },
    {
        title: "no trust policy",
        shows: "absent",
        resources: [{ type: roleType, name: "role", props: {} }],
        expect: [],
    },
    {
        title: "not known yet, or not to be read",
        shows: "unknown",
        resources: [
            { type: roleType, name: "role", props: { assumeRolePolicy: unknown } },
            { type: roleType, name: "second", props: { assumeRolePolicy: "{" } },
            { type: roleType, name: "third", props: { assumeRolePolicy: { Version: "2012-10-17", Statement: unknown } } }, // prettier-ignore
        ],
        expect: [
            { resource: "role", kind: "inconclusive" },
            { resource: "second", kind: "inconclusive" },
            { resource: "third", kind: "inconclusive" },
        ],
    },
];
