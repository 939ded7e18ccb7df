/** S3-04: over TLS only, not by everybody, and written by nobody of another account. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { matchesAction } from "../../iam/matcher";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { accountOf, ownAccounts } from "../ecr/ownAccounts";
import { bucketTypes, bucketWith, companionOf, companionWith, isLogBucket } from "./bucket";

const tlsFix =
    'Add a statement { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [bucket, bucket/*], Condition: { Bool: { "aws:SecureTransport": "false" } } }.';

const writes = ["s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutObjectAcl"];

function namesEverybody({ principals }: Statement): boolean {
    return principals !== null && !principals.not && Object.values(principals.byKind).flat().includes("*");
}

/** A Deny of everything for everybody without TLS. */
function refusesPlainText(statement: Statement): boolean {
    if (statement.effect !== "Deny" || !namesEverybody(statement)) return false;
    if (statement.actions.not || !statement.actions.values.some((action) => /^(?:\*|s3:\*)$/i.test(action)))
        return false;
    const keys = Object.entries(statement.conditions);
    return (
        keys.length === 1 &&
        keys.every(
            ([operator, values]) =>
                /^Bool(?:IfExists)?$/i.test(operator) &&
                Object.keys(values).length === 1 &&
                Object.entries(values).every(
                    ([key, wanted]) =>
                        key.toLowerCase() === "aws:securetransport" &&
                        wanted.length === 1 &&
                        wanted[0]?.toLowerCase() === "false",
                ),
        )
    );
}

/** Principals of other accounts that a statement lets write. Only where the stack's own account is known. */
function foreignWriters(statement: Statement, own: ReadonlySet<string>): string[] {
    const { effect, actions, principals } = statement;
    if (effect !== "Allow" || principals === null || principals.not || own.size === 0) return [];
    const may = writes.some(
        (action) => actions.values.some((pattern) => matchesAction(pattern, action)) !== actions.not,
    );
    if (!may) return [];
    return (principals.byKind["AWS"] ?? []).filter((principal) => {
        const account = accountOf(principal);
        return account !== null && !own.has(account);
    });
}

function documentOutcomes(
    graph: StackGraph,
    bucket: ResourceReader,
    holder: ResourceReader,
    property: string,
): Outcome[] {
    const document = readPolicyDocument(valueOf(holder.get("policy")));
    if (document.kind === "unknown")
        return [inconclusive({ property }, "what the bucket policy says is not known yet")];
    if (document.kind === "malformed")
        return [
            violation(`${property} cannot be read: it ${document.why}.`, "Give a policy document as JSON."),
        ];
    const tls = document.statements.some(refusesPlainText)
        ? []
        : [violation(`${property} does not refuse requests without TLS.`, tlsFix, { findingId: "tls" })];
    // Load balancers of older regions deliver logs as accounts of AWS; the bucket holds nothing else.
    const foreign = isLogBucket(graph, bucket)
        ? []
        : document.statements.flatMap((statement) => foreignWriters(statement, ownAccounts(graph)));
    const open = publicPolicyOutcomes(holder, ["policy"], {
        consequence: "the world can use the bucket",
        fix: 'Name roles in Principal, or add Condition { StringEquals: { "aws:PrincipalOrgID": … } }.',
        absent: "accepted",
    });
    return [
        ...tls,
        ...open.filter(({ kind }) => kind === "violation"),
        ...foreign.map((principal) =>
            violation(
                `${property} lets ${principal} write: another account puts its own artifacts in the place of ours.`,
                "Take the statement out, or name roles of this account.",
                { findingId: principal },
            ),
        ),
    ];
}

function judge(graph: StackGraph, bucket: ResourceReader): Outcome[] {
    const companion = companionOf(graph, bucket, "policy");
    const holder = companion.kind === "one" ? companion.resource : bucket;
    const policy = holder.get("policy");
    const property = `${holder.name}.policy`;
    if (policy.kind === "absent" && companion.kind === "maybe")
        return [inconclusive(companion, "whether this policy belongs to the bucket is not known yet")];
    if (policy.kind === "absent")
        return [
            violation("The bucket has no policy that refuses requests without TLS.", tlsFix, {
                findingId: "tls",
            }),
        ];
    if (policy.kind === "unknown")
        return [inconclusive({ property }, "what the bucket policy says is not known yet")];
    const outcomes = documentOutcomes(graph, bucket, holder, property);
    return outcomes.length > 0 ? outcomes : [pass];
}

const arns = ["arn:aws:s3:::bucket-of-example", "arn:aws:s3:::bucket-of-example/*"];
const onlyTls = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: arns,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const policy = (...statements: object[]): ExampleResource =>
    companionWith("policy", { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) });
const allow = (Principal: unknown, Action: string): object => ({
    Effect: "Allow",
    Principal,
    Action,
    Resource: arns,
});
const ownRole: ExampleResource = {
    type: "aws:codebuild/project:Project",
    name: "project",
    props: { serviceRole: "arn:aws:iam::123456789012:role/build" },
};

export const bucketPolicy: StackRule = {
    level: "stack",
    metadata: {
        id: "S3-04",
        family: "s3",
        title: "Bucket policies refuse plain text, everybody, and writers of other accounts",
        rationale:
            "Artifacts that travel in the clear can be read and changed on the way; a writer outside replaces what the gate has seen.",
        severity: "high",
        remediation:
            "Deny `s3:*` to everybody where `aws:SecureTransport` is false, and allow roles of this account only.",
        references: [
            "FSBP S3.5",
            "FSBP S3.6",
            "checkov CKV_AWS_70",
            "cdk-nag AwsSolutions-S10",
            "CIS AWS 5.0.0 2.1.1",
        ],
    },
    relevantTypes: bucketTypes,
    evaluate: (graph) =>
        graph.ofType(...bucketTypes).flatMap((bucket) => about(bucket, ...judge(graph, bucket))),
    examples: [
        badExample(
            "nothing said about TLS",
            [bucketWith(), policy(allow({ AWS: "arn:aws:iam::123456789012:root" }, "s3:GetObject"))],
            "bucket",
        ),
        badExample(
            "TLS for reading only",
            [bucketWith(), policy({ ...onlyTls, Action: "s3:GetObject" })],
            "bucket",
        ),
        badExample(
            "TLS where another condition holds too",
            [
                bucketWith(),
                policy({
                    ...onlyTls,
                    Condition: {
                        ...onlyTls.Condition,
                        StringEquals: { "aws:PrincipalAccount": "123456789012" },
                    },
                }),
            ],
            "bucket",
        ),
        ...[
            ["plain text is allowed, not refused", { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
            ["TLS for one role", { Principal: { AWS: "arn:aws:iam::123456789012:role/build" } }],
            ["TLS for all but one role", { Principal: undefined, NotPrincipal: { AWS: "*" } }],
            ["requests with TLS are refused", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
            ["another condition than TLS", { Condition: { Bool: { "aws:ViaAWSService": "false" } } }],
            ["TLS and a further key", { Condition: { Bool: { "aws:SecureTransport": "false", "aws:ViaAWSService": "false" } } }],
            ["another operator", { Condition: { StringNotEquals: { "aws:SecureTransport": "false" } } }],
        ].map(([title, more]) =>
            badExample(String(title), [bucketWith(), policy({ ...onlyTls, ...(more as object) })], "bucket"),
        ), // prettier-ignore
        goodExample("TLS, one action among others, in other letters", [
            bucketWith(),
            policy({
                ...onlyTls,
                Action: ["s3:GetObject", "S3:*"],
                Condition: { BoolIfExists: { "AWS:SecureTransport": "False" } },
            }),
        ]),
        badExample(
            "another account writes, by one action of two",
            [
                bucketWith(),
                ownRole,
                policy(onlyTls, {
                    ...allow({ AWS: "arn:aws:iam::999999999999:root" }, ""),
                    Action: ["s3:GetObject", "s3:Put*"],
                }),
            ],
            "bucket",
        ),
        goodExample("another account is refused, and a service of AWS writes", [
            bucketWith(),
            ownRole,
            policy(
                onlyTls,
                { ...allow({ AWS: "arn:aws:iam::999999999999:root" }, "s3:PutObject"), Effect: "Deny" },
                allow({ Service: "delivery.logs.amazonaws.com" }, "s3:PutObject"),
                allow({ AWS: "AIDACKCEVSQ6C2EXAMPLE" }, "s3:PutObject"),
            ),
        ]),
        goodExample("nothing says which account is the stack's own", [
            bucketWith(),
            policy(onlyTls, allow({ AWS: "arn:aws:iam::999999999999:root" }, "s3:PutObject")),
        ]),
        badExample("everybody reads", [bucketWith(), policy(onlyTls, allow("*", "s3:GetObject"))], "bucket"),
        badExample(
            "another account writes",
            [
                bucketWith(),
                ownRole,
                policy(onlyTls, allow({ AWS: "arn:aws:iam::999999999999:root" }, "s3:PutObject")),
            ],
            "bucket",
        ),
        badExample("text that is no document", [bucketWith({ policy: "{" })], "bucket"),
        goodExample("TLS, and a role of this account", [
            bucketWith(),
            ownRole,
            policy(onlyTls, allow({ AWS: "arn:aws:iam::123456789012:role/build" }, "s3:PutObject")),
        ]),
        goodExample("another account reads", [
            bucketWith(),
            ownRole,
            policy(onlyTls, allow({ AWS: "arn:aws:iam::999999999999:root" }, "s3:GetObject")),
        ]),
        absentExample("no policy", [bucketWith()], "bucket"),
        openExample("not known yet", [bucketWith(), companionWith("policy", { policy: unknown })], "bucket"),
        openExample(
            "statements that are not known yet",
            [bucketWith({ policy: { Version: "2012-10-17", Statement: unknown } })],
            "bucket",
        ),
        {
            title: "one that is not known yet does not hide the next bucket",
            shows: "unknown",
            resources: [bucketWith(), companionWith("policy", { policy: unknown }), bucketWith({}, "other")],
            expect: [
                { resource: "bucket", kind: "inconclusive" },
                { resource: "other", kind: "violation" },
            ],
        },
    ],
};
