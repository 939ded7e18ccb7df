/** Runs `terraform validate` of the AWS provider over a capture. Needs Terraform and a local mirror of the provider. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CapturedResource } from "../model";
import { toTerraform, type Conversion, type ResourceSchemas } from "./convert";

/** Folder that holds `registry.terraform.io/hashicorp/aws/<version>/…`, as `terraform providers mirror` writes it. */
export const mirrorVariable = "PORTCULLIS_TERRAFORM_MIRROR";

const providerSource = "registry.terraform.io/hashicorp/aws";

export interface ValidationProblem {
    urn: string;
    severity: string;
    summary: string;
    detail: string;
}

export interface ValidationResult {
    providerVersion: string;
    validated: number;
    problems: ValidationProblem[];
    conversion: Conversion;
}

/** Why the check cannot run here, or undefined when it can. The text is what a skipped test shows. */
export function whyUnavailable(environment: NodeJS.ProcessEnv): string | undefined {
    const mirror = environment[mirrorVariable];
    if (!mirror) {
        return `${mirrorVariable} is not set (folder made by \`terraform providers mirror\`)`;
    }
    if (spawnSync("terraform", ["version"], { env: quiet(environment) }).status !== 0) {
        return "terraform is not on PATH";
    }
    return undefined;
}

function quiet(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...environment, TF_CLI_CONFIG_FILE: "", CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
}

/**
 * Validates a capture made in update mode. Throws when Terraform itself fails; problems of the resources are returned.
 * `terraform validate` knows the provider's schema and validators, not AWS: permissions and quotas are not checked.
 */
export function validateWithTerraform(
    resources: CapturedResource[],
    environment: NodeJS.ProcessEnv,
): ValidationResult {
    const mirror = environment[mirrorVariable] ?? "";
    const version = readdirSync(join(mirror, providerSource))
        .filter((name) => /^\d/.test(name))
        .sort()
        .at(-1);
    if (version === undefined) {
        throw new Error(`no version of the AWS provider in ${mirrorVariable}`);
    }
    const folder = mkdtempSync(join(tmpdir(), "portcullis-terraform-"));
    try {
        const settings = join(folder, "terraform.rc");
        writeFileSync(
            settings,
            `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
        );
        const env = { ...quiet(environment), TF_CLI_CONFIG_FILE: settings };
        const terraform = (...args: string[]): string => {
            const run = spawnSync("terraform", args, {
                cwd: folder,
                env,
                encoding: "utf8",
                maxBuffer: 256 * 1024 * 1024,
            });
            if (run.status !== 0 && args[0] !== "validate") {
                throw new Error(`terraform ${args[0]} failed: ${run.stderr.trim()}`);
            }
            return run.stdout;
        };
        const required = { aws: { source: "hashicorp/aws", version } };
        const provider = { aws: { region: "us-east-1" } };
        const write = (document: object): void =>
            writeFileSync(join(folder, "main.tf.json"), JSON.stringify(document));
        write({ terraform: { required_providers: required }, provider });
        terraform("init", "-input=false", "-no-color");
        const schemas = JSON.parse(terraform("providers", "schema", "-json")) as {
            provider_schemas: Record<string, { resource_schemas: ResourceSchemas }>;
        };
        const conversion = toTerraform(
            resources,
            schemas.provider_schemas[providerSource]?.resource_schemas ?? {},
        );
        // Literal `${` in user data and buildspecs is text, not a Terraform expression.
        const escaped = JSON.parse(
            JSON.stringify(conversion.resource).replace(/[$%]\{/g, (marker) => `${marker[0]}${marker}`),
        ) as object;
        write({ terraform: { required_providers: required }, provider, resource: escaped });
        const answer = JSON.parse(terraform("validate", "-json", "-no-color")) as {
            diagnostics: {
                severity: string;
                summary: string;
                detail?: string;
                snippet?: { context?: string };
            }[];
        };
        return {
            providerVersion: version,
            validated: conversion.addresses.size,
            problems: answer.diagnostics.map((diagnostic) => ({
                urn: urnOf(diagnostic.snippet?.context ?? "", conversion.addresses),
                severity: diagnostic.severity,
                summary: diagnostic.summary,
                detail: diagnostic.detail ?? "",
            })),
            conversion,
        };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** The snippet of a JSON document has `resource.aws_x.label` as its context. */
function urnOf(context: string, addresses: Map<string, string>): string {
    return addresses.get(context.replace(/^resource\./, "")) ?? context;
}
