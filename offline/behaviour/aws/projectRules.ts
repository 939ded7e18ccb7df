/** What AWS CodeBuild and AWS CodeCommit refuse. Limits: their API references (CreateProject, CreateRepository). */
import { isObject } from "../../engine/wire";
import type { WireObject } from "../../engine/wire";
import type { InputRules } from "../valueRules";
import { arnOf, fields, isKnown, listOf, oneOf, text, whole } from "../valueRules";

const computeTypes = [
    ...["SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE"].map((size) => `BUILD_GENERAL1_${size}`),
    ...[1, 2, 4, 8, 10].map((size) => `BUILD_LAMBDA_${size}GB`),
    "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
];
const environmentTypes = [
    ..."LINUX_CONTAINER LINUX_GPU_CONTAINER ARM_CONTAINER LINUX_LAMBDA_CONTAINER ARM_LAMBDA_CONTAINER".split(
        " ",
    ),
    ..."WINDOWS_SERVER_2019_CONTAINER WINDOWS_SERVER_2022_CONTAINER LINUX_EC2 ARM_EC2 WINDOWS_EC2 MAC_ARM".split(
        " ",
    ),
];

function projectProblems(inputs: WireObject): string[] {
    const [source, artifacts] = [inputs["source"], inputs["artifacts"]].map((value) =>
        isObject(value) ? value["type"] : undefined,
    );
    const environment = inputs["environment"];
    const variables =
        isObject(environment) && Array.isArray(environment["environmentVariables"])
            ? environment["environmentVariables"].filter(isObject).map(({ name }) => String(name))
            : [];
    const lambda = isObject(environment) && String(environment["type"]).includes("LAMBDA");
    return [
        ...(isKnown(source) &&
        isKnown(artifacts) &&
        (source === "CODEPIPELINE") !== (artifacts === "CODEPIPELINE")
            ? ["source and artifacts are both of type CODEPIPELINE, or neither is"]
            : []),
        ...variables
            .filter((name, position) => variables.indexOf(name) !== position)
            .map((name) => `environment.environmentVariables has ${name} twice`),
        ...(isObject(environment) && lambda && environment["privilegedMode"] === true
            ? ["environment.privilegedMode is not for Lambda compute"]
            : []),
    ];
}

export const projectRules: Record<string, InputRules> = {
    "aws:codebuild/project:Project": {
        properties: {
            name: text(
                2,
                150,
                /^[A-Za-z0-9][A-Za-z0-9_-]+$/,
                "letters, digits, - and _, the first a letter or digit",
            ),
            description: text(0, 255),
            serviceRole: arnOf("iam"),
            buildTimeout: whole(5, 2160, "minutes"),
            queuedTimeout: whole(5, 480, "minutes"),
            concurrentBuildLimit: whole(1, 1_000_000),
            source: fields({
                type: oneOf(
                    ..."CODECOMMIT CODEPIPELINE GITHUB GITHUB_ENTERPRISE GITLAB GITLAB_SELF_MANAGED BITBUCKET S3 NO_SOURCE".split(
                        " ",
                    ),
                ),
                gitCloneDepth: whole(0, 2_147_483_647),
            }),
            artifacts: fields({ type: oneOf("CODEPIPELINE", "S3", "NO_ARTIFACTS") }),
            environment: fields({
                type: oneOf(...environmentTypes),
                computeType: oneOf(...computeTypes),
                image: text(1, 255, /^\S+$/, "text without spaces"),
                imagePullCredentialsType: oneOf("CODEBUILD", "SERVICE_ROLE"),
                environmentVariables: listOf(
                    fields({
                        name: text(1, 255, /^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and _"),
                        type: oneOf("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"),
                    }),
                ),
            }),
            vpcConfig: fields({
                subnets: listOf(text(1, 255), 1, 16),
                securityGroupIds: listOf(text(1, 255), 1, 5),
            }),
        },
        together: projectProblems,
    },
    "aws:codecommit/repository:Repository": {
        properties: {
            repositoryName: (value, where) => [
                ...text(1, 100, /^[\w.-]+$/, "letters, digits and . _ -")(value, where),
                ...(String(value).endsWith(".git") ? [`${where} must not end in .git`] : []),
            ],
            description: text(0, 1000),
            kmsKeyId: text(1, 2048),
        },
    },
};
