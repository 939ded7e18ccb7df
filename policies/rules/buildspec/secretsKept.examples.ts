/** Builds for the examples of BS-15. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample } from "../../pipeline/exampleResources";

const secret = { "secrets-manager": { DB_LOGIN: "db:login" }, "parameter-store": { API_TOKEN: "/api", REPOSITORY: "/repository" } }; // prettier-ignore
const build = (...commands: string[]): ExampleResource =>
    projectExample("build", buildspecOf(commands, { env: secret }), "builder");
const withVariables = (variables: Record<string, string>): ExampleResource =>
    projectExample("build", buildspecOf(["make"], { env: { variables } }), "builder");
const finding = [{ resource: "build", kind: "violation" as const }];

const bad: [title: string, ...commands: string[]][] = [
    ["a password on the command line of docker", "docker login -u demo -p $PW registry.example.com"],
    ["a password after an equals sign", 'docker login --username demo --password="$API_TOKEN"'],
    [
        "a password on the command line of helm",
        "helm registry login -u AWS -p $(aws ecr get-login-password) r",
    ],
    [
        "a login by what the old command prints",
        "$(aws ecr get-login --no-include-email --region eu-central-1)",
    ],
    ["a secret of Secrets Manager is printed", 'echo "login $DB_LOGIN"'],
    ["a parameter with a telling name is printed", "printf '%s\\n' \"$API_TOKEN\""],
    [
        "a secret is fetched, then printed",
        "X=$(aws secretsmanager get-secret-value --secret-id a)",
        "echo $X",
    ],
    [
        "a parameter is decrypted, then printed",
        "X=$(aws ssm get-parameter --name a --with-decryption)",
        "echo $X",
    ],
    ["printed by a here-document", "cat <<EOF\ntoken $API_TOKEN\nEOF"],
    ["printed in a function", 'show() { echo "$1"; }', 'show "$API_TOKEN"'],
    ["printenv", "printenv"],
    ["printenv of one", "printenv API_TOKEN"],
    ["env, sorted", "env | sort"],
    ["every export", "export -p"],
    ["set -x", "set -x"],
    ["set -x among others", "set -euxo pipefail"],
    ["xtrace by name", "set -o xtrace"],
    ["a shell that traces", "bash -x build.sh"],
    ["a secret as a build argument", "docker build --build-arg KEY=$API_TOKEN -t app ."],
    ["a build argument with a telling name", "docker buildx build --build-arg NPM_TOKEN -t app ."],
    ["a credential in a command", `curl -H "Authorization: token ghp_${"a".repeat(36)}" https://example.com`],
    ["a credential in an assignment", `export DATA=AKIA${"A".repeat(16)}`],
];
const good: [title: string, ...commands: string[]][] = [
    ["by standard input", "aws ecr get-login-password | docker login --username AWS --password-stdin registry.example.com"], // prettier-ignore
    ["a secret into standard input", 'echo "$API_TOKEN" | docker login -u demo --password-stdin'],
    ["a secret into a file", "printf '%s' \"$API_TOKEN\" > token"],
    ["a secret into a file, by a group", '{ echo "$API_TOKEN"; } > token'],
    ["a secret into a variable", 'X=$(echo "$API_TOKEN" | base64)'],
    ["a parameter that is no secret", "echo $REPOSITORY"],
    ["whether there is one", 'echo "token: ${API_TOKEN:+set} ${#API_TOKEN}"'],
    ["tested, not printed", '[ -n "$API_TOKEN" ] || exit 1'],
    ["set +x", "set +x"],
    ["the name in single quotes", "echo 'API_TOKEN is $API_TOKEN'"],
    ["env runs a command", "env LANG=C make"],
    ["one harmless variable", "printenv CODEBUILD_BUILD_ID"],
    ["the variables of CodeBuild", "env | grep ^CODEBUILD_"],
    ["a build argument that is no secret", "docker build --build-arg VERSION=$VERSION --secret id=t,env=API_TOKEN -t app ."], // prettier-ignore
];

export const secretsKeptExamples: RuleExample[] = [
    ...bad.map(([title, ...commands]): RuleExample => ({
        title,
        shows: "bad",
        resources: [build(...commands)],
        expect: finding,
    })),
    ...good.map(([title, ...commands]): RuleExample => ({
        title,
        shows: "good",
        resources: [build(...commands)],
        expect: [],
    })),
    {
        title: "a secret in the variables",
        shows: "bad",
        resources: [withVariables({ DB_PASSWORD: "value" })],
        expect: finding,
    },
    {
        title: "a credential under a harmless name in the variables",
        shows: "bad",
        resources: [withVariables({ DATA: "-----BEGIN RSA PRIVATE KEY-----" })],
        expect: finding,
    },
    {
        title: "variables that are no secret",
        shows: "good",
        resources: [withVariables({ SECRET_NAME: "db", TOKEN_FILE: "/tmp/token", DEBUG: "true" })],
        expect: [],
    },
    {
        title: "a secret of the project is printed",
        shows: "bad",
        resources: [
            projectExample("build", buildspecOf(["echo $LOGIN"]), "builder", {
                environment: {
                    environmentVariables: [{ name: "LOGIN", value: "db:login", type: "SECRETS_MANAGER" }],
                },
            }),
        ],
        expect: finding,
    },
    { title: "nothing secret", shows: "absent", resources: [build("make")], expect: [] },
    {
        title: "a text that is no shell",
        shows: "unknown",
        resources: [build('echo "$(')],
        expect: [{ resource: "build", kind: "inconclusive" }],
    },
    {
        title: "not known yet",
        shows: "unknown",
        resources: [projectExample("build", unknown)],
        expect: [{ resource: "build", kind: "inconclusive" }],
    },
];
