/** GATE-07: a finished scan starts the decider. */
import { about, inconclusive } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    answerStatement,
    changed,
    deciderExample,
    exampleArns,
    exampleOf,
    functionExample,
    gateStack,
    gateStackWithout,
    permissionExample,
    scanRuleExample,
    scanTargetExample,
} from "../../gate/exampleGate";
import { automaticGates } from "../../gate/gateModel";
import { guardsAreStarted } from "../../gate/guardStart";
import { eventRuleType, eventTargetType, functionAliasType, scheduleType } from "../../gate/resourceTypes";
import { scanDeciders } from "../../gate/scanRule";
import { rulesStartDecider } from "../../gate/scanRuleDelivery";
import { streamsStartDecider } from "../../gate/streamStart";
import { allow, completeStages, pipelineStack, roleExample } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { onEach } from "./onGates";

const rule = (props: Record<string, unknown>): ExampleResource => changed(scanRuleExample, props);
const target = (props: Record<string, unknown>): ExampleResource => changed(scanTargetExample, props);
const permission = (source: unknown, principal = "events"): ExampleResource =>
    permissionExample("rule-starts-decider", "decider", principal, source);
const bad = (title: string, resource: string, ...replacements: ExampleResource[]): RuleExample =>
    badExample(title, gateStack(...replacements), resource);
const good = (title: string, ...replacements: ExampleResource[]): RuleExample =>
    goodExample(title, gateStack(...replacements));
const open = (title: string, resource: string, ...replacements: ExampleResource[]): RuleExample =>
    openExample(title, gateStack(...replacements), resource);

const lambdaArn = (name: string): string => `arn:aws:lambda:eu-central-1:123456789012:function:${name}`;
/** A guard with a rule that starts it. */
const guarded = (name: string, state?: string): ExampleResource[] => [
    functionExample(name),
    exampleOf(eventRuleType, `${name}-events`, { eventPattern: "{}", state }),
    exampleOf(eventTargetType, `${name}-target`, { rule: `${name}-events`, arn: lambdaArn(name) }),
];
const sweep = (state?: string): ExampleResource =>
    exampleOf(scheduleType, "sweep", { state, target: { arn: lambdaArn("auditor") } });

export const scansStartDecider: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-07",
        family: "gate",
        title: "A finished scan starts the decider, and no scan event is lost",
        rationale:
            "A rule that is switched off, or that may not start the function, leaves every approval waiting; without retries and a queue one busy moment loses the scan of an image for good.",
        severity: "high",
        remediation:
            "Keep the rule `ENABLED`; give its target a `retryPolicy` and a `deadLetterConfig` to a queue that lets events.amazonaws.com send; add an `aws:lambda/permission:Permission` for events.amazonaws.com whose `sourceArn` is the rule. Keep the rules on that start the functions which import, merge, comment and look at what runs, and for the last a schedule as well.",
        references: ["cdk-nag EventBusDLQ", "checkov CKV_AWS_364"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) => {
        const gates = automaticGates(graph);
        const deciders = scanDeciders(gates, graph);
        const possible = gates.flatMap((gate) => gate.deciders.possible);
        const [doubt] = possible;
        if (deciders.length === 0 && doubt)
            return about(
                doubt.function,
                inconclusive(doubt, `whether it answers an approval is not known yet: ${doubt.why}`),
            );
        const guarded = guardsAreStarted(graph);
        const decided = onEach(deciders, (decider) => [
            ...rulesStartDecider(decider, graph),
            ...streamsStartDecider(decider, graph),
        ]);
        return deciders.length === 0 && guarded.length > 0 ? guarded : [...decided, ...guarded];
    },
    examples: [
        bad("the rule is switched off", "demo-scans", rule({ state: "DISABLED" })),
        bad("the rule is switched off in the old way", "demo-scans", rule({ isEnabled: false })),
        bad("a state that does not exist", "demo-scans", rule({ state: "ON" })),
        bad("no queue for lost events", "decider-target", target({ deadLetterConfig: undefined })),
        bad(
            "a queue that does not exist",
            "decider-target",
            target({ deadLetterConfig: { arn: "arn:aws:sqs:eu-central-1:123456789012:nothing" } }),
        ),
        {
            title: "a queue that does not let EventBridge in",
            shows: "bad",
            resources: gateStackWithout("decider-failed-policy"),
            expect: [{ resource: "decider-target", kind: "violation" }],
        },
        bad("no retry policy", "decider-target", target({ retryPolicy: undefined })),
        bad("no retries", "decider-target", target({ retryPolicy: { maximumRetryAttempts: 0 } })),
        bad("a constant in place of the event", "decider-target", target({ input: '{"detail":{}}' })),
        bad("a permission without the rule lets in every account", "decider-target", permission(undefined)),
        bad(
            "a permission for every rule of the account",
            "decider-target",
            permission("arn:aws:events:eu-central-1:123456789012:rule/*"),
        ),
        bad(
            "a permission for another rule",
            "decider-target",
            permission("arn:aws:events:eu-central-1:123456789012:rule/nightly"),
        ),
        bad("a permission for another service", "decider-target", permission(exampleArns.rule, "scheduler")),
        bad("a permission for an alias that the rule does not start", "decider-target", {
            ...permission(exampleArns.rule),
            props: { ...permission(exampleArns.rule).props, qualifier: "live" },
        }),
        bad(
            "the rule starts an alias, and the permission is for the function itself",
            "decider-target",
            target({ arn: `${exampleArns.decider}:live` }),
        ),
        good(
            "a second function that may answer is another rule's finding",
            functionExample("other"),
            roleExample("other-role", [answerStatement]),
        ),
        bad("nothing starts the function that imports", "importer", functionExample("importer")),
        bad(
            "what starts the function that imports is off",
            "importer-events",
            ...guarded("importer", "DISABLED"),
        ),
        bad(
            "nobody looks at what starts to run",
            "auditor-events",
            ...guarded("auditor", "DISABLED"),
            sweep(),
        ),
        bad("nobody looks again", "sweep", ...guarded("auditor"), sweep("DISABLED")),
        bad("what runs is looked at only as it starts", "auditor", ...guarded("auditor")),
        bad("what runs is looked at only by the clock", "auditor", functionExample("auditor"), sweep()),
        open("whether the function that imports is started is not known yet", "importer-events", functionExample("importer"), exampleOf(eventRuleType, "importer-events", { eventPattern: "{}", state: unknown }), exampleOf(eventTargetType, "importer-target", { rule: "importer-events", arn: lambdaArn("importer") })), // prettier-ignore
        good(
            "what runs is looked at as it starts and by the clock",
            ...guarded("auditor", "ENABLED"),
            sweep("ENABLED"),
        ),
        good("enabled, with retries, queue and permission"),
        good(
            "what is not set, as the provider answers",
            rule({ state: "ENABLED", isEnabled: true, eventBusName: "default", scheduleExpression: "" }),
            { ...permission(exampleArns.rule), props: { ...permission(exampleArns.rule).props, qualifier: "" } }, // prettier-ignore
        ),
        good("enabled in so many words", rule({ state: "ENABLED" })),
        good(
            "enabled, with CloudTrail's read events too",
            rule({ state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }),
        ),
        good("enabled in the old way", rule({ isEnabled: true })),
        good(
            "an alias, and its permission",
            target({ arn: `${exampleArns.decider}:live` }),
            { type: functionAliasType, name: "live", props: { name: "live", functionName: "decider" } },
            { ...permission(exampleArns.rule), props: { ...permission(exampleArns.rule).props, qualifier: "live" } }, // prettier-ignore
        ),
        good(
            "by the role of the target instead of a permission",
            target({ roleArn: "arn:aws:iam::123456789012:role/events-role" }),
            roleExample("events-role", [allow("lambda:InvokeFunction", exampleArns.decider)]),
            permission("arn:aws:events:eu-central-1:123456789012:rule/nightly"),
        ),
        good(
            "a schedule that starts it besides is not a scan",
            exampleOf(eventRuleType, "hourly", { scheduleExpression: "rate(1 hour)", state: "DISABLED" }),
            {
                type: eventTargetType,
                name: "hourly-target",
                props: { rule: "hourly", arn: exampleArns.decider },
            },
        ),
        {
            title: "people alone answer",
            shows: "good",
            resources: [...pipelineStack(completeStages), rule({ state: "DISABLED" }), scanTargetExample],
            expect: [],
        },
        {
            title: "only the table's stream starts the decider",
            shows: "absent",
            resources: gateStackWithout("demo-scans", "decider-target", "rule-starts-decider"),
            expect: [{ resource: "decider", kind: "violation" }],
        },
        {
            title: "no permission",
            shows: "absent",
            resources: gateStackWithout("rule-starts-decider"),
            expect: [{ resource: "decider-target", kind: "violation" }],
        },
        {
            title: "no decider is another rule's finding",
            shows: "absent",
            resources: gateStackWithout("decider", "decider-role"),
            expect: [],
        },
        open("the state is not known yet", "demo-scans", rule({ state: unknown })),
        open("what the target starts is not known yet", "decider", target({ arn: unknown })),
        good("what only the dependencies tell", {
            ...target({ arn: unknown, rule: unknown, deadLetterConfig: { arn: unknown } }),
            propertyDependencies: {
                arn: ["decider"],
                rule: ["demo-scans"],
                deadLetterConfig: ["decider-failed"],
            },
        }),
        open("the rule's ARN in the permission is not known yet", "decider-target", permission(unknown)),
        open("the queue for lost events is not known yet", "decider-target", target({ deadLetterConfig: unknown })), // prettier-ignore
        open("retries are not known yet", "decider-target", target({ retryPolicy: unknown })),
        {
            title: "a state that is not known yet does not hide the missing queue",
            shows: "unknown",
            resources: gateStack(rule({ state: unknown }), target({ deadLetterConfig: undefined })),
            expect: [
                { resource: "demo-scans", kind: "inconclusive" },
                { resource: "decider-target", kind: "violation" },
            ],
        },
        open("what the function may answer is not known yet", "decider", {
            ...deciderExample,
            props: { ...deciderExample.props, role: unknown },
        }),
    ],
};
