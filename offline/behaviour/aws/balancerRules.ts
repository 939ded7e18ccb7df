/** What Elastic Load Balancing refuses. Limits: Elastic Load Balancing API reference, version 2015-12-01. */
import { isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import type { InputRules, Rule } from "../valueRules";
import { arnOf, fields, isKnown, listOf, oneOf, text, whole } from "../valueRules";

/** Load balancers and target groups: 32 letters, digits and hyphens, none at either end. */
const name: Rule = (value, where) =>
    text(1, 32, /^(?!-)[A-Za-z0-9-]+(?<!-)$/, "letters, digits and -, no - at either end")(value, where);

const action = fields(
    {
        type: oneOf(
            "forward",
            "authenticate-oidc",
            "authenticate-cognito",
            "redirect",
            "fixed-response",
            "jwt-validation",
        ),
        targetGroupArn: arnOf("elasticloadbalancing"),
        order: whole(1, 50_000),
        forward: fields({
            targetGroups: listOf(fields({ arn: arnOf("elasticloadbalancing"), weight: whole(0, 999) }), 1, 5),
        }),
    },
    (value, where) =>
        value["type"] === "forward" &&
        (value["targetGroupArn"] === undefined) === (value["forward"] === undefined)
            ? [`${where}: forward needs exactly one of targetGroupArn and forward`]
            : [],
);

function ofKind(kind: string): Rule {
    return (value, where) => [
        ...arnOf("elasticloadbalancing")(value, where),
        ...(String(value).includes(`:${kind}/`) ? [] : [`${where} is not the ARN of a ${kind}`]),
    ];
}

function listenerProblems(inputs: WireObject): string[] {
    const { protocol, certificateArn, sslPolicy } = inputs;
    const secure = protocol === "HTTPS" || protocol === "TLS";
    return [
        ...(secure && certificateArn === undefined
            ? [`certificateArn is needed for ${String(protocol)}`]
            : []),
        ...(isKnown(protocol) && !secure && certificateArn !== undefined
            ? [`certificateArn is not for ${String(protocol)}`]
            : []),
        ...(isKnown(protocol) && !secure && isKnown(sslPolicy) && sslPolicy !== ""
            ? [`sslPolicy is not for ${String(protocol)}`]
            : []),
    ];
}

function items(value: Wire | undefined): Wire[] {
    return Array.isArray(value) ? value : [];
}

export const balancerRules: Record<string, InputRules> = {
    "aws:lb/loadBalancer:LoadBalancer": {
        properties: {
            name: (value, where) => [
                ...name(value, where),
                ...(String(value).startsWith("internal-") ? [`${where} must not begin with internal-`] : []),
            ],
            loadBalancerType: oneOf("application", "network", "gateway"),
            idleTimeout: whole(1, 4000, "seconds"),
            ipAddressType: oneOf("ipv4", "dualstack", "dualstack-without-public-ipv4"),
            desyncMitigationMode: oneOf("monitor", "defensive", "strictest"),
        },
        together: (inputs) =>
            (inputs["loadBalancerType"] ?? "application") === "application" &&
            isKnown(inputs["subnets"]) &&
            items(inputs["subnets"]).length < 2
                ? ["subnets: an application load balancer needs subnets in two zones at least"]
                : [],
    },
    "aws:lb/listener:Listener": {
        properties: {
            loadBalancerArn: ofKind("loadbalancer"),
            port: whole(1, 65_535),
            protocol: oneOf("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"),
            certificateArn: arnOf("acm", "iam"),
            defaultActions: listOf(action, 1),
        },
        together: listenerProblems,
    },
    "aws:lb/listenerRule:ListenerRule": {
        properties: {
            listenerArn: ofKind("listener"),
            priority: whole(1, 50_000),
            actions: listOf(action, 1),
            conditions: listOf(
                (value, where) =>
                    isObject(value) && Object.values(value).filter(isKnown).length === 1
                        ? []
                        : [`${where} has to have exactly one kind of condition`],
                1,
            ),
        },
    },
    "aws:lb/targetGroup:TargetGroup": {
        properties: {
            name,
            port: whole(1, 65_535),
            protocol: oneOf("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"),
            targetType: oneOf("instance", "ip", "lambda", "alb"),
            deregistrationDelay: whole(0, 3600, "seconds"),
            slowStart: (value, where) => (value === 0 ? [] : whole(30, 900, "seconds, or 0")(value, where)),
            healthCheck: fields(
                {
                    interval: whole(5, 300, "seconds"),
                    timeout: whole(2, 120, "seconds"),
                    healthyThreshold: whole(2, 10),
                    unhealthyThreshold: whole(2, 10),
                    path: text(1, 1024, /^\//, "a path that begins with /"),
                },
                (value, where) =>
                    typeof value["interval"] === "number" &&
                    typeof value["timeout"] === "number" &&
                    value["timeout"] >= value["interval"]
                        ? [`${where}: timeout has to be less than interval`]
                        : [],
            ),
        },
        together: (inputs) =>
            (inputs["targetType"] ?? "instance") === "lambda"
                ? []
                : ["port", "protocol", "vpcId"]
                      .filter((property) => inputs[property] === undefined)
                      .map((property) => `${property} is needed unless targetType is lambda`),
    },
};
