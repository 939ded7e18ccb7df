/** LAM-04: runs of a function can be followed. */
import { functionType } from "../../gate/resourceTypes";
import { expectValue } from "../../harness/expectation";
import { is, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { workerExample } from "./function";

const traced = (mode: unknown) => [workerExample({ tracingConfig: { mode } })];

export const tracing: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-04",
        family: "lambda",
        title: "Runs of functions are traced",
        rationale:
            "A trace shows which calls a run made and how long each took; without it a failure among several functions is guessed at.",
        severity: "low",
        remediation:
            'Set `tracingConfig: { mode: "Active" }`, and allow the role `xray:PutTraceSegments` and `xray:PutTelemetryRecords`.',
        references: ["checkov CKV_AWS_50", "trivy AWS-0066"],
    },
    types: [functionType],
    evaluate: (resource) => [
        expectValue(resource.string("tracingConfig", "mode"), {
            accepts: (mode) => mode === "Active",
            consequence: "its runs leave no trace",
            fix: 'Set tracingConfig: { mode: "Active" }.',
        }),
    ],
    remediation: {
        when: "always",
        changes: (resource) => {
            const mode = resource.string("tracingConfig", "mode");
            return mode.kind === "absent" || is(mode, "PassThrough")
                ? [{ path: ["tracingConfig", "mode"], value: "Active" }]
                : [];
        },
    },
    examples: [
        badExample("only where the caller traces", traced("PassThrough"), "worker"),
        goodExample("traced", traced("Active")),
        absentExample("not set", [workerExample()], "worker"),
        openExample("not known yet", traced(unknown), "worker"),
    ],
};
