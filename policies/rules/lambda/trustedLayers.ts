/** LAM-11: layers come from accounts that somebody decided to trust, in a fixed version. */
import { functionType } from "../../gate/resourceTypes";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleArn, workerExample } from "./function";

const own = exampleArn("lambda", "layer:tools:7");
const foreign = "arn:aws:lambda:eu-central-1:210987654321:layer:tools:7";
const layered = (...layers: unknown[]) => [workerExample({ layers })];

export const trustedLayers: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-11",
        family: "lambda",
        title: "Layers come from trusted accounts, in a fixed version",
        rationale:
            "A layer runs inside the function with the function's rights; its owner decides what is in it, and can take it away.",
        severity: "medium",
        remediation:
            "Copy the layer into an account of your own, or name its account in the setting `trustedLayerAccounts`. Give the ARN of one version.",
        references: ["OWASP CICD-SEC-3"],
    },
    types: [functionType],
    evaluate: (resource, configuration) => {
        const layers = resource.strings("layers");
        if (layers.kind === "absent") return [pass];
        if (layers.kind === "unknown")
            return [inconclusive(layers, "which layers the function has is not known yet")];
        if (layers.kind === "malformed")
            return [violation(`layers ${layers.why}.`, "Give the ARNs of layer versions.")];
        // The ARN of a layer is only unknown where the stack makes the layer itself.
        const outcomes = layers.value.values.flatMap((arn) =>
            judgeLayer(arn, resource, configuration.trustedLayerAccounts),
        );
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        badExample("a layer of somebody", layered(own, foreign), "worker"),
        badExample("no version", layered(own.replace(/:7$/, "")), "worker"),
        goodExample("of the own account", layered(own)),
        goodExample("of the stack", layered(unknown)),
        {
            ...goodExample("of an account that is trusted", layered(foreign)),
            configuration: { trustedLayerAccounts: ["210987654321"] },
        },
        absentExample("no layer", [workerExample()]),
        openExample("not known yet", [workerExample({ layers: unknown })], "worker"),
    ],
};

function judgeLayer(arn: string, resource: ResourceReader, trusted: readonly string[]): Outcome[] {
    const parts = /^arn:[\w-]+:lambda:[\w-]+:(?<account>\d{12}):layer:[\w-]+(?::(?<version>\d+))?$/.exec(arn)?.groups; // prettier-ignore
    const { account, version } = parts ?? {};
    const more = { findingId: arn };
    if (account === undefined || version === undefined)
        return [violation(`layers has ${JSON.stringify(arn)}, which is no version of a layer.`, "Give the ARN of one version, with its number.", more)]; // prettier-ignore
    if (trusted.includes(account)) return [];
    // The role of a function is always of its own account.
    const role = valueOf(resource.string("role")) ?? "";
    if (/^arn:[\w-]+:iam::(\d{12}):/.exec(role)?.[1] === account) return [];
    return [
        violation(
            `layers has ${arn}, of account ${account}, which nobody has declared to be trusted.`,
            "Copy the layer into an account of your own, or name its account in the setting trustedLayerAccounts.",
            more,
        ),
    ];
}
