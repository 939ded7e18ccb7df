/** What a load balancer that faces the internet on purpose needs, depending on what is behind it. */
import type { PackConfiguration } from "../../harness/configuration";
import { hasWord } from "../../harness/nameWords";
import { inconclusive, violation } from "../../harness/outcome";
import { is, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { scannerServices, scannerWords } from "../ecs/scannerServices";
import { ingressOf, openSources } from "../vpc/ingress";
import { securityGroupType } from "../vpc/securityGroup";
import { listenerRuleTypes, listenerTypes, targetGroupTypes, webAclAssociationType } from "./loadBalancer";
import { forwardPaths, targetGroupUse } from "./targetGroupUse";

/**
 * A web ACL for all; source addresses and authentication as well where a scanner is or may be behind it: an application
 * for everybody cannot ask who they are at the door.
 */
export function judgeShield(
    graph: StackGraph,
    resource: ResourceReader,
    configuration: PackConfiguration,
): Outcome[] {
    const webAcl = judgeWebAcl(graph, resource);
    const mayServe =
        isNamedLikeScanner(resource, configuration) || scannerServices(graph, configuration).length > 0;
    if (!mayServe || servesNoScanner(graph, resource, configuration)) return webAcl;
    return [...webAcl, ...judgeSources(graph, resource), ...judgeAuthentication(graph, resource)];
}

/** Whether the name of a load balancer says that it is a scanner's. */
export function isNamedLikeScanner(resource: ResourceReader, configuration: PackConfiguration): boolean {
    return hasWord(scannerWords(configuration), valueOf(resource.string("name")), resource.name);
}

function listenersOf(graph: StackGraph, resource: ResourceReader) {
    return graph.referrers(resource, listenerTypes, "loadBalancerArn");
}

function rulesOf(graph: StackGraph, listener: ResourceReader): ResourceReader[] {
    return graph.referrers(listener, listenerRuleTypes, "listenerArn").certain;
}

/** True when every target group behind it has a service of the stack, and none of these runs a scanner. */
function servesNoScanner(
    graph: StackGraph,
    resource: ResourceReader,
    configuration: PackConfiguration,
): boolean {
    const { certain, possible } = listenersOf(graph, resource);
    if (possible.length > 0) return false;
    const from: [ResourceReader, string][] = certain.flatMap((listener) => [
        [listener, "defaultActions"],
        ...rulesOf(graph, listener).map((rule): [ResourceReader, string] => [rule, "actions"]),
    ]);
    const references = from.flatMap(([forwarder, property]) =>
        forwardPaths(forwarder, property).map((path) => graph.reference(forwarder, path, targetGroupTypes)),
    );
    const groups = references.map((reference) =>
        reference.kind === "exact"
            ? [reference.resource]
            : reference.kind === "candidates"
              ? reference.resources
              : [],
    );
    const scanners = new Set(scannerServices(graph, configuration).map(({ service }) => service));
    const { users } = targetGroupUse(graph);
    return (
        groups.length > 0 &&
        groups.every((each) => {
            const services = each.map((group) => users.get(group) ?? []);
            return (
                each.length > 0 &&
                services.every((list) => list.length > 0 && !list.some((service) => scanners.has(service)))
            );
        })
    );
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
    const { certain, possible } = listenersOf(graph, resource);
    const fix =
        "Let the first action of its HTTPS listener and of every rule be authenticate-oidc or authenticate-cognito.";
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
        // ALB-01 and ALB-10 see to it that plain HTTP only redirects; certificates are asked for before any rule.
        if (is(listener.string("protocol"), "HTTP")) return [];
        if (is(listener.string("mutualAuthentication", "mode"), "verify")) return [];
        return [
            ...judgeActions(listener, "defaultActions", `Listener ${listener.name}`, resource, fix),
            ...rulesOf(graph, listener)
                .filter((rule) => forwardPaths(rule, "actions").length > 0)
                .flatMap((rule) => judgeActions(rule, "actions", `Rule ${rule.name}`, resource, fix)),
        ];
    });
}

function judgeActions(
    reader: ResourceReader,
    property: string,
    what: string,
    resource: ResourceReader,
    fix: string,
): Outcome[] {
    const action = reader.string(property, 0, "type");
    if (action.kind === "unknown") {
        return [inconclusive(action, "whether the listener authenticates is not known yet")];
    }
    const type = valueOf(action) ?? "";
    if (type.startsWith("authenticate-") || type === "jwt-validation") return [];
    return [
        violation(`${what} of load balancer ${resource.name} lets everybody in.`, fix, {
            findingId: `authentication|${reader.name}`,
        }),
    ];
}
