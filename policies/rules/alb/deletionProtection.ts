/** ALB-06: production's load balancer is not deleted by accident. */
import { expectValue } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { loadBalancerTypes } from "./loadBalancer";

const balancer = (enableDeletionProtection: unknown, type = loadBalancerTypes[0] ?? ""): ExampleResource => ({
    type,
    name: "alb",
    props: { name: "alb", enableDeletionProtection },
});

export const deletionProtection: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ALB-06",
        family: "alb",
        title: "Load balancers of production are protected from deletion",
        rationale:
            "A load balancer that is deleted takes its address with it: whatever calls the scanner or the application stands still until names are changed.",
        severity: "medium",
        remediation:
            "Set `enableDeletionProtection: true`. Stacks of the setting `disposableStacks` are left alone.",
        references: ["FSBP ELB.6", "checkov CKV_AWS_150"],
    },
    types: loadBalancerTypes,
    evaluate: (resource, configuration) =>
        isDisposable(resource.urn, configuration)
            ? [notApplicable("the stack is disposable")]
            : [
                  expectValue(resource.boolean("enableDeletionProtection"), {
                      accepts: (value) => value,
                      consequence: `load balancer ${resource.name} can be deleted by a single call`,
                      fix: "Set enableDeletionProtection: true.",
                  }),
              ],
    remediation: {
        when: "always",
        changes: (resource) =>
            resource.get("enableDeletionProtection").kind === "unknown"
                ? []
                : [{ path: ["enableDeletionProtection"], value: true }],
    },
    examples: [
        badExample("switched off", [balancer(false)], "alb"),
        badExample("in the other token family", [balancer(false, loadBalancerTypes[1])], "alb"),
        goodExample("protected", [balancer(true)]),
        {
            title: "in a disposable stack",
            shows: "good",
            configuration: { disposableStacks: ["example"] },
            resources: [balancer(false)],
            expect: [],
        },
        absentExample("not set", [balancer(null)], "alb"),
        openExample("not known yet", [balancer(unknown)], "alb"),
    ],
};
