/** PIPE-22: not everybody on the internet starts a pipeline. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";

const webhookType = "aws:codepipeline/webhook:Webhook";

const webhook = (authentication: unknown, authenticationConfiguration?: unknown): ExampleResource => ({
    type: webhookType,
    name: "webhook",
    props: {
        authentication,
        authenticationConfiguration,
        targetAction: "Source",
        targetPipeline: "demo",
        filters: [{ jsonPath: "$.ref", matchEquals: "refs/heads/{Branch}" }],
    },
});
const bad: RuleExample["expect"] = [{ resource: "webhook", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "webhook", kind: "inconclusive" }];

/** Ranges that leave nobody out. */
const everybody = /^(?:0\.0\.0\.0|::)\/0$/;

export const webhookAuthentication: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PIPE-22",
        family: "codepipeline",
        title: "A pipeline's webhook knows its caller",
        rationale:
            "The address of a webhook is no secret: without a check of the caller everybody starts the pipeline, as often as they like.",
        severity: "high",
        remediation:
            "Set `authentication: GITHUB_HMAC` with a `secretToken` that is a Pulumi secret, or `IP` with the range of the caller; better, use a connection (PIPE-13), which needs no webhook.",
        references: ["OWASP CICD-SEC-4"],
    },
    types: [webhookType],
    evaluate: (resource) => [judged(resource)],
    examples: [
        { title: "nobody is asked", shows: "bad", resources: [webhook("UNAUTHENTICATED")], expect: bad },
        { title: "a signature without a secret", shows: "bad", resources: [webhook("GITHUB_HMAC", {})], expect: bad }, // prettier-ignore
        {
            title: "every address",
            shows: "bad",
            resources: [webhook("IP", { allowedIpRange: "0.0.0.0/0" })],
            expect: bad,
        },
        { title: "another way", shows: "bad", resources: [webhook("BASIC")], expect: bad },
        {
            title: "a signature",
            shows: "good",
            resources: [webhook("GITHUB_HMAC", { secretToken: unknown })],
            expect: [],
        },
        {
            title: "a range of addresses",
            shows: "good",
            resources: [webhook("IP", { allowedIpRange: "192.0.2.0/24" })],
            expect: [],
        },
        { title: "nothing set", shows: "absent", resources: [webhook(undefined)], expect: bad },
        { title: "a range that is not set", shows: "absent", resources: [webhook("IP", {})], expect: bad },
        { title: "not known yet", shows: "unknown", resources: [webhook(unknown)], expect: open },
        {
            title: "an unknown range",
            shows: "unknown",
            resources: [webhook("IP", { allowedIpRange: unknown })],
            expect: open,
        },
    ],
};

function judged(resource: Parameters<ResourceRule["evaluate"]>[0]): Outcome {
    const authentication = resource.string("authentication");
    const fix =
        'Set authentication to "GITHUB_HMAC" and authenticationConfiguration.secretToken to a secret.';
    if (authentication.kind === "unknown")
        return inconclusive(authentication, "whether the webhook asks who calls is not known yet");
    const value = authentication.kind === "known" ? authentication.value : "not set";
    if (value === "GITHUB_HMAC") {
        const token = resource.get("authenticationConfiguration", "secretToken");
        // A secret that is only known later is one; its text is never looked at.
        const set = token.kind === "unknown" || (token.kind === "known" && token.value !== "");
        return set ? pass : violation(`${token.property} is not set, so signatures prove nothing.`, fix);
    }
    if (value === "IP") {
        const range = resource.string("authenticationConfiguration", "allowedIpRange");
        if (range.kind === "unknown")
            return inconclusive(range, "from where the webhook may be called is not known yet");
        if (range.kind === "known" && range.value !== "" && !everybody.test(range.value)) return pass;
        const read = range.kind === "known" && range.value !== "" ? `is ${range.value}` : "is not set";
        return violation(`${range.property} ${read}: every address may call the webhook.`, fix);
    }
    return violation(`authentication is ${value}: everybody who knows the address starts the pipeline.`, fix);
}
