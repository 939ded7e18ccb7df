/** SNS-02: strangers neither publish to a topic nor listen to it. */
import { topicPolicyType, topicType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { attachedPolicy } from "../../iam/attachedPolicy";
import { foreignPrincipals } from "../../iam/foreignPrincipals";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { publishStatement, topicExample, topicPolicyExample, topicPolicyOf } from "./topic";

const account = "123456789012";
const everybody = publishStatement("*");
const fix =
    "Name roles of the own account in Principal, or bound the statement by aws:SourceAccount and aws:SourceArn. Accounts that may come are named in the setting trustedAccounts.";

export const topicAccess: ResourceRule = {
    level: "resource",
    metadata: {
        id: "SNS-02",
        family: "sns",
        title: "No topic policy admits strangers",
        rationale:
            "Whoever may publish feeds what listens to the topic, and whoever may subscribe reads what is said there: alarms, approvals, findings.",
        severity: "high",
        remediation:
            "Name roles in `Principal`, or bound a statement by `aws:SourceAccount`, `aws:SourceArn` or `aws:PrincipalOrgID`. Other accounts that may come are named in the setting `trustedAccounts`.",
        references: ["FSBP SNS.4", "checkov CKV_AWS_169", "checkov CKV_AWS_385"],
    },
    types: [topicPolicyType, topicType],
    evaluate: (resource, configuration) => [
        ...publicPolicyOutcomes(resource, ["policy"], {
            consequence: "strangers can publish to the topic or subscribe to it",
            fix,
            absent: resource.type === topicType ? "accepted" : "refused",
            // The policy that Amazon SNS gives every topic is for everybody, bounded by this key.
            boundingKeys: ["aws:SourceOwner", "aws:SourceVpc", "aws:SourceVpce", "aws:userid"],
        }),
        ...judgeAccounts(resource, configuration),
    ],
    examples: [
        badExample("everybody may publish", [topicPolicyExample(everybody)], "policy"),
        badExample(
            "everybody may subscribe, by the topic's own policy",
            [
                topicExample({
                    policy: JSON.stringify({ Statement: [{ ...everybody, Action: "sns:Subscribe" }] }),
                }),
            ],
            "news",
        ),
        badExample(
            "everybody but one",
            [
                topicPolicyExample({
                    ...everybody,
                    Principal: undefined,
                    NotPrincipal: { AWS: `arn:aws:iam::${account}:role/ops` },
                }),
            ],
            "policy",
        ),
        badExample(
            "another account",
            [topicPolicyExample(publishStatement({ AWS: "arn:aws:iam::210987654321:root" }))],
            "policy",
        ),
        badExample("no JSON", [topicPolicyOf("{")], "policy"),
        goodExample("the own account, for one resource", [
            topicPolicyExample(
                publishStatement("*", {
                    StringEquals: { "aws:SourceAccount": account },
                    ArnLike: { "aws:SourceArn": `arn:aws:s3:::uploads` },
                }),
            ),
        ]),
        goodExample("the policy that Amazon SNS gives every topic", [
            topicPolicyExample(
                publishStatement({ AWS: "*" }, { StringEquals: { "AWS:SourceOwner": account } }),
            ),
        ]),
        goodExample("a service and a role", [
            topicPolicyExample(
                publishStatement({ Service: "events.amazonaws.com" }),
                publishStatement({ AWS: `arn:aws:iam::${account}:role/ops` }),
            ),
        ]),
        {
            ...goodExample("another account that is trusted", [
                topicPolicyExample(publishStatement({ AWS: "210987654321" })),
            ]),
            configuration: { trustedAccounts: ["210987654321"] },
        },
        absentExample("no policy: only the own account", [topicExample()]),
        openExample("not known yet", [topicPolicyOf(unknown)], "policy"),
        {
            title: "a first statement that is not known yet does not hide the second",
            shows: "unknown",
            resources: [topicPolicyOf({ Statement: [{ ...everybody, Principal: unknown }, everybody] })],
            expect: [
                { resource: "policy", kind: "inconclusive" },
                { resource: "policy", kind: "violation" },
            ],
        },
    ],
};

function judgeAccounts(resource: ResourceReader, { trustedAccounts }: PackConfiguration): Outcome[] {
    const document = attachedPolicy(resource);
    if (document.kind !== "known") return [];
    return foreignPrincipals(document.statements, trustedAccounts).map(
        ({ text, account: stranger, statement }) =>
            violation(
                `policy lets ${text} in (statement ${statement.sid ?? statement.index}), of another account.`,
                fix,
                { findingId: `${statement.index}|${stranger}` },
            ),
    );
}
