import assert from "node:assert/strict";
import {
    codecommitApplication,
    connectionApplication,
    exampleConfig,
    exampleContext,
    exampleLiterals,
    exampleTopicArn,
} from "../application/testing/examplePlatform";
import type { Statement } from "../iamStatement";
import { pipelineStatements } from "./pipelineRole";
import type { Step } from "./step";
import { applicationSteps } from "./steps";

const context = exampleContext();
const steps = applicationSteps(context);

function step(name: Step["name"], from = steps): Step {
    const found = from.find((candidate) => candidate.name === name);
    assert(found, `no step ${name}`);
    return found;
}

/** One line for each permission: `Effect action resource {condition}`, in a stable order. */
function permissions(statements: Statement[]): string[] {
    return statements
        .flatMap(({ Effect, Action, Resource, Condition }) =>
            Action.flatMap((action) =>
                Resource.map((resource) =>
                    [Effect, action, resource, ...(Condition ? [JSON.stringify(Condition)] : [])].join(" "),
                ),
            ),
        )
        .sort();
}

const logs = (name: string) => [
    `Allow logs:CreateLogStream arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/portcullis-dev-demo-${name}:log-stream:*`,
    `Allow logs:PutLogEvents arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/portcullis-dev-demo-${name}:log-stream:*`,
];
const { source, image } = context.names.artifacts;
const artifact = (name: string) => `arn:aws:s3:::example-artifacts/portcullis-dev-demo-*/${name}/*`;
const readBucket = [
    "Allow s3:GetBucketAcl arn:aws:s3:::example-artifacts",
    "Allow s3:GetBucketLocation arn:aws:s3:::example-artifacts",
];
const readImage = [
    ...readBucket,
    `Allow s3:GetObject ${artifact(image)}`,
    `Allow s3:GetObjectVersion ${artifact(image)}`,
];
const readGate = ["Allow s3:GetObject arn:aws:s3:::example-artifacts/gate/*"];
const key = (action: string, alias = "pipeline") =>
    `Allow kms:${action} arn:aws:kms:eu-central-1:123456789012:key/* ` +
    `{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/example-${alias}"}}`;
const token = ["Allow ecr:GetAuthorizationToken *"];
const repository = (tier: string) =>
    `arn:aws:ecr:eu-central-1:123456789012:repository/portcullis-dev-demo-${tier}`;
const pull = (tier: string) =>
    ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"].map(
        (action) => `Allow ecr:${action} ${repository(tier)}`,
    );
const push = (tier: string) =>
    [
        "BatchCheckLayerAvailability",
        "BatchGetImage",
        "CompleteLayerUpload",
        "InitiateLayerUpload",
        "PutImage",
        "UploadLayerPart",
    ].map((action) => `Allow ecr:${action} ${repository(tier)}`);
const addEvidence = (place: string) => [
    `Allow s3:PutObject arn:aws:s3:::example-evidence/demo/${place} {"Null":{"s3:if-none-match":"false"}}`,
    `Allow s3:GetObject arn:aws:s3:::example-evidence/demo/${place}`,
];
const readEvidence = [
    "Allow s3:GetObject arn:aws:s3:::example-evidence/demo/sha256-*/*/*",
    "Allow s3:ListBucket arn:aws:s3:::example-evidence",
];

describe("permissions of the steps", () => {
    const expected: Partial<Record<Step["name"], string[]>> = {
        build: [
            ...logs("build"),
            ...readBucket,
            `Allow s3:GetObject ${artifact(source)}`,
            `Allow s3:GetObjectVersion ${artifact(source)}`,
            `Allow s3:PutObject ${artifact(image)}`,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...token,
            ...push("candidate"),
            `Allow ecr:DescribeImages ${repository("candidate")}`,
        ],
        "scan-anchore": [
            ...logs("scan-anchore"),
            ...readImage,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...addEvidence("sha256-*/anchore/*/test/*"),
            key("Decrypt", "anchore"),
            "Allow ssm:GetParameters arn:aws:ssm:eu-central-1:123456789012:parameter/example/anchore/admin-password",
            "Allow ssm:GetParameters arn:aws:ssm:eu-central-1:123456789012:parameter/example/anchore/ca",
            "Allow ec2:DescribeDhcpOptions *",
            "Allow ec2:DescribeNetworkInterfaces *",
            "Allow ec2:DescribeSecurityGroups *",
            "Allow ec2:DescribeSubnets *",
            "Allow ec2:DescribeVpcs *",
            "Allow ec2:CreateNetworkInterface arn:aws:ec2:eu-central-1:123456789012:network-interface/*",
            "Allow ec2:CreateNetworkInterface arn:aws:ec2:eu-central-1:123456789012:security-group/*",
            "Allow ec2:CreateNetworkInterface arn:aws:ec2:eu-central-1:123456789012:subnet/*",
            "Allow ec2:DeleteNetworkInterface arn:aws:ec2:eu-central-1:123456789012:network-interface/*",
            "Allow ec2:CreateNetworkInterfacePermission arn:aws:ec2:eu-central-1:123456789012:network-interface/* " +
                '{"StringEquals":{"ec2:AuthorizedService":"codebuild.amazonaws.com"}}',
        ],
        "scan-grype": [
            ...logs("scan-grype"),
            ...readImage,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...addEvidence("sha256-*/grype/*/test/*"),
            ...token,
            ...pull("candidate"),
        ],
        "scan-staging-grype": [
            ...logs("scan-staging-grype"),
            ...readImage,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...addEvidence("sha256-*/grype/*/scanStagingImage/*"),
            ...token,
            ...pull("staging"),
        ],
        stage: [
            ...logs("stage"),
            ...readImage,
            ...readGate,
            key("Decrypt"),
            ...readEvidence,
            ...token,
            ...pull("candidate"),
            ...push("staging"),
        ],
        publish: [
            ...logs("publish"),
            ...readImage,
            ...readGate,
            key("Decrypt"),
            ...readEvidence,
            ...token,
            ...pull("staging"),
            ...push("production"),
        ],
    };

    it("are listed here for every step", () => {
        assert.deepEqual(Object.keys(expected).sort(), steps.map(({ name }) => name).sort());
    });

    for (const [name, lines] of Object.entries(expected)) {
        it(`of ${name} are exactly these`, () => {
            assert.deepEqual(permissions(step(name as Step["name"]).statements), [...lines].sort());
        });
    }

    it("let one step alone write each repository", () => {
        const writers = (tier: string) =>
            steps
                .filter(({ statements }) =>
                    permissions(statements).includes(`Allow ecr:PutImage ${repository(tier)}`),
                )
                .map(({ name }) => name);
        assert.deepEqual(
            {
                candidate: writers("candidate"),
                staging: writers("staging"),
                production: writers("production"),
            },
            { candidate: ["build"], staging: ["stage"], production: ["publish"] },
        );
    });

    it("hold no approval, no role, no pipeline and no wildcard action", () => {
        const all = [
            ...steps.map(({ statements }) => statements),
            pipelineStatements(context, steps, exampleTopicArn),
        ];
        for (const { Sid, Action, Resource } of all.flat()) {
            for (const action of Action) {
                assert(!action.includes("*"), `${Sid}: ${action}`);
                assert.doesNotMatch(action, /^(codepipeline|iam|sts):/i, Sid);
                assert.doesNotMatch(
                    action,
                    /Delete(?!NetworkInterface)|SetRepositoryPolicy|BatchDeleteImage/,
                    Sid,
                );
            }
            if (Resource.includes("*"))
                assert.match(Action.join(), /^ecr:GetAuthorizationToken$|^(ec2:Describe\w+,?)+$/);
        }
    });

    it("of two applications share nothing but the gate, tokens, keys and network", () => {
        const own = (application: typeof codecommitApplication | typeof connectionApplication) =>
            new Set(
                applicationSteps(exampleContext(application))
                    .flatMap(({ statements }) => permissions(statements))
                    .map((line) => line.split(" ").slice(1, 3).join(" ")),
            );
        const other = own(connectionApplication);
        const shared = [...own(codecommitApplication)].filter((line) => other.has(line));
        assert.deepEqual(
            [...new Set(shared.map((line) => line.split(" ")[1] ?? ""))].sort(),
            [
                "*",
                "arn:aws:ec2:eu-central-1:123456789012:network-interface/*",
                "arn:aws:ec2:eu-central-1:123456789012:security-group/*",
                "arn:aws:ec2:eu-central-1:123456789012:subnet/*",
                "arn:aws:kms:eu-central-1:123456789012:key/*",
                "arn:aws:s3:::example-artifacts",
                "arn:aws:s3:::example-artifacts/gate/*",
                "arn:aws:s3:::example-evidence",
                "arn:aws:ssm:eu-central-1:123456789012:parameter/example/anchore/admin-password",
                "arn:aws:ssm:eu-central-1:123456789012:parameter/example/anchore/ca",
            ].sort(),
        );
    });
});

describe("permissions of the pipeline", () => {
    const common = (app: string, names = context.names) => [
        "Allow s3:GetBucketAcl arn:aws:s3:::example-artifacts",
        "Allow s3:GetBucketLocation arn:aws:s3:::example-artifacts",
        "Allow s3:GetBucketVersioning arn:aws:s3:::example-artifacts",
        ...["GetObject", "GetObjectVersion", "PutObject", "PutObjectAcl"].flatMap((action) =>
            [names.artifacts.source, names.artifacts.image].map(
                (name) =>
                    `Allow s3:${action} arn:aws:s3:::example-artifacts/${`portcullis-dev-${app}`.slice(0, 20)}*/${name}/*`,
            ),
        ),
        key("Decrypt"),
        key("DescribeKey"),
        key("Encrypt"),
        key("GenerateDataKey"),
        ...["BatchGetBuilds", "StartBuild"].flatMap((action) =>
            ["build", "scan-anchore", "scan-grype", "stage", "scan-staging-grype", "publish"].map(
                (name) =>
                    `Allow codebuild:${action} arn:aws:codebuild:eu-central-1:123456789012:project/portcullis-dev-${app}-${name}`,
            ),
        ),
        `Allow sns:Publish ${exampleTopicArn}`,
    ];

    it("with a CodeCommit source are exactly these", () => {
        const lines = [
            ...common("demo").map((line) => line.replace("portcullis-dev-demo*", "portcullis-dev-demo-*")),
            ...[
                "CancelUploadArchive",
                "GetBranch",
                "GetCommit",
                "GetUploadArchiveStatus",
                "UploadArchive",
            ].map(
                (action) =>
                    `Allow codecommit:${action} arn:aws:codecommit:eu-central-1:123456789012:portcullis-dev-demo`,
            ),
        ];
        assert.deepEqual(permissions(pipelineStatements(context, steps, exampleTopicArn)), lines.sort());
    });

    it("with a connection name it under both service prefixes", () => {
        const other = exampleContext(connectionApplication);
        const actual = permissions(pipelineStatements(other, applicationSteps(other), exampleTopicArn));
        const id = "eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef";
        const lines = ["codeconnections", "codestar-connections"].flatMap((action) =>
            ["codeconnections", "codestar-connections"].map(
                (service) => `Allow ${action}:UseConnection arn:aws:${service}:${id}`,
            ),
        );
        assert.deepEqual(actual, [...common("shop-front", other.names), ...lines].sort());
    });
});

describe("shape of the steps", () => {
    const row = ({ name, stage, runOrder, gateRole, privileged, inNetwork, concurrentBuilds }: Step) =>
        [
            name,
            `${stage}.${runOrder}`,
            gateRole,
            privileged ? "privileged" : "-",
            inNetwork ? "vpc" : "-",
            concurrentBuilds ?? "-",
        ].join(" ");

    it("is this, in pipeline order", () => {
        assert.deepEqual(steps.map(row), [
            "build Build.1 builder privileged - -",
            "scan-anchore Test.1 scanner - vpc -",
            "scan-grype Test.1 scanner - - -",
            "stage Stage.1 promoter - - 1",
            "scan-staging-grype ScanStagingImage.1 scanner - - -",
            "publish Publish.1 publisher - - 1",
        ]);
    });

    it("has a scan step for each configured scanner and no other, in an order that configuration cannot change", () => {
        const names = (scanners: unknown[]) =>
            applicationSteps(
                exampleContext(codecommitApplication, exampleLiterals(exampleConfig({ scanners }))),
            ).map(({ name }) => name);
        const grype = { name: "grype", mode: "required" };
        const anchore = { name: "anchore", mode: "advisory" };
        assert.deepEqual(names([grype]), ["build", "scan-grype", "stage", "scan-staging-grype", "publish"]);
        assert.deepEqual(names([{ ...grype, stages: ["scanStagingImage"] }]), [
            "build",
            "stage",
            "scan-staging-grype",
            "publish",
        ]);
        assert.deepEqual(names([grype, anchore]), names([anchore, grype]));
    });

    it("has only the build step take the source", () => {
        assert.deepEqual(
            steps.filter(({ input }) => input === "source").map(({ name }) => name),
            ["build"],
        );
    });
});
