import * as pulumi from "@pulumi/pulumi";
import { applicationSchema } from "../../config/applicationSchema";
import { stackConfigSchema, type ApplicationConfig, type StackConfig } from "../../config/schema";
import { createNaming, type Account } from "../../naming";
import { deliveryPath, type GateReference, type StepContext } from "../../pipeline/step";
import { applicationNames } from "../applicationNames";
import { createTagging } from "../../tags";
import type { LiteralPlatform, Platform } from "../platform";

export const exampleAccount: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

export const codecommitApplication = {
    name: "demo",
    source: { type: "codecommit", branch: "main" },
    dockerfile: "docker/Dockerfile",
    buildContext: "src",
    review: { pullRequests: true },
    delivery: {},
} as const satisfies ApplicationConfig;

export const connectionApplication = {
    name: "shop-front",
    source: {
        type: "connection",
        connectionArn:
            "arn:aws:codeconnections:eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef",
        repository: "example/shop-front",
        branch: "release",
    },
    dockerfile: "Dockerfile",
    buildContext: ".",
    review: { pullRequests: true },
    delivery: {},
} as const satisfies ApplicationConfig;

/** `codecommitApplication` with both services: one that the stack creates, and one that exists. */
export const deliveredApplication: ApplicationConfig = applicationSchema.parse({
    ...codecommitApplication,
    delivery: {
        staging: { type: "create" },
        production: { type: "existing", cluster: "main", service: "demo", container: "web" },
    },
});

/** Checked configuration with the defaults, two applications and whatever else is given. */
export function exampleConfig(input: Record<string, unknown> = {}): StackConfig {
    return stackConfigSchema.parse({
        applications: [codecommitApplication, connectionApplication],
        ...input,
    });
}

/** Every scanner in both stages, and tools from a mirror: all that a stack can have. */
export const everything = {
    scanners: [
        { name: "anchore", mode: "advisory", stages: ["test", "scanStagingImage"] },
        { name: "grype", mode: "required" },
        {
            name: "accuknox",
            mode: "required",
            consoleUrl: "https://cspm.accuknox.com",
            tenantId: "1234",
            label: "portcullis",
            tokenParameter: "/example/accuknox/token",
        },
        {
            name: "lacework",
            mode: "required",
            account: "example",
            apiKeyParameter: "/example/lacework/key",
            apiSecretParameter: "/example/lacework/secret",
            cli: {
                version: "2.5.0",
                url: "https://github.com/lacework/go-sdk/releases/download/v2.5.0/lacework-cli-linux-amd64.tar.gz",
                sha256: "1".repeat(64),
            },
        },
        { name: "inspector", mode: "required" },
    ],
    gatePolicy: {
        version: 1,
        requiredScanners: {
            test: ["accuknox", "grype", "inspector", "lacework"],
            scanStagingImage: ["accuknox", "grype", "inspector", "lacework"],
        },
    },
    tools: { mirror: "s3://example-tools/pinned" },
};

export function exampleLiterals(config: StackConfig = exampleConfig()): LiteralPlatform {
    return {
        account: exampleAccount,
        naming: createNaming("portcullis", "dev", exampleAccount),
        config,
        artifactBucketName: "example-artifacts",
        evidenceBucketName: "example-evidence",
        pipelineKey: { aliasName: "alias/example-pipeline" },
        anchore: {
            url: "https://anchore.example.internal",
            adminPasswordParameter: "/example/anchore/admin-password",
            caParameter: "/example/anchore/ca",
            keyAliasName: "alias/example-anchore",
        },
    };
}

export const exampleGate: GateReference = {
    command: { key: `gate/${"a".repeat(64)}/gate.cjs`, sha256: "a".repeat(64) },
    policy: { key: `gate/${"b".repeat(64)}/gate-policy.json`, sha256: "b".repeat(64) },
    lintRules: { key: `gate/${"c".repeat(64)}/hadolint.yaml`, sha256: "c".repeat(64) },
    secretRules: { key: `gate/${"d".repeat(64)}/gitleaks.toml`, sha256: "d".repeat(64) },
};

/** Topics of the gate and, as they are only used where people approve as well, of those people. */
export const exampleTopicArns = {
    gate: "arn:aws:sns:eu-central-1:123456789012:portcullis-dev-approvals",
    people: "arn:aws:sns:eu-central-1:123456789012:portcullis-dev-approval-people",
};

export function exampleContext(
    application: ApplicationConfig = codecommitApplication,
    platform: LiteralPlatform = exampleLiterals(),
    gate: GateReference = exampleGate,
): StepContext {
    const names = applicationNames(platform.account, platform.naming, application.name);
    return { application, platform, gate, names, path: deliveryPath(application.name, names) };
}

export const exampleKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

/** The whole platform, with ids of the form that AWS gives. @param config on top of `exampleConfig` */
export function examplePlatform(config: Record<string, unknown> = {}): Platform {
    const literals = exampleLiterals(exampleConfig(config));
    return {
        ...literals,
        tags: createTagging("portcullis", "dev", { Team: "delivery" }),
        pipelineKey: { ...literals.pipelineKey, arn: pulumi.output(exampleKeyArn) },
        network: {
            vpcId: pulumi.output("vpc-0123456789abcdef0"),
            privateSubnetIds: pulumi.output(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]),
            scanSecurityGroupId: pulumi.output("sg-0123456789abcdef0"),
        },
        foundations: [],
    };
}
