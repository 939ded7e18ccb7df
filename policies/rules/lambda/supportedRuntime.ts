/** LAM-01: functions run on a runtime that AWS still mends. */
import { functionType } from "../../gate/resourceTypes";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { workerExample } from "./function";
import { runtimeState } from "./runtimes";

const on = (runtime: unknown) => [workerExample({ runtime })];
const fix = "Set runtime to a supported one, e.g. nodejs24.x or python3.14, and test the function with it.";

export const supportedRuntime: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-01",
        family: "lambda",
        title: "Functions run on a supported runtime",
        rationale:
            "After its last day a runtime gets no security fixes, and later functions on it can neither be created nor updated, not even to mend them.",
        severity: "high",
        remediation:
            "Set `runtime` to one that AWS supports. The days are in a table of the pack, from the AWS Lambda Developer Guide, «Lambda runtimes»; a runtime that is newer than the table is reported as inconclusive. Functions from container images have no runtime here.",
        references: ["FSBP Lambda.2", "checkov CKV_AWS_363", "cdk-nag AwsSolutions-L1"],
    },
    types: [functionType],
    evaluate: (resource) => {
        const runtime = filled(resource.string("runtime"));
        if (runtime.kind === "unknown")
            return [inconclusive(runtime, "which runtime the function has is not known yet")];
        if (runtime.kind === "absent") {
            const packageType = resource.string("packageType");
            const image = filled(resource.string("imageUri"));
            if (is(packageType, "Image") || image.kind === "known" || image.kind === "unknown")
                return [notApplicable("a function from a container image brings its own runtime")];
            if (packageType.kind === "unknown")
                return [inconclusive(packageType, "whether the function needs a runtime is not known yet")];
            return [violation(`${resource.name} has no runtime and no container image.`, fix)];
        }
        if (runtime.kind === "malformed")
            return [violation(`${resource.name} has a runtime that ${runtime.why}.`, fix)];
        const state = runtimeState(runtime.value, new Date());
        switch (state.kind) {
            case "supported":
                return [pass];
            case "newer":
                return [
                    inconclusive(
                        runtime,
                        `the pack does not know the runtime ${runtime.value} yet; update it`,
                    ),
                ];
            case "ended":
                return [
                    violation(
                        `${resource.name} runs on ${runtime.value} (runtime), which has had no security fixes since ${state.lastDay}.`,
                        fix,
                    ),
                ];
            case "noRuntime":
                return [
                    violation(
                        `${resource.name} names a runtime that does not exist: ${JSON.stringify(runtime.value)}.`,
                        fix,
                    ),
                ];
        }
    },
    examples: [
        badExample("a runtime without fixes", on("nodejs16.x"), "worker"),
        badExample("no runtime of AWS", on("nodejs23.x"), "worker"),
        goodExample("a supported runtime", on("python3.14")),
        goodExample("a container image", [
            workerExample({
                packageType: "Image",
                imageUri: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/worker@sha256:0",
            }),
        ]),
        absentExample("neither runtime nor image", [workerExample()], "worker"),
        openExample("not known yet", on(unknown), "worker"),
        openExample("newer than the pack", on("nodejs98.x"), "worker"),
        openExample("how it is packed is not known yet", [workerExample({ packageType: unknown })], "worker"),
    ],
};
