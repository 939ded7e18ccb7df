/** ALB-02: no outdated TLS. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { listenerTypes } from "./loadBalancer";

const listener = (sslPolicy: unknown, protocol: unknown = "HTTPS"): ExampleResource => ({
    type: listenerTypes[0] ?? "",
    name: "listener",
    props: { port: 443, protocol, sslPolicy },
});
const bad = [{ resource: "listener", kind: "violation" as const }];

/**
 * True when the policy's oldest protocol is TLS 1.2 or newer. Names carry it as `-1-<minor>-` since 2017; older names
 * carry a date only and go back to TLS 1.0. New names of the same form are accepted without a list.
 * Source: Elastic Load Balancing user guide, "Security policies for your Application Load Balancer".
 */
export function isModernTlsPolicy(name: string): boolean {
    const minor = /^ELBSecurityPolicy-(?:TLS13|TLS|FS)-1-(?<minor>\d)(?:-|$)/.exec(name)?.groups?.["minor"];
    return minor !== undefined && Number(minor) >= 2;
}

export const tlsPolicy: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ALB-02",
        family: "alb",
        title: "HTTPS listeners accept TLS 1.2 and newer only",
        rationale:
            "TLS 1.0 and 1.1 can be broken by a listener in the middle; the service's default still accepts both.",
        severity: "high",
        remediation:
            "Set `sslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06` or a newer policy without TLS 1.0 and 1.1.",
        references: ["FSBP ELB.17", "checkov CKV_AWS_103", "checkov CKV2_AWS_74", "trivy AWS-0047"],
    },
    types: listenerTypes,
    evaluate: (resource) => {
        const protocol = resource.string("protocol");
        if (protocol.kind === "unknown")
            return [inconclusive(protocol, "whether the listener uses TLS is not known yet")];
        if (!["HTTPS", "TLS"].includes(valueOf(protocol)?.toUpperCase() ?? "")) {
            return [notApplicable("not an HTTPS listener")];
        }
        const policy = resource.string("sslPolicy");
        if (policy.kind === "unknown")
            return [inconclusive(policy, "which TLS versions are accepted is not known yet")];
        if (policy.kind === "known" && isModernTlsPolicy(policy.value)) return [pass];
        const read =
            policy.kind === "known" ? policy.value : "not set; the default is ELBSecurityPolicy-2016-08";
        return [
            violation(
                `Listener ${resource.name} accepts TLS 1.0 or 1.1 (sslPolicy is ${read}).`,
                'Set sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06".',
            ),
        ];
    },
    remediation: {
        when: "always",
        changes: (resource) => {
            const policy = resource.string("sslPolicy");
            const right = policy.kind === "known" && isModernTlsPolicy(policy.value);
            return right || policy.kind === "unknown"
                ? []
                : [{ path: ["sslPolicy"], value: "ELBSecurityPolicy-TLS13-1-2-2021-06" }];
        },
    },
    examples: [
        {
            title: "the old default",
            shows: "bad",
            resources: [listener("ELBSecurityPolicy-2016-08")],
            expect: bad,
        },
        {
            title: "TLS 1.3 together with TLS 1.0",
            shows: "bad",
            resources: [listener("ELBSecurityPolicy-TLS13-1-0-2021-06")],
            expect: bad,
        },
        {
            title: "forward secrecy with TLS 1.1",
            shows: "bad",
            resources: [listener("ELBSecurityPolicy-FS-1-1-2019-08")],
            expect: bad,
        },
        {
            title: "TLS 1.2 and 1.3",
            shows: "good",
            resources: [listener("ELBSecurityPolicy-TLS13-1-2-2021-06")],
            expect: [],
        },
        {
            title: "a policy that is newer than this rule",
            shows: "good",
            resources: [listener("ELBSecurityPolicy-TLS13-1-3-PQ-2099-01")],
            expect: [],
        },
        {
            title: "plain HTTP is another rule's matter",
            shows: "good",
            resources: [listener(null, "HTTP")],
            expect: [],
        },
        { title: "not set", shows: "absent", resources: [listener(null)], expect: bad },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [listener(unknown)],
            expect: [{ resource: "listener", kind: "inconclusive" }],
        },
    ],
};
