import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleGate } from "../../gate/bundle";
import { serializeGatePolicy } from "../../gate/policy/gatePolicy";
import { gitleaksConfiguration } from "../../gate/verify/gitleaksConfiguration";
import { hadolintConfiguration } from "../../gate/verify/hadolintConfiguration";
import type { Platform } from "../application/platform";
import { writeBundle } from "../bundleFile";
import type { GateFile, GateReference } from "../pipeline/step";

export interface GateArtifactArgs {
    platform: Pick<Platform, "config" | "tags" | "artifactBucketName" | "pipelineKey" | "foundations">;
}

/**
 * The gate as the build steps run it: the `gate` command bundled into one file, the gate policy as canonical JSON, and
 * the rules of the Verify stage, all as objects whose keys contain their SHA-256. A step fetches exactly these bytes and
 * checks them, so neither a replaced object nor an application's repository can change how an image is judged.
 */
export class GateArtifact extends pulumi.ComponentResource implements GateReference {
    /** Literal. */
    readonly bucket: string;
    readonly command: GateFile;
    readonly policy: GateFile;
    readonly lintRules: GateFile;
    readonly secretRules: GateFile;
    /** Must exist before a pipeline runs. */
    readonly objects: pulumi.Resource[] = [];

    constructor(name: string, args: GateArtifactArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:gateArtifact:GateArtifact", name, {}, opts);
        const { platform } = args;
        const { gatePolicy, verify } = platform.config;
        this.bucket = platform.artifactBucketName;

        const upload = (
            part: string,
            file: string,
            sha256: string,
            body: Pick<aws.s3.BucketObjectv2Args, "content" | "source" | "contentType">,
        ): GateFile => {
            const key = `gate/${sha256}/${file}`;
            this.objects.push(
                new aws.s3.BucketObjectv2(
                    `${name}-${part}`,
                    {
                        bucket: this.bucket,
                        key,
                        ...body,
                        serverSideEncryption: "aws:kms",
                        kmsKeyId: platform.pipelineKey.arn,
                        bucketKeyEnabled: true,
                        tags: platform.tags.tagsFor(file),
                    },
                    { parent: this, dependsOn: platform.foundations },
                ),
            );
            return { key, sha256 };
        };
        const uploadText = (part: string, file: string, content: string, contentType: string): GateFile =>
            upload(part, file, createHash("sha256").update(content).digest("hex"), { content, contentType });

        const gate = bundleGate();
        this.command = upload("command", "gate.cjs", gate.sha256, {
            source: new pulumi.asset.FileAsset(writeBundle("gate", "gate.cjs", gate.code, gate.sha256)),
            contentType: "text/javascript",
        });
        this.policy = uploadText(
            "policy",
            "gate-policy.json",
            serializeGatePolicy(gatePolicy),
            "application/json",
        );
        this.lintRules = uploadText(
            "lint-rules",
            "hadolint.yaml",
            hadolintConfiguration(verify.lint),
            "application/yaml",
        );
        this.secretRules = uploadText(
            "secret-rules",
            "gitleaks.toml",
            gitleaksConfiguration(verify.secrets),
            "application/toml",
        );
        this.registerOutputs({ gateSha256: this.command.sha256, policySha256: this.policy.sha256 });
    }
}
