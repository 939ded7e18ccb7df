import { trustedRole, trustOf } from "../../delivery/exampleDelivery";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { completeStages, pipelineExample, pipelineStack } from "../../pipeline/exampleResources";
import { repositoryPolicyType } from "../ecr/repository";

const account = "123456789012";
const other = "111111111111";
const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:${account}:${resource}`;
const root = (id: string) => ({ AWS: `arn:aws:iam::${id}:root` });
const statement = (actions: string | string[], principal: unknown, resource: string, more: object = {}) => ({ Effect: "Allow", Action: actions, Principal: principal, Resource: resource, ...more }); // prettier-ignore

/** A delivery with its artifacts in a bucket, in an account that its pipeline's role names. */
const delivery = (...more: ExampleResource[]): ExampleResource[] =>
    pipelineStack(
        completeStages,
        pipelineExample(completeStages, {
            roleArn: `arn:aws:iam::${account}:role/pipeline-role`,
            artifactStores: [{ location: "demo-artifacts", type: "S3" }],
        }),
        { type: "aws:s3/bucket:Bucket", name: "artifacts", props: { bucket: "demo-artifacts" } },
        ...more,
    );
const carrying = (type: string, target: Record<string, unknown>, ...statements: unknown[]): ExampleResource => ({ type, name: "policy", props: { ...target, policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) } }); // prettier-ignore
const bucket = (...statements: unknown[]): ExampleResource[] => delivery(carrying("aws:s3/bucketPolicy:BucketPolicy", { bucket: "demo-artifacts" }, ...statements)); // prettier-ignore
const objects = "arn:aws:s3:::demo-artifacts/*";
const ownOnly = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: objects,
    Condition: { StringNotEquals: { "aws:PrincipalAccount": account } },
};
const onCall = (id: string) => `arn:aws:iam::${id}:role/on-call`;
const people = (id: string) => trustedRole("people", trustOf({ AWS: onCall(id) }, { Bool: { "aws:MultiFactorAuthPresent": "true" } }), [], "break-glass"); // prettier-ignore

export const examples: RuleExample[] = [
    badExample("the artifacts' bucket, for writing", bucket(statement("s3:PutObject", root(other), objects)), "policy"), // prettier-ignore
    badExample("by the number of the account, in a list", bucket(statement(["s3:ListBucket", "s3:Put*"], { AWS: [account, other] }, objects)), "policy"), // prettier-ignore
    badExample("reading, where nobody has declared the account", bucket(statement("s3:GetObject", root(other), objects)), "policy"), // prettier-ignore
    badExample("everybody", bucket(statement("s3:PutObject", "*", objects)), "policy"),
    badExample("everybody of another account, by a condition", bucket(statement("s3:PutObject", "*", objects, { Condition: { StringEquals: { "aws:PrincipalAccount": other } } })), "policy"), // prettier-ignore
    badExample("everybody but a few", bucket({ Effect: "Allow", NotPrincipal: root(account), Action: "s3:*", Resource: objects }), "policy"), // prettier-ignore
    badExample(
        "the production repository",
        delivery(
            carrying(repositoryPolicyType, { repository: "demo/production" }, { Effect: "Allow", Principal: root(other), Action: "ecr:PutImage" }), // prettier-ignore
        ),
        "policy",
    ),
    badExample(
        "the approvals' topic",
        delivery(
            carrying("aws:sns/topicPolicy:TopicPolicy", { arn: arn("sns", "approvals") }, statement("sns:Publish", root(other), arn("sns", "approvals"))), // prettier-ignore
        ),
        "policy",
    ),
    badExample("a key", delivery(carrying("aws:kms/key:Key", {}, statement("kms:Decrypt", root(other), "*"))), "policy"), // prettier-ignore
    badExample("the event bus", delivery(carrying("aws:cloudwatch/eventBusPolicy:EventBusPolicy", {}, statement("events:PutRule", root(other), "*"))), "policy"), // prettier-ignore
    badExample(
        "people of another account let images run without an approval",
        delivery(people(other)),
        "people",
    ),
    ...[
        ["a Deny of other verbs", { Action: "s3:GetObject" }],
        ["a Deny of everything but these verbs", { Action: undefined, NotAction: "s3:PutObject" }],
        ["a Deny for one role only", { Principal: root(other) }],
        ["a Deny for all but one role", { Principal: undefined, NotPrincipal: root(other) }],
        ["an Allow of the same words", { Effect: "Allow" }],
        ["a Deny without a condition on the account", { Condition: { StringNotEquals: { "aws:PrincipalTag/team": "shop" } } }],
        ["a Deny for this account", { Condition: { StringEquals: { "aws:PrincipalAccount": account } } }],
        ["a Deny where two conditions hold", { Condition: { ...ownOnly.Condition, Bool: { "aws:SecureTransport": "false" } } }],
        ["a Deny where two keys hold", { Condition: { StringNotEquals: { "aws:PrincipalAccount": account, "aws:PrincipalTag/team": "shop" } } }],
        ["a Deny that keeps any account", { Condition: { StringNotLike: { "aws:PrincipalAccount": "*" } } }],
    ].map(([title, more]) =>
        badExample(`${String(title)} shuts nobody out`, bucket(statement("s3:PutObject", "*", objects), { ...ownOnly, ...(more as object) }), "policy"),
    ), // prettier-ignore
    badExample("a Deny that keeps the other account", bucket(statement("s3:PutObject", root(other), objects), { ...ownOnly, Condition: { StringNotEquals: { "aws:PrincipalAccount": [account, other] } } }), "policy"), // prettier-ignore
    badExample("one organization of two is none", bucket(statement("s3:PutObject", "*", objects, { Condition: { StringEquals: { "aws:PrincipalOrgID": ["o-example", "any"] } } })), "policy"), // prettier-ignore
    goodExample("a Deny shuts a named account out", bucket(statement("s3:PutObject", root(other), objects), ownOnly)), // prettier-ignore
    goodExample("another account is refused", bucket({ ...statement("s3:PutObject", root(other), objects), Effect: "Deny" })), // prettier-ignore
    goodExample("a service of AWS", bucket(statement("s3:PutObject", { Service: "delivery.logs.amazonaws.com" }, objects))), // prettier-ignore
    goodExample("people of this account do", delivery(people(account))),
    goodExample("the account itself", bucket(statement("s3:*", root(account), objects))),
    goodExample("members of the organization", bucket(statement("s3:PutObject", "*", objects, { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-example" } } }))), // prettier-ignore
    goodExample("a Deny shuts other accounts out", bucket(statement("s3:PutObject", "*", objects), ownOnly)),
    goodExample("a key for callers of the account", delivery(carrying("aws:kms/key:Key", {}, statement("kms:*", { AWS: "*" }, "*", { Condition: { StringEquals: { "kms:CallerAccount": account } } })))), // prettier-ignore
    goodExample("another bucket", delivery(carrying("aws:s3/bucketPolicy:BucketPolicy", { bucket: "website" }, statement("s3:GetObject", "*", "arn:aws:s3:::website/*")))), // prettier-ignore
    {
        title: "a declared account reads",
        shows: "good",
        resources: bucket(statement("s3:GetObject", root(other), objects)),
        configuration: { trustedAccounts: [other] },
        expect: [],
    },
    { title: "no policy", shows: "absent", resources: delivery(), expect: [] },
    openExample(
        "a policy that is not known yet",
        delivery({
            type: "aws:s3/bucketPolicy:BucketPolicy",
            name: "policy",
            props: { bucket: "demo-artifacts", policy: unknown },
        }),
        "policy",
    ),
    openExample(
        "the stack's own account is not known",
        [
            pipelineExample(completeStages, { artifactStores: [{ location: "demo-artifacts", type: "S3" }] }),
            carrying("aws:s3/bucketPolicy:BucketPolicy", { bucket: "demo-artifacts" }, statement("s3:PutObject", root(other), objects)), // prettier-ignore
        ],
        "policy",
    ),
];
