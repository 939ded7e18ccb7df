/** ALB-01: nothing listens in clear text. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { listenerTypes, transportProtocols } from "./loadBalancer";

const [listenerType = "", otherListenerType = ""] = listenerTypes;
const listener = (props: Record<string, unknown>, type = listenerType): ExampleResource => ({
    type,
    name: "listener",
    props,
});
const forward = { defaultActions: [{ type: "forward", targetGroupArn: unknown }] };
const redirect = (more: object = {}) => ({
    defaultActions: [
        { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301", ...more } },
    ],
});
const bad = [{ resource: "listener", kind: "violation" as const }];

export const encryptedListener: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ALB-01",
        family: "alb",
        title: "Listeners speak HTTPS, or redirect to it",
        rationale:
            "A scanner's verdict and its administrator's password that travel in clear text can be read and changed on the way.",
        severity: "critical",
        remediation:
            "Use protocol `HTTPS` with a certificate. A listener on port 80 may stay if its only default action redirects " +
            "to HTTPS with `HTTP_301`.",
        references: [
            "FSBP ELB.1",
            "FSBP ELB.18",
            "checkov CKV_AWS_2",
            "checkov CKV2_AWS_20",
            "trivy AWS-0054",
        ],
    },
    types: listenerTypes,
    evaluate: (resource) => {
        const protocol = resource.string("protocol");
        if (protocol.kind === "unknown")
            return [inconclusive(protocol, "whether traffic is encrypted is not known yet")];
        const value = valueOf(protocol)?.toUpperCase();
        if (value === "HTTPS" || value === "TLS") return [pass];
        if (value === undefined && resource.get("port").kind === "absent") {
            return [notApplicable("a gateway load balancer's listener has neither protocol nor port")];
        }
        if (value !== undefined && transportProtocols.has(value)) {
            return [notApplicable("not a listener of an application load balancer")];
        }
        return [judgeRedirect(resource, value)];
    },
    examples: [
        {
            title: "HTTP that forwards",
            shows: "bad",
            resources: [listener({ port: 80, protocol: "HTTP", ...forward })],
            expect: bad,
        },
        {
            title: "the same in the other token family",
            shows: "bad",
            resources: [listener({ port: 80, protocol: "HTTP", ...forward }, otherListenerType)],
            expect: bad,
        },
        {
            title: "a redirect that keeps the protocol",
            shows: "bad",
            resources: [listener({ port: 80, protocol: "HTTP", ...redirect({ protocol: "#{protocol}" }) })],
            expect: bad,
        },
        {
            title: "a temporary redirect",
            shows: "bad",
            resources: [listener({ port: 80, protocol: "HTTP", ...redirect({ statusCode: "HTTP_302" }) })],
            expect: bad,
        },
        {
            title: "a redirect beside another action",
            shows: "bad",
            resources: [
                listener({
                    port: 80,
                    protocol: "HTTP",
                    defaultActions: [...redirect().defaultActions, ...forward.defaultActions],
                }),
            ],
            expect: bad,
        },
        {
            title: "HTTPS",
            shows: "good",
            resources: [listener({ port: 443, protocol: "HTTPS", ...forward })],
            expect: [],
        },
        {
            title: "HTTP that redirects for good",
            shows: "good",
            resources: [listener({ port: 80, protocol: "HTTP", ...redirect() })],
            expect: [],
        },
        {
            title: "no protocol",
            shows: "absent",
            resources: [listener({ port: 8228, protocol: null, ...forward })],
            expect: bad,
        },
        {
            title: "protocol not known yet",
            shows: "unknown",
            resources: [listener({ port: 80, protocol: unknown })],
            expect: [{ resource: "listener", kind: "inconclusive" }],
        },
        {
            title: "how HTTP is redirected is not known yet",
            shows: "unknown",
            resources: [listener({ port: 80, protocol: "HTTP", ...redirect({ statusCode: unknown }) })],
            expect: [{ resource: "listener", kind: "inconclusive" }],
        },
        {
            title: "a redirect to HTTP does not become right by an unknown status",
            shows: "unknown",
            resources: [
                listener({
                    port: 80,
                    protocol: "HTTP",
                    ...redirect({ protocol: "HTTP", statusCode: unknown }),
                }),
            ],
            expect: bad,
        },
        {
            title: "what HTTP does is not known yet",
            shows: "unknown",
            resources: [listener({ port: 80, protocol: "HTTP", defaultActions: unknown })],
            expect: [{ resource: "listener", kind: "inconclusive" }],
        },
    ],
};

function judgeRedirect(resource: ResourceReader, protocol: string | undefined): Outcome {
    const port = valueOf(resource.string("port")) ?? "?";
    const actions = resource.list("defaultActions");
    if (protocol === "HTTP") {
        if (actions.kind === "unknown")
            return inconclusive(actions, "whether HTTP is redirected is not known yet");
        const [action, ...others] = valueOf(actions) ?? [];
        if (action && others.length === 0) {
            const wanted: [string, string][] = [
                ["protocol", "HTTPS"],
                ["statusCode", "HTTP_301"],
            ];
            const readings = [
                { reading: action.string("type"), value: "redirect" },
                ...wanted.map(([key, value]) => ({ reading: action.string("redirect", key), value })),
            ];
            if (readings.every(({ reading, value }) => is(reading, value))) return pass;
            const wrong = readings.find(
                ({ reading, value }) => reading.kind !== "unknown" && !is(reading, value),
            );
            const open = readings.find(({ reading }) => reading.kind === "unknown");
            if (!wrong && open)
                return inconclusive(open.reading, "whether HTTP is redirected is not known yet");
        }
    }
    return violation(
        `Listener ${resource.name} answers on port ${port} with ${protocol ?? "no protocol"} in clear text and does not ` +
            "only redirect to HTTPS.",
        'Set protocol: "HTTPS" with a certificateArn, or one default action { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }.',
    );
}
