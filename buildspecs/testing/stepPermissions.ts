/**
 * What a build step does with AWS, as permissions: what CodeBuild does for it, and what each command of its buildspec does.
 * Made from the commands that a run of the buildspec really issued, so a command that is not known here fails the spec.
 */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { artifactKeys, type ApplicationNames } from "../../infra/application/applicationNames";
import type { Statement } from "../../infra/iamStatement";
import type { Step } from "../../infra/pipeline/step";
import type { BuildResult } from "./codeBuild";

const account = "123456789012";
const region = "eu-central-1";
const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${account}:${resource}`;

/** One permission that AWS asks for. */
export interface Needed {
    action: string;
    resource: string;
    /** Condition keys that the service sets. */
    context?: Record<string, string | string[]>;
}

/** Names under which the stack's keys and buckets are known to the steps. */
export interface StackParts {
    names: ApplicationNames;
    artifactBucket: string;
    evidenceBucket: string;
    /** Beginning with `alias/`. */
    pipelineKeyAlias: string;
    anchoreKeyAlias: string;
    /** Parameters that the stack itself makes, encrypted with the Anchore key where they are secret. */
    ownParameters: { name: string; isSecret: boolean }[];
    /** Clones the source: CodeCommit, or the connection by both of its names. */
    clone: Needed[];
}

const all = (actions: readonly string[], resource: string, context?: Needed["context"]): Needed[] =>
    actions.map((action) => ({ action, resource, ...(context === undefined ? {} : { context }) }));

const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;
const parameterArn = (name: string): string => arn("ssm", `parameter${name}`);
const useKey = (action: "Decrypt" | "GenerateDataKey", alias: string): Needed => ({
    action: `kms:${action}`,
    resource: arn("kms", `key/of-${alias.replace("alias/", "")}`),
    context: { "kms:ResourceAliases": [alias] },
});

/** Repository of `registry/name@digest`, `registry/name:tag` or `registry/name`. */
function repositoryArn(reference: string): string {
    const name = /^[^/]+\/([a-z0-9._/-]+?)(?:[@:].*)?$/.exec(reference)?.[1];
    if (name === undefined) throw new Error(`no repository in ${reference}`);
    return arn("ecr", `repository/${name}`);
}

/** Amazon ECR User Guide, "Required IAM permissions for pulling an image". */
const pull = (reference: string): Needed[] =>
    all(
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        repositoryArn(reference),
    );

/** Amazon ECR User Guide, "Required IAM permissions for pushing an image"; the manifest is read back. */
const push = (reference: string): Needed[] =>
    all(
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        repositoryArn(reference),
    );

const token: Needed = { action: "ecr:GetAuthorizationToken", resource: "*" };

/** What the service itself does in the name of the project's role (AWS CodeBuild and CodePipeline User Guides). */
function doneByCodeBuild(step: Step, stack: StackParts): Needed[] {
    const { names, artifactBucket, pipelineKeyAlias, anchoreKeyAlias, ownParameters } = stack;
    const pipeline = pipelineOf(step, names);
    const artifact = (name: string): string =>
        objectArn(artifactBucket, artifactKeys(pipeline.name, name).replaceAll("*", "a1b2c3d"));
    const parameters = step.parameters.flatMap(({ parameter }): Needed[] => {
        const own = ownParameters.find(({ name }) => name === parameter);
        const read: Needed = { action: "ssm:GetParameters", resource: parameterArn(parameter) };
        if (own?.isSecret === false) return [read];
        const decrypt: Needed =
            own === undefined
                ? {
                      action: "kms:Decrypt",
                      resource: arn("kms", "key/of-the-parameter"),
                      context: {
                          "kms:EncryptionContext:PARAMETER_ARN": parameterArn(parameter),
                          "kms:ViaService": `ssm.${region}.amazonaws.com`,
                      },
                  }
                : useKey("Decrypt", anchoreKeyAlias);
        return [read, decrypt];
    });
    const network = step.inNetwork
        ? [
              ...all(
                  [
                      "ec2:DescribeDhcpOptions",
                      "ec2:DescribeNetworkInterfaces",
                      "ec2:DescribeSecurityGroups",
                      "ec2:DescribeSubnets",
                      "ec2:DescribeVpcs",
                  ],
                  "*",
              ),
              ...["network-interface/eni-1", "security-group/sg-1", "subnet/subnet-1"].map((resource) => ({
                  action: "ec2:CreateNetworkInterface",
                  resource: arn("ec2", resource),
              })),
              { action: "ec2:DeleteNetworkInterface", resource: arn("ec2", "network-interface/eni-1") },
              {
                  action: "ec2:CreateNetworkInterfacePermission",
                  resource: arn("ec2", "network-interface/eni-1"),
                  context: { "ec2:AuthorizedService": "codebuild.amazonaws.com" },
              },
          ]
        : [];
    return [
        ...all(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            arn("logs", `log-group:${step.names.logGroup}:log-stream:abc`),
        ),
        ...all(["s3:GetObject", "s3:GetObjectVersion"], artifact(artifactName(step, names, step.input))),
        ...all(["s3:GetBucketAcl", "s3:GetBucketLocation"], `arn:aws:s3:::${artifactBucket}`),
        useKey("Decrypt", pipelineKeyAlias),
        ...(step.output === undefined
            ? []
            : [
                  { action: "s3:PutObject", resource: artifact(artifactName(step, names, step.output)) },
                  useKey("GenerateDataKey", pipelineKeyAlias),
              ]),
        // The artifact of the source is a reference that CodeBuild clones.
        ...(step.input === "source" ? stack.clone : []),
        ...parameters,
        ...network,
    ];
}

const isReview = ({ name }: Step): boolean => name.startsWith("review-");

const pipelineOf = (step: Step, names: ApplicationNames): { name: string; arn: string } =>
    isReview(step) ? names.review.pipeline : names.pipeline;

function artifactName(step: Step, names: ApplicationNames, which: string): string {
    const artifacts: Record<string, string> = isReview(step)
        ? names.review.artifacts
        : {
              source: names.artifacts.source,
              image: names.artifacts.image,
              stagingDeployment: names.artifacts.deployment.staging,
              productionDeployment: names.artifacts.deployment.production,
          };
    const name = artifacts[which];
    if (name === undefined) throw new Error(`step ${step.name} has no artifact ${which}`);
    return name;
}

/** `--name value` of a command line. */
function option(words: readonly string[], name: string): string {
    const at = words.indexOf(`--${name}`);
    const value = words[at + 1];
    if (at === -1 || value === undefined) throw new Error(`no --${name} in ${words.join(" ")}`);
    return value;
}

/** Evidence of a producer in one place: written once, on condition that nothing is there, and read back. */
function storedEvidence(
    words: readonly string[],
    producer: string,
    stage: string,
    stack: StackParts,
): Needed[] {
    const commit = ["commit", "head"].find((name) => words.includes(`--${name}`));
    const about =
        commit === undefined
            ? option(words, "image").replace(/^.*@sha256:/, "sha256-")
            : `git-${option(words, commit)}`;
    const bucket = option(words, "evidence").replace("s3://", "");
    const application = option(
        words,
        words.includes("--evidence-application") ? "evidence-application" : "application",
    );
    const place = [application, about, producer, option(words, "execution"), stage].join("/");
    return [
        ...["raw.json", "report.json", "manifest.json"].flatMap((file): Needed[] => [
            {
                action: "s3:PutObject",
                resource: objectArn(bucket, `${place}/${file}`),
                context: { "s3:if-none-match": "*" },
            },
            { action: "s3:GetObject", resource: objectArn(bucket, `${place}/${file}`) },
        ]),
        useKey("GenerateDataKey", stack.pipelineKeyAlias),
        useKey("Decrypt", stack.pipelineKeyAlias),
    ];
}

/** Scanners that pull the image themselves; Anchore Engine pulls with its own role, Lacework from its console. */
const pulling: readonly string[] = ["grype", "accuknox"];

/** What one `node gate.cjs …` does. */
function neededByGate(words: readonly string[], step: Step, stack: StackParts): Needed[] {
    const [command = ""] = words;
    switch (command) {
        case "tools": {
            const url = option(words, "url");
            const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
            return bucket === "" ? [] : [{ action: "s3:GetObject", resource: objectArn(bucket, key) }];
        }
        case "canary":
        case "imagedefinitions":
            return [];
        case "lint":
            return storedEvidence(words, "hadolint", "verify", stack);
        case "secrets": {
            const tool = option(words, "tool");
            const { arn: pipeline } = pipelineOf(step, stack.names);
            return [
                ...storedEvidence(words, tool, "verify", stack),
                // Where the range begins, unless it is given: at the commit of the last execution that passed.
                ...(words.includes("--pipeline")
                    ? [{ action: "codepipeline:ListActionExecutions", resource: pipeline }]
                    : []),
            ];
        }
        case "sbom":
            return [
                ...storedEvidence(words, "sbom", "build", stack),
                // syft has read the image.
                ...pull(option(words, "image")),
            ];
        case "scan": {
            const scanner = option(words, "scanner");
            const image = option(words, "image");
            return [
                ...storedEvidence(words, scanner, option(words, "stage"), stack),
                ...(pulling.includes(scanner) ? pull(image) : []),
                ...(scanner === "inspector"
                    ? [
                          { action: "ecr:DescribeImageScanFindings", resource: repositoryArn(image) },
                          ...all(["inspector2:ListCoverage", "inspector2:ListFindings"], "*"),
                      ]
                    : []),
            ];
        }
        case "verdict": {
            const bucket = option(words, "evidence").replace("s3://", "");
            const about = option(words, "image").replace(/^.*@sha256:/, "sha256-");
            const place = [option(words, "application"), about, "grype", option(words, "execution")].join(
                "/",
            );
            return [
                ...["manifest.json", "report.json"].map((file) => ({
                    action: "s3:GetObject",
                    resource: objectArn(bucket, `${place}/${option(words, "stage")}/${file}`),
                })),
                // What makes S3 say that a report is missing, and not that it is forbidden.
                { action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}` },
                useKey("Decrypt", stack.pipelineKeyAlias),
            ];
        }
        case "approved":
            return [
                { action: "dynamodb:Query", resource: arn("dynamodb", `table/${option(words, "table")}`) },
                useKey("Decrypt", stack.pipelineKeyAlias),
            ];
        case "promote":
            return [token, ...pull(option(words, "from")), ...push(option(words, "to"))];
        case "sign":
            return [
                token,
                // cosign pushes the signature as an image of one layer, and reads it back.
                ...pull(option(words, "image")),
                ...push(option(words, "image")),
                ...signingKey(words),
                {
                    action: "kms:Sign",
                    resource: arn("kms", "key/of-signing"),
                    context: {
                        "kms:ResourceAliases": [keyAlias(words)],
                        "kms:SigningAlgorithm": "ECDSA_SHA_256",
                        "kms:MessageType": "DIGEST",
                    },
                },
            ];
        case "verify-signature":
            return [token, ...pull(option(words, "image")), ...signingKey(words)];
        default:
            throw new Error(`what gate ${command} needs is not known here`);
    }
}

const keyAlias = (words: readonly string[]): string => option(words, "key").replace("awskms:///", "");

/** cosign's KMS provider describes the key and fetches its public part. */
const signingKey = (words: readonly string[]): Needed[] =>
    all(["kms:DescribeKey", "kms:GetPublicKey"], arn("kms", "key/of-signing"), {
        "kms:ResourceAliases": [keyAlias(words)],
    });

/** What one command of the buildspec does, as the interpreter saw it. */
function neededByCommand(words: readonly string[], step: Step, stack: StackParts): Needed[] {
    const [program = "", ...rest] = words;
    const line = rest.join(" ");
    if (program === "node" && rest[0] === "gate.cjs") return neededByGate(rest.slice(1), step, stack);
    // Git works on the clone; building and looking are the daemon's own, and the base image comes from elsewhere.
    if (program === "git" || /^docker (login|build|image)$/.test(`${program} ${rest[0]}`)) return [];
    if (program === "docker" && rest[0] === "push") return push(rest[1] ?? "");
    if (line.startsWith("s3 cp")) {
        const [, bucket = "", key = ""] = /s3:\/\/([^/]+)\/(\S+)/.exec(line) ?? [];
        return [
            { action: "s3:GetObject", resource: objectArn(bucket, key) },
            useKey("Decrypt", stack.pipelineKeyAlias),
        ];
    }
    if (line.startsWith("ecr get-login-password")) return [token];
    if (line.startsWith("ecr describe-images"))
        return [
            {
                action: "ecr:DescribeImages",
                resource: arn("ecr", `repository/${option(rest, "repository-name")}`),
            },
        ];
    throw new Error(`what ${words.join(" ")} needs is not known here`);
}

/** Everything that a step asks of AWS in this run. */
export function neededBy(step: Step, result: BuildResult, stack: StackParts): Needed[] {
    return [
        ...doneByCodeBuild(step, stack),
        ...result.calls.flatMap((words) => neededByCommand(words, step, stack)),
    ];
}

export interface RoleUse {
    /** `action on resource` that the role does not allow. */
    denied: string[];
    /** `Sid action resource` that the role allows and nothing here needed. */
    idle: string[];
}

const leftToIam = {
    Version: "2012-10-17",
    Statement: [
        {
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${account}:root` },
            Action: "kms:*",
            Resource: "*",
        },
    ],
};

const encryptionContext = "kms:EncryptionContext:PARAMETER_ARN";

/** The evaluator does not know keys of the encryption context: they are compared here, and taken out or the statement is. */
function inContext(context: NonNullable<Needed["context"]>): (statement: Statement) => Statement[] {
    return (statement) => {
        const { [encryptionContext]: wanted, ...others } = statement.Condition?.["StringEquals"] ?? {};
        if (wanted === undefined) return [statement];
        const given = context[encryptionContext];
        if (typeof given !== "string" || ![wanted].flat().includes(given)) return [];
        return [{ ...statement, Condition: { ...statement.Condition, StringEquals: others } }];
    };
}

/** Asks an independent evaluator of IAM whether the statements allow what is needed, and which of them nothing needs. */
export async function roleUse(statements: readonly Statement[], needed: readonly Needed[]): Promise<RoleUse> {
    const denied = new Set<string>();
    const used = new Set<string>();
    const questions = new Map(needed.map((question) => [JSON.stringify(question), question]));
    for (const { action, resource, context = {} } of questions.values()) {
        const response = await runSimulation(
            {
                request: {
                    principal: `arn:aws:sts::${account}:assumed-role/step/session`,
                    action,
                    resource: { resource, accountId: account },
                    contextVariables: { "aws:SecureTransport": "true", ...context },
                },
                identityPolicies: [
                    {
                        name: "step",
                        policy: { Version: "2012-10-17", Statement: statements.flatMap(inContext(context)) },
                    },
                ],
                serviceControlPolicies: [],
                resourceControlPolicies: [],
                // A key's own policy has to let IAM decide; what the stack's keys say is looked at in infra/keys.
                ...(action.startsWith("kms:") ? { resourcePolicy: leftToIam } : {}),
            },
            {},
        );
        if (response.resultType === "error")
            throw new Error(`${action} on ${resource}: ${response.errors.message}`);
        if (response.overallResult !== "Allowed") denied.add(`${action} on ${resource}`);
        const results = response.resultType === "single" ? [response.result] : response.results;
        for (const { analysis } of results)
            for (const { explain } of analysis.identityAnalysis?.allowStatements ?? [])
                for (const grant of grantsIn(explain)) used.add(grant);
    }
    const granted = statements.flatMap(({ Sid, Action, Resource }) =>
        Action.flatMap((action) => Resource.map((resource) => `${Sid} ${action} ${resource}`)),
    );
    return { denied: [...denied].sort(), idle: granted.filter((grant) => !used.has(grant)).sort() };
}

function grantsIn(explain: { identifier: string; actions?: unknown; resources?: unknown }): string[] {
    const matched = (patterns: unknown, key: string): string[] =>
        ((Array.isArray(patterns) ? patterns : [patterns]) as Record<string, unknown>[])
            .filter((pattern) => pattern?.["matches"] === true)
            .map((pattern) => String(pattern[key]));
    return matched(explain.actions, "action").flatMap((action) =>
        matched(explain.resources, "resource").map(
            (resource) => `${explain.identifier} ${action} ${resource}`,
        ),
    );
}
