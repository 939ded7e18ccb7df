/** GATE-02: nobody but the pipelines announces an approval. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, RuleExample, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    changed,
    exampleArns,
    gatePipelineExample,
    gateStack,
    gateStackWithout,
    topicExample,
    topicPolicyExample,
    topicPolicyText,
} from "../../gate/exampleGate";
import { automaticGates } from "../../gate/gateModel";
import {
    isPipelineRole,
    publishersOf,
    publishVerb,
    topicPolicyAnswer,
    type Publishers,
} from "../../gate/topicPublishers";
import { effectivePermissions, mayDo } from "../../iam/effectivePermissions";
import { allow, completeStages, pipelineStack, roleExample } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { arnOf } from "../../pipeline/resourceArn";
import { roleType } from "../../pipeline/project";
import { permissionPath } from "../bypass/permissionPath";
import { recorderOutcomes } from "./recorderReach";

type Statement = Record<string, unknown>;

const publish = (principal: unknown, condition?: Statement): Statement => ({
    Effect: "Allow",
    Principal: principal,
    Action: publishVerb,
    Resource: exampleArns.topic,
    ...(condition ? { Condition: condition } : {}),
});
const policy = (...statements: Statement[]): ExampleResource =>
    changed(topicPolicyExample, { policy: JSON.stringify({ Statement: statements }) });
const onlyRole = policy(publish({ AWS: exampleArns.pipelineRole }));
const root = { AWS: "arn:aws:iam::123456789012:root" };
const fromPipeline = (arn: string, more: Statement = {}): Statement =>
    publish({ Service: "codepipeline.amazonaws.com" }, { ArnEquals: { "aws:SourceArn": arn }, ...more });
const publisher = roleExample("build-role", [allow(publishVerb, exampleArns.topic)]);
const bad = (title: string, resource: string, ...replacements: ExampleResource[]): RuleExample =>
    badExample(title, gateStack(...replacements), resource);
const good = (title: string, _resource: string, ...replacements: ExampleResource[]): RuleExample =>
    goodExample(title, gateStack(...replacements));
const open = (title: string, resource: string, ...replacements: ExampleResource[]): RuleExample =>
    openExample(title, gateStack(...replacements), resource);
const topic = topicExample.name;

export const onlyPipelinesAnnounce: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-02",
        family: "gate",
        title: "Only the pipelines announce approvals",
        rationale:
            "Whoever may publish to the topic can hand the gate an approval request of their own, with the digest of an image that was never asked about.",
        severity: "high",
        remediation:
            "Write a topic policy that allows `sns:Publish` to the pipelines' roles, or to codepipeline.amazonaws.com with `aws:SourceArn`, and denies it to everybody else; without one, every principal of the account with `sns:Publish` may. Send other messages to a topic of their own.",
        references: ["OWASP CICD-SEC-5", "FSBP SNS.4"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) => {
        const gates = automaticGates(graph);
        if (gates.length === 0)
            return about(null, notApplicable("no approval of the stack is answered by a function"));
        const users = new Map<ResourceReader, ResourceReader[]>();
        for (const gate of gates)
            for (const each of gate.topics) users.set(each, [...(users.get(each) ?? []), gate.pipeline]);
        const certain = new Set(
            gates.flatMap(({ topic: { kind }, topics }) => (kind === "exact" ? topics : [])),
        );
        const judged = [...users].map(([each, pipelines]) => ({
            each,
            outcomes: judgeTopic(each, publishersOf(pipelines, graph), graph),
        }));
        const outcomes = judged.flatMap(({ each, outcomes: found }) => {
            if (certain.has(each)) return found;
            // One of several topics that the pipeline may mean: what is wrong with some of them is only possible.
            const wrong = ({ outcomes: of }: { outcomes: StackOutcome[] }): boolean =>
                of.some(({ outcome }) => outcome.kind !== "pass");
            if (judged.every(wrong) || !judged.some(wrong)) return found;
            return about(each, inconclusive({ property: "stages" }, "which topic the approval is announced on is not known yet")); // prettier-ignore
        });
        outcomes.push(...recorderOutcomes(graph));
        return outcomes.length > 0
            ? outcomes
            : about(null, notApplicable("no approval is announced on a topic of the stack (PIPE-05)"));
    },
    examples: [
        bad("the whole account may publish", topic, policy(publish(root))),
        bad("everybody may publish", topic, policy(publish("*"))),
        bad(
            "whoever the account's own default policy names",
            topic,
            policy(publish({ AWS: "*" }, { StringEquals: { "AWS:SourceOwner": "123456789012" } })),
        ),
        bad("another role as well", topic, policy(publish({ AWS: [exampleArns.pipelineRole, "arn:aws:iam::123456789012:role/ops"] }))), // prettier-ignore
        bad("everybody but one role", topic, policy({ ...publish("*"), Principal: undefined, NotPrincipal: { AWS: "arn:aws:iam::123456789012:role/guest" } })), // prettier-ignore
        bad("every role whose name begins so", topic, policy(publish(root, { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/pipeline-*" } }))), // prettier-ignore
        bad("alarms on the same topic", topic, policy(publish({ AWS: exampleArns.pipelineRole }), publish({ Service: "cloudwatch.amazonaws.com" }))), // prettier-ignore
        bad("CodePipeline for anybody", topic, policy(publish({ Service: "codepipeline.amazonaws.com" }))),
        bad("CodePipeline for another pipeline", topic, policy(fromPipeline(`${exampleArns.pipeline}2`))),
        bad("CodePipeline for the pipeline of any account", topic, policy(fromPipeline("arn:aws:codepipeline:*:*:demo"))), // prettier-ignore
        bad("a wider verb", topic, policy({ ...publish(root), Action: "SNS:*" })),
        bad("the Deny leaves another role out", topic, policy(publish(root), { Effect: "Deny", Principal: "*", Action: publishVerb, Resource: exampleArns.topic, Condition: { ArnNotEquals: { "aws:PrincipalArn": [exampleArns.pipelineRole, "arn:aws:iam::123456789012:role/ops"] } } })), // prettier-ignore
        bad("the Deny only asks for TLS", topic, policy(publish(root), { Effect: "Deny", Principal: "*", Action: publishVerb, Resource: exampleArns.topic, Condition: { Bool: { "aws:SecureTransport": "false" } } })), // prettier-ignore
        bad("the Deny shuts the pipeline out", topic, changed(topicPolicyExample, { policy: topicPolicyText("arn:aws:iam::123456789012:role/other") })), // prettier-ignore
        bad("no policy that the service would take", topic, changed(topicPolicyExample, { policy: "{}" })),
        bad("a role of the stack may publish, and no Deny stops it", "build-role", onlyRole, publisher),
        bad(
            "the decider may publish, and no Deny stops it",
            "ops",
            onlyRole,
            roleExample("ops", [allow("sns:*", "*")]),
        ),
        good("the pipeline's role, and a Deny for everybody else", topic),
        good("the Deny stops a role of the stack that may publish", topic, publisher),
        good("the pipeline's role alone", topic, onlyRole),
        good("CodePipeline for this pipeline", topic, policy(fromPipeline(exampleArns.pipeline))),
        good(
            "CodePipeline for this pipeline of this account",
            topic,
            policy(
                fromPipeline("arn:aws:codepipeline:*:*:demo", {
                    StringEquals: { "aws:SourceAccount": "123456789012" },
                }),
            ),
        ),
        good(
            "a Deny for all principals but the role",
            topic,
            policy(publish(root), {
                Effect: "Deny",
                NotPrincipal: { AWS: exampleArns.pipelineRole },
                Action: publishVerb,
                Resource: exampleArns.topic,
            }),
        ),
        good("others may subscribe", topic, policy(publish({ AWS: exampleArns.pipelineRole }), { ...publish(root), Action: "sns:Subscribe" })), // prettier-ignore
        good("a role that may publish to another topic", topic, onlyRole, roleExample("build-role", [allow(publishVerb, exampleArns.alarms)])), // prettier-ignore
        {
            title: "the policy as a property of the topic",
            shows: "good",
            resources: [
                ...gateStackWithout("topic-policy", topic),
                changed(topicExample, { policy: topicPolicyText(exampleArns.pipelineRole) }),
            ],
            expect: [],
        },
        {
            title: "the topic answers with the default policy that its own policy replaced",
            shows: "good",
            resources: gateStack(
                changed(topicExample, {
                    policy: JSON.stringify({
                        Statement: [
                            publish({ AWS: "*" }, { StringEquals: { "AWS:SourceOwner": "123456789012" } }),
                        ],
                    }),
                }),
            ),
            expect: [],
        },
        {
            title: "people alone answer",
            shows: "good",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        {
            title: "no topic policy",
            shows: "absent",
            resources: gateStackWithout("topic-policy"),
            expect: [{ resource: topic, kind: "violation" }],
        },
        open("the policy is not known yet", topic, changed(topicPolicyExample, { policy: unknown })),
        open("which topic the policy is for is not known yet", topic, changed(topicPolicyExample, { arn: unknown })), // prettier-ignore
        good("which topic the policy is for, by its dependencies", topic, {
            ...changed(topicPolicyExample, { arn: unknown }),
            propertyDependencies: { arn: [topic] },
        }),
        open("the pipeline's role is not known yet", topic, { ...gatePipelineExample(), props: { ...gatePipelineExample().props, roleArn: unknown } }), // prettier-ignore
        open("what a role of the stack may do is not known yet", "build-role", onlyRole, {
            type: roleType,
            name: "build-role",
            props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
        }),
    ],
};

function judgeTopic(each: ResourceReader, publishers: Publishers, graph: StackGraph): StackOutcome[] {
    const answer = topicPolicyAnswer(each, publishers, graph);
    if (answer.kind === "judged") return about(each, answer.outcome);
    if (answer.kind === "closed") return about(each, pass);
    const others = effectivePermissions(graph).flatMap((entry): StackOutcome[] => {
        const { principal } = entry;
        if (isPipelineRole(principal, publishers)) return [];
        const found = mayDo(entry, publishVerb, arnOf(each));
        if (found.kind === "no") return [];
        if (found.kind === "unknown") {
            const [doubt] = found.doubts;
            return about(
                principal,
                inconclusive(
                    { property: doubt?.property ?? "policy" },
                    `whether it may publish to ${each.name} is not known: ${doubt?.why ?? ""}`,
                ),
            );
        }
        const [permission] = found.permissions;
        const path = permission ? permissionPath(principal.name, publishVerb, permission) : principal.name;
        return about(
            principal,
            violation(
                `${principal.name} can announce an approval that no pipeline asks for: ${path}.`,
                `Take sns:Publish on ${each.name} away, or deny it in the topic's policy to everybody but the pipelines.`,
                { findingId: `${principal.name}|${each.name}` },
            ),
        );
    });
    return others.length > 0 ? others : about(each, pass);
}
