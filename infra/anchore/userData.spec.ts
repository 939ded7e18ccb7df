import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineVolumes } from "./containerDefinitions";
import { engineServices } from "./enginePlan";
import { exampleAccount } from "./testing/exampleEngine";
import { databaseAuthorityUrl, encodedUserData, userData } from "./userData";

/** Runs the script against a folder instead of the root, with stand-ins for what only an instance has. */
function boot(curl: string): { status: number | null; log: string; root: string } {
    const root = mkdtempSync(join(tmpdir(), "portcullis-boot-"));
    const bin = join(root, "bin");
    mkdirSync(bin);
    for (const folder of ["etc/ecs", "usr/local/sbin", "etc/systemd/system", "var/lib"]) {
        mkdirSync(join(root, folder), { recursive: true });
    }
    const tool = (name: string, body: string) => {
        writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
        chmodSync(join(bin, name), 0o755);
    };
    tool("curl", curl);
    tool("shutdown", `echo "shutdown $*" >> ${root}/log`);
    tool("systemctl", `echo "systemctl $*" >> ${root}/log`);
    // The owner cannot be changed without being root.
    tool(
        "install",
        'for last; do :; done; while [ "$1" != -m ]; do shift; done; shift 2; exec mkdir -p "$@"',
    );
    const script = userData(exampleAccount, "portcullis-dev-anchore").replaceAll(
        /(?<![\w.:/])\/(etc|usr\/local|var\/lib)\//g,
        `${root}/$1/`,
    );
    const run = spawnSync("bash", ["-c", script], {
        env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
    });
    const log = existsSync(join(root, "log")) ? readFileSync(join(root, "log"), "utf8") : "";
    return { status: run.status, log, root };
}

const giveCertificate =
    'while [ "$1" != --output ]; do shift; done; echo "-----BEGIN CERTIFICATE-----" > "$2"';

describe("user data of the instances", () => {
    // The script is made for Amazon Linux and uses the options of its tools.
    const onLinux = process.platform === "linux" ? it : it.skip;
    const roots: string[] = [];
    const booted = (curl: string) => {
        const result = boot(curl);
        roots.push(result.root);
        return result;
    };
    after(() => roots.forEach((root) => rmSync(root, { recursive: true, force: true })));

    onLinux("joins the cluster and closes the instance's metadata to tasks", () => {
        const { status, log, root } = booted(giveCertificate);
        assert.equal(status, 0);
        assert.equal(log, "systemctl daemon-reload\nsystemctl enable --now anchore-tidy.timer\n");
        assert.deepEqual(readFileSync(join(root, "etc/ecs/ecs.config"), "utf8").trimEnd().split("\n"), [
            "ECS_CLUSTER=portcullis-dev-anchore",
            "ECS_AWSVPC_BLOCK_IMDS=true",
            "ECS_DISABLE_PRIVILEGED=true",
            "ECS_ENABLE_TASK_IAM_ROLE=true",
            "ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true",
            'ECS_AVAILABLE_LOGGING_DRIVERS=["awslogs"]',
            "ECS_CONTAINER_STOP_TIMEOUT=30s",
            "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=1h",
        ]);
    });

    onLinux("makes every folder that a container mounts", () => {
        const { root } = booted(giveCertificate);
        for (const { hostPath } of engineVolumes(engineServices)) {
            assert.ok(existsSync(join(root, hostPath)), hostPath);
        }
        assert.ok(existsSync(join(root, "var/lib/anchore/tls/rds-ca.pem")));
        assert.ok(existsSync(join(root, "var/lib/anchore/catalog/anchore_service/bundles")));
    });

    onLinux("switches the instance off when the certificates cannot be had", () => {
        const { status, log, root } = booted("exit 22");
        assert.equal(status, 22);
        assert.equal(log, "shutdown -h now\n");
        assert.equal(existsSync(join(root, "var/lib/anchore/tls/rds-ca.pem")), false);
    });

    onLinux("switches the instance off when something else comes instead", () => {
        const { status, log } = booted('while [ "$1" != --output ]; do shift; done; echo "<html>" > "$2"');
        assert.equal(status, 1);
        assert.equal(log, "shutdown -h now\n");
    });

    onLinux("empties large logs and old scratch files, and nothing else", () => {
        const { root } = booted(giveCertificate);
        const at = (path: string) => join(root, "var/lib/anchore", path);
        writeFileSync(at("catalog/var-log-anchore/catalog.log"), Buffer.alloc(21 * 1024 * 1024 + 1));
        writeFileSync(at("apiext/var-log-anchore/apiext.log"), "short");
        writeFileSync(at("analyzer/analysis_scratch/new"), "x");
        writeFileSync(at("analyzer/analysis_scratch/old"), "x");
        writeFileSync(at("policy_engine/anchore_service/old"), "x");
        const touch = spawnSync("touch", [
            "-d",
            "3 days ago",
            at("analyzer/analysis_scratch/old"),
            at("policy_engine/anchore_service/old"),
        ]);
        assert.equal(touch.status, 0);
        assert.equal(spawnSync("bash", [join(root, "usr/local/sbin/anchore-tidy")]).status, 0);
        assert.equal(readFileSync(at("catalog/var-log-anchore/catalog.log"), "utf8"), "");
        assert.equal(readFileSync(at("apiext/var-log-anchore/apiext.log"), "utf8"), "short");
        assert.equal(existsSync(at("analyzer/analysis_scratch/new")), true);
        assert.equal(existsSync(at("analyzer/analysis_scratch/old")), false);
        assert.equal(existsSync(at("policy_engine/anchore_service/old")), true);
    });

    it("takes the certificates of its own region and partition", () => {
        const url = (partition: string, region: string) =>
            databaseAuthorityUrl({ ...exampleAccount, partition, region });
        assert.equal(
            url("aws", "eu-central-1"),
            "https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem",
        );
        assert.equal(
            url("aws-us-gov", "us-gov-east-1"),
            "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/us-gov-east-1/us-gov-east-1-bundle.pem",
        );
        assert.throws(() => url("aws-iso", "us-iso-east-1"), /partition "aws-iso" is not known/);
    });

    it("is encoded as EC2 wants it, within its limit of 16 KB", () => {
        const encoded = encodedUserData(exampleAccount, "c");
        assert.equal(Buffer.from(encoded, "base64").toString("utf8"), userData(exampleAccount, "c"));
        assert.ok(Buffer.byteLength(userData(exampleAccount, "c")) < 16_384);
    });
});
