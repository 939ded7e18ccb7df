/** PUL-03: the provider works where, as whom and with the tags that it should. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { matchesAny } from "../../harness/wildcard";
import type { PackConfiguration } from "../../harness/configuration";

export const providerType = "pulumi:providers:aws";

/** Properties that carry a credential that does not end by itself. Their values are never shown. */
const keys = ["accessKey", "secretKey", "token"] as const;

function keyOutcomes(provider: ResourceReader): Outcome[] {
    return keys
        .filter((property) => {
            const reading = filled(provider.string(property));
            return reading.kind !== "absent";
        })
        .map((property) =>
            violation(
                `The provider has ${property} among its properties: a key that is in the program or its configuration is in the state and in every log of both.`,
                "Take it out and use the credentials of the environment: a role, or OpenID Connect in CI.",
                { findingId: property },
            ),
        );
}

function regionOutcomes(provider: ResourceReader, { allowedRegions }: PackConfiguration): Outcome[] {
    if (allowedRegions.length === 0) return [];
    const region = filled(provider.string("region"));
    if (region.kind === "unknown") return [inconclusive(region, "in which region it works is not known yet")];
    if (region.kind === "known" && matchesAny(allowedRegions, region.value)) return [];
    const given = region.kind === "known" ? `is ${region.value}` : region.kind === "absent" ? "is not set" : region.why; // prettier-ignore
    return [
        violation(
            `region ${given}: what is made there is outside the regions ${allowedRegions.join(", ")}.`,
            "Set region to one of the setting allowedRegions.",
            { findingId: "region" },
        ),
    ];
}

/** Providers list the accounts that they work in; the region's own and default one reads them from the configuration. */
function accountOutcomes(provider: ResourceReader, { allowedAccounts }: PackConfiguration): Outcome[] {
    if (allowedAccounts.length === 0) return [];
    const list = accountsOf(provider);
    if (list.kind === "unknown")
        return [inconclusive(list, "in which accounts it may work is not known yet")];
    const given = list.kind === "known" ? list.values : [];
    const strange = given.find((account) => !allowedAccounts.includes(account));
    if (given.length > 0 && strange === undefined) return [];
    return [
        violation(
            strange === undefined
                ? "allowedAccountIds is not set: with the wrong credentials the stack is made in the wrong account."
                : `allowedAccountIds contains ${strange}, which is not on the list of accounts.`,
            "Set allowedAccountIds to accounts of the setting allowedAccounts.",
            { findingId: "allowedAccountIds" },
        ),
    ];
}

/** The engine gives a provider's lists and objects as JSON text. */
function accountsOf(
    provider: ResourceReader,
): { kind: "known"; values: string[] } | { kind: "unknown"; property: string } {
    const list = provider.json("allowedAccountIds");
    if (list.kind === "unknown") return { kind: "unknown", property: list.property };
    const values = list.kind === "known" ? valueOf(list.value.strings()) : undefined;
    if (values !== undefined && values.unknownCount > 0) return { kind: "unknown", property: list.property };
    return { kind: "known", values: values?.values ?? [] };
}

/** Names of the tags that the provider puts on everything; null when not known yet. */
export function defaultTags(provider: ResourceReader): ReadonlySet<string> | null {
    const given = provider.json("defaultTags");
    if (given.kind === "unknown") return null;
    const tags = given.kind === "known" ? given.value.object("tags") : null;
    if (tags?.kind === "unknown") return null;
    return new Set(tags?.kind === "known" ? tags.value.keys() : []);
}

function tagOutcomes(provider: ResourceReader, { requiredDefaultTags }: PackConfiguration): Outcome[] {
    if (requiredDefaultTags.length === 0) return [];
    const tags = defaultTags(provider);
    if (tags === null)
        return [inconclusive({ property: "defaultTags" }, "which tags it sets is not known yet")];
    const missing = requiredDefaultTags.filter((name) => !tags.has(name));
    if (missing.length === 0) return [];
    return [
        violation(
            `defaultTags lacks ${missing.join(", ")}: what the program forgets to tag belongs to nobody.`,
            "Add the tags to defaultTags.tags of the provider.",
            { findingId: "defaultTags", severity: "low" },
        ),
    ];
}

const provider = (props: Record<string, unknown>): ExampleResource => ({ type: providerType, name: "provider", props }); // prettier-ignore
const found = [{ resource: "provider", kind: "violation" as const }];
const listed = { allowedRegions: ["eu-*"], allowedAccounts: ["123456789012"] };

export const providerSettings: ResourceRule = {
    level: "resource",
    metadata: {
        id: "PUL-03",
        family: "pulumi",
        title: "The AWS provider has listed regions and accounts, and no keys of its own",
        rationale:
            "A key in a provider's properties is in the state file and lives for ever. A provider without an account works wherever the credentials of the day lead, and production is made where nobody looks.",
        severity: "high",
        remediation:
            "Leave credentials to the environment. Set `region` and `allowedAccountIds`, and `defaultTags`, as the settings `allowedRegions`, `allowedAccounts` and `requiredDefaultTags` say.",
        references: ["OWASP CICD-SEC-6", "checkov CKV_AWS_41"],
        publicEquivalent: true,
    },
    types: [providerType],
    evaluate: (resource, configuration) => {
        if (resource.type !== providerType) return [notApplicable("no provider")];
        const outcomes = [
            ...keyOutcomes(resource),
            ...regionOutcomes(resource, configuration),
            ...accountOutcomes(resource, configuration),
            ...tagOutcomes(resource, configuration),
        ];
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        { title: "an access key", shows: "bad", resources: [provider({ accessKey: "AKIAEXAMPLE", region: "eu-central-1" })], expect: found }, // prettier-ignore
        {
            title: "a secret key that is not known yet is one all the same",
            shows: "bad",
            resources: [provider({ secretKey: unknown })],
            expect: found,
        },
        {
            title: "a region that is not on the list",
            shows: "bad",
            resources: [provider({ region: "us-east-1", allowedAccountIds: '["123456789012"]' })],
            configuration: listed,
            expect: found,
        },
        {
            title: "an account that is not on the list",
            shows: "bad",
            resources: [provider({ region: "eu-central-1", allowedAccountIds: ["111111111111"] })],
            configuration: listed,
            expect: found,
        },
        {
            title: "no account and no default tags, where both are asked for",
            shows: "bad",
            resources: [provider({ region: "eu-central-1" })],
            configuration: { ...listed, requiredDefaultTags: ["owner"] },
            expect: [...found, ...found],
        },
        {
            title: "credentials of the environment",
            shows: "good",
            resources: [provider({ region: "eu-central-1", version: "7.48.0" })],
            expect: [],
        },
        {
            title: "region, account and default tags as listed",
            shows: "good",
            resources: [
                provider({
                    region: "eu-west-1",
                    allowedAccountIds: '["123456789012"]',
                    defaultTags: '{"tags":{"owner":"platform"}}',
                }),
            ],
            configuration: { ...listed, requiredDefaultTags: ["owner"] },
            expect: [],
        },
        {
            title: "no region, where one is asked for",
            shows: "absent",
            resources: [provider({ allowedAccountIds: ["123456789012"] })],
            configuration: listed,
            expect: found,
        },
        {
            title: "a region that is not known yet",
            shows: "unknown",
            resources: [provider({ region: unknown, allowedAccountIds: ["123456789012"] })],
            configuration: listed,
            expect: [{ resource: "provider", kind: "inconclusive" }],
        },
    ],
};
