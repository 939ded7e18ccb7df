/** ECR-15: somebody listens to what the scans find. */
import { enabled } from "../../gate/scanRuleDelivery";
import { patternAnswer, scanEvents, type ScanType } from "../../gate/scanRule";
import { registryScanType } from "../../gate/registryScanType";
import { anyValue } from "../../gate/eventPattern";
import { eventRuleType, eventTargetType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { isPlainObject } from "../../harness/unknownValue";
import { scanEvidence } from "../../pipeline/classify";
import { pipelineType, readPipeline, type PipelineAction } from "../../pipeline/pipelineModel";
import { registryScanningOf } from "./registryScanning";
import { repositoryLabel, repositoryType } from "./repository";
import { scanConsumerExamples } from "./scanConsumer.examples";
import { judgeRepository } from "./scanOnPush";

/** What may take findings in; `open` names what is not known yet. */
interface Consumers {
    /** Actions that scan or fetch findings. */
    actions: PipelineAction[];
    /** Rules with a target for events of the registry's scans. */
    rules: ResourceReader[];
    open: string[];
}

export const scanConsumer: StackRule = {
    level: "stack",
    metadata: {
        id: "ECR-15",
        family: "ecr",
        title: "Findings of every scanned repository reach somebody",
        rationale:
            "A scan whose findings nobody takes in is a bill, not a control: the vulnerability is known to the registry and to nobody else.",
        severity: "medium",
        remediation:
            "Let a pipeline's scan action judge the image, or add an EventBridge rule with a target for `Inspector2 Scan` from `aws.inspector2` (enhanced scanning) or `ECR Image Scan` from `aws.ecr` (basic).",
        references: ["OWASP CICD-SEC-10", "NIST SP 800-190 4.1.1"],
    },
    relevantTypes: [repositoryType],
    evaluate: (graph, configuration) => {
        const scanning = registryScanningOf(graph, configuration);
        const consumers = consumersOf(graph, configuration);
        return graph.ofType(repositoryType).flatMap((repository) =>
            about(
                repository,
                // Whether it is scanned is ECR-01's question.
                judgeRepository(repository, scanning).kind === "pass"
                    ? judged(repository, consumers)
                    : notApplicable("the repository is not scanned on push (ECR-01)"),
            ),
        );
    },
    examples: scanConsumerExamples,
};

function consumersOf(graph: StackGraph, configuration: PackConfiguration): Consumers {
    const open: string[] = [];
    const actions = graph.ofType(pipelineType).flatMap((pipeline) => {
        const model = readPipeline(pipeline);
        if (model.kind !== "known") {
            if (model.kind === "unknown") open.push(`${pipeline.name}.${model.property}`);
            return [];
        }
        return model.value.actions.filter(
            (action) => action.provider === "InspectorScan" || scanEvidence(action, graph).kind !== "none",
        );
    });
    const scanType = registryScanType(graph, configuration);
    const types: ScanType[] = scanType.kind === "known" ? [scanType.type] : ["BASIC", "ENHANCED"];
    const rules = graph.ofType(eventRuleType).filter((rule) => {
        const answers = types.map((type) => patternAnswer(rule, eventOf(rule, type)).kind);
        if (answers.includes("unknown")) open.push(`${rule.name}.eventPattern`);
        const fires = answers.includes("yes") || answers.includes("maybe");
        return fires && enabled(rule).kind !== "violation" && hasTarget(rule, graph);
    });
    return { actions, rules, open };
}

/** An event of the registry's scans, of which only the sender is known. */
function eventOf(rule: ResourceReader, type: ScanType): Parameters<typeof patternAnswer>[1] {
    const pattern = rule.json("eventPattern");
    const detail = pattern.kind === "known" ? pattern.value.object("detail") : undefined;
    const fields = detail?.kind === "known" ? detail.value.keys() : [];
    return {
        source: scanEvents[type].source,
        "detail-type": anyValue,
        detail: Object.fromEntries(fields.map((field) => [field, anyValue])),
    };
}

function hasTarget(rule: ResourceReader, graph: StackGraph): boolean {
    const { certain, possible } = graph.referrers(rule, [eventTargetType], "rule");
    return certain.length + possible.length > 0;
}

/** Whether the rule's pattern lets events about this repository through. */
function hears(rule: ResourceReader, name: string | undefined): boolean {
    const names = rule.json("eventPattern");
    const list =
        names.kind === "known"
            ? names.value.list("detail", "repository-name")
            : ({ kind: "absent" } as const);
    if (list.kind !== "known" || name === undefined) return true;
    return list.value.some(({ raw }) => {
        if (typeof raw === "string") return raw === name || raw.endsWith(`:repository/${name}`);
        const suffix = isPlainObject(raw) ? raw["suffix"] : undefined;
        return typeof suffix !== "string" || `:repository/${name}`.endsWith(suffix);
    });
}

/** An Inspector action names its repository; what commands look at is in their variables, and counts. */
function scans(action: PipelineAction, name: string | undefined): boolean {
    const given = valueOf(action.configuration.string("ECRRepositoryName"));
    return action.provider !== "InspectorScan" || given === undefined || name === undefined || given === name;
}

function judged(repository: ResourceReader, { actions, rules, open }: Consumers): Outcome {
    const name = valueOf(repository.string("name"));
    if (actions.some((action) => scans(action, name)) || rules.some((rule) => hears(rule, name))) return pass;
    const [property] = open;
    if (property !== undefined)
        return inconclusive({ property }, "whether anybody takes in what scans find is not known yet");
    return violation(
        `Repository ${repositoryLabel(repository)} is scanned on push, and neither a scan action nor an EventBridge rule with a target takes in what is found.`,
        "Add an aws.cloudwatch.EventRule for the registry's scan events with a target, or a scan action to the pipeline.",
    );
}
