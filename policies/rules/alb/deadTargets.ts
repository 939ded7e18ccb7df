/** ALB-10: listeners and their rules lead to something that runs, and not in clear text. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { listenerRuleTypes, listenerTypes, targetGroupTypes } from "./loadBalancer";
import { forwardPaths, targetGroupUse } from "./targetGroupUse";

function judgeTargets(graph: StackGraph, resource: ResourceReader, property: string): Outcome[] {
    if (resource.get(property).kind === "unknown")
        return [inconclusive({ property }, "where requests go is not known yet")];
    const { used, unplaced } = targetGroupUse(graph);
    const references = forwardPaths(resource, property).map((path) =>
        graph.reference(resource, path, targetGroupTypes),
    );
    const unused = (group: ResourceReader) => !used.has(group);
    const candidates = new Set(
        references.flatMap((reference) => (reference.kind === "candidates" ? reference.resources : [])),
    );
    // With as many references as candidates each of them is meant.
    const told = references.filter(({ kind }) => kind === "candidates").length >= candidates.size;
    const meant = new Set([
        ...references.flatMap((reference) => (reference.kind === "exact" ? [reference.resource] : [])),
        ...(told || [...candidates].every(unused) ? candidates : []),
    ]);
    const fix =
        "Let a service name the group in loadBalancers[].targetGroupArn, or remove the action; a group outside the stack goes into the setting externalReferences.";
    const wrong = [...meant]
        .filter(unused)
        .map((group) =>
            unplaced.length > 0
                ? inconclusive(
                      { property: `${unplaced[0]?.name}` },
                      `whether it registers with target group ${group.name} cannot be told yet`,
                  )
                : violation(
                      `${resource.name} forwards to target group ${group.name}, with which no service of the stack registers: callers get errors.`,
                      fix,
                      { findingId: group.name },
                  ),
        );
    const others = references.flatMap((reference): Outcome[] => {
        if (reference.kind === "dangling")
            return [violation(`${resource.name} forwards to ${reference.value}, which is no target group of the stack.`, fix, { findingId: reference.property })]; // prettier-ignore
        const open =
            reference.kind === "unknown" ||
            (reference.kind === "candidates" && !told && reference.resources.some(unused) && !reference.resources.every(unused)); // prettier-ignore
        return open ? [inconclusive(reference, "to which target group requests go cannot be told yet")] : [];
    });
    return [...wrong, ...others];
}

function judgeClearText(graph: StackGraph, rule: ResourceReader): Outcome[] {
    if (forwardPaths(rule, "actions").length === 0) return [];
    const listener = graph.reference(rule, ["listenerArn"], listenerTypes);
    if (listener.kind === "unknown" || listener.kind === "candidates") {
        const listeners = listener.kind === "candidates" ? listener.resources : [];
        const clear = listeners.filter((each) => is(each.string("protocol"), "HTTP"));
        if (listeners.length > 0 && clear.length === 0) return [];
        if (clear.length < listeners.length || listeners.length === 0)
            return [inconclusive(listener, "whether the listener of this rule is encrypted cannot be told yet")]; // prettier-ignore
    } else if (listener.kind !== "exact" || !is(listener.resource.string("protocol"), "HTTP")) return [];
    return [
        violation(
            `Rule ${rule.name} forwards requests that came in clear text (its listener's protocol is HTTP).`,
            'Redirect HTTP to HTTPS (type: "redirect", statusCode: "HTTP_301"), and forward on the HTTPS listener.',
            { findingId: "clearText" },
        ),
    ];
}

export const deadTargets: StackRule = {
    level: "stack",
    metadata: {
        id: "ALB-10",
        family: "alb",
        title: "Listeners and their rules forward to target groups in use, and nothing in clear text",
        rationale:
            "A rule that leads to a group without targets answers errors where the scanner or the application should; one on a plain HTTP listener undoes the redirect to HTTPS.",
        severity: "medium",
        remediation:
            "Let every target group that a listener or rule forwards to be named by a service (`loadBalancers[].targetGroupArn`), an Auto Scaling group or an attachment, and forward on HTTPS listeners only.",
        references: ["Elastic Load Balancing: listener rules for your Application Load Balancer"],
    },
    relevantTypes: [...listenerTypes, ...listenerRuleTypes],
    evaluate: (graph) => [
        ...graph.ofType(...listenerTypes).flatMap((listener) => {
            const outcomes = judgeTargets(graph, listener, "defaultActions");
            return about(listener, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
        ...graph.ofType(...listenerRuleTypes).flatMap((rule) => {
            const outcomes = [...judgeTargets(graph, rule, "actions"), ...judgeClearText(graph, rule)];
            return about(rule, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    ],
    examples: [
        badExample(
            "a rule to a group that no service uses",
            [...stack(), group("unused"), rule(["unused"])],
            "rule",
        ),
        badExample("a rule on a plain HTTP listener", [...stack("HTTP"), rule(["targets"])], "rule"),
        badExample(
            "one of two groups is not in use",
            [...stack(), group("unused"), weighted(["targets", "unused"])],
            "rule",
        ),
        badExample(
            "a listener to a group that is not there",
            [
                {
                    ...listener("HTTPS", []),
                    props: { protocol: "HTTPS", defaultActions: [{ type: "forward", targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/gone/1" }] }, // prettier-ignore
                },
            ],
            "listener",
        ),
        goodExample("listener and rule lead to the service", [...stack(), rule(["targets"])]),
        goodExample("two groups of a blue/green deployment", [
            group("blue"),
            group("green"),
            { ...service(["blue", "green"]) },
            listener("HTTPS", ["blue"]),
            weighted(["blue", "green"]),
        ]),
        goodExample("an attached instance, by ARN", [
            { ...group("targets"), props: { arn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1" } }, // prettier-ignore
            {
                type: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
                name: "attachment",
                props: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/1", targetId: "i-1" }, // prettier-ignore
            },
            listener("HTTPS", ["targets"]),
        ]),
        goodExample("a redirect needs no group", [
            {
                type: listenerTypes[0] ?? "",
                name: "listener",
                props: { protocol: "HTTP", defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS" } }] }, // prettier-ignore
            },
        ]),
        absentExample("nothing registers", [group("targets"), listener("HTTPS", ["targets"])], "listener"),
        openExample(
            "a service that registers with a group that cannot be told",
            [group("targets"), listener("HTTPS", ["targets"]), service([])],
            "listener",
        ),
        {
            title: "actions not known yet do not hide the rule",
            shows: "unknown",
            resources: [
                { ...listener("HTTP", []), props: { protocol: "HTTP", defaultActions: unknown } },
                group("targets"),
                service(["targets"]),
                rule(["targets"]),
            ],
            expect: [
                { resource: "listener", kind: "inconclusive" },
                { resource: "rule", kind: "violation" },
            ],
        },
    ],
};

function group(name: string): ExampleResource {
    return { type: targetGroupTypes[0] ?? "", name, props: { protocol: "HTTPS" } };
}

function service(groups: string[]): ExampleResource {
    return {
        type: "aws:ecs/service:Service",
        name: "service",
        props: { loadBalancers: [{ targetGroupArn: unknown, containerName: "app", containerPort: 8443 }] },
        propertyDependencies: { loadBalancers: groups },
    };
}

function listener(protocol: string, groups: string[]): ExampleResource {
    return {
        type: listenerTypes[0] ?? "",
        name: "listener",
        props: { protocol, defaultActions: [{ type: "forward", targetGroupArn: unknown }] },
        propertyDependencies: { defaultActions: groups },
    };
}

function rule(groups: string[]): ExampleResource {
    return {
        type: listenerRuleTypes[0] ?? "",
        name: "rule",
        props: { listenerArn: unknown, actions: [{ type: "forward", targetGroupArn: unknown }] },
        propertyDependencies: { listenerArn: ["listener"], actions: groups },
    };
}

function weighted(groups: string[]): ExampleResource {
    const targetGroups = groups.map(() => ({ arn: unknown, weight: 1 }));
    return { ...rule(groups), props: { listenerArn: unknown, actions: [{ type: "forward", forward: { targetGroups } }] } }; // prettier-ignore
}

/** A listener that leads to a service; plain HTTP only redirects. */
function stack(protocol = "HTTPS"): ExampleResource[] {
    const redirecting = {
        type: listenerTypes[0] ?? "",
        name: "listener",
        props: { protocol, defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS" } }] },
    };
    return [
        group("targets"),
        service(["targets"]),
        protocol === "HTTP" ? redirecting : listener(protocol, ["targets"]),
    ];
}
