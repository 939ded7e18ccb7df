import { deepEqual, equal, notEqual } from "node:assert/strict";
import { policiesFor } from "./crossguard";
import { about, violation } from "./outcome";
import type { StackRule } from "./rule";
import { adaptSdk } from "./sdkAdaptation";
import { analyzeRequest, analyzeStack } from "./testing/analyzerRequests";

/* eslint-disable @typescript-eslint/no-require-imports -- inner modules of the SDK */
const decoding = require("@pulumi/policy/deserialize") as {
    deserializeProperties(message: unknown, keepSecrets: boolean): object;
};
const { PolicyNotApplicable } =
    require("@pulumi/pulumi/proto/analyzer_pb") as typeof import("@pulumi/pulumi/proto/analyzer_pb");
/* eslint-enable @typescript-eslint/no-require-imports */

const resource = (name: string) => ({
    type: "a:b:C",
    name,
    urn: `urn:pulumi:dev::p::a:b:C::${name}`,
    properties: { name },
});
const rule = (id: string): StackRule => ({
    level: "stack",
    metadata: {
        id,
        family: "ecs",
        title: "T",
        rationale: "R.",
        severity: "high",
        remediation: "M.",
        references: ["FSBP X.1"],
    },
    evaluate: (graph) => graph.resources.flatMap((found) => about(found, violation(found.name, "f"))),
    examples: [],
});

describe("the adapted SDK", () => {
    before(adaptSdk);

    it("decodes a message once, and for remediations on its own", () => {
        const message = analyzeRequest(resource("x")).getProperties();
        const first = decoding.deserializeProperties(message, false);
        equal(decoding.deserializeProperties(message, false), first);
        deepEqual(first, { name: "x" });
        notEqual(decoding.deserializeProperties(message, true), first);
        const same = analyzeRequest(resource("x")).getProperties();
        notEqual(decoding.deserializeProperties(same, false), first);
    });

    it("decodes a stack as often for many findings as for one", async () => {
        const names = Array.from({ length: 30 }, (_, index) => `r${index}`);
        const decodings = async (rules: StackRule[]) => {
            const original = decoding.deserializeProperties;
            const seen = new Set<object>();
            decoding.deserializeProperties = (message, keepSecrets) => {
                const properties = original(message, keepSecrets);
                seen.add(properties);
                return properties;
            };
            try {
                const list = policiesFor(rules, { preview: true });
                const { diagnostics } = await analyzeStack(list, names.map(resource));
                equal(diagnostics.length, rules.length * names.length);
                return seen.size;
            } finally {
                decoding.deserializeProperties = original;
            }
        };
        equal(await decodings([rule("T-1")]), names.length);
        equal(await decodings(["T-1", "T-2", "T-3"].map(rule)), names.length);
    });

    it("encodes what is not applicable as the protocol wants it, whatever the reason", () => {
        for (const [policy, reason] of [
            ["A-1", "about other types"],
            ["A-1", "about other types"],
            ["A-1", "änderung ✓"],
            ["A-2", ""],
            ["A-1", "about other types"],
        ] as const) {
            const message = new PolicyNotApplicable();
            message.setPolicyName(policy);
            message.setReason(reason);
            const decoded = PolicyNotApplicable.deserializeBinary(message.serializeBinary());
            deepEqual([decoded.getPolicyName(), decoded.getReason()], [policy, reason]);
        }
    });
});
