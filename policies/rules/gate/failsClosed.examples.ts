import {
    changed,
    deciderExample,
    exampleArns,
    gatePipelineExample,
    gateStack,
    recorderExample,
    scanTargetExample,
    streamMappingExample,
} from "../../gate/exampleGate";
import { eventInvokeConfigType, functionType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { approvalAction, completeStages, stageExample } from "../../pipeline/exampleResources";

const variables = (given: unknown) =>
    gateStack(changed(deciderExample, { environment: { variables: given } }));
const target = (retryPolicy: unknown) => gateStack(changed(scanTargetExample, { retryPolicy }));
const layer = (...layers: unknown[]) => changed(deciderExample, { layers });
const layerArn = "arn:aws:lambda:eu-central-1:123456789012:layer:tracer:3";

/** The gate with a time limit of its approval, in minutes. */
function approvalEndsAfter(timeoutInMinutes: unknown, ...more: ExampleResource[]): ExampleResource[] {
    const approval = approvalAction({ NotificationArn: exampleArns.topic }, { timeoutInMinutes });
    return gateStack(
        gatePipelineExample([stageExample("Approve", approval), ...completeStages.slice(4)]),
        ...more,
    );
}

function invokeConfig(functionName: string, maximumEventAgeInSeconds: unknown): ExampleResource {
    return {
        type: eventInvokeConfigType,
        name: `${functionName}-invocation`,
        props: { functionName, maximumEventAgeInSeconds, maximumRetryAttempts: 2 },
    };
}

const bad = (title: string, resources: ExampleResource[], found = "decider"): RuleExample =>
    badExample(title, resources, found);
const good = goodExample;
const open = (title: string, resources: ExampleResource[], found = "decider"): RuleExample =>
    openExample(title, resources, found);

export const examples: RuleExample[] = [
    bad("approves when it fails", variables({ FAIL_OPEN: "true" })),
    bad("approves when nothing is known", variables({ DEFAULT_DECISION: "Approved" })),
    bad("a value that refuses nothing", variables({ ON_ERROR: "continue" })),
    bad("in small letters", variables({ fail_open: 1 })),
    bad("the recorder, too", gateStack(changed(recorderExample, { environment: { variables: { GATE_FAIL_OPEN: "yes" } } })), "recorder"), // prettier-ignore
    bad("another program in the place of the runtime", variables({ AWS_LAMBDA_EXEC_WRAPPER: "/opt/wrap" })),
    bad("a module for every node program", variables({ NODE_OPTIONS: "--require /opt/hook.js" })),
    bad("modules from elsewhere", variables({ NODE_PATH: "/opt/nodejs" })),
    bad("CodePipeline at another address", variables({ AWS_ENDPOINT_URL_CODEPIPELINE: "https://example.com" })), // prettier-ignore
    bad("code that is not known yet for every node program", variables({ NODE_OPTIONS: unknown })),
    bad("certificates of others are believed", variables({ NODE_EXTRA_CA_CERTS: "/opt/ca.pem" })),
    bad("whoever answers is believed", variables({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })),
    bad("requests go by way of another machine", variables({ HTTPS_PROXY: "http://proxy.example.com:3128" })),
    bad("in small letters, by way of another machine", variables({ http_proxy: "http://proxy.example.com" })),
    bad("a mode in which it fails open", variables({ FAIL_MODE: "open" })),
    bad("a layer from outside", gateStack(layer(layerArn))),
    bad("a scan event is tried for a day, the approval waits for two hours", approvalEndsAfter(120, invokeConfig("decider", 3600), invokeConfig("recorder", 3600), changed(scanTargetExample, { retryPolicy: { maximumRetryAttempts: 20 } }), changed(streamMappingExample, { maximumRecordAgeInSeconds: 3600 })), "decider-target"), // prettier-ignore
    bad("events of the recorder are tried for six hours", approvalEndsAfter(120, invokeConfig("decider", 3600), changed(streamMappingExample, { maximumRecordAgeInSeconds: 3600 })), "recorder"), // prettier-ignore
    bad("a record of the stream is tried as long as it is kept", approvalEndsAfter(480, changed(streamMappingExample, { maximumRecordAgeInSeconds: -1 })), "decider-stream"), // prettier-ignore
    bad("given up before it can be tried again", gateStack(changed(deciderExample, { timeout: 900 }), changed(scanTargetExample, { retryPolicy: { maximumEventAgeInSeconds: 600 } })), "decider-target"), // prettier-ignore
    bad("an invocation is given up before it can be tried again", gateStack(invokeConfig("decider", 60)), "decider-invocation"), // prettier-ignore
    bad("an age that is no number", target({ maximumEventAgeInSeconds: "an hour" }), "decider-target"),
    good("within the approval's time", approvalEndsAfter(120, invokeConfig("decider", 3600), invokeConfig("recorder", 3600), changed(streamMappingExample, { maximumRecordAgeInSeconds: 3600 }))), // prettier-ignore
    good("everything refuses", variables({ FAIL_OPEN: "false", DEFAULT_DECISION: "Rejected", ON_ERROR: "" })),
    good("a mode in which it fails closed, and no proxy", variables({ FAIL_MODE: "closed", HTTPS_PROXY: "", NO_PROXY: "*", NODE_TLS_REJECT_UNAUTHORIZED: "1" })), // prettier-ignore
    good("options of node that load nothing", variables({ NODE_OPTIONS: "--enable-source-maps" })),
    good("a layer of the stack", [
        ...gateStack(layer(layerArn)),
        { type: "aws:lambda/layerVersion:LayerVersion", name: "tracer", props: { layerName: "tracer" }, computed: { arn: layerArn } }, // prettier-ignore
    ]),
    {
        ...good("a layer that the settings name", gateStack(layer(layerArn))),
        configuration: { externalReferences: ["arn:aws:lambda:*:layer:tracer:*"] },
    },
    {
        ...good("a name of one's own is not there", variables({ LENIENT: "true" })),
        configuration: { failOpenVariables: ["STRICT"] },
    },
    {
        title: "a name of one's own",
        shows: "bad",
        resources: variables({ LENIENT: "true" }),
        configuration: { failOpenVariables: ["LENIENT"] },
        expect: [{ resource: "decider", kind: "violation" }],
    },
    {
        title: "nothing is set, and the approval waits for a day",
        shows: "absent",
        resources: gateStack(changed(deciderExample, { environment: undefined, timeout: undefined })),
        expect: [],
    },
    {
        title: "a function that is no gate's",
        shows: "absent",
        resources: [
            { type: functionType, name: "other", props: { name: "other", environment: { variables: { FAIL_OPEN: "true" } } } }, // prettier-ignore
        ],
        expect: [],
    },
    open("a switch that is not known yet", variables({ FAIL_OPEN: unknown })),
    open("variables that are not known yet", variables(unknown)),
    open("a layer that is not known yet", gateStack(layer(unknown))),
    open("an age that is not known yet", target({ maximumEventAgeInSeconds: unknown }), "decider-target"),
    open("a timeout that is not known yet", gateStack(changed(recorderExample, { timeout: unknown })), "recorder"), // prettier-ignore
];
