/** EVB-03: a bus is encrypted with a key of the customer, and takes events from those it is for. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { eventBusPolicyType, eventBusType, eventPermissionType } from "./eventRule";

const metadata: RuleMetadata = {
    id: "EVB-03",
    family: "eventbridge",
    title: "Buses have a policy for somebody and a key of the customer",
    rationale:
        "Whoever may put events on a bus can pretend that something has happened, and starts what listens for it.",
    severity: "medium",
    remediation:
        "Set `kmsKeyIdentifier`. Add an `aws.cloudwatch.EventBusPolicy` that names accounts or roles, or bounds `*` by `aws:PrincipalOrgID`.",
    references: ["FSBP EventBridge.3", "cdk-nag AwsSolutions-EVB1"],
};

const bus = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: eventBusType,
    name: "orders",
    props: { name: "orders", kmsKeyIdentifier: "arn:aws:kms:eu-central-1:123456789012:key/1111", ...props },
});
const policy = (statement: Record<string, unknown> | null): ExampleResource => ({
    type: eventBusPolicyType,
    name: "policy",
    props: {
        eventBusName: "orders",
        policy: statement === null ? unknown : JSON.stringify({ Statement: [{ Effect: "Allow", Action: "events:PutEvents", Resource: "*", ...statement }] }),
    },
}); // prettier-ignore
const organization = {
    Principal: "*",
    Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
};

export const busAccess: ResourceRule = {
    level: "resource",
    metadata,
    types: [eventBusPolicyType, eventBusType],
    evaluate: (resource) =>
        resource.type === eventBusType
            ? [judgeKey(resource)]
            : publicPolicyOutcomes(resource, ["policy"], {
                  consequence: "everybody can put events on the bus",
                  fix: "Name accounts or roles in Principal, or add a condition StringEquals aws:PrincipalOrgID.",
                  absent: "refused",
              }),
    examples: [
        badExample("everybody may put events", [policy({ Principal: "*" })], "policy"),
        badExample("a key that is empty text", [bus({ kmsKeyIdentifier: "" })], "orders"),
        goodExample("everybody of the organization", [policy(organization)]),
        goodExample("an account", [policy({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })]),
        goodExample("a key", [bus({ kmsKeyIdentifier: unknown })]),
        goodExample("a bus of a partner, whose events it is that travel", [
            bus({ kmsKeyIdentifier: undefined, eventSourceName: "aws.partner/example.com/1" }),
        ]),
        absentExample("no key", [bus({ kmsKeyIdentifier: undefined })], "orders"),
        openExample("not known yet", [policy(null)], "policy"),
    ],
};

export const busHasPolicy: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [eventBusType],
    evaluate: (graph) => {
        const named = new Set<ResourceReader>();
        let open: string | null = null;
        for (const each of graph.ofType(eventBusPolicyType, eventPermissionType)) {
            const reference = graph.reference(each, ["eventBusName"], [eventBusType]);
            if (reference.kind === "exact") named.add(reference.resource);
            else if (reference.kind === "unknown" || reference.kind === "candidates")
                open ??= `${each.name}.${reference.property}`;
        }
        return graph.ofType(eventBusType).flatMap((each) => {
            if (isOthers(each)) return about(each, notApplicable("not a bus of one's own"));
            if (named.has(each)) return about(each, pass);
            if (open !== null)
                return about(each, inconclusive({ property: open }, `whether ${each.name} has a policy is not known yet`)); // prettier-ignore
            return about(
                each,
                violation(
                    `${each.name} has no policy, so nothing says who puts events on it: every principal of the account with events:PutEvents does.`,
                    "Add an aws.cloudwatch.EventBusPolicy with the roles that put events.",
                    { findingId: "policy" },
                ),
            );
        });
    },
    examples: [
        badExample("a policy for another bus", [bus(), { ...policy(organization), props: { eventBusName: "other", policy: "{}" } }], "orders"), // prettier-ignore
        goodExample("a policy", [bus(), policy(organization)]),
        goodExample("a permission", [
            bus(),
            { type: eventPermissionType, name: "permission", props: { eventBusName: "orders", principal: "123456789012" } },
        ]), // prettier-ignore
        absentExample("no policy", [bus()], "orders"),
        openExample(
            "which bus a policy is for is not known yet",
            [bus(), { ...policy(organization), props: { eventBusName: unknown, policy: "{}" } }],
            "orders",
        ),
    ],
};

function judgeKey(resource: ResourceReader): Outcome {
    if (isOthers(resource)) return notApplicable("not a bus of one's own");
    const key = filled(resource.string("kmsKeyIdentifier"));
    if (key.kind === "known" || key.kind === "unknown") return pass;
    return violation(
        `${resource.name} is encrypted with a key of AWS (kmsKeyIdentifier ${key.kind === "absent" ? "is not set" : key.why}).`,
        "Set kmsKeyIdentifier: key.arn.",
        { findingId: "kmsKeyIdentifier" },
    );
}

/** The default bus, and those that hand over a partner's events. */
function isOthers(resource: ResourceReader): boolean {
    const name = valueOf(resource.string("name")) ?? "";
    return (
        is(resource.string("name"), "default") ||
        name.startsWith("aws.partner/") ||
        filled(resource.string("eventSourceName")).kind === "known"
    );
}
