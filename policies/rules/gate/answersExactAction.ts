/** GATE-04: the decider may answer its own approvals and nothing else. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    answerStatement,
    deciderRoleExample,
    gatePipelineExample,
    gateStack,
    gateStackWithout,
    topicExample,
} from "../../gate/exampleGate";
import { gateDeciders } from "../../gate/gateFunctions";
import { answerVerb, gateModel, type ApprovalGate, type Decider } from "../../gate/gateModel";
import { approvalArnText } from "../../gate/soleDecider";
import { subscriptionType } from "../../gate/resourceTypes";
import { actionPattern, mayDo } from "../../iam/effectivePermissions";
import { intersects } from "../../iam/matcher";
import {
    allow,
    approvalAction,
    buildStep,
    completeStages,
    stageExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType } from "../../pipeline/pipelineModel";
import { roleType } from "../../pipeline/project";
import { permissionPath } from "../bypass/permissionPath";
import { onEach } from "./onGates";

const approvals = (...names: string[]): string[] =>
    names.map((name) => `arn:aws:codepipeline:eu-central-1:123456789012:${name}`);
const answering = (...resources: string[]) => deciderRoleExample(allow(answerVerb, resources));

/** A second approval, which people answer. */
const withHuman = [
    gatePipelineExample([
        stageExample("Build", buildStep),
        stageExample(
            "Approve",
            approvalAction({ NotificationArn: "arn:aws:sns:eu-central-1:123456789012:demo-approvals" }),
            approvalAction(
                { NotificationArn: "arn:aws:sns:eu-central-1:123456789012:demo-people" },
                { name: "Human", runOrder: 2 },
            ),
        ),
        ...completeStages.slice(4),
    ]),
    { ...topicExample, name: "demo-people", props: { name: "demo-people" } },
    {
        type: subscriptionType,
        name: "people",
        props: {
            topic: "arn:aws:sns:eu-central-1:123456789012:demo-people",
            protocol: "email",
            endpoint: "release@example.com",
        },
    },
];

export const answersExactAction: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-04",
        family: "gate",
        title: "The decider's permission names the approval action",
        rationale:
            "With a wildcard the function that judges one image can approve every other pipeline, and also the approval that people were to give.",
        severity: "critical",
        remediation:
            "Name the actions in the statement that allows `codepipeline:PutApprovalResult`: `arn:<partition>:codepipeline:<region>:<account>:<pipeline>/<stage>/<action>`, without wildcards and without the approvals of people.",
        references: ["OWASP CICD-SEC-2", "checkov CKV_AWS_355", "cdk-nag IAM5"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) => {
        const open = gateModel(graph).gates.flatMap(({ kind, deciders }) =>
            kind === "automatic" && deciders.certain.length === 0 ? deciders.possible.slice(0, 1) : [],
        );
        const [doubt] = open;
        if (doubt)
            return about(
                doubt.function,
                inconclusive(doubt, `what ${doubt.function.name} may answer is not known yet: ${doubt.why}`),
            );
        return onEach(gateDeciders(graph), (decider) => {
            const { principal } = decider.permissions ?? { principal: decider.function };
            return about(principal, judged(decider, graph));
        });
    },
    examples: [
        {
            title: "every approval of the account",
            shows: "bad",
            resources: gateStack(answering("*")),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "every action of the pipeline",
            shows: "bad",
            resources: gateStack(answering(...approvals("demo/*"))),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "every region",
            shows: "bad",
            resources: gateStack(answering("arn:aws:codepipeline:*:123456789012:demo/Approve/Approve")),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "a wildcard after the action's own ARN",
            shows: "bad",
            resources: gateStack(answering(...approvals("demo/Approve/Approve", "*"))),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "a wildcard in a second statement",
            shows: "bad",
            resources: gateStack(
                deciderRoleExample(answerStatement, allow("codepipeline:*", approvals("shop-*")[0] ?? "")),
            ),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "everything but one approval",
            shows: "bad",
            resources: gateStack(
                deciderRoleExample({
                    Effect: "Allow",
                    Action: answerVerb,
                    NotResource: approvals("other/Approve/Approve"),
                }),
            ),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "a managed policy for approvers",
            shows: "bad",
            resources: gateStack({
                type: roleType,
                name: "decider-role",
                props: {
                    name: "decider-role",
                    managedPolicyArns: ["arn:aws:iam::aws:policy/AWSCodePipelineApproverAccess"],
                },
            }),
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        {
            title: "also the approval that people are to give",
            shows: "bad",
            resources: gateStack(...withHuman, answering(...approvals("demo/Approve/Approve", "demo/Approve/Human"))), // prettier-ignore
            expect: [{ resource: "decider-role", kind: "violation" }],
        },
        { title: "the action by name", shows: "good", resources: gateStack(), expect: [] },
        {
            title: "the action by name beside an approval of people",
            shows: "good",
            resources: gateStack(...withHuman),
            expect: [],
        },
        {
            title: "the approvals of two pipelines",
            shows: "good",
            resources: gateStack(answering(...approvals("demo/Approve/Approve", "other/Approve/Approve"))),
            expect: [],
        },
        {
            title: "wildcards for other verbs",
            shows: "good",
            resources: gateStack(
                deciderRoleExample(answerStatement, allow("codepipeline:GetPipelineState", "*")),
            ),
            expect: [],
        },
        {
            title: "no decider is another rule's finding",
            shows: "absent",
            resources: gateStackWithout("decider", "decider-role"),
            expect: [],
        },
        {
            title: "a second policy that is not known yet",
            shows: "unknown",
            resources: gateStack({
                type: "aws:iam/rolePolicy:RolePolicy",
                name: "more",
                props: { role: "decider-role", policy: unknown },
            }),
            expect: [{ resource: "decider-role", kind: "inconclusive" }],
        },
        {
            title: "a policy that is not known yet",
            shows: "unknown",
            resources: gateStack({
                type: roleType,
                name: "decider-role",
                props: { name: "decider-role", inlinePolicies: [{ policy: unknown }] },
            }),
            expect: [{ resource: "decider", kind: "inconclusive" }],
        },
    ],
};

/** Every statement by which the role may answer something must name actions, and none of people. */
function judged(decider: Decider, graph: StackGraph): Outcome {
    const { permissions } = decider;
    if (!permissions) return pass;
    const { principal } = permissions;
    const forPeople = gateModel(graph).gates.filter(({ kind }) => kind === "human");
    for (const grant of permissions.grants) {
        const { statement } = grant;
        const action = statement.effect === "Allow" ? actionPattern(statement, answerVerb) : null;
        if (action === null) continue;
        const values = statement.resources?.values ?? ["*"];
        for (const resource of values) {
            const not = statement.resources?.not === true;
            if (!not && mayDo(permissions, answerVerb, resource).kind === "no") continue;
            const path = permissionPath(principal.name, answerVerb, {
                grant,
                action,
                resource: not ? `everything but ${values.join(", ")}` : resource,
                conditions: statement.conditions,
            });
            if (not || /[*?]|\$\{/.test(resource))
                return violation(
                    `${principal.name} may answer more than the approvals that it is for: ${path}.`,
                    `Name the action in Resource: ${gateArnText(decider, graph)}.`,
                    { findingId: `${principal.name}|${resource}` },
                );
            const human = forPeople.find(({ arn }) => intersects(arn, resource));
            if (human)
                return violation(
                    `${principal.name} may answer ${actionLabel(human.action)}, which people are asked: ${path}.`,
                    "Take that action out of the statement.",
                    { findingId: `${principal.name}|${resource}` },
                );
        }
    }
    const [doubt] = permissions.doubts;
    if (!doubt) return pass;
    return inconclusive(
        doubt,
        `whether ${principal.name} may answer more than its approvals is not known: ${doubt.source.name}: ${doubt.why}`,
    );
}

/** The approvals that the function is for, as people write them in a policy. */
function gateArnText(decider: Decider, graph: StackGraph): string {
    const own = ({ kind, deciders }: ApprovalGate): boolean =>
        kind === "automatic" && deciders.certain.some((each) => each.function === decider.function);
    return gateModel(graph).gates.filter(own).map(approvalArnText).join(", ");
}
