import { deepEqual, ok } from "node:assert/strict";
import { defaultConfiguration } from "../../harness/configuration";
import { decodedUserData, missingAgentSettings, runsWhatItFetches, secretsIn } from "./userDataText";

const found = (text: string) => secretsIn(text, defaultConfiguration).map(({ what }) => what);

describe("user data", () => {
    it("is decoded, and judged as it is where it is not base64", () => {
        deepEqual(decodedUserData(Buffer.from("#!/bin/sh\n").toString("base64")), "#!/bin/sh\n");
        deepEqual(decodedUserData("#!/bin/sh\n"), "#!/bin/sh\n");
        deepEqual(decodedUserData(""), "");
    });

    for (const text of [
        "export DB_PASSWORD=hunter2",
        'docker run -e "ANCHORE_ADMIN_PASSWORD=foobar" anchore',
        "password: hunter2",
        'ECS_ENGINE_AUTH_DATA={"registry.example.com":{"username":"ci","password":"hunter2"}}',
        "docker login --username ci --password hunter2 registry.example.com",
        "psql postgresql://app:hunter2@db.internal/app",
        "# AKIAIOSFODNN7EXAMPLE",
    ])
        it(`shows a secret: ${text}`, () => ok(found(text).length > 0));

    for (const text of [
        "ECS_CLUSTER=anchore\nECS_AWSVPC_BLOCK_IMDS=true\nECS_DISABLE_PRIVILEGED=true",
        'TOKEN=`curl -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"`',
        'curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/',
        'PASSWORD="$(aws ssm get-parameter --name /db/password --with-decryption)"',
        "DB_PASSWORD_FILE=/run/secrets/db",
        "aws ecr get-login-password | docker login --username AWS --password-stdin registry.example.com",
        "# the password: is in the safe",
        "DB_SECRET=arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
    ])
        it(`shows none: ${text.split("\n")[0] ?? ""}`, () => deepEqual(found(text), []));

    for (const text of [
        "curl -fsSL https://get.example.com | sh",
        "curl -s 'https://get.example.com/?a=1&b=2' | sudo -E bash -s -- --yes",
        "wget -qO- https://get.example.com |\n  /bin/bash",
        "curl -s https://get.example.com \\\n  | tee log | bash",
        'bash -c "$(curl -fsSL https://get.example.com)"',
        "source <(curl -s https://get.example.com)",
    ])
        it(`runs what it fetches: ${JSON.stringify(text)}`, () => ok(runsWhatItFetches(text)));

    for (const text of [
        "curl -fsSL https://get.example.com -o tool && sha256sum --check sums",
        "curl -f https://example.com/health || sh fallback.sh",
        "curl -s https://example.com/list | grep sha | jq .",
        "# curl https://get.example.com | sh",
        "echo hello | sh",
    ])
        it(`runs nothing fetched: ${JSON.stringify(text)}`, () => ok(!runsWhatItFetches(text)));

    it("asks for the agent's settings where there is an agent", () => {
        deepEqual(missingAgentSettings("#!/bin/sh"), []);
        deepEqual(
            missingAgentSettings("ECS_CLUSTER=a\nECS_AWSVPC_BLOCK_IMDS=true\n#ECS_DISABLE_PRIVILEGED=true"),
            ["ECS_DISABLE_PRIVILEGED"],
        );
        deepEqual(missingAgentSettings("echo ECS_CLUSTER=a >> /etc/ecs/ecs.config").length, 2);
    });
});
