import assert from "node:assert/strict";
import {
    codecommitApplication,
    exampleConfig,
    exampleLiterals,
} from "../application/testing/examplePlatform";
import { deliveryTargets } from "../delivery/deliveryNames";
import type { Statement } from "../iamStatement";
import { key, permissions } from "../pipeline/testing/permissionLines";
import { admissionNames } from "./admissionNames";
import {
    admissionStatements,
    breakGlassStatements,
    breakGlassTrust,
    hookStatements,
    runningCheckStatements,
} from "./roleDocuments";
import { taskPatterns } from "./taskPatterns";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;

/** Two applications: one whose service the stack makes, one whose service is there; and the second has staging too. */
const applications = [
    { ...codecommitApplication, delivery: { production: { type: "create" } } },
    {
        ...codecommitApplication,
        name: "shop",
        delivery: {
            staging: { type: "create" },
            production: { type: "existing", cluster: "main", service: "shop", container: "web" },
        },
    },
];

function documents(config: Record<string, unknown> = {}) {
    const platform = exampleLiterals(exampleConfig({ applications, ...config }));
    const { account, naming } = platform;
    const names = admissionNames(account, naming);
    const services = platform.config.applications
        .flatMap((application) => deliveryTargets(account, naming, application))
        .filter(({ tier }) => tier === "production");
    const of = (statements: Statement[]) => permissions(statements);
    return {
        admission: of(admissionStatements(platform, names, services)),
        running: of(runningCheckStatements(platform, names, services)),
        hook: of(hookStatements(names)),
        breakGlass: of(breakGlassStatements(platform, names)),
    };
}

const running = (part: string) => [
    ...["CreateLogStream", "PutLogEvents"].map(
        (action) =>
            `Allow logs:${action} ${arn("logs", `log-group:/aws/lambda/portcullis-dev-${part}:log-stream:*`)}`,
    ),
    "Allow xray:PutTelemetryRecords *",
    "Allow xray:PutTraceSegments *",
    `Allow sqs:SendMessage ${arn("sqs", `portcullis-dev-${part}-failed`)}`,
];
const repositories = ["demo", "shop"].flatMap((application) =>
    ["production", "staging"].map((tier) => arn("ecr", `repository/portcullis-dev-${application}-${tier}`)),
);
const judging = [
    "Allow ecs:DescribeTaskDefinition *",
    `Allow dynamodb:Query ${arn("dynamodb", "table/portcullis-dev-approvals")}`,
    `Allow dynamodb:Query ${arn("dynamodb", "table/portcullis-dev-break-glass")}`,
    key("Decrypt"),
    ...repositories.map((repository) => `Allow ecr:DescribeImageScanFindings ${repository}`),
];
const inspector = ["Allow inspector2:ListCoverage *", "Allow inspector2:ListFindings *"];
const revisions = [
    "service/portcullis-dev-delivery/portcullis-dev-demo-production",
    "service-revision/portcullis-dev-delivery/portcullis-dev-demo-production/*",
    "service/main/shop",
    "service-revision/main/shop/*",
].map((resource) => `Allow ecs:DescribeServiceRevisions ${arn("ecs", resource)}`);
const ofTheseClusters = JSON.stringify({
    ArnEquals: { "ecs:cluster": [arn("ecs", "cluster/portcullis-dev-delivery"), arn("ecs", "cluster/main")] },
});
const tasks = ["portcullis-dev-delivery", "main"].flatMap((cluster) => [
    `Allow ecs:ListTasks ${arn("ecs", `container-instance/${cluster}/*`)} ${ofTheseClusters}`,
    `Allow ecs:DescribeTasks ${arn("ecs", `task/${cluster}/*`)} ${ofTheseClusters}`,
]);
const importFindings =
    `Allow securityhub:BatchImportFindings ${arn("securityhub", "product/123456789012/default")} ` +
    '{"StringEquals":{"securityhub:TargetAccount":"123456789012"}}';
const readFindings = `Allow securityhub:GetFindings ${arn("securityhub", "hub/default")}`;

describe("Roles of admission", () => {
    it("look and write nothing", () => {
        const { admission, running: check } = documents();
        assert.deepEqual(admission, [...running("admission"), ...revisions, ...judging, ...inspector].sort());
        assert.deepEqual(check, [...running("running"), ...tasks, ...judging, ...inspector].sort());
    });

    it("do not ask Inspector where it does not scan", () => {
        const basic = { registryScanning: { type: "BASIC", inspector: "external" } };
        assert.deepEqual(
            documents(basic).admission,
            [...running("admission"), ...revisions, ...judging].sort(),
        );
    });

    it("tell Security Hub where it is on; only the check reads what is there", () => {
        for (const mode of ["enable", "existing"]) {
            const { admission, running: check } = documents({ securityHub: { mode } });
            assert.deepEqual(
                admission,
                [...running("admission"), ...revisions, ...judging, ...inspector, importFindings].sort(),
            );
            assert.deepEqual(
                check,
                [
                    ...running("running"),
                    ...tasks,
                    ...judging,
                    ...inspector,
                    importFindings,
                    readFindings,
                ].sort(),
            );
        }
    });

    it("let Amazon ECS call one function", () => {
        assert.deepEqual(documents().hook, [
            `Allow lambda:InvokeFunction ${arn("lambda", "function:portcullis-dev-admission")}`,
        ]);
    });

    it("let people add overrides and list them", () => {
        const table = arn("dynamodb", "table/portcullis-dev-break-glass");
        assert.deepEqual(
            documents().breakGlass,
            [
                ...["PutItem", "Query", "Scan"].map((action) => `Allow dynamodb:${action} ${table}`),
                key("Decrypt"),
            ].sort(),
        );
        assert.throws(() => breakGlassTrust([]), /needs somebody who may take it/);
    });
});

describe("taskPatterns", () => {
    const { account } = exampleLiterals();
    const service = (cluster: string, name: string) => ({
        cluster: { name: cluster, arn: arn("ecs", `cluster/${cluster}`) },
        service: { name, arn: arn("ecs", `service/${cluster}/${name}`) },
    });

    it("are about one cluster each, and name every service once", () => {
        const patterns = taskPatterns(account, [
            service("b", "two"),
            service("a", "one"),
            service("b", "one"),
        ]);
        assert.deepEqual(
            patterns.map((text) => (JSON.parse(text) as { detail: unknown }).detail),
            [
                { clusterArn: [arn("ecs", "cluster/a")], group: ["service:one"], lastStatus: ["RUNNING"] },
                {
                    clusterArn: [arn("ecs", "cluster/b")],
                    group: ["service:one", "service:two"],
                    lastStatus: ["RUNNING"],
                },
            ],
        );
    });

    it("stay within EventBridge's length, however many services there are", () => {
        const many = Array.from({ length: 100 }, (_, index) =>
            service("delivery", `a-service-with-quite-a-long-name-${index}`),
        );
        const patterns = taskPatterns(account, many);
        assert.ok(patterns.length > 1);
        assert.ok(patterns.every((pattern) => pattern.length <= 2_048));
        const named = patterns.flatMap(
            (text) => (JSON.parse(text) as { detail: { group: string[] } }).detail.group,
        );
        assert.deepEqual(named.sort(), many.map(({ service: { name } }) => `service:${name}`).sort());
    });

    it("need a service to be about", () => {
        assert.throws(() => taskPatterns(account, []), /need at least one service/);
    });
});
