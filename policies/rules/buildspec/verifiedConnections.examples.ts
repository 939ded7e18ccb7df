/** Builds for the examples of BS-17. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample } from "../../pipeline/exampleResources";

const scan = (...commands: string[]): ExampleResource =>
    projectExample("scan", buildspecOf(commands), "scanner");
const withVariables = (environmentVariables: unknown, buildspec: unknown = buildspecOf(["make"])) =>
    projectExample("scan", buildspec, "scanner", { environment: { environmentVariables } });
const withSource = (more: Record<string, unknown>) =>
    projectExample("scan", undefined, "scanner", {
        source: { type: "GITHUB_ENTERPRISE", location: "https://git.example.com/a.git", ...more },
    });
const finding = [{ resource: "scan", kind: "violation" as const }];

const bad: [title: string, ...commands: string[]][] = [
    ["curl -k", "curl -k -o report.json https://scanner.example.com/report"],
    ["curl -k among other letters", "curl -sSfkLo tool https://example.com/tool"],
    ["curl --insecure", "curl --insecure https://example.com"],
    ["wget --no-check-certificate", "wget --no-check-certificate https://example.com/tool"],
    ["git without verification, by a variable", "GIT_SSL_NO_VERIFY=true git clone https://example.com/a.git"],
    [
        "git without verification, exported",
        "export GIT_SSL_NO_VERIFY=1",
        "git clone https://example.com/a.git",
    ],
    ["git without verification, by an option", "git -c http.sslVerify=false clone https://example.com/a.git"],
    ["git without verification, by its settings", "git config --global http.sslVerify false"],
    ["the AWS CLI without verification", "aws --no-verify-ssl s3 cp s3://tools/tool ."],
    ["trivy --insecure", "trivy image --insecure --exit-code 1 $IMAGE"],
    ["skopeo without verification", "skopeo copy --src-tls-verify=false docker://a docker://b"],
    ["crane --insecure", "crane --insecure digest registry.example.com/app:1"],
    ["npm without verification", "npm config set strict-ssl false"],
    ["pip trusts a host", "pip install --trusted-host pypi.example.com tool==1.0"],
    ["anchore over plain HTTP", "anchore-cli --url http://anchore.internal:8228/v1 evaluate check $IMAGE"],
    ["an address of a scanner is exported", "export ANCHORE_CLI_URL=http://anchore.internal:8228/v1"],
    ["trivy asks a server over plain HTTP", "trivy image --server http://10.0.0.5:4954 --exit-code 1 $IMAGE"],
    ["a report is sent to a scanner over plain HTTP", "curl -d @report.json http://scanner.example.com/api"],
    ["the address in a variable of the buildspec", "ADDRESS=http://10.0.0.5:8228", "anchore-cli --url $ADDRESS evaluate check $IMAGE"], // prettier-ignore
    ["inside a shell", "bash -c 'curl -k https://example.com/tool -o tool'"],
];
const good: [title: string, ...commands: string[]][] = [
    ["verified", "curl -fsSLo tool https://example.com/tool"],
    ["a scanner of the build itself", "curl -k https://localhost:8443/health"],
    ["anchore on the build's own host", "anchore-cli --url http://localhost:8228/v1 evaluate check $IMAGE"],
    ["credentials of the task", "curl http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
    ["an address that is no scanner's", "curl -d @report.json http://example.com/api"],
    ["a word that looks like the option", "grep -k x", 'echo "curl -k"'],
    ["switched on", "GIT_SSL_NO_VERIFY=false git clone https://example.com/a.git", "trivy image --insecure=false --exit-code 1 $IMAGE"], // prettier-ignore
    ["a name with k", "curl -o kit https://example.com/kit"],
];

export const verifiedConnectionsExamples: RuleExample[] = [
    ...bad.map(([title, ...commands]): RuleExample => ({
        title,
        shows: "bad",
        resources: [scan(...commands)],
        expect: finding,
    })),
    ...good.map(([title, ...commands]): RuleExample => ({
        title,
        shows: "good",
        resources: [scan(...commands)],
        expect: [],
    })),
    {
        title: "the address of the scanner is a variable of the project",
        shows: "bad",
        resources: [
            withVariables([{ name: "ANCHORE_CLI_URL", value: "http://anchore.example.com:8228/v1" }]),
        ],
        expect: finding,
    },
    {
        title: "the same beside a buildspec of the source",
        shows: "bad",
        resources: [
            withVariables(
                [{ name: "ANCHORE_CLI_URL", value: "http://anchore.example.com:8228/v1" }],
                "ci.yml",
            ),
        ],
        expect: finding,
    },
    {
        title: "verification switched off for the project",
        shows: "bad",
        resources: [withVariables([{ name: "NODE_TLS_REJECT_UNAUTHORIZED", value: "0" }])],
        expect: finding,
    },
    {
        title: "the source is fetched from whoever answers",
        shows: "bad",
        resources: [withSource({ insecureSsl: true })],
        expect: finding,
    },
    {
        title: "a second source is fetched from whoever answers",
        shows: "bad",
        resources: [
            projectExample("scan", undefined, "scanner", {
                secondarySources: [{ type: "GITHUB", sourceIdentifier: "a", insecureSsl: true }],
            }),
        ],
        expect: finding,
    },
    {
        title: "the address with https",
        shows: "good",
        resources: [withVariables([{ name: "ANCHORE_CLI_URL", value: "https://anchore.example.com/v1" }])],
        expect: [],
    },
    {
        title: "the source is verified",
        shows: "good",
        resources: [withSource({ insecureSsl: false })],
        expect: [],
    },
    { title: "nothing is fetched", shows: "absent", resources: [scan("make")], expect: [] },
    {
        title: "the address of the scanner is not known yet",
        shows: "unknown",
        resources: [withVariables([{ name: "ANCHORE_CLI_URL", value: unknown }])],
        expect: [{ resource: "scan", kind: "inconclusive" }],
    },
    {
        title: "the address is not known yet, and another setting is wrong",
        shows: "unknown",
        resources: [
            withVariables([
                { name: "ANCHORE_CLI_URL", value: unknown },
                { name: "GIT_SSL_NO_VERIFY", value: "true" },
            ]),
        ],
        expect: [
            { resource: "scan", kind: "inconclusive" },
            { resource: "scan", kind: "violation" },
        ],
    },
    {
        title: "not known yet",
        shows: "unknown",
        resources: [projectExample("scan", unknown)],
        expect: [{ resource: "scan", kind: "inconclusive" }],
    },
];
