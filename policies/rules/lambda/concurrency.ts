/** LAM-03: a function has its own share of the account's concurrency, and is not switched off. */
import { functionType } from "../../gate/resourceTypes";
import { expectValue } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { workerExample } from "./function";

const reserved = (reservedConcurrentExecutions: unknown) => [workerExample({ reservedConcurrentExecutions })];

export const concurrency: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-03",
        family: "lambda",
        title: "Functions have concurrency reserved for them",
        rationale:
            "Without a reservation one busy function starves all others of the account, and has no bound of its own; with a reservation of 0 it never runs.",
        severity: "medium",
        remediation:
            "Set `reservedConcurrentExecutions` to as many runs as the function needs at one time, at least 1. The account keeps 100 for functions without a reservation.",
        references: ["checkov CKV_AWS_115", "cdk-nag LambdaConcurrency"],
    },
    types: [functionType],
    evaluate: (resource) => {
        if (resource.get("capacityProviderConfig").kind !== "absent")
            return [notApplicable("a function on instances of one's own has no reservation")];
        return [
            expectValue(resource.number("reservedConcurrentExecutions"), {
                accepts: (runs) => Number.isInteger(runs) && runs > 0,
                consequence: "it shares the account's concurrency without bound, or never runs",
                fix: "Set reservedConcurrentExecutions to 1 or more, e.g. 5.",
            }),
        ];
    },
    remediation: {
        when: "always",
        // 0 is how somebody stops a function: that is theirs to end.
        changes: (resource) => {
            const runs = resource.number("reservedConcurrentExecutions");
            if (resource.get("capacityProviderConfig").kind !== "absent") return [];
            return runs.kind === "absent" || is(runs, -1)
                ? [{ path: ["reservedConcurrentExecutions"], value: 5 }]
                : [];
        },
    },
    examples: [
        badExample("never runs", reserved(0), "worker"),
        badExample("without a reservation, said", reserved(-1), "worker"),
        goodExample("five runs", reserved(5)),
        goodExample("on instances of one's own", [workerExample({ capacityProviderConfig: {} })]),
        absentExample("not set", [workerExample()], "worker"),
        openExample("not known yet", reserved(unknown), "worker"),
    ],
};
