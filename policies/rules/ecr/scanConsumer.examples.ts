/** Examples of ECR-15. */
import { eventRuleType, eventTargetType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import {
    actionExample,
    buildspecOf,
    pipelineExample,
    projectExample,
    scanBuildspec,
    scanStep,
    stageExample,
} from "../../pipeline/exampleResources";
import { registryScanningType, repositoryType } from "./repository";

const repository = (name: unknown = "team/app"): ExampleResource => ({
    type: repositoryType,
    name: "app",
    props: { name, imageScanningConfiguration: { scanOnPush: true } },
});
const enhanced: ExampleResource = {
    type: registryScanningType,
    name: "registry",
    props: {
        scanType: "ENHANCED",
        rules: [
            { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
        ],
    },
};
const rule = (pattern: unknown, more: object = {}): ExampleResource => ({
    type: eventRuleType,
    name: "findings",
    props: {
        name: "findings",
        eventPattern: typeof pattern === "object" ? JSON.stringify(pattern) : pattern,
        ...more,
    },
});
const target: ExampleResource = {
    type: eventTargetType,
    name: "target",
    props: { rule: "findings", arn: "arn:aws:sns:eu-central-1:123456789012:findings" },
};
const inspector = { source: ["aws.inspector2"], "detail-type": ["Inspector2 Scan"] };
const basic = { source: ["aws.ecr"], "detail-type": ["ECR Image Scan"] };
const pipeline = pipelineExample([stageExample("Test", scanStep)]);
const inspectorScan = (name: string): ExampleResource =>
    pipelineExample([
        stageExample(
            "Test",
            actionExample("Inspector", "Invoke", "InspectorScan", {
                InspectorRunMode: "ECRImageScan",
                ECRRepositoryName: name,
            }),
        ),
    ]);
const bad: RuleExample["expect"] = [{ resource: "app", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "app", kind: "inconclusive" }];

export const scanConsumerExamples: RuleExample[] = [
    { title: "nothing listens", shows: "absent", resources: [repository()], expect: bad },
    { title: "a rule without a target", shows: "bad", resources: [repository(), rule(basic)], expect: bad },
    {
        title: "a rule that is switched off",
        shows: "bad",
        resources: [repository(), rule(basic, { state: "DISABLED" }), target],
        expect: bad,
    },
    {
        title: "the events of basic scanning, where scanning is enhanced",
        shows: "bad",
        resources: [repository(), enhanced, rule(basic), target],
        expect: bad,
    },
    {
        title: "a rule for another repository",
        shows: "bad",
        resources: [repository(), rule({ ...basic, detail: { "repository-name": ["other"] } }), target],
        expect: bad,
    },
    {
        title: "a scan project that only says so",
        shows: "bad",
        resources: [repository(), pipeline, projectExample("scan", buildspecOf(["echo scan"]))],
        expect: bad,
    },
    { title: "Inspector looks at another repository", shows: "bad", resources: [repository(), inspectorScan("other")], expect: bad }, // prettier-ignore
    {
        title: "a rule and its target",
        shows: "good",
        resources: [repository(), rule(basic), target],
        expect: [],
    },
    {
        title: "for the events of enhanced scanning",
        shows: "good",
        resources: [repository(), enhanced, rule(inspector), target],
        expect: [],
    },
    {
        title: "for this repository, by its ARN",
        shows: "good",
        resources: [
            repository(),
            enhanced,
            rule({
                ...inspector,
                detail: {
                    "scan-status": ["INITIAL_SCAN_COMPLETE"],
                    "repository-name": ["arn:aws:ecr:eu-central-1:123456789012:repository/team/app"],
                },
            }),
            target,
        ],
        expect: [],
    },
    {
        title: "findings themselves",
        shows: "good",
        resources: [
            repository(),
            enhanced,
            rule({ source: ["aws.inspector2"], "detail-type": ["Inspector2 Finding"] }),
            target,
        ],
        expect: [],
    },
    {
        title: "a pipeline scans",
        shows: "good",
        resources: [repository(), pipeline, projectExample("scan", scanBuildspec)],
        expect: [],
    },
    { title: "Inspector looks at it", shows: "good", resources: [repository(), inspectorScan("team/app")], expect: [] }, // prettier-ignore
    {
        title: "a repository that is not scanned is ECR-01's finding",
        shows: "good",
        resources: [{ type: repositoryType, name: "app", props: { name: "app" } }],
        expect: [],
    },
    {
        title: "a pattern that is not known yet",
        shows: "unknown",
        resources: [repository(), rule(unknown), target],
        expect: open,
    },
];
