/** What an instance does at its first boot, before the ECS agent starts (cloud-init runs ahead of ecs.service). */
import type { Account } from "../naming";
import {
    databaseAuthority,
    enginePlan,
    engineServices,
    engineUser,
    hostFolder,
    hostRoot,
} from "./enginePlan";

/**
 * Bundle of the certificate authorities of Amazon RDS in one region (Amazon RDS User Guide, "Using SSL/TLS to encrypt a
 * connection to a DB instance").
 *
 * @throws Error for partitions whose address is not known.
 */
export function databaseAuthorityUrl({ partition, region }: Account): string {
    const path = `${region}/${region}-bundle.pem`;
    switch (partition) {
        case "aws":
            return `https://truststore.pki.rds.amazonaws.com/${path}`;
        case "aws-us-gov":
            return `https://truststore.pki.us-gov-west-1.rds.amazonaws.com/${path}`;
        case "aws-cn":
            return `https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/${path}`;
        default:
            throw new Error(`the address of the RDS certificates in partition "${partition}" is not known`);
    }
}

/**
 * Shell script of the instances, plain text.
 *
 * An instance that cannot prepare everything switches itself off before the agent could take a task, and the Auto
 * Scaling group replaces it: no task ever runs without the database's certificates.
 */
export function userData(account: Account, cluster: string): string {
    const authority = `${databaseAuthority.hostFolder}/${databaseAuthority.file}`;
    const folders = engineServices.flatMap((service) =>
        enginePlan[service].diskFolders.map((folder) => hostFolder(service, folder)),
    );
    const bundles = engineServices.map((service) => `${hostFolder(service, "/anchore_service")}/bundles`);
    const owned = [...folders, ...bundles].map((folder) => `    ${folder} \\`).join("\n");
    return `#!/bin/bash
set -euo pipefail
trap 'echo "Anchore: the instance could not be prepared (line \${LINENO}); switching it off" >&2; shutdown -h now' ERR

cat > /etc/ecs/ecs.config <<'CONFIG'
ECS_CLUSTER=${cluster}
ECS_AWSVPC_BLOCK_IMDS=true
ECS_DISABLE_PRIVILEGED=true
ECS_ENABLE_TASK_IAM_ROLE=true
ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true
ECS_AVAILABLE_LOGGING_DRIVERS=["awslogs"]
ECS_CONTAINER_STOP_TIMEOUT=30s
ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=1h
CONFIG

mkdir -p ${databaseAuthority.hostFolder}
curl --fail --silent --show-error --location --proto '=https' --retry 10 --retry-all-errors --max-time 60 \\
    --output ${authority}.new ${databaseAuthorityUrl(account)}
grep -q 'BEGIN CERTIFICATE' ${authority}.new
mv ${authority}.new ${authority}
chmod 0644 ${authority}

install -d -o ${engineUser} -g ${engineUser} -m 0750 \\
${owned.replace(/ \\$/, "")}

# The engine writes its log to a file without limit, besides the one that CloudWatch Logs gets; and an analysis that is
# killed leaves its scratch files behind.
cat > /usr/local/sbin/anchore-tidy <<'SCRIPT'
#!/bin/bash
set -euo pipefail
find ${hostRoot}/*/var-log-anchore -type f -size +20M -exec truncate -s 0 {} +
find ${hostRoot}/*/analysis_scratch ${hostRoot}/*/var-tmp -mindepth 1 -mmin +2880 -delete
SCRIPT
chmod 0755 /usr/local/sbin/anchore-tidy
cat > /etc/systemd/system/anchore-tidy.service <<'UNIT'
[Unit]
Description=Keep Anchore Engine's files small
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/anchore-tidy
UNIT
cat > /etc/systemd/system/anchore-tidy.timer <<'UNIT'
[Unit]
Description=Keep Anchore Engine's files small
[Timer]
OnBootSec=15min
OnUnitActiveSec=15min
[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now anchore-tidy.timer
`;
}

/** The same as EC2 wants it. */
export function encodedUserData(account: Account, cluster: string): string {
    return Buffer.from(userData(account, cluster), "utf8").toString("base64");
}
