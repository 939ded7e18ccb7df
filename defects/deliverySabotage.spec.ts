/**
 * Ways into production around the pipeline and its admission, and ways by which a pull request reaches a release. Each
 * change of the provisioned stack is noticed by exactly the rules named.
 */
import assert from "node:assert/strict";
import { types, useProvisionedStack, type SabotagedStack } from "./testing/provisionedStack";

type Properties = Record<string, unknown>;
type Change = (stack: SabotagedStack) => void;

const account = "123456789012";
const arn = (service: string, rest: string): string =>
    `arn:aws:${service}:us-east-1:${account}:${rest.replaceAll("~", "portcullis-prod-")}`;
const roleArn = (name: string): string => `arn:aws:iam::${account}:role/portcullis-prod-${name}`;

const service = "delivery-sample-production-service";
const task = "delivery-sample-production-template";
const deployRole = "delivery-sample-production-deploy-role";
const pipeline = "sample-delivery-pipeline";
const publish = "sample-delivery-publish-project";
const deploy = "sample-delivery-deploy-production-project";
const scanRole = "sample-delivery-scan-grype-role";
const reviewRole = "sample-review-build-role";
const ecsService = "aws:ecs/service:Service";
const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition";
const notificationRule = "aws:codestarnotifications/notificationRule:NotificationRule";
const key = "aws:kms/key:Key";

const productionService = arn("ecs", "service/~delivery/~sample-production");
const overrides = arn("dynamodb", "table/~break-glass");

const set =
    (type: string, ending: string, values: Properties): Change =>
    (stack) => {
        stack.change(type, ending, (inputs) => Object.assign(inputs, values));
    };

const grant =
    (role: string, action: string | string[], resource: string): Change =>
    (stack) => {
        stack.grant(role, [action].flat(), [resource]);
    };

/** Changes the service's deployment configuration; undefined takes a property away. */
const deployment =
    (change: (configuration: Properties, hook: Properties) => Properties): Change =>
    (stack) => {
        stack.change(ecsService, service, (inputs) => {
            const given = inputs["deploymentConfiguration"] as Properties & { lifecycleHooks: Properties[] };
            const [hook] = given.lifecycleHooks;
            assert.ok(hook);
            inputs["deploymentConfiguration"] = { ...given, ...change(given, hook) };
        });
    };

const hooked = (values: Properties): Change =>
    deployment((_, hook) => ({ lifecycleHooks: [{ ...hook, ...values }] }));

/** Replaces the policy of who may become a role. */
const trust = (role: string, principal: unknown, condition?: Properties): Change =>
    set(types.role, role, {
        assumeRolePolicy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...(condition ? { Condition: condition } : {}) }], // prettier-ignore
        }),
    });

const root = { AWS: `arn:aws:iam::${account}:root` };

const image =
    (change: (reference: string) => string): Change =>
    (stack) => {
        stack.change(taskDefinition, task, (inputs) => {
            const [container, ...others] = JSON.parse(String(inputs["containerDefinitions"])) as Properties[];
            assert.ok(container);
            const changed = { ...container, image: change(String(container["image"])) };
            inputs["containerDefinitions"] = JSON.stringify([changed, ...others]);
        });
    };

/** Changes the statements of the signing key's own policy. */
const keyPolicy =
    (change: (statements: Properties[]) => Properties[]): Change =>
    (stack) => {
        stack.change(key, "signing-key", (inputs) => {
            const document = JSON.parse(String(inputs["policy"])) as { Statement: Properties[] };
            inputs["policy"] = JSON.stringify({ ...document, Statement: change(document.Statement) });
        });
    };

/** Takes the commands away that the pattern describes. */
const without =
    (project: string, pattern: RegExp): Change =>
    (stack) => {
        stack.commands(project, (command) => (pattern.test(command) ? "true" : command));
    };

const pullRequests = [{ providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Source", pullRequests: [{ events: ["OPEN"], branches: { includes: ["main"] } }] } }]; // prettier-ignore

const sabotages: [title: string, change: Change, noticed: string[]][] = [
    // The admission hook.
    ["the hook is removed", deployment(() => ({ lifecycleHooks: [] })), [`GATE-16 ${service}`]],
    ["the hook is called when the tasks run", hooked({ lifecycleStages: ["POST_SCALE_UP"] }), [`GATE-16 ${service}`]], // prettier-ignore
    ["tasks are replaced one by one, without the stage", deployment(() => ({ strategy: "ROLLING" })), [`GATE-16 ${service}`]], // prettier-ignore
    ["the strategy is the default", deployment(() => ({ strategy: undefined })), [`GATE-16 ${service}`]],
    ["another function is asked", hooked({ hookTargetArn: arn("lambda", "function:~review") }), [`GATE-16 ${service}`]], // prettier-ignore
    ["a function of another account is asked", hooked({ hookTargetArn: "arn:aws:lambda:us-east-1:111111111111:function:admission" }), [`GATE-16 ${service}`]], // prettier-ignore
    ["people are asked, and their silence goes on", hooked({ targetType: "PAUSE", timeoutConfiguration: { action: "CONTINUE" } }), [`GATE-16 ${service}`]], // prettier-ignore
    ["what is removed by hand stays removed", (stack) => { stack.ignoreChanges(ecsService, service, ["taskDefinition", "deploymentConfiguration"]); }, [`GATE-16 ${service}`]], // prettier-ignore
    ["CodeDeploy controls the service", set(ecsService, service, { deploymentController: { type: "CODE_DEPLOY" } }), [`GATE-16 ${service}`]], // prettier-ignore
    ["the hook's role may call nothing", grantInstead("admission-hook-role", "lambda:InvokeFunction", "lambda:GetFunction"), [`GATE-16 ${service}`]], // prettier-ignore
    [
        "the admission function is no such function",
        (stack) => {
            set(types.function, "admission-function", { tags: {} })(stack);
            set(types.role, "admission-function-role", { tags: {} })(stack);
        },
        [`GATE-16 ${service}`],
    ],
    ["the admission function is switched off", set(types.function, "admission-function", { reservedConcurrentExecutions: 0 }), ["GATE-06 admission-function", "LAM-03 admission-function"]], // prettier-ignore
    ["the admission function admits on error", variables("admission-function", { FAIL_OPEN: "true" }), ["GATE-14 admission-function"]], // prettier-ignore
    ["the admission function asks another registry", variables("admission-function", { HTTPS_PROXY: "http://proxy.example.com:3128" }), ["GATE-14 admission-function"]], // prettier-ignore
    ["a layer of another account admits", set(types.function, "admission-function", { layers: ["arn:aws:lambda:us-east-1:111111111111:layer:tracer:1"] }), ["GATE-14 admission-function", "LAM-11 admission-function"]], // prettier-ignore
    ["nobody hears when admission fails", set(types.alarm, "admission-alarms-hook-errors", { alarmActions: [] }), ["GATE-13 admission-alarms-hook-errors", "LOG-04 admission-alarms-hook-errors"]], // prettier-ignore
    ["the circuit breaker is off", set(ecsService, service, { deploymentCircuitBreaker: { enable: false, rollback: true } }), [`ECS-12 ${service}`]], // prettier-ignore
    ["what failed is not rolled back", set(ecsService, service, { deploymentCircuitBreaker: { enable: true, rollback: false } }), [`ECS-12 ${service}`]], // prettier-ignore
    // What runs there.
    ["production runs the staging image", image((text) => text.replace("-production@", "-staging@")), [`BYP-11 ${task}`]], // prettier-ignore
    ["production runs a tag", image((text) => text.replace(/@.*/, ":v1")), [`BYP-11 ${task}`, `ECS-02 ${task}`]], // prettier-ignore
    ["what is deployed is named by a tag", replaced(deploy, /(gate\.cjs imagedefinitions --image "[^"@]*)@\$IMAGE_DIGEST"/, '$1:$COMMIT_ID"'), [`BS-11 ${deploy}`, `PIPE-10 ${pipeline}`]], // prettier-ignore
    ["the signature is not verified", without(deploy, /gate\.cjs verify-signature/), [`BS-03 ${deploy}`]],
    ["the decision is not asked for before publishing", without(publish, /gate\.cjs approved/), [`BS-03 ${publish}`]], // prettier-ignore
    ["whatever was decided, it is published", replaced(publish, /(gate\.cjs approved [^\n]*)$/m, "$1 || true"), [`BS-02 ${publish}`, `BS-03 ${publish}`]], // prettier-ignore
    ["a second service runs production's images, and asks nobody", (stack) => { stack.add(ecsService, "copy", { name: "copy", tags: { Owner: "platform" }, cluster: "portcullis-prod-delivery", taskDefinition: "portcullis-prod-sample-production", deploymentCircuitBreaker: { enable: true, rollback: true }, deploymentConfiguration: { strategy: "BLUE_GREEN" } }); }, [`BYP-05 ${deployRole}`, "GATE-16 copy"]], // prettier-ignore
    ["production is called staging, and asks nobody", (stack) => { set(ecsService, service, { tags: { tier: "staging" } })(stack); deployment(() => ({ lifecycleHooks: [] }))(stack); }, [`GATE-16 ${service}`]], // prettier-ignore
    ["nobody looks at what starts to run", set(types.eventRule, "admission-tasks", { state: "DISABLED" }), ["EVB-01 admission-tasks", "GATE-07 admission-tasks"]], // prettier-ignore
    ["nobody looks again at what runs", set("aws:scheduler/schedule:Schedule", "admission-sweep", { state: "DISABLED" }), ["GATE-07 admission-sweep"]], // prettier-ignore
    ["nothing imports what is found", set(types.eventRule, "findings-events", { state: "DISABLED" }), ["EVB-01 findings-events", "GATE-07 findings-events"]], // prettier-ignore
    // Who deploys.
    ["a second role updates the service", grant(scanRole, "ecs:UpdateService", productionService), [`BYP-05 ${scanRole}`]], // prettier-ignore
    ["the step that prepares the deployment deploys", grant("sample-delivery-deploy-production-role", "ecs:UpdateService", productionService), ["BYP-05 sample-delivery-deploy-production-role"]], // prettier-ignore
    ["a scan step runs tasks of the service", grant(scanRole, "ecs:RunTask", arn("ecs", "task-definition/~sample-production:*")), [`BYP-05 ${scanRole}`]], // prettier-ignore
    ["staging's deployer reaches production", grant("delivery-sample-staging-deploy-role", "ecs:UpdateService", productionService), ["BYP-05 delivery-sample-staging-deploy-role"]], // prettier-ignore
    ["the account may become the deployer", trust(deployRole, root), [`BYP-05 ${deployRole}`]],
    ["builds may become the deployer", trust(deployRole, { Service: "codebuild.amazonaws.com" }), [`BYP-05 ${deployRole}`, `IAM-06 ${deployRole}`]], // prettier-ignore
    ["a scan step opens the deployer", grant(scanRole, "iam:UpdateAssumeRolePolicy", roleArn("sample-production-deploy")), [`BYP-03 ${scanRole}`, `BYP-09 ${scanRole}`]], // prettier-ignore
    ["a scan step changes what admits", grant(scanRole, "lambda:UpdateFunctionCode", arn("lambda", "function:~admission")), [`BYP-03 ${scanRole}`]], // prettier-ignore
    ["a scan step stops the look at what runs", grant(scanRole, "events:DisableRule", arn("events", "rule/~running-tasks")), [`BYP-03 ${scanRole}`]], // prettier-ignore
    // Signatures.
    [
        "a scan step signs",
        grant(scanRole, "kms:Sign", "*"),
        [`BYP-07 ${scanRole}`, `IAM-03 ${scanRole}-added`],
    ],
    ["the key's policy lets the build sign", keyPolicy((all) => [...all, { Effect: "Allow", Principal: { AWS: roleArn("sample-build") }, Action: "kms:Sign", Resource: "*" }]), ["BYP-07 signing-key"]], // prettier-ignore
    ["the key's policy leaves signing to IAM", keyPolicy((all) => [...all, { Effect: "Allow", Principal: root, Action: "kms:*", Resource: "*" }]), ["BYP-07 signing-key"]], // prettier-ignore
    // Overrides.
    ["the pipeline writes overrides", grant("sample-delivery-role", "dynamodb:PutItem", overrides), ["BYP-08 sample-delivery-role", "GATE-12 sample-delivery-role"]], // prettier-ignore
    ["the admission function writes overrides", grant("admission-function-role", "dynamodb:PutItem", overrides), ["BYP-08 admission-function-role", "GATE-12 admission-function-role"]], // prettier-ignore
    ["the admission function approves", grant("admission-function-role", "dynamodb:PutItem", arn("dynamodb", "table/~approvals")), ["BYP-08 admission-function-role", "GATE-12 admission-function-role"]], // prettier-ignore
    ["overrides need no second factor", trust("admission-break-glass-role", { AWS: `arn:aws:iam::${account}:role/on-call` }), ["BYP-08 admission-break-glass-role"]], // prettier-ignore
    ["whoever has a second factor writes overrides", trust("admission-break-glass-role", root, { Bool: { "aws:MultiFactorAuthPresent": "true" } }), ["BYP-08 admission-break-glass-role"]], // prettier-ignore
    ["overrides can be lost", set(types.table, "admission-break-glass", { pointInTimeRecovery: { enabled: false } }), ["DDB-01 admission-break-glass", "GATE-12 admission-break-glass"]], // prettier-ignore
    // Pull requests.
    ["pull requests start the delivery", set(types.pipeline, pipeline, { triggers: pullRequests }), [`PIPE-18 ${pipeline}`]], // prettier-ignore
    [
        "a rule starts the delivery on pull requests",
        (stack) => {
            stack.change(types.eventRule, "sample-delivery-trigger", (inputs) => {
                const pattern = JSON.parse(String(inputs["eventPattern"])) as Properties;
                inputs["eventPattern"] = JSON.stringify({ ...pattern, "detail-type": ["CodeCommit Pull Request State Change"] }); // prettier-ignore
            });
        },
        [`PIPE-18 ${pipeline}`],
    ],
    ["a review pushes to production", grant(reviewRole, ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"], arn("ecr", "repository/~sample-production")), [`BYP-01 ${reviewRole}`, "PIPE-01 sample-review-pipeline", "PIPE-02 sample-review-pipeline", `PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review pushes to staging", grant(reviewRole, "ecr:PutImage", arn("ecr", "repository/~sample-staging")), [`PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review signs", grant(reviewRole, "kms:Sign", `arn:aws:kms:us-east-1:${account}:key/*`), [`BYP-07 ${reviewRole}`, `PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review answers approvals", grant(reviewRole, "codepipeline:PutApprovalResult", arn("codepipeline", "~sample-delivery/Approve/GateApproval")), [`BYP-02 ${reviewRole}`, `PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review deploys", grant(reviewRole, "ecs:UpdateService", productionService), [`BYP-05 ${reviewRole}`, `PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review deploys to staging", grant(reviewRole, "ecs:UpdateService", arn("ecs", "service/~delivery/~sample-staging")), [`PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review passes a role", grant(reviewRole, "iam:PassRole", roleArn("sample-docs")), [`IAM-04 ${reviewRole}-added`, `PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["a review starts a delivery", grant(reviewRole, "codepipeline:StartPipelineExecution", arn("codepipeline", "~sample-delivery")), [`PIPE-24 ${reviewRole}`]], // prettier-ignore
    ["the function that comments starts a delivery", grant("review-role", "codepipeline:StartPipelineExecution", arn("codepipeline", "~sample-delivery")), ["PIPE-24 review-role"]], // prettier-ignore
    ["a review writes evidence of a delivery", grant("sample-review-scan-grype-role", "s3:PutObject", `arn:aws:s3:::portcullis-prod-evidence-${account}-us-east-1/sample/sha256-*/grype/*/test/*`), ["BYP-08 sample-review-scan-grype-role", "PIPE-24 sample-review-scan-grype-role"]], // prettier-ignore
    ["a review reads evidence of deliveries", grant("sample-review-scan-grype-role", "s3:GetObject", `arn:aws:s3:::portcullis-prod-evidence-${account}-us-east-1/sample*`), ["PIPE-24 sample-review-scan-grype-role"]], // prettier-ignore
    ["the pipeline of reviews may become the deployer", grant("sample-review-role", "sts:AssumeRole", roleArn("sample-production-deploy")), ["PIPE-24 sample-review-role"]], // prettier-ignore
    ["a review runs as the build of the delivery", set(types.project, "sample-review-build-project", { serviceRole: roleArn("sample-build") }), ["BYP-08 sample-delivery-build-role", "CB-11 sample-delivery-build-project", "CB-11 sample-review-build-project", "PIPE-24 sample-review-build-project"]], // prettier-ignore
    // People.
    ["the notification rule has no target", set(notificationRule, "", { targets: [] }), [`PIPE-20 ${pipeline}`]], // prettier-ignore
    ["nobody is subscribed to what people are told", (stack) => { stack.remove(types.subscription, "releases@example.com"); }, [`PIPE-20 ${pipeline}`]], // prettier-ignore
];

/** Sets variables of a function beside its own. */
function variables(part: string, values: Properties): Change {
    return (stack) => {
        stack.change(types.function, part, (inputs) => {
            const { variables: given } = inputs["environment"] as { variables: Properties };
            inputs["environment"] = { variables: { ...given, ...values } };
        });
    };
}

/** Another action in the place of one that the role has. */
function grantInstead(role: string, from: string, to: string): Change {
    return (stack) => {
        stack.roleDocument(role, (text) => text.replaceAll(from, to));
    };
}

/** Replaces text in the commands of a project, one by one. */
function replaced(project: string, pattern: RegExp, text: string): Change {
    return (stack) => {
        stack.commands(project, (command) => command.trimEnd().replace(pattern, text));
    };
}

describe("Sabotage of deployment, admission and review", () => {
    const stack = useProvisionedStack({
        admission: { breakGlassPrincipals: [`arn:aws:iam::${account}:role/on-call`] },
    });
    /** The engine's images by tag are a known weakness of their own. */
    const findings = (change?: Change): string[] =>
        stack()
            .findings(change)
            .filter((each) => !each.startsWith("ECS-02 anchore-"));

    it("is not needed for a clean result", () => {
        assert.deepEqual(findings(), []);
    });

    for (const [title, change, noticed] of sabotages) {
        it(`is noticed by ${noticed.map((each) => each.split(" ")[0]).join(", ")}: ${title}`, () => {
            assert.deepEqual(findings(change), [...noticed].sort());
        });
    }
});
