/** ALB-07: the scanner cannot be reached from the internet. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { ingressOf, openSources } from "../vpc/ingress";
import { securityGroupType } from "../vpc/securityGroup";
import {
    isApplicationLoadBalancer,
    listenerTypes,
    loadBalancerTypes,
    webAclAssociationType,
} from "./loadBalancer";

const metadata: RuleMetadata = {
    id: "ALB-07",
    family: "alb",
    title: "Load balancers are internal, or shielded when they face the internet on purpose",
    rationale:
        "A scanner that answers the internet tells everybody what is vulnerable, and lets them try its password.",
    severity: "high",
    remediation:
        "Set `internal: true`. For a load balancer that faces the internet on purpose name it in the setting " +
        "`internetFacingLoadBalancers` and give it a web ACL, source addresses and an authentication action.",
    references: ["trivy AWS-0053", "checkov CKV2_AWS_28", "FSBP ELB.16", "NIST SP 800-190 4.3.2"],
};

const balancer = (props: Record<string, unknown>, more: Partial<ExampleResource> = {}): ExampleResource => ({
    type: loadBalancerTypes[0] ?? "",
    name: "alb",
    props: { name: "anchore", loadBalancerType: "application", ...props },
    ...more,
});
const bad = [{ resource: "alb", kind: "violation" as const }];
const open = [{ resource: "alb", kind: "inconclusive" as const }];
const facing = { internetFacingLoadBalancers: ["anchore"] };
const shield = (cidr: string, actionType = "authenticate-oidc"): ExampleResource[] => [
    balancer(
        { internal: false, securityGroups: [unknown] },
        { propertyDependencies: { securityGroups: ["edge"] } },
    ),
    {
        type: securityGroupType,
        name: "edge",
        props: {
            name: "edge",
            ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [cidr] }],
        },
    },
    {
        type: listenerTypes[0] ?? "",
        name: "listener",
        props: {
            loadBalancerArn: unknown,
            protocol: "HTTPS",
            defaultActions: [{ type: actionType }, { type: "forward" }],
        },
        propertyDependencies: { loadBalancerArn: ["alb"] },
    },
    {
        type: webAclAssociationType,
        name: "acl",
        props: { resourceArn: unknown, webAclArn: unknown },
        propertyDependencies: { resourceArn: ["alb"] },
    },
];

export const internalLoadBalancer: ResourceRule = {
    level: "resource",
    metadata,
    types: loadBalancerTypes,
    evaluate: (resource, configuration) => {
        if (!isApplicationLoadBalancer(resource)) return [notApplicable("not an application load balancer")];
        const internal = resource.boolean("internal");
        if (is(internal, true)) return [pass];
        if (internal.kind === "unknown") {
            return [inconclusive(internal, "whether the load balancer faces the internet is not known yet")];
        }
        const declared = declaredFacing(resource, configuration);
        if (declared === "yes")
            return [notApplicable("faces the internet on purpose; the stack half judges its shield")];
        if (declared === "unknown") {
            return [
                inconclusive(
                    { property: "name" },
                    "whether the load balancer may face the internet is not known yet",
                ),
            ];
        }
        const read = internal.kind === "known" ? "false" : "not set";
        return [
            violation(
                `Load balancer ${resource.name} faces the internet (internal is ${read}).`,
                "Set internal: true, or name it in the setting internetFacingLoadBalancers and shield it.",
            ),
        ];
    },
    examples: [
        {
            title: "faces the internet",
            shows: "bad",
            resources: [balancer({ internal: false })],
            expect: bad,
        },
        {
            title: "the same in the other token family",
            shows: "bad",
            resources: [balancer({ internal: false }, { type: loadBalancerTypes[1] ?? "" })],
            expect: bad,
        },
        { title: "internal", shows: "good", resources: [balancer({ internal: true })], expect: [] },
        {
            title: "faces the internet on purpose",
            shows: "good",
            configuration: facing,
            resources: [balancer({ internal: false })],
            expect: [],
        },
        {
            title: "not set: the default faces the internet",
            shows: "absent",
            resources: [balancer({})],
            expect: bad,
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [balancer({ internal: unknown })],
            expect: open,
        },
    ],
};

export const shieldedLoadBalancer: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: loadBalancerTypes,
    evaluate: (graph, configuration) =>
        graph.ofType(...loadBalancerTypes).flatMap((resource) => {
            const facesInternet =
                isApplicationLoadBalancer(resource) && is(resource.boolean("internal"), true) === false;
            if (!facesInternet || declaredFacing(resource, configuration) !== "yes") {
                return about(resource, notApplicable("not declared to face the internet"));
            }
            const outcomes = [
                ...judgeWebAcl(graph, resource),
                ...judgeSources(graph, resource),
                ...judgeAuthentication(graph, resource),
            ];
            return about(resource, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        {
            title: "no web ACL",
            shows: "bad",
            configuration: facing,
            resources: shield("192.0.2.0/24").filter((resource) => resource.name !== "acl"),
            expect: bad,
        },
        {
            title: "open to every address",
            shows: "bad",
            configuration: facing,
            resources: shield("0.0.0.0/0"),
            expect: bad,
        },
        {
            title: "no authentication",
            shows: "bad",
            configuration: facing,
            resources: shield("192.0.2.0/24", "fixed-response"),
            expect: bad,
        },
        {
            title: "web ACL, source addresses and authentication",
            shows: "good",
            configuration: facing,
            resources: shield("192.0.2.0/24"),
            expect: [],
        },
        {
            title: "no shield at all",
            shows: "absent",
            configuration: facing,
            resources: [balancer({ internal: false })],
            expect: [...bad, ...bad, ...bad],
        },
        {
            title: "source addresses not known yet",
            shows: "unknown",
            configuration: facing,
            resources: shield(unknown),
            expect: open,
        },
    ],
};

function declaredFacing(
    resource: ResourceReader,
    configuration: PackConfiguration,
): "yes" | "no" | "unknown" {
    const patterns = configuration.internetFacingLoadBalancers;
    if (patterns.length === 0) return "no";
    const name = resource.string("name");
    if (name.kind === "unknown") return "unknown";
    return matchesAny(patterns, valueOf(name) ?? resource.name) ? "yes" : "no";
}

function judgeWebAcl(graph: StackGraph, resource: ResourceReader): Outcome[] {
    const { certain, possible } = graph.referrers(resource, [webAclAssociationType], "resourceArn");
    if (certain.length > 0) return [];
    const [candidate] = possible;
    if (candidate) {
        const property = `${candidate.name}.resourceArn`;
        return [
            inconclusive({ property }, "whether this web ACL protects the load balancer is not known yet"),
        ];
    }
    return [
        violation(
            `Load balancer ${resource.name} faces the internet without a web ACL.`,
            "Add an aws.wafv2.WebAclAssociation with resourceArn: loadBalancer.arn.",
            { findingId: "webAcl" },
        ),
    ];
}

function judgeSources(graph: StackGraph, resource: ResourceReader): Outcome[] {
    const references = graph.references(resource, ["securityGroups"], [securityGroupType]);
    const fix = "List the source addresses that may reach it in the ingress of its security group.";
    if (references.length === 0) {
        return [
            violation(`Load balancer ${resource.name} has no security group of its own.`, fix, {
                findingId: "sources",
            }),
        ];
    }
    return references.flatMap((reference) => {
        if (reference.kind !== "exact") {
            return [inconclusive(reference, "which security group the load balancer has cannot be told")];
        }
        const group = reference.resource;
        const sources = openSources(ingressOf(graph, group));
        if (sources.anyone.length > 0) {
            const where = sources.anyone.map((entry) => entry.place).join(", ");
            return [
                violation(
                    `Load balancer ${resource.name} accepts connections from anywhere (security group ${group.name}: ${where}).`,
                    fix,
                    { findingId: "sources" },
                ),
            ];
        }
        return sources.unknown
            .slice(0, 1)
            .map((entry) =>
                inconclusive(
                    { property: entry.place },
                    "from where connections are accepted is not known yet",
                ),
            );
    });
}

function judgeAuthentication(graph: StackGraph, resource: ResourceReader): Outcome[] {
    const { certain, possible } = graph.referrers(resource, listenerTypes, "loadBalancerArn");
    const fix =
        "Let the first default action of its HTTPS listener be authenticate-oidc or authenticate-cognito.";
    const [candidate] = possible;
    if (certain.length === 0 && candidate) {
        const property = `${candidate.name}.loadBalancerArn`;
        return [inconclusive({ property }, "which listeners the load balancer has cannot be told")];
    }
    if (certain.length === 0) {
        return [
            violation(`Load balancer ${resource.name} has no listener that authenticates.`, fix, {
                findingId: "authentication",
            }),
        ];
    }
    return certain.flatMap((listener) => {
        if (is(listener.string("protocol"), "HTTP")) return [];
        const action = listener.string("defaultActions", 0, "type");
        if (action.kind === "unknown") {
            return [inconclusive(action, "whether the listener authenticates is not known yet")];
        }
        if (valueOf(action)?.startsWith("authenticate-")) return [];
        return [
            violation(`Listener ${listener.name} of load balancer ${resource.name} lets everybody in.`, fix, {
                findingId: `authentication|${listener.name}`,
            }),
        ];
    });
}
