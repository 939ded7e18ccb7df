/** Configurations that the whole program is run with, and what its own policies say about each. */
import assert from "node:assert/strict";
import { rootCertificates } from "node:tls";
import type { RunResult } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { everything } from "../application/testing/examplePlatform";

/** Applications of every kind of source. */
const severalApplications = [
    { name: "shop", source: { type: "codecommit", branch: "main" } },
    {
        name: "shop-api",
        source: { type: "codecommit", branch: "release" },
        dockerfile: "docker/Dockerfile",
        buildContext: "docker",
    },
    {
        name: "web",
        source: {
            type: "connection",
            connectionArn:
                "arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-4cde-8f01-23456789abcd",
            repository: "example/web",
        },
    },
];

const loadBalancer = {
    certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-4cde-8f01-23456789abcd",
};

/** The same with everything that surrounds a delivery: services of every kind, feedback, merges. */
const runningApplications = severalApplications.map((application) => ({
    ...application,
    ...({
        shop: {
            delivery: {
                staging: { type: "create" },
                production: { type: "create", cpu: 512, memory: 2_048, desiredCount: 2, loadBalancer },
            },
        },
        "shop-api": {
            mergeInto: "main",
            delivery: {
                production: { type: "create", loadBalancer },
            },
        },
        web: {
            review: { feedback: { host: "github", tokenSecret: "example/github" } },
            delivery: {
                // Nothing in these names says staging.
                staging: { type: "existing", cluster: "trial", service: "web", container: "web" },
                production: {
                    type: "existing",
                    cluster: "live",
                    service: "web",
                    container: "web",
                    taskRoleArns: ["arn:aws:iam::123456789012:role/web-task"],
                },
            },
        },
    }[application.name] ?? {}),
}));

export interface Variant {
    title: string;
    stack: string;
    config?: Record<string, unknown>;
    /** Rule and resource of which the pack can know nothing without settings of its own. */
    inconclusive?: string[];
}

/** Complete configurations that people would use; each must come out clean, in preview and after `up`. */
export const variants: readonly Variant[] = [
    { title: "dev", stack: "dev" },
    { title: "prod", stack: "prod" },
    {
        title: "services of every kind, feedback, merges, findings and chat, three zones, endpoints, analyzers",
        stack: "dev",
        config: {
            applications: runningApplications,
            admission: { breakGlassPrincipals: ["arn:aws:iam::123456789012:role/on-call"] },
            securityHub: { mode: "existing" },
            notifications: {
                emails: ["team@example.com"],
                slack: { workspaceId: "T0123ABCD4", channelId: "C0123ABCD4" },
            },
            tags: { Owner: "platform" },
            network: {
                cidrBlock: "10.40.0.0/16",
                zones: 3,
                natGateways: "perZone",
                interfaceEndpoints: true,
            },
            anchore: { analyzers: 1, instances: { minimum: 1, desired: 2, maximum: 3 } },
            approval: {
                scanTimeoutMinutes: 20,
                timeoutMinutes: 60,
                alarmEmails: ["operator@example.com"],
                human: { emails: ["approver@example.com"], timeoutMinutes: 60 },
            },
        },
    },
    {
        title: "Anchore required with its own feed, certificate and pinned image; registry scanning elsewhere",
        stack: "prod",
        config: {
            anchore: {
                image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/anchore-engine:v1.1.0@sha256:${"ab".repeat(32)}`,
                feedListingUrl: "https://feeds.example.com/listing.json",
                certificateArn:
                    "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-4cde-8f01-23456789abcd",
                // Any authority will do: the scan steps are only told which one to trust.
                certificateAuthority: rootCertificates[0],
                hostName: "anchore.example.internal",
            },
            gatePolicy: {
                version: 1,
                requiredScanners: { test: ["anchore", "grype"], scanStagingImage: ["grype"] },
            },
            scanners: [
                { name: "anchore", mode: "required" },
                { name: "grype", mode: "required" },
            ],
            registryScanning: { mode: "external", inspector: "external" },
        },
        // Which events a registry sends that another stack has set up: the pack has to be told.
        inconclusive: ["GATE-08 approval-scan"],
    },
    {
        title: "every scanner in both stages, tools from a mirror, secrets with trufflehog",
        stack: "prod",
        config: {
            ...everything,
            applications: severalApplications,
            verify: {
                lint: { threshold: "error", trustedRegistries: ["public.ecr.aws"], ignored: ["DL3008"] },
                secrets: { tool: "trufflehog" },
            },
        },
    },
];

function mandatory(result: RunResult): string[] {
    return (result.policy?.diagnostics ?? [])
        .filter(({ enforcement }) => enforcement === "mandatory")
        .map(({ policy, urn, message }) => `${policy} ${urn}: ${message}`);
}

/**
 * Advice that a preview or the stack alone cannot give: in how many zones the subnets of awsx's VPC lie, and who reviews
 * a source that is kept elsewhere.
 */
const openAdvice = ["ASG-01", "PIPE-25"];

function inconclusive(result: RunResult): string[] {
    return (result.policy?.diagnostics ?? [])
        .filter((diagnostic) => diagnostic.inconclusive && !openAdvice.includes(diagnostic.policy))
        .map(({ policy, urn }) => `${policy} ${urn.split("::").at(-1)}`);
}

/** One test for each variant: the program comes out clean under its own policies. */
export function itIsCleanInEveryVariant(mode: RunResult["mode"]): void {
    for (const { title, stack, config, inconclusive: expected = [] } of variants) {
        it(`is clean under its own policies: ${title} (${mode})`, async function () {
            // The whole program and the whole pack, on a machine that may be busy with other specs.
            this.timeout(180_000);
            const result = await runProgram({ stack, mode, policy: true, ...(config ? { config } : {}) });
            assert.deepEqual(mandatory(result), []);
            assert.deepEqual(inconclusive(result), expected);
            assert.ok((result.policy?.policies.length ?? 0) > 50, "the pack answered with its rules");
        });
    }
}
