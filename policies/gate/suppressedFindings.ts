/** GATE-08's facts about Amazon Inspector's filters: a finding that is suppressed is not counted when the gate asks. */
import { about, inconclusive, violation } from "../harness/outcome";
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackOutcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";

export const filterType = "aws:inspector2/filter:Filter";

/** Kinds of resources whose findings say nothing about images of a registry. */
const otherKinds = /^AWS_(?:EC2_INSTANCE|LAMBDA_FUNCTION|CODE_)/;

/** Whether the filter is for findings of instances and functions only. */
function sparesImages(filter: ResourceReader): boolean {
    const criterias = valueOf(filter.list("filterCriterias")) ?? [];
    return criterias.some((criteria) => {
        const kinds = valueOf(criteria.list("resourceTypes")) ?? [];
        return (
            kinds.length > 0 &&
            kinds.every(
                (kind) =>
                    valueOf(kind.string("comparison")) === "EQUALS" &&
                    otherKinds.test(valueOf(kind.string("value")) ?? ""),
            )
        );
    });
}

/** Filters of the stack that take findings of images away from what the gate counts. */
export function suppressionOutcomes(graph: StackGraph): StackOutcome[] {
    return graph.ofType(filterType).flatMap((filter) => {
        const action = filter.string("action");
        if (action.kind === "unknown")
            return about(filter, inconclusive(action, "whether it suppresses findings is not known yet"));
        if (valueOf(action) !== "SUPPRESS" || sparesImages(filter)) return [];
        return about(
            filter,
            violation(
                `${filter.name} suppresses findings of Amazon Inspector (action SUPPRESS): what it matches is not in the numbers that the gate judges, and no waiver says why.`,
                "Delete the filter, limit it to AWS_EC2_INSTANCE or AWS_LAMBDA_FUNCTION (filterCriterias.resourceTypes), or set action NONE; accept single findings by a waiver of the gate's policy.",
                { findingId: filter.name },
            ),
        );
    });
}
