/** LT-01: instance credentials cannot be had by a forged request. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { launchTemplateType } from "./launchTemplate";

const template = (metadataOptions?: unknown): ExampleResource => ({
    type: launchTemplateType,
    name: "instances",
    props: { name: "instances", metadataOptions },
});
const bad = [{ resource: "instances", kind: "violation" as const }];

export const instanceMetadata: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LT-01",
        family: "launchtemplate",
        title: "The instance metadata service asks for a session token",
        rationale:
            "Without a token a single forged request from a container or a web application reads the credentials of the " +
            "instance.",
        severity: "high",
        remediation:
            'Set `metadataOptions: { httpTokens: "required" }` (IMDSv2), or `httpEndpoint: "disabled"`.',
        references: [
            "FSBP EC2.170",
            "FSBP AutoScaling.3",
            "FSBP EC2.8",
            "checkov CKV_AWS_79",
            "trivy AWS-0130",
            "CIS AWS 5.0.0 5.7",
        ],
    },
    types: [launchTemplateType],
    evaluate: (resource) => {
        const tokens = resource.string("metadataOptions", "httpTokens");
        const endpoint = resource.string("metadataOptions", "httpEndpoint");
        if (is(tokens, "required") || is(endpoint, "disabled")) return [pass];
        for (const reading of [tokens, endpoint]) {
            if (reading.kind === "unknown")
                return [inconclusive(reading, "whether a session token is asked for is not known yet")];
        }
        const read = tokens.kind === "known" ? `"${tokens.value}"` : "not set";
        return [
            violation(
                `Instances of launch template ${resource.name} give their credentials to requests without a session token ` +
                    `(metadataOptions.httpTokens is ${read}).`,
                'Set metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 }.',
            ),
        ];
    },
    remediation: {
        when: "always",
        changes: (resource) => {
            const tokens = resource.string("metadataOptions", "httpTokens");
            const endpoint = resource.string("metadataOptions", "httpEndpoint");
            const open = tokens.kind === "absent" || is(tokens, "optional");
            return open && endpoint.kind !== "unknown" && !is(endpoint, "disabled")
                ? [{ path: ["metadataOptions", "httpTokens"], value: "required" }]
                : [];
        },
    },
    examples: [
        {
            title: "tokens optional",
            shows: "bad",
            resources: [template({ httpTokens: "optional" })],
            expect: bad,
        },
        {
            title: "tokens required",
            shows: "good",
            resources: [template({ httpTokens: "required" })],
            expect: [],
        },
        {
            title: "service switched off",
            shows: "good",
            resources: [template({ httpEndpoint: "disabled", httpTokens: "optional" })],
            expect: [],
        },
        { title: "block absent", shows: "absent", resources: [template()], expect: bad },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [template({ httpTokens: unknown })],
            expect: [{ resource: "instances", kind: "inconclusive" }],
        },
    ],
};
