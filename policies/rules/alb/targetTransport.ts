/** ALB-09: what the load balancer passes on is encrypted, and only targets that work get it. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { targetGroupTypes, transportProtocols } from "./loadBalancer";

function judgeHealthCheck(group: ResourceReader): Outcome {
    const check = group.object("healthCheck");
    if (check.kind === "unknown") return inconclusive(check, "how targets are checked is not known yet");
    const fix =
        "Set healthCheck: { path, protocol, matcher } with a path that answers only when the target can serve.";
    if (check.kind !== "known") {
        const read = check.kind === "malformed" ? check.why : "is not set";
        return violation(`healthCheck of target group ${group.name} ${read}: "/" is asked, and any answer below 500 may count.`, fix, { findingId: "healthCheck" }); // prettier-ignore
    }
    const enabled = check.value.boolean("enabled");
    if (enabled.kind === "unknown")
        return inconclusive(enabled, "whether targets are checked is not known yet");
    if (enabled.kind === "absent" || is(enabled, true)) return pass;
    return violation(`healthCheck of target group ${group.name} is switched off: targets that hang get requests.`, fix, { findingId: "healthCheck" }); // prettier-ignore
}

const group = (props: Record<string, unknown>, type = targetGroupTypes[0] ?? ""): ExampleResource => ({
    type,
    name: "targets",
    props: { targetType: "ip", port: 8443, protocol: "HTTPS", healthCheck: { path: "/health" }, ...props },
});

export const targetTransport: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ALB-09",
        family: "alb",
        title: "Target groups use HTTPS and have a health check of their own",
        rationale:
            "Behind the load balancer passwords and verdicts travel in clear text unless targets have TLS too; without a health check of its own a target that hangs keeps getting requests.",
        severity: "medium",
        remediation:
            'Set `protocol: "HTTPS"` (a self-signed certificate on the target is enough) and `healthCheck.path`. A network that is trusted on purpose is an exemption with that reason.',
        references: ["checkov CKV_AWS_378", "checkov CKV_AWS_261", "AWS Config elbv2-targetgroup-protocol-encrypted", "FSBP ELB.22"], // prettier-ignore
    },
    types: targetGroupTypes,
    evaluate: (resource) => {
        const target = resource.string("targetType");
        if (target.kind === "malformed")
            return [violation(`targetType of target group ${resource.name} ${target.why}.`, 'Set targetType: "ip", "instance" or "lambda".', { findingId: "targetType" })]; // prettier-ignore
        if (is(target, "lambda")) return [notApplicable("functions are called by the service itself")];
        const protocol = resource.string("protocol");
        if (protocol.kind === "known" && transportProtocols.has(protocol.value.toUpperCase()))
            return [notApplicable("not a target group of an application load balancer")];
        if (valueOf(protocol)?.toUpperCase() === "TLS") return [pass];
        if (target.kind === "unknown" && protocol.kind === "absent")
            return [inconclusive(target, "what kind of targets it has is not known yet")];
        return [
            expectValue(protocol, {
                accepts: (value) => value.toUpperCase() === "HTTPS",
                consequence: `what the load balancer passes on to target group ${resource.name} is not encrypted`,
                fix: 'Set protocol: "HTTPS".',
                findingId: "protocol",
            }),
            judgeHealthCheck(resource),
        ];
    },
    examples: [
        badExample("plain HTTP", [group({ protocol: "HTTP" })], "targets"),
        badExample(
            "in the other token family",
            [group({ protocol: "HTTP" }, targetGroupTypes[1])],
            "targets",
        ),
        badExample(
            "the health check is switched off",
            [group({ healthCheck: { enabled: false } })],
            "targets",
        ),
        goodExample("HTTPS with a health check", [group({})]),
        goodExample("a function", [
            group({ targetType: "lambda", protocol: null, port: null, healthCheck: null }),
        ]),
        goodExample("targets of a network load balancer", [group({ protocol: "TCP", healthCheck: null })]),
        absentExample("no health check", [group({ healthCheck: null })], "targets"),
        absentExample("no protocol", [group({ protocol: null })], "targets"),
        openExample("protocol not known yet", [group({ protocol: unknown })], "targets"),
        {
            title: "a health check not known yet does not hide the protocol",
            shows: "unknown",
            resources: [group({ protocol: "HTTP", healthCheck: unknown })],
            expect: [
                { resource: "targets", kind: "violation" },
                { resource: "targets", kind: "inconclusive" },
            ],
        },
    ],
};
