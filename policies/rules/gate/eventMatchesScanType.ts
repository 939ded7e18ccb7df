/** GATE-08: the rule waits for the event that the registry sends. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    basicScanPattern,
    changed,
    exampleArns,
    exampleOf,
    gateStack,
    gateStackWithout,
    registryExample,
    scanPattern,
    scanRuleExample,
    scanTargetExample,
} from "../../gate/exampleGate";
import { automaticGates } from "../../gate/gateModel";
import { ruleFitsRegistry } from "../../gate/registryScanType";
import { eventRuleType } from "../../gate/resourceTypes";
import { filterType, suppressionOutcomes } from "../../gate/suppressedFindings";
import { scanDeciders } from "../../gate/scanRule";
import { completeStages, pipelineStack } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { onEach } from "./onGates";

const waitingFor = (pattern: unknown, more: Record<string, unknown> = {}): ExampleResource =>
    changed(scanRuleExample, {
        eventPattern: typeof pattern === "string" ? pattern : JSON.stringify(pattern),
        ...more,
    });
const basic = changed(registryExample, { scanType: "BASIC" });
const bad = (title: string, ...replacements: ExampleResource[]): RuleExample =>
    badExample(title, gateStack(...replacements), "demo-scans");
const good = (title: string, ...replacements: ExampleResource[]): RuleExample =>
    goodExample(title, gateStack(...replacements));
const filter = (action: unknown, ...kinds: string[]): ExampleResource => ({
    type: filterType,
    name: "filter",
    props: {
        name: "filter",
        action,
        filterCriterias: [
            kinds.length > 0
                ? { resourceTypes: kinds.map((value) => ({ comparison: "EQUALS", value })) }
                : { vulnerabilityIds: [{ comparison: "PREFIX", value: "CVE-" }] },
        ],
    },
});
const secondRule = exampleOf(eventRuleType, "second", { eventPattern: JSON.stringify(scanPattern) });
const secondTarget = { ...changed(scanTargetExample, { rule: "second" }), name: "second-target" };

export const eventMatchesScanType: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-08",
        family: "gate",
        title: "The decider waits for the events that the registry's scan type sends",
        rationale:
            "Enhanced scanning reports as aws.inspector2, basic scanning as aws.ecr: a rule for the other one is valid, enabled and never fires, and every approval waits until it times out. What a filter of Amazon Inspector suppresses is not in the event's numbers.",
        severity: "critical",
        remediation:
            'Under `ENHANCED` match source `aws.inspector2` and detail-type `Inspector2 Scan`, under `BASIC` source `aws.ecr` and detail-type `ECR Image Scan`, on the default event bus. Suppress no findings of images (`aws.inspector2.Filter`). Where the registry is set up elsewhere, say so in the settings: `registryScanning: "external"` and `registryScanningExternal.scanType`.',
        references: ["OWASP CICD-SEC-1", "AWS Prescriptive Guidance Inspector gate"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const deciders = scanDeciders(automaticGates(graph), graph);
        const suppressed = deciders.length > 0 ? suppressionOutcomes(graph) : [];
        const outcomes = onEach(deciders, (decider) => ruleFitsRegistry(decider, graph, configuration));
        return [...outcomes, ...suppressed];
    },
    examples: [
        bad("enhanced scanning, and a rule for basic scanning", waitingFor(basicScanPattern)),
        bad("basic scanning, and a rule for enhanced scanning", basic),
        bad(
            "findings instead of scans",
            waitingFor({ ...scanPattern, "detail-type": ["Inspector2 Finding"] }),
        ),
        bad("a source in the wrong case", waitingFor({ ...scanPattern, source: ["AWS.Inspector2"] })),
        bad(
            "everything but the right source",
            waitingFor({ ...scanPattern, source: [{ "anything-but": ["aws.inspector2"] }] }),
        ),
        bad("a pattern that does not parse", waitingFor("{source: aws.inspector2}")),
        bad("a pattern whose values are no lists", waitingFor({ source: "aws.inspector2" })),
        bad(
            "a bus of its own, where no events of AWS services come",
            waitingFor(scanPattern, { eventBusName: "gate" }),
        ),
        badExample("a filter suppresses findings", gateStack(filter("SUPPRESS")), "filter"),
        badExample("… of images too", gateStack(filter("SUPPRESS", "AWS_EC2_INSTANCE", "AWS_ECR_CONTAINER_IMAGE")), "filter"), // prettier-ignore
        good("a filter only sorts findings", filter("NONE")),
        good("a filter for instances only", filter("SUPPRESS", "AWS_EC2_INSTANCE")),
        openExample("what a filter does is not known yet", gateStack(filter(unknown)), "filter"),
        good("enhanced scanning, and its events"),
        good("basic scanning, and its events", basic, waitingFor(basicScanPattern)),
        good("both, whatever the registry does", waitingFor({ source: ["aws.ecr", "aws.inspector2"] })),
        good("the default bus by its name", waitingFor(scanPattern, { eventBusName: "default" })),
        good(
            "a source by its beginning",
            waitingFor({ ...scanPattern, source: [{ prefix: "aws.inspector" }] }),
        ),
        good("one of several forms", waitingFor({ $or: [basicScanPattern, scanPattern] })),
        good("a second rule has it right", waitingFor(basicScanPattern), secondRule, secondTarget),
        {
            title: "the registry is set up elsewhere, as the settings say",
            shows: "good",
            resources: gateStackWithout("registry"),
            configuration: { registryScanning: "external" },
            expect: [],
        },
        {
            title: "the registry is set up elsewhere, for basic scanning",
            shows: "bad",
            resources: gateStackWithout("registry"),
            configuration: {
                registryScanning: "external",
                registryScanningExternal: { scanType: "BASIC", filters: ["*"] },
            },
            expect: [{ resource: "demo-scans", kind: "violation" }],
        },
        {
            title: "Inspector is switched on for Amazon ECR",
            shows: "good",
            resources: [
                ...gateStackWithout("registry"),
                {
                    type: "aws:inspector2/enabler:Enabler",
                    name: "inspector",
                    props: { accountIds: ["123456789012"], resourceTypes: ["ECR"] },
                },
            ],
            expect: [],
        },
        {
            title: "people alone answer",
            shows: "good",
            resources: [...pipelineStack(completeStages), basic, scanRuleExample, scanTargetExample],
            expect: [],
        },
        {
            title: "no rule is another rule's finding",
            shows: "absent",
            resources: gateStackWithout("demo-scans", "decider-target"),
            expect: [],
        },
        {
            title: "nothing says what the registry scans with",
            shows: "absent",
            resources: gateStackWithout("registry"),
            expect: [{ resource: "demo-scans", kind: "inconclusive" }],
        },
        {
            title: "nothing says what the registry scans with, and both are waited for",
            shows: "good",
            resources: [
                ...gateStackWithout("registry", "demo-scans"),
                waitingFor({ source: ["aws.ecr", "aws.inspector2"] }),
            ],
            expect: [],
        },
        {
            title: "the scan type is not known yet",
            shows: "unknown",
            resources: gateStack(changed(registryExample, { scanType: unknown })),
            expect: [{ resource: "demo-scans", kind: "inconclusive" }],
        },
        {
            title: "the pattern is not known yet",
            shows: "unknown",
            resources: gateStack(changed(scanRuleExample, { eventPattern: unknown })),
            expect: [{ resource: "demo-scans", kind: "inconclusive" }],
        },
        {
            title: "the bus is not known yet",
            shows: "unknown",
            resources: gateStack(waitingFor(scanPattern, { eventBusName: unknown })),
            expect: [{ resource: "demo-scans", kind: "inconclusive" }],
        },
        {
            title: "a wrong rule whose bus is not known yet",
            shows: "unknown",
            resources: gateStack(waitingFor(basicScanPattern, { eventBusName: unknown })),
            expect: [{ resource: "demo-scans", kind: "violation" }],
        },
        good(
            "the rule feeds a queue that feeds the decider",
            changed(scanTargetExample, { arn: exampleArns.recorderQueue }),
            {
                type: "aws:lambda/eventSourceMapping:EventSourceMapping",
                name: "inbox",
                props: { eventSourceArn: exampleArns.recorderQueue, functionName: "decider" },
            },
        ),
    ],
};
