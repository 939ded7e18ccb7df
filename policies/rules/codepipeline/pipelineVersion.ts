/** PIPE-17: the pipeline is of the second type. */
import { expectValue } from "../../harness/expectation";
import { unknown, valueOf } from "../../harness/reader";
import type { ResourceRule, RuleExample } from "../../harness/rule";
import { completeStages, pipelineExample } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";

const of = (type: unknown) => pipelineExample(completeStages, { pipelineType: type });
const bad: RuleExample["expect"] = [{ resource: "pipeline", kind: "violation" }];

export const pipelineVersion: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-17",
        family: "codepipeline",
        title: "A pipeline is of type V2",
        rationale:
            "Only type V2 has queued executions, triggers with branch filters, stage conditions and roll-back, on which other rules about the gate rest.",
        severity: "low",
        remediation: "Set `pipelineType: V2`.",
        references: ["AWS CodePipeline User Guide: pipeline types"],
    },
    types: [pipelineType],
    evaluate: (pipeline) => [
        expectValue(pipeline.string("pipelineType"), {
            accepts: (type) => type === "V2",
            consequence: "executions cannot queue at the gate and triggers cannot name branches",
            fix: 'Set pipelineType to "V2".',
        }),
    ],
    remediation: {
        when: "always",
        changes: (pipeline) => {
            const type = pipeline.string("pipelineType");
            const first = type.kind === "absent" || valueOf(type) === "V1";
            return first ? [{ path: ["pipelineType"], value: "V2" }] : [];
        },
    },
    examples: [
        { title: "the first type", shows: "bad", resources: [of("V1")], expect: bad },
        { title: "the second type", shows: "good", resources: [of("V2")], expect: [] },
        {
            title: "not set: the provider makes a V1",
            shows: "absent",
            resources: [of(undefined)],
            expect: bad,
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [of(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
