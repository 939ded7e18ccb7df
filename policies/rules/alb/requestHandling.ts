/** ALB-04: malformed requests do not reach targets. */
import { expectValue, type Expectation } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, PropertyChange, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isApplicationLoadBalancer, loadBalancerTypes } from "./loadBalancer";

const headers = (balancer: ResourceReader): Outcome =>
    expectValue(balancer.boolean("dropInvalidHeaderFields"), {
        accepts: (value) => value,
        consequence: `headers that no standard allows reach the targets of ${balancer.name}, which may read them differently`,
        fix: "Set dropInvalidHeaderFields: true.",
        findingId: "headers",
    });

const desyncExpectation: Expectation<string> = {
    accepts: (value) => ["defensive", "strictest"].includes(value),
    // `defensive` is the default of the service.
    absent: "accepted",
    consequence: "requests that are made to be read in two ways reach the targets",
    fix: 'Set desyncMitigationMode: "defensive" or "strictest".',
    findingId: "desync",
};
const desync = (balancer: ResourceReader): Outcome =>
    expectValue(balancer.string("desyncMitigationMode"), desyncExpectation);

const balancer = (props: Record<string, unknown>): ExampleResource => ({
    type: loadBalancerTypes[0] ?? "",
    name: "alb",
    props: { name: "alb", loadBalancerType: "application", dropInvalidHeaderFields: true, ...props },
});

export const requestHandling: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ALB-04",
        family: "alb",
        title: "Load balancers drop invalid headers and ambiguous requests",
        rationale:
            "Requests that load balancer and target read differently get past rules and authentication (request smuggling).",
        severity: "medium",
        remediation:
            "Set `dropInvalidHeaderFields: true`, and leave `desyncMitigationMode` at `defensive` or set it to `strictest`.",
        references: [
            "FSBP ELB.4",
            "FSBP ELB.12",
            "checkov CKV_AWS_131",
            "checkov CKV_AWS_328",
            "trivy AWS-0052",
        ],
    },
    types: loadBalancerTypes,
    evaluate: (resource) =>
        isApplicationLoadBalancer(resource)
            ? [headers(resource), desync(resource)]
            : [notApplicable("not an application load balancer")],
    remediation: {
        when: "always",
        changes: (resource): PropertyChange[] => [
            ...(headers(resource).kind === "violation"
                ? [{ path: ["dropInvalidHeaderFields"], value: true }]
                : []),
            ...(desync(resource).kind === "violation"
                ? [{ path: ["desyncMitigationMode"], value: "defensive" }]
                : []),
        ],
    },
    examples: [
        badExample("headers are passed on", [balancer({ dropInvalidHeaderFields: false })], "alb"),
        badExample("requests are only watched", [balancer({ desyncMitigationMode: "monitor" })], "alb"),
        goodExample("both", [balancer({ desyncMitigationMode: "strictest" })]),
        goodExample("desync mitigation by default", [balancer({})]),
        goodExample("a network load balancer", [
            balancer({ loadBalancerType: "network", dropInvalidHeaderFields: null }),
        ]),
        absentExample("not set", [balancer({ dropInvalidHeaderFields: null })], "alb"),
        {
            title: "one not known yet does not hide the other",
            shows: "unknown",
            resources: [balancer({ dropInvalidHeaderFields: unknown, desyncMitigationMode: "monitor" })],
            expect: [
                { resource: "alb", kind: "inconclusive" },
                { resource: "alb", kind: "violation" },
            ],
        },
        openExample("mode not known yet", [balancer({ desyncMitigationMode: unknown })], "alb"),
    ],
};
