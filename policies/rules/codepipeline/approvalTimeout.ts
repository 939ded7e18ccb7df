/** PIPE-07: an approval does not wait for a week. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { isApproval } from "../../pipeline/classify";
import { approvalAction, pipelineExample, stageExample } from "../../pipeline/exampleResources";
import { actionLabel, actionPath, pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { onPipeline } from "./pipelineOutcome";

export const approvalTimeout: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-07",
        family: "codepipeline",
        title: "An approval has a time limit",
        rationale:
            "Without `timeoutInMinutes` an approval waits seven days; it can then be given for an image whose scan is a week old.",
        severity: "low",
        remediation:
            "Set `timeoutInMinutes` on the approval action, at most the limit of the configuration (1440 by default).",
        references: ["AWS CodePipeline quotas: manual approval"],
    },
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) => {
            const limit = configuration.maximumApprovalTimeoutMinutes;
            const outcomes = model.actions.filter(isApproval).map((approval) => {
                const timeout = approval.reader.number("timeoutInMinutes");
                const fix = `Set timeoutInMinutes to at most ${limit}.`;
                const more = { findingId: actionLabel(approval) };
                if (timeout.kind === "unknown")
                    return inconclusive(timeout, "the time limit is not known yet");
                if (timeout.kind !== "known")
                    return violation(
                        `${timeout.property} is not set, so ${actionLabel(approval)} waits for seven days.`,
                        fix,
                        more,
                    );
                return timeout.value <= limit
                    ? pass
                    : violation(
                          `${timeout.property} is ${timeout.value} minutes, more than ${limit}.`,
                          fix,
                          more,
                      );
            });
            return outcomes.length > 0 ? outcomes : [notApplicable("there is no approval")];
        }),
    remediation: {
        when: "always",
        changes: (pipeline, { maximumApprovalTimeoutMinutes: limit }) => {
            const model = readPipeline(pipeline);
            const actions = model.kind === "known" ? model.value.actions : [];
            return actions.filter(isApproval).flatMap((approval) => {
                const timeout = approval.reader.number("timeoutInMinutes");
                const long = timeout.kind === "absent" || (timeout.kind === "known" && timeout.value > limit);
                return long ? [{ path: [...actionPath(approval), "timeoutInMinutes"], value: limit }] : [];
            });
        },
    },
    examples: [
        {
            title: "a week",
            shows: "bad",
            resources: [
                pipelineExample([stageExample("Approve", approvalAction({}, { timeoutInMinutes: 10_080 }))]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a day",
            shows: "good",
            resources: [pipelineExample([stageExample("Approve", approvalAction())])],
            expect: [],
        },
        {
            title: "not set",
            shows: "absent",
            resources: [
                pipelineExample([
                    stageExample("Approve", approvalAction({}, { timeoutInMinutes: undefined })),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [
                pipelineExample([stageExample("Approve", approvalAction({}, { timeoutInMinutes: unknown }))]),
            ],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
