/** GATE-03: exactly one function answers the approval. */
import { about, inconclusive } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    answerStatement,
    changed,
    deciderExample,
    deciderRoleExample,
    functionExample,
    gatePipelineExample,
    gateStack,
    gateStackWithout,
    subscriptionExample,
    topicExample,
} from "../../gate/exampleGate";
import { identityOutcomes, otherDecider } from "../../gate/deciderIdentity";
import { gateModel, type ApprovalGate } from "../../gate/gateModel";
import { functionType, subscriptionType } from "../../gate/resourceTypes";
import { soleDecider } from "../../gate/soleDecider";
import { allow, completeStages, pipelineExample, roleExample } from "../../pipeline/exampleResources";
import { actionLabel, pipelineType } from "../../pipeline/pipelineModel";
import { roleType } from "../../pipeline/project";
import { onEach } from "./onGates";

const otherFunction = functionExample("other");
const otherRole = (...statements: Record<string, unknown>[]) => roleExample("other-role", statements);

export const deciderExists: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-03",
        family: "gate",
        title: "Exactly one function answers the approval",
        rationale:
            "Where no function may answer, every release waits until its approval times out; where several may, an image can be approved past the one that judges it.",
        severity: "critical",
        remediation:
            "Allow `codepipeline:PutApprovalResult` on the approval's action to the role of one function, and give no other function that role.",
        references: ["OWASP CICD-SEC-5"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) => {
        const { gates, unreadable } = gateModel(graph);
        const judged = gates.filter(({ kind }) => kind === "automatic" || kind === "undetermined");
        const identity = identityOutcomes(graph);
        return [
            ...unreadable.flatMap(({ pipeline, property }) =>
                about(pipeline, inconclusive({ property }, "whether it has an approval is not known yet")),
            ),
            ...identity,
            ...(unreadable.length + identity.length > 0 && judged.length === 0
                ? []
                : onEach(judged, (gate) =>
                      about(
                          gate.pipeline,
                          gate.kind === "automatic"
                              ? decided(gate, graph)
                              : inconclusive(
                                    gate.topic,
                                    `whether a function answers ${actionLabel(gate.action)} is not known yet`,
                                ),
                      ),
                  )),
        ];
    },
    examples: [
        {
            title: "the function that judges may not answer",
            shows: "bad",
            resources: gateStack(deciderRoleExample()),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "it may answer another pipeline only",
            shows: "bad",
            resources: gateStack(
                deciderRoleExample(
                    allow(
                        "codepipeline:PutApprovalResult",
                        "arn:aws:codepipeline:eu-central-1:123456789012:other/Approve/Approve",
                    ),
                ),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "it is denied what it is allowed",
            shows: "bad",
            resources: gateStack(
                deciderRoleExample(answerStatement, {
                    Effect: "Deny",
                    Action: "codepipeline:Put*",
                    Resource: "*",
                }),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a second function may answer",
            shows: "bad",
            resources: gateStack(otherFunction, otherRole(answerStatement)),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a second function may do everything but change users",
            shows: "bad",
            resources: gateStack(
                otherFunction,
                otherRole({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a second function holds an approver's managed policy",
            shows: "bad",
            resources: gateStack(otherFunction, {
                type: roleType,
                name: "other-role",
                props: {
                    name: "other-role",
                    managedPolicyArns: ["arn:aws:iam::aws:policy/AWSCodePipelineApproverAccess"],
                },
            }),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "two functions run as the decider's role",
            shows: "bad",
            resources: gateStack(
                functionExample("other", { role: "arn:aws:iam::123456789012:role/decider-role" }),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        { title: "the complete gate", shows: "good", resources: gateStack(), expect: [] },
        {
            title: "recorder and decider are one function",
            shows: "good",
            resources: [
                ...gateStackWithout("recorder", "recorder-role", "recorder-subscription"),
                changed(subscriptionExample, {
                    endpoint: "arn:aws:lambda:eu-central-1:123456789012:function:decider",
                }),
            ],
            expect: [],
        },
        {
            title: "a person may answer the second approval",
            shows: "good",
            resources: gateStack(
                roleExample("release-managers", [
                    allow(
                        "codepipeline:PutApprovalResult",
                        "arn:aws:codepipeline:eu-central-1:123456789012:demo/Approve/Human",
                    ),
                ]),
            ),
            expect: [],
        },
        {
            title: "people are asked, and no function may answer",
            shows: "good",
            resources: [
                gatePipelineExample(),
                topicExample,
                {
                    type: subscriptionType,
                    name: "people",
                    props: {
                        topic: subscriptionExample.props["topic"],
                        protocol: "email",
                        endpoint: "release@example.com",
                    },
                },
                otherFunction,
                { type: roleType, name: "other-role", props: { inlinePolicies: [{ policy: unknown }] } },
            ],
            expect: [],
        },
        {
            title: "no approval is another rule's finding",
            shows: "absent",
            resources: [pipelineExample(completeStages.toSpliced(3, 1))],
            expect: [],
        },
        {
            title: "the function that judges is missing",
            shows: "absent",
            resources: gateStackWithout("decider", "decider-role"),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "what the function may do is not known yet",
            shows: "unknown",
            resources: gateStack({
                type: roleType,
                name: "decider-role",
                props: { name: "decider-role", inlinePolicies: [{ policy: unknown }] },
            }),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "a second function's role is not known yet",
            shows: "unknown",
            resources: gateStack({
                type: functionType,
                name: "other",
                props: { name: "other", role: unknown },
            }),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "a role that is not known yet does not hide two others that may answer",
            shows: "unknown",
            resources: gateStack(
                { type: functionType, name: "first", props: { name: "first", role: unknown } },
                otherFunction,
                otherRole(answerStatement),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "it may answer under a condition only",
            shows: "unknown",
            resources: gateStack(
                deciderRoleExample({
                    ...answerStatement,
                    Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
                }),
            ),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "the topic is not known yet and nothing says which it is",
            shows: "unknown",
            resources: [
                gatePipelineExample([
                    {
                        name: "Approve",
                        actions: [
                            {
                                name: "Approve",
                                category: "Approval",
                                provider: "Manual",
                                configuration: { NotificationArn: unknown },
                            },
                        ],
                    },
                ]),
                topicExample,
                subscriptionExample,
                deciderExample,
            ],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: [pipelineExample(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

/** What decides may be something else than a function, as the tag of its role says. */
function decided(gate: ApprovalGate, graph: StackGraph): Outcome {
    const other = gate.deciders.certain.length === 0 ? otherDecider(gate, graph) : null;
    return other === null
        ? soleDecider(gate)
        : inconclusive(
              { property: gate.topic.property },
              `whether what runs as ${other.name} decides ${actionLabel(gate.action)} is not known: it is no function of the stack`,
          );
}
