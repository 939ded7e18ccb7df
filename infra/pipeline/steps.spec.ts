import assert from "node:assert/strict";
import {
    codecommitApplication,
    connectionApplication,
    deliveredApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
    exampleTopicArns,
} from "../application/testing/examplePlatform";
import { identityPolicy } from "../iamStatement";
import { pipelineStatements } from "./pipelineRole";
import type { Step } from "./step";
import { applicationSteps } from "./steps";
import {
    addEvidence,
    artifact,
    key,
    logs,
    permissions,
    pull,
    push,
    readEvidence,
    readGate,
    readImage,
    readSource,
    repository,
    signingKey,
    token,
} from "./testing/permissionLines";

const context = exampleContext(deliveredApplication);
const { source, image, deployment } = context.names.artifacts;
const steps = applicationSteps(context);
const gateTopic = { gate: exampleTopicArns.gate };

function step(name: Step["name"], from = steps): Step {
    const found = from.find((candidate) => candidate.name === name);
    assert(found, `no step ${name}`);
    return found;
}

describe("permissions of the steps", () => {
    const expected: Partial<Record<Step["name"], string[]>> = {
        lint: [
            ...logs("lint"),
            ...readSource,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...addEvidence("git-*/hadolint/*/verify/*"),
        ],
        secrets: [
            ...logs("secrets"),
            ...readSource,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...addEvidence("git-*/gitleaks/*/verify/*"),
            "Allow codepipeline:ListActionExecutions arn:aws:codepipeline:eu-central-1:123456789012:portcullis-dev-demo-delivery",
        ],
        sbom: [
            ...logs("sbom"),
            ...readImage,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...addEvidence("sha256-*/sbom/*/build/*"),
            ...token,
            ...pull("candidate"),
        ],
        build: [
            ...logs("build"),
            ...readSource,
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
            `Allow ecr:GetDownloadUrlForLayer ${repository("production")}`,
            "Allow dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/portcullis-dev-approvals",
            ...["DescribeKey", "GetPublicKey", "Sign"].map(signingKey),
        ],
        "deploy-staging": [
            ...logs("deploy-staging"),
            ...readImage,
            `Allow s3:PutObject ${artifact(deployment.staging)}`,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
        ],
        "deploy-production": [
            ...logs("deploy-production"),
            ...readImage,
            `Allow s3:PutObject ${artifact(deployment.production)}`,
            ...readGate,
            key("Decrypt"),
            key("GenerateDataKey"),
            ...token,
            ...pull("production"),
            ...["DescribeKey", "GetPublicKey"].map(signingKey),
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

    it("let one step alone sign, and none change a service or pass a role", () => {
        const holders = (pattern: RegExp) =>
            steps.filter(({ statements }) => permissions(statements).some((line) => pattern.test(line)));
        assert.deepEqual(
            holders(/ kms:Sign /).map(({ name }) => name),
            ["publish"],
        );
        assert.deepEqual(holders(/ (ecs|iam|sts):/), []);
        assert.deepEqual(holders(/ kms:(\*|CreateGrant|PutKeyPolicy)/), []);
    });

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
            pipelineStatements(context, steps, gateTopic),
        ];
        for (const { Sid, Action, Resource } of all.flat()) {
            for (const action of Action) {
                assert(!action.includes("*"), `${Sid}: ${action}`);
                // Which roles the pipeline becomes to deploy is said exactly below.
                if (Sid !== "AssumeDeployRoles")
                    assert.doesNotMatch(action, /^(codepipeline:(?!List)|iam:|sts:)/i, Sid);
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

    it("run nothing of the source, and hold no image, in the Verify stage", () => {
        for (const { name, statements, privileged, parameters } of steps) {
            if (name !== "lint" && name !== "secrets") continue;
            assert.equal(privileged, false);
            assert.deepEqual(parameters, []);
            assert.doesNotMatch(permissions(statements).join("\n"), /ecr:|ssm:/);
        }
    });

    it("fit into IAM's 10,240 characters for the inline policies of a role, with the longest names", () => {
        const longest = "a".repeat(30);
        const arn =
            "arn:aws-us-gov:codeconnections:us-gov-west-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef";
        const source = {
            ...connectionApplication.source,
            connectionArn: arn,
            repository: `${"b".repeat(99)}/${"c".repeat(100)}`,
        };
        const other = exampleContext(
            { ...connectionApplication, name: longest, source },
            exampleLiterals(exampleConfig(everything)),
        );
        const all = applicationSteps(other);
        const documents = [
            ...all.map(({ name, statements }) => [name, statements] as const),
            ["pipeline", pipelineStatements(other, all, exampleTopicArns)] as const,
        ];
        assert.equal(documents.length, 17);
        for (const [name, statements] of documents) {
            const { length } = identityPolicy(statements);
            assert(length < 10_240, `${name}: ${length}`);
        }
    });

    it("with a connection clone its one repository, under both names of the service", () => {
        const id = "eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef";
        const lines = ["codeconnections", "codestar-connections"].map(
            (service) =>
                `Allow ${service}:UseConnection arn:aws:${service}:${id} ` +
                `{"StringEquals":{"${service}:FullRepositoryId":"example/shop-front"}}`,
        );
        const other = applicationSteps(exampleContext(connectionApplication));
        for (const { name, input, statements } of other) {
            const clones = permissions(statements).filter((line) => /UseConnection|GitPull/.test(line));
            assert.deepEqual(clones, input === "source" ? lines : [], name);
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
                "arn:aws:dynamodb:eu-central-1:123456789012:table/portcullis-dev-approvals",
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
    /** What every pipeline's role has, with the artifacts that its application has. */
    const common = (app: string, names: string[], of = steps) => [
        "Allow s3:GetBucketAcl arn:aws:s3:::example-artifacts",
        "Allow s3:GetBucketLocation arn:aws:s3:::example-artifacts",
        "Allow s3:GetBucketVersioning arn:aws:s3:::example-artifacts",
        ...["GetObject", "GetObjectVersion", "PutObject", "PutObjectAcl"].flatMap((action) =>
            names.map(
                (name) =>
                    `Allow s3:${action} arn:aws:s3:::example-artifacts/${`portcullis-dev-${app}`.slice(0, 20)}*/${name}/*`,
            ),
        ),
        key("Decrypt"),
        key("DescribeKey"),
        key("Encrypt"),
        key("GenerateDataKey"),
        ...["BatchGetBuilds", "StartBuild"].flatMap((action) =>
            of
                .map(({ name }) => name)
                .map(
                    (name) =>
                        `Allow codebuild:${action} arn:aws:codebuild:eu-central-1:123456789012:project/portcullis-dev-${app}-${name}`,
                ),
        ),
        ...["StartBuild", "StartBuildBatch"].flatMap((action) =>
            of.map(
                ({ name }) =>
                    `Deny codebuild:${action} arn:aws:codebuild:eu-central-1:123456789012:project/portcullis-dev-${app}-${name} {"Null":{"codebuild:source.buildspec":"false"}}`,
            ),
        ),
        `Allow sns:Publish ${gateTopic.gate}`,
    ];

    it("with a CodeCommit source are exactly these", () => {
        const lines = [
            ...common("demo", [source, image, deployment.staging, deployment.production]).map((line) =>
                line.replace("portcullis-dev-demo*", "portcullis-dev-demo-*"),
            ),
            ...[
                "CancelUploadArchive",
                "GetBranch",
                "GetCommit",
                "GetRepository",
                "GetUploadArchiveStatus",
                "UploadArchive",
            ].map(
                (action) =>
                    `Allow codecommit:${action} arn:aws:codecommit:eu-central-1:123456789012:portcullis-dev-demo`,
            ),
            ...["staging", "production"].map(
                (tier) =>
                    `Allow sts:AssumeRole arn:aws:iam::123456789012:role/portcullis-dev-demo-${tier}-deploy`,
            ),
        ];
        assert.deepEqual(permissions(pipelineStatements(context, steps, gateTopic)), lines.sort());
    });

    it("announce approvals to people as well where they approve", () => {
        const publish = permissions(pipelineStatements(context, steps, exampleTopicArns)).filter((line) =>
            line.includes("sns:"),
        );
        assert.deepEqual(
            publish,
            [exampleTopicArns.people, exampleTopicArns.gate].map((arn) => `Allow sns:Publish ${arn}`),
        );
    });

    it("with a connection name it under both service prefixes", () => {
        const other = exampleContext(connectionApplication);
        const otherSteps = applicationSteps(other);
        const actual = permissions(pipelineStatements(other, otherSteps, gateTopic));
        const id = "eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef";
        const lines = ["codeconnections", "codestar-connections"].flatMap((action) =>
            ["codeconnections", "codestar-connections"].map(
                (service) => `Allow ${action}:UseConnection arn:aws:${service}:${id}`,
            ),
        );
        const names = [other.names.artifacts.source, other.names.artifacts.image];
        assert.deepEqual(actual, [...common("shop-front", names, otherSteps), ...lines].sort());
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
            "lint Verify.1 verifier - - -",
            "secrets Verify.1 verifier - - -",
            "build Build.1 builder privileged - -",
            "sbom Build.2 inventory - - -",
            "scan-anchore Test.1 scanner - vpc -",
            "scan-grype Test.1 scanner - - -",
            "stage Stage.1 promoter - - 1",
            "scan-staging-grype ScanStagingImage.1 scanner - - -",
            "deploy-staging DeployToStaging.1 deployer - - -",
            "publish Publish.1 publisher - - 1",
            "deploy-production Deploy.1 deployer - - -",
        ]);
        const without = applicationSteps(exampleContext()).map(row);
        assert.deepEqual(
            without,
            steps.map(row).filter((line) => !line.startsWith("deploy-")),
        );
    });

    it("hands the source to the Verify stage and the build, and to nobody after them", () => {
        assert.deepEqual(
            steps.filter(({ input }) => input === "source").map(({ name }) => name),
            ["lint", "secrets", "build"],
        );
    });
});
