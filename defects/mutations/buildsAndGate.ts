/** Changes of build projects, buildspecs, permissions and the approval gate. */
import { add, admit, arn, edit, grant, remove, roleArn, set, token, type Mutation } from "./mutation";

const scan = "delivery-scan-grype-project";
const scanName = "sample-delivery-scan-grype-project";
const publish = "delivery-publish-project";
const scanRole = "sample-delivery-scan-grype-role";
const decider = "approval-scan-event";

type Settings = Record<string, unknown>;

const environment = (values: Settings) =>
    edit(token.project, scan, "environment", (given: Settings) => ({ ...given, ...values }));
const command =
    (project: string, change: (text: string) => string): Mutation["change"] =>
    (stack) => {
        stack.commands(project, change);
    };
const isScan = (text: string): boolean => text.includes("gate.cjs scan ");

export const buildsAndGate: Mutation[] = [
    {
        what: "a privileged scan",
        caught: [`CB-01 ${scanName}`],
        change: environment({ privilegedMode: true }),
    },
    {
        what: "a password among the variables of a project",
        caught: [`CB-02 ${scanName}`],
        change: environment({
            environmentVariables: [{ name: "ANCHORE_PASSWORD", value: "not shown", type: "PLAINTEXT" }],
        }),
    },
    {
        what: "a build without a key of ours",
        caught: [`CB-04 ${scanName}`],
        change: set(token.project, scan, { encryptionKey: undefined }),
    },
    {
        what: "a scan without a log",
        caught: [`CB-05 ${scanName}`],
        change: set(token.project, scan, { logsConfig: { cloudwatchLogs: { status: "DISABLED" } } }),
    },
    {
        what: "a build image that moves",
        caught: [`CB-06 ${scanName}`],
        change: environment({ image: "example.com/tools/scanner:latest" }),
    },
    {
        what: "a project for the public",
        caught: [`CB-07 ${scanName}`],
        change: set(token.project, scan, { projectVisibility: "PUBLIC_READ" }),
    },
    {
        what: "the repository's own buildspec for the scan",
        caught: [`CB-08 ${scanName}`],
        change: edit(token.project, scan, "source", (source: Settings) => ({
            ...source,
            buildspec: "buildspec.yml",
        })),
    },
    {
        what: "a build that may take all day",
        caught: [`CB-09 ${scanName}`],
        change: set(token.project, scan, { buildTimeout: undefined }),
    },
    {
        what: "a webhook of anybody's pull requests",
        // What strangers start is a review, and the builder reaches more than a review may.
        caught: ["CB-12 hook", "BYP-08 sample-delivery-build-role", "PIPE-24 sample-delivery-build-project"],
        change: add("aws:codebuild/webhook:Webhook", "hook", {
            projectName: "portcullis-prod-sample-build",
            filterGroups: [{ filters: [{ type: "EVENT", pattern: "PULL_REQUEST_CREATED" }] }],
        }),
    },
    {
        what: "a token of a person",
        caught: ["CB-13 credential"],
        change: add("aws:codebuild/sourceCredential:SourceCredential", "credential", {
            authType: "PERSONAL_ACCESS_TOKEN",
            serverType: "GITHUB",
            token: "not shown",
        }),
    },
    {
        what: "a report group without a key",
        caught: ["CB-14 reports"],
        change: add("aws:codebuild/reportGroup:ReportGroup", "reports", {
            type: "TEST",
            exportConfig: {
                type: "S3",
                s3Destination: {
                    bucket: "portcullis-prod-evidence-123456789012-us-east-1",
                    encryptionDisabled: true,
                    encryptionKey: "alias/aws/s3",
                },
            },
        }),
    },
    {
        what: "a docker cache under the scan",
        caught: [`CB-15 ${scanName}`],
        change: set(token.project, scan, { cache: { type: "LOCAL", modes: ["LOCAL_DOCKER_LAYER_CACHE"] } }),
    },
    {
        what: "a buildspec that is none",
        // What cannot be read scans nothing, and such a role writes no evidence.
        caught: [`BS-01 ${scanName}`, `BYP-08 ${scanRole}`],
        change: edit(token.project, scan, "source", (source: Settings) => ({
            ...source,
            buildspec: "version: 0.2\nphases:\n\tbuild: {}\n",
        })),
    },
    {
        what: "a verdict that is swallowed",
        caught: [`BS-02 ${scanName}`],
        change: command(scan, (text) => (isScan(text) ? `${text.trimEnd()} || true` : text)),
    },
    {
        what: "a scan phase that goes on after a failure",
        caught: [`BS-05 ${scanName}`],
        change: (stack) => {
            stack.buildspec(scan, "on-failure: ABORT", "on-failure: CONTINUE");
        },
    },
    {
        what: "a verdict behind a pipe",
        caught: [`BS-08 ${scanName}`],
        change: command(scan, (text) =>
            isScan(text) ? `set +o pipefail\n${text.trimEnd()} | tee verdict.txt` : text,
        ),
    },
    {
        what: "a build in the step that publishes",
        // Who builds is not the publisher, and neither pushes to production nor signs.
        caught: [
            "BS-10 sample-delivery-publish-project",
            "BYP-01 sample-delivery-publish-role",
            "BYP-07 sample-delivery-publish-role",
            "BYP-07 signing-key",
        ],
        change: command(publish, (text) =>
            text.includes("promote") ? `docker build -t again .\n${text}` : text,
        ),
    },
    {
        what: "a tool that is fetched and run",
        caught: [`BS-12 ${scanName}`],
        change: command(scan, (text) =>
            isScan(text) ? `curl -sSfL https://example.com/main/install.sh | sh\n${text}` : text,
        ),
    },
    {
        what: "the socket of Docker for a stranger",
        caught: [`BS-14 ${scanName}`],
        change: command(scan, (text) =>
            isScan(text)
                ? `docker run --rm -v /var/run/docker.sock:/var/run/docker.sock example.com/tool@sha256:${"a".repeat(64)} image\n${text}`
                : text,
        ),
    },
    {
        what: "a password on a command line",
        caught: [`BS-15 ${scanName}`],
        change: command(scan, (text) =>
            isScan(text) ? `docker login -u AWS -p "$REGISTRY_PASSWORD" example.com\n${text}` : text,
        ),
    },
    {
        what: "a certificate that nobody checks",
        caught: [`BS-17 ${scanName}`],
        change: command(scan, (text) =>
            isScan(text) ? `curl -k --output list.json https://example.com/list.json\n${text}` : text,
        ),
    },
    {
        what: "a build that answers the approval",
        caught: [`BS-20 ${scanName}`],
        change: command(scan, (text) =>
            isScan(text)
                ? `aws codepipeline put-approval-result --pipeline-name p --stage-name s --action-name a --token t --result summary=ok,status=Approved\n${text}`
                : text,
        ),
    },
    {
        what: "everything on everything",
        caught: [
            `IAM-01 ${scanRole}-policy`,
            ...["02", "03", "04", "11"].map((number) => `IAM-${number} ${scanRole}-policy`),
            ...["01", "02", "03", "04", "05", "07", "08", "09"].map((number) => `BYP-${number} ${scanRole}`),
            ...["02", "10", "12"].map((number) => `GATE-${number} ${scanRole}`),
            // With that, the scan releases.
            ...["01", "02", "04"].map((number) => `PIPE-${number} sample-delivery-pipeline`),
        ],
        change: grant(scanRole, "*", "*"),
    },
    {
        what: "every action of a service",
        caught: [`IAM-02 ${scanRole}-policy`],
        change: grant(scanRole, "kms:*", arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")),
    },
    {
        what: "a role that may be passed to anything",
        caught: [`IAM-04 ${scanRole}-policy`, `IAM-03 ${scanRole}-policy`, `BYP-03 ${scanRole}`],
        change: grant(scanRole, "iam:PassRole", "*"),
    },
    {
        what: "everything but a little",
        caught: [`IAM-05 ${scanRole}-policy`],
        change: admit(token.rolePolicy, `${scanRole}-policy`, {
            Effect: "Allow",
            NotAction: "iam:*",
            Resource: arn("sqs", "queue-of-nobody"),
        }),
    },
    {
        what: "a role for everybody",
        caught: [`IAM-06 ${scanRole}`, `BYP-06 ${scanRole}`, `CB-11 ${scanName}`],
        change: set(token.role, scanRole, {
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
            }),
        }),
    },
    {
        what: "a policy for administrators",
        caught: ["IAM-07 attached", `BYP-03 ${scanRole}`, `BYP-09 ${scanRole}`],
        change: add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attached", {
            role: "portcullis-prod-sample-scan-grype",
            policyArn: "arn:aws:iam::aws:policy/IAMFullAccess",
        }),
    },
    {
        what: "a user with a key",
        caught: ["IAM-08 robot"],
        change: add("aws:iam/user:User", "robot", { name: "robot" }),
    },
    {
        what: "the builder pushes to production",
        // With that, the build releases: before any scan, and before the approval.
        caught: [
            "BYP-01 sample-delivery-build-role",
            "PIPE-01 sample-delivery-pipeline",
            "PIPE-02 sample-delivery-pipeline",
        ],
        change: grant(
            "sample-delivery-build-role",
            "ecr:PutImage",
            arn("ecr", "repository/~sample-production"),
        ),
    },
    {
        what: "the scan answers the approval",
        caught: [`BYP-02 ${scanRole}`],
        change: grant(scanRole, "codepipeline:PutApprovalResult", arn("codepipeline", "~sample-delivery/Approve/GateApproval")), // prettier-ignore
    },
    {
        what: "the scan changes the pipeline",
        caught: [`BYP-03 ${scanRole}`],
        change: grant(scanRole, "codepipeline:UpdatePipeline", arn("codepipeline", "~sample-delivery")),
    },
    {
        what: "the scan starts the release",
        caught: [`BYP-04 ${scanRole}`],
        change: grant(scanRole, "codebuild:StartBuild", arn("codebuild", "project/~sample-publish")),
    },
    {
        what: "the scan deploys",
        caught: [`BYP-05 ${scanRole}`],
        change: grant(scanRole, "ecs:UpdateService", arn("ecs", "service/~delivery/~sample-production")),
    },
    {
        what: "the account may become the publisher",
        caught: ["BYP-06 sample-delivery-publish-role", "CB-11 sample-delivery-publish-project"],
        change: set(token.role, "delivery-publish-role", {
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { AWS: "arn:aws:iam::123456789012:root" },
                        Action: "sts:AssumeRole",
                    },
                ],
            }),
        }),
    },
    {
        what: "the scan rewrites the decisions",
        caught: [`BYP-08 ${scanRole}`, `GATE-12 ${scanRole}`],
        change: grant(scanRole, "dynamodb:PutItem", arn("dynamodb", "table/~approvals")),
    },
    {
        what: "the builder makes itself another role",
        caught: ["BYP-09 sample-delivery-build-role"],
        change: grant("sample-delivery-build-role", "iam:PutRolePolicy", roleArn("sample-build")),
    },
    {
        what: "the program itself pushes an image",
        caught: ["BYP-10 pushed"],
        change: add("docker-build:index:Image", "pushed", {
            push: true,
            tags: ["123456789012.dkr.ecr.us-east-1.amazonaws.com/portcullis-prod-sample-production:now"],
        }),
    },
    {
        what: "production runs an image of staging",
        caught: ["BYP-11 delivery-sample-production-template"],
        change: edit(
            token.taskDefinition,
            "sample-production-template",
            "containerDefinitions",
            (text: string) => text.replaceAll("sample-production@", "sample-staging@"),
        ),
    },
    {
        what: "nobody tells the recorder",
        caught: ["GATE-01 approval-topic-recorder"],
        change: remove(token.permission, "approval-topic-permission"),
    },
    {
        what: "no answer to the approval",
        caught: ["GATE-03 sample-delivery-pipeline"],
        change: (stack) => {
            stack.roleDocument("approval-scan-event-role", (text) =>
                text.replaceAll("codepipeline:PutApprovalResult", "codepipeline:GetPipelineState"),
            );
        },
    },
    {
        what: "failures of the decider are forgotten",
        caught: ["GATE-05 approval-scan-event", "LAM-02 approval-scan-event"],
        change: set(token.function, decider, { deadLetterConfig: undefined }),
    },
    {
        what: "the decider switched off by its concurrency",
        caught: ["GATE-06 approval-scan-event", "LAM-03 approval-scan-event"],
        change: set(token.function, decider, { reservedConcurrentExecutions: 0 }),
    },
    {
        what: "the rule of scans switched off",
        caught: ["GATE-07 approval-scan", "EVB-01 approval-scan"],
        change: set(token.eventRule, "approval-scan", { state: "DISABLED" }),
    },
    {
        what: "a limit that lets everything pass",
        caught: ["GATE-11 approval-scan-event"],
        change: edit(token.function, decider, "environment", (given: { variables: Settings }) => ({
            variables: { ...given.variables, CRITICAL_LIMIT: "999" },
        })),
    },
    {
        what: "a table without recovery",
        caught: ["DDB-01 approval-table", "GATE-12 approval-table"],
        change: set(token.table, "approval-table", { pointInTimeRecovery: { enabled: false } }),
    },
    {
        what: "an alarm that nobody hears",
        caught: ["GATE-13 approval-alarms-scan-event-errors", "LOG-04 approval-alarms-scan-event-errors"],
        change: set(token.alarm, "approval-alarms-scan-event-errors", { alarmActions: [] }),
    },
    {
        what: "stages that Pulumi does not compare",
        caught: ["PUL-01 sample-delivery-pipeline"],
        change: (stack) => {
            stack.ignoreChanges(token.pipeline, "sample-delivery-pipeline", ["stages"]);
        },
    },
    {
        what: "a table that Pulumi may delete",
        caught: ["PUL-02 approval-table"],
        change: (stack) => {
            stack.options(token.table, "approval-table", { protect: false });
        },
    },
    {
        what: "a provider with a key in the program",
        caught: ["PUL-03 west"],
        change: add("pulumi:providers:aws", "west", {
            region: "us-east-1",
            accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: "not shown",
        }),
    },
    {
        what: "the pipeline taken out of a stack that declares one",
        caught: [
            "PUL-06 portcullis-prod",
            // Nobody looks at what the registry finds any more.
            "ECR-15 sample-repositories-candidate",
            "ECR-15 sample-repositories-production",
        ],
        change: (stack) => {
            stack.remove(token.pipeline, "sample-delivery-pipeline");
            stack.remove(token.pipeline, "sample-review-pipeline");
        },
    },
];
