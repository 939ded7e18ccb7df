import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleGate } from "../../gate/bundle";
import { serializeGatePolicy } from "../../gate/policy/gatePolicy";
import type { Platform } from "../application/platform";
import type { GateReference } from "../pipeline/step";

/** Project folder; found from this file, because the working directory is whoever's who runs us. */
const projectFolder = join(__dirname, "..", "..");

export interface GateArtifactArgs {
    platform: Pick<Platform, "config" | "tags" | "artifactBucketName" | "pipelineKey" | "foundations">;
}

/**
 * The gate as the build steps run it: the `gate` command bundled into one file, and the gate policy as canonical JSON,
 * both as objects whose keys contain their SHA-256. A step fetches exactly these bytes and checks them, so neither a
 * replaced object nor an application's repository can change how an image is judged.
 */
export class GateArtifact extends pulumi.ComponentResource implements GateReference {
    /** Literal. */
    readonly bucket: string;
    readonly gateKey: string;
    readonly gateSha256: string;
    readonly policyKey: string;
    readonly policySha256: string;
    /** Must exist before a pipeline runs. */
    readonly objects: pulumi.Resource[];

    constructor(name: string, args: GateArtifactArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:gateArtifact:GateArtifact", name, {}, opts);
        const { platform } = args;
        const gate = bundleGate();
        const policy = serializeGatePolicy(platform.config.gatePolicy);

        this.bucket = platform.artifactBucketName;
        this.gateSha256 = gate.sha256;
        this.gateKey = `gate/${gate.sha256}/gate.cjs`;
        this.policySha256 = createHash("sha256").update(policy).digest("hex");
        this.policyKey = `gate/${this.policySha256}/gate-policy.json`;

        const common = {
            bucket: this.bucket,
            serverSideEncryption: "aws:kms",
            kmsKeyId: platform.pipelineKey.arn,
            bucketKeyEnabled: true,
        };
        const options = { parent: this, dependsOn: platform.foundations };
        this.objects = [
            new aws.s3.BucketObjectv2(
                `${name}-command`,
                {
                    ...common,
                    key: this.gateKey,
                    source: new pulumi.asset.FileAsset(writeBundle(gate.code, gate.sha256)),
                    contentType: "text/javascript",
                    tags: platform.tags.tagsFor("gate.cjs"),
                },
                options,
            ),
            new aws.s3.BucketObjectv2(
                `${name}-policy`,
                {
                    ...common,
                    key: this.policyKey,
                    content: policy,
                    contentType: "application/json",
                    tags: platform.tags.tagsFor("gate-policy.json"),
                },
                options,
            ),
        ];
        this.registerOutputs({ gateSha256: this.gateSha256, policySha256: this.policySha256 });
    }
}

/**
 * Leaves the bundle in a file and gives its path. A file asset keeps a megabyte of code out of the stack's state; the
 * path is relative, so that the state does not depend on where the checkout is. The file is put in place in one step,
 * because another run of the program may be reading it.
 */
function writeBundle(code: Uint8Array, sha256: string): string {
    const path = join(projectFolder, ".cache", "gate", sha256, "gate.cjs");
    if (!existsSync(path) || !readFileSync(path).equals(code)) {
        mkdirSync(dirname(path), { recursive: true });
        const unfinished = `${path}.${process.pid}`;
        writeFileSync(unfinished, code);
        renameSync(unfinished, path);
    }
    return relative(process.cwd(), path);
}
