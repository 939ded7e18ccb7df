/** ALB-07: the scanner cannot be reached from the internet. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { matchesAny } from "../../harness/wildcard";
import { taskDefinitionType } from "../ecs/containers";
import { securityGroupType } from "../vpc/securityGroup";
import {
    isApplicationLoadBalancer,
    listenerRuleTypes,
    listenerTypes,
    loadBalancerTypes,
    targetGroupTypes,
    webAclAssociationType,
} from "./loadBalancer";
import { isNamedLikeScanner, judgeShield } from "./shield";

const metadata: RuleMetadata = {
    id: "ALB-07",
    family: "alb",
    title: "Load balancers are internal, or shielded when they face the internet on purpose",
    rationale:
        "A scanner that answers the internet tells everybody what is vulnerable, and lets them try its password.",
    severity: "high",
    remediation:
        "Set `internal: true`, or give a load balancer that faces the internet on purpose a web ACL. One that a scanner is " +
        "behind also needs source addresses, an authentication action on every listener and rule, and, when its name says so, " +
        "an entry in the setting `internetFacingLoadBalancers`.",
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

const forwarding = (name: string, groups: string[]): ExampleResource => ({
    type: listenerRuleTypes[0] ?? "",
    name,
    props: { listenerArn: unknown, actions: [{ type: "forward", targetGroupArn: unknown }] },
    propertyDependencies: { listenerArn: ["listener"], actions: groups },
});
/** A target group, and a service that registers with it. */
const behind = (image: string): ExampleResource[] => [
    { type: targetGroupTypes[0] ?? "", name: "targets", props: {} },
    {
        type: taskDefinitionType,
        name: "task",
        props: { family: "app", containerDefinitions: JSON.stringify([{ name: "app", image }]) },
    },
    {
        type: "aws:ecs/service:Service",
        name: "service",
        props: { taskDefinition: "app", loadBalancers: [{ targetGroupArn: unknown }] },
        propertyDependencies: { loadBalancers: ["targets"] },
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
        if (internal.kind === "malformed") {
            return [
                violation(
                    `Load balancer ${resource.name} may face the internet: ${internal.property} ${internal.why}.`,
                    "Set internal: true.",
                ),
            ];
        }
        if (!isNamedLikeScanner(resource, configuration)) {
            return [notApplicable("whether it is shielded is judged by the stack half")];
        }
        return [
            violation(
                `Load balancer ${resource.name}, a scanner's by its name, faces the internet (${exposure(resource)}).`,
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
            const internal = resource.boolean("internal");
            if (!isApplicationLoadBalancer(resource) || is(internal, true)) {
                return about(resource, notApplicable("does not face the internet"));
            }
            const declared = declaredFacing(resource, configuration);
            if (declared !== "yes") {
                const said =
                    declared === "unknown" ||
                    (internal.kind !== "known" && internal.kind !== "absent") ||
                    isNamedLikeScanner(resource, configuration);
                return about(
                    resource,
                    ...(said
                        ? [notApplicable("judged on its own")]
                        : undeclaredOutcomes(resource, judgeShield(graph, resource, configuration))),
                );
            }
            const outcomes = judgeShield(graph, resource, configuration);
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
            title: "a rule that goes past the authentication",
            shows: "bad",
            configuration: facing,
            resources: [...shield("192.0.2.0/24"), forwarding("rule", ["targets"]), behind("nginx")[0] as ExampleResource], // prettier-ignore
            expect: bad,
        },
        {
            title: "a scanner behind it, open to every address",
            shows: "bad",
            configuration: facing,
            resources: [...shield("0.0.0.0/0"), ...behind("anchore/anchore-engine")],
            expect: bad,
        },
        {
            title: "an application for everybody behind it needs a web ACL",
            shows: "bad",
            configuration: facing,
            resources: [
                ...shield("0.0.0.0/0", "fixed-response").filter(({ name }) => name !== "acl"),
                forwarding("rule", ["targets"]),
                ...behind("nginx"),
            ],
            expect: bad,
        },
        {
            title: "an application for everybody behind a web ACL",
            shows: "good",
            configuration: facing,
            resources: [
                ...shield("0.0.0.0/0", "fixed-response"),
                forwarding("rule", ["targets"]),
                ...behind("nginx"),
            ],
            expect: [],
        },
        {
            title: "clients show certificates",
            shows: "good",
            configuration: facing,
            resources: shield("192.0.2.0/24", "fixed-response").map((resource) =>
                resource.name === "listener"
                    ? { ...resource, props: { ...resource.props, mutualAuthentication: { mode: "verify" } } }
                    : resource,
            ),
            expect: [],
        },
        {
            title: "nobody declared an application that faces the internet without a web ACL",
            shows: "bad",
            resources: [balancer({ name: "shop", internal: false })],
            expect: bad,
        },
        {
            title: "an application behind a web ACL",
            shows: "good",
            resources: [
                balancer({ name: "shop" }),
                {
                    type: webAclAssociationType,
                    name: "acl",
                    props: { resourceArn: unknown, webAclArn: unknown },
                    propertyDependencies: { resourceArn: ["alb"] },
                },
            ],
            expect: [],
        },
        {
            title: "a scanner behind a web ACL only, in one finding",
            shows: "bad",
            resources: [
                ...shield("0.0.0.0/0", "fixed-response").map((resource) =>
                    resource.name === "alb"
                        ? { ...resource, props: { ...resource.props, name: "shop" } }
                        : resource,
                ),
                forwarding("rule", ["targets"]),
                ...behind("anchore/anchore-engine"),
            ],
            expect: bad,
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

function exposure(resource: ResourceReader): string {
    return `internal is ${resource.boolean("internal").kind === "known" ? "false" : "not set"}`;
}

/** All that is missing in one finding: who did not mean to face the internet has one thing to mend. */
function undeclaredOutcomes(resource: ResourceReader, shield: Outcome[]): Outcome[] {
    const faults = shield.filter((outcome) => outcome.kind === "violation");
    if (faults.length === 0) return shield.length > 0 ? shield : [pass];
    const why = faults.map(({ message }) => message).join(" ");
    return [
        violation(
            `${why} (${exposure(resource)})`,
            `Set internal: true. If it is to face the internet: ${faults.map(({ fix }) => fix).join(" ")}`,
        ),
    ];
}

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
