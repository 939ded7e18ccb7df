/** LAM-06: only named callers may invoke a function. */
import { permissionType } from "../../gate/resourceTypes";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleSeverity } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleArn } from "./function";

const grant = (props: Record<string, unknown>): ExampleResource[] => [
    {
        type: permissionType,
        name: "permission",
        props: { action: "lambda:InvokeFunction", function: "worker", ...props },
    },
];
const events = (more: Record<string, unknown>) => grant({ principal: "events.amazonaws.com", ...more });
const ruleArn = exampleArn("events", "rule/nightly");

/** Services that call for an account as a whole and have no resource that could be named. */
const accountOnly = new Set(["config.amazonaws.com", "secretsmanager.amazonaws.com"]);

export const invokeGrants: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-06",
        family: "lambda",
        title: "Permissions to invoke a function name their source",
        rationale:
            "A permission for a whole service lets resources of every AWS account start the function through that service, with an input of their choice.",
        severity: "critical",
        remediation:
            "Set `sourceArn` to the rule, topic or bucket that invokes, and `sourceAccount` as well for Amazon S3, whose ARNs have no account. Never give `*` as the principal, unless `principalOrgId` bounds it.",
        references: ["FSBP Lambda.1", "checkov CKV_AWS_301", "checkov CKV_AWS_364", "trivy AWS-0067"],
    },
    types: [permissionType],
    evaluate: (resource) => {
        const principal = filled(resource.string("principal"));
        if (principal.kind === "unknown")
            return [inconclusive(principal, "who may invoke the function is not known yet")];
        if (principal.kind !== "known")
            return [refused(`principal ${principal.kind === "malformed" ? principal.why : "is not set"}`)];
        if (/[*?]/.test(principal.value)) return [judgeEverybody(resource)];
        if (!/^[\w.-]+\.[\w.-]+$/.test(principal.value)) return [pass];
        return [judgeService(resource, principal.value)];
    },
    examples: [
        badExample("any rule of any account", events({}), "permission"),
        badExample("everybody", grant({ principal: "*" }), "permission"),
        badExample(
            "everybody, through an address without sign-in",
            grant({ principal: "*", action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "NONE" }),
            "permission",
        ),
        badExample(
            "rules of every account",
            events({ sourceArn: "arn:aws:events:*:*:rule/*" }),
            "permission",
        ),
        badExample("any resource", events({ sourceArn: "*" }), "permission"),
        badExample(
            "a bucket of that name, whoever owns it",
            grant({ principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::uploads" }),
            "permission",
        ),
        badExample("every rule of the account", events({ sourceAccount: "123456789012" }), "permission"),
        goodExample("one rule", events({ sourceArn: ruleArn })),
        goodExample("one rule whose ARN is not known yet", events({ sourceArn: unknown })),
        goodExample(
            "a bucket and its owner",
            grant({
                principal: "s3.amazonaws.com",
                sourceArn: "arn:aws:s3:::uploads",
                sourceAccount: "123456789012",
            }),
        ),
        goodExample(
            "AWS Config, which has no ARN for its rules here",
            grant({ principal: "config.amazonaws.com", sourceAccount: "123456789012" }),
        ),
        goodExample("a role", grant({ principal: "arn:aws:iam::123456789012:role/caller" })),
        goodExample("an organization", grant({ principal: "*", principalOrgId: "o-a1b2c3d4e5" })),
        goodExample(
            "a skill of Alexa by its token",
            grant({ principal: "alexa-appkit.amazon.com", eventSourceToken: "amzn1.ask.skill.example" }),
        ),
        absentExample("no principal", grant({}), "permission"),
        openExample("caller not known yet", grant({ principal: unknown }), "permission"),
    ],
};

const fix = "Set sourceArn to the ARN of the one resource that invokes the function.";

function refused(what: string, more: { severity?: RuleSeverity } = {}): Outcome {
    return violation(`More may invoke the function than is meant: ${what}.`, fix, more);
}

function judgeEverybody(resource: ResourceReader): Outcome {
    const organization = filled(resource.string("principalOrgId"));
    if (organization.kind === "known") return pass;
    if (organization.kind === "unknown")
        return inconclusive(organization, "which organization may invoke the function is not known yet");
    return refused("principal is * without principalOrgId, so every AWS account may");
}

function judgeService(resource: ResourceReader, service: string): Outcome {
    const source = filled(resource.string("sourceArn"));
    const account = filled(resource.string("sourceAccount"));
    const token = filled(resource.string("eventSourceToken"));
    const hasAccount = account.kind === "known" || account.kind === "unknown";
    if (source.kind === "malformed") return refused(`sourceArn ${source.why}`);
    if (account.kind === "malformed") return refused(`sourceAccount ${account.why}`);
    if (source.kind === "absent") {
        if (token.kind === "known" || token.kind === "unknown") return pass;
        if (hasAccount && accountOnly.has(service)) return pass;
        if (hasAccount)
            return refused(
                `sourceArn is not set, so every resource of ${service} in the source account may`,
                { severity: "medium" },
            );
        return refused(`principal ${service} has no sourceArn, so resources of every AWS account may`);
    }
    if (hasAccount) return pass;
    // Amazon S3 has no account in its ARNs: whoever owns a bucket of that name one day may invoke.
    const owner = source.kind === "known" ? (source.value.split(":")[4] ?? "*") : null;
    if (owner !== null && /[*?]/.test(owner))
        return refused(
            `sourceArn ${JSON.stringify(valueOf(source))} names no account, so resources of every AWS account may`,
        );
    if (owner === "" || service === "s3.amazonaws.com")
        return refused("sourceArn without sourceAccount trusts whoever owns a bucket of that name", {
            severity: "medium",
        });
    return pass;
}
