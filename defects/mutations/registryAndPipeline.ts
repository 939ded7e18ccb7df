/** Changes of repositories, the registry and the pipeline. */
import { account, action, add, admit, edit, remove, set, token, type Mutation } from "./mutation";

const candidate = "repositories-candidate";
const production = "repositories-production";
const pipeline = "sample-delivery-pipeline";
const everybody = { Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" };

type Action = { configuration: Record<string, string> } & Record<string, unknown>;

export const registryAndPipeline: Mutation[] = [
    {
        what: "a repository that the registry's rules leave out",
        caught: [
            "ECR-01 sample-repositories-candidate",
            "ECR-01 sample-repositories-production",
            "ECR-01 sample-repositories-staging",
            "ECR-09 registry-scanning-configuration",
        ],
        change: set(token.registryScanning, "scanning-configuration", {
            rules: [{ scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "other-*", filterType: "WILDCARD" }] }], // prettier-ignore
        }),
    },
    {
        what: "tags that may be moved",
        caught: ["ECR-02 sample-repositories-candidate"],
        change: set(token.repository, candidate, { imageTagMutability: "MUTABLE" }),
    },
    {
        what: "moving tags by an exclusion",
        caught: ["ECR-02 sample-repositories-production"],
        change: set(token.repository, production, {
            imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters: [{ filter: "latest*", filterType: "WILDCARD" }],
        }),
    },
    {
        what: "a key of AWS",
        caught: ["ECR-03 sample-repositories-candidate"],
        change: set(token.repository, candidate, {
            encryptionConfigurations: [{ encryptionType: "AES256" }],
        }),
    },
    {
        what: "no lifecycle of images",
        caught: ["ECR-04 sample-repositories-candidate"],
        change: remove(token.lifecyclePolicy, "candidate-lifecycle"),
    },
    {
        what: "images for everybody",
        caught: ["ECR-05 sample-repositories-candidate-writer"],
        change: admit(token.repositoryPolicy, "candidate-writer", everybody),
    },
    {
        what: "images for an account that nobody knows",
        caught: ["ECR-06 sample-repositories-production-writer"],
        change: admit(token.repositoryPolicy, "production-writer", {
            ...everybody,
            Principal: { AWS: "arn:aws:iam::210987654321:root" },
        }),
    },
    {
        what: "the build role in the policy of production",
        caught: [
            "ECR-07 sample-repositories-production-writer",
            "BYP-01 sample-repositories-production-writer",
        ],
        change: admit(token.repositoryPolicy, "production-writer", {
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${account}:role/portcullis-prod-sample-build` },
            Action: "ecr:PutImage",
        }),
    },
    {
        what: "a production repository that goes with its images",
        caught: ["ECR-08 sample-repositories-production"],
        change: set(token.repository, production, { forceDelete: true }),
    },
    {
        what: "scans by hand",
        caught: ["ECR-09 registry-scanning-configuration"],
        change: edit(token.registryScanning, "scanning-configuration", "rules", (rules: object[]) => [
            ...rules,
            { scanFrequency: "MANUAL", repositoryFilters: [{ filter: "tools-*", filterType: "WILDCARD" }] },
        ]),
    },
    {
        what: "enhanced scanning without Inspector",
        caught: ["ECR-10 registry-scanning-configuration"],
        change: remove("aws:inspector2/enabler:Enabler", ""),
    },
    {
        what: "images of anybody through a cache",
        caught: ["ECR-11 cache"],
        change: add("aws:ecr/pullThroughCacheRule:PullThroughCacheRule", "cache", {
            ecrRepositoryPrefix: "hub",
            upstreamRegistryUrl: "registry-1.docker.io",
        }),
    },
    {
        what: "everything is copied to another account",
        caught: ["ECR-12 copy"],
        change: add("aws:ecr/replicationConfiguration:ReplicationConfiguration", "copy", {
            replicationConfiguration: {
                rules: [{ destinations: [{ region: "us-east-1", registryId: "210987654321" }] }],
            },
        }),
    },
    {
        what: "a public repository",
        caught: ["ECR-13 public"],
        change: add("aws:ecrpublic/repository:Repository", "public", { repositoryName: "app" }),
    },
    {
        what: "the approval taken out",
        caught: [
            "PIPE-02 sample-delivery-pipeline",
            "GATE-03 sample-delivery-pipeline",
            "PUL-06 portcullis-prod",
        ],
        change: (stack) => {
            stack.stages((stages) => stages.filter(({ name }) => name !== "Approve"));
        },
    },
    {
        what: "approval and release side by side",
        // The permission to answer names the stage in which the approval was.
        caught: [
            "PIPE-04 sample-delivery-pipeline",
            "GATE-03 sample-delivery-pipeline",
            "PIPE-02 sample-delivery-pipeline",
        ],
        change: (stack) => {
            stack.stages((stages) => {
                const actions = stages.find(({ name }) => name === "Approve")?.["actions"] as object[];
                return stages
                    .filter(({ name }) => name !== "Approve")
                    .map((stage) =>
                        stage["name"] === "Publish"
                            ? { ...stage, actions: [...actions, ...(stage["actions"] as object[])] }
                            : stage,
                    );
            });
        },
    },
    {
        what: "an approval that nobody hears of",
        caught: ["PIPE-05 sample-delivery-pipeline"],
        change: action("Approve", "GateApproval", (given) => {
            const { NotificationArn: _, ...configuration } = (given as Action).configuration;
            return { ...given, configuration };
        }),
    },
    {
        what: "an approval of nothing in particular",
        caught: ["PIPE-06 sample-delivery-pipeline"],
        change: action("Approve", "GateApproval", (given) => ({
            ...given,
            configuration: { ...(given as Action).configuration, CustomData: "please approve" },
        })),
    },
    {
        what: "an approval that waits for a week",
        caught: ["PIPE-07 sample-delivery-pipeline"],
        change: action("Approve", "GateApproval", (given) => ({ ...given, timeoutInMinutes: 10_080 })),
    },
    {
        what: "a scan stage that is skipped",
        caught: ["PIPE-08 sample-delivery-pipeline"],
        change: (stack) => {
            stack.stages((stages) =>
                stages.map((stage) =>
                    stage["name"] === "Test"
                        ? { ...stage, beforeEntry: { condition: { result: "SKIP", rules: [] } } }
                        : stage,
                ),
            );
        },
    },
    {
        what: "executions side by side",
        caught: ["PIPE-09 sample-delivery-pipeline"],
        change: set(token.pipeline, pipeline, { executionMode: "PARALLEL" }),
    },
    {
        what: "artifacts without a key of ours",
        caught: ["PIPE-11 sample-delivery-pipeline"],
        change: edit(token.pipeline, pipeline, "artifactStores", ([store]: Record<string, unknown>[]) => {
            const { encryptionKey: _, ...rest } = store ?? {};
            return [rest];
        }),
    },
    {
        what: "a source that polls",
        caught: ["PIPE-13 sample-delivery-pipeline"],
        change: action("Source", "Source", (given) => ({
            ...given,
            configuration: { ...(given as Action).configuration, PollForSourceChanges: "true" },
        })),
    },
    {
        what: "a password among the variables of an action",
        caught: ["PIPE-15 sample-delivery-pipeline"],
        change: action("Test", "Grype", (given) => ({
            ...given,
            configuration: {
                ...(given as Action).configuration,
                EnvironmentVariables: JSON.stringify([
                    { name: "REGISTRY_PASSWORD", value: "not shown", type: "PLAINTEXT" },
                ]),
            },
        })),
    },
    {
        what: "the first version of pipelines",
        caught: ["PIPE-17 sample-review-pipeline"],
        change: set(token.pipeline, "review-pipeline", { pipelineType: "V1" }),
    },
    {
        what: "a project that does not exist",
        caught: ["PIPE-19 sample-delivery-pipeline", "PIPE-14 sample-delivery-pipeline"],
        change: action("Verify", "Lint", (given) => ({
            ...given,
            configuration: { ...(given as Action).configuration, ProjectName: "portcullis-prod-sample-lnit" },
        })),
    },
    {
        what: "an action in another region",
        caught: ["PIPE-21 sample-delivery-pipeline"],
        change: action("Verify", "Lint", (given) => ({ ...given, region: "eu-north-1" })),
    },
    {
        what: "a webhook for everybody",
        caught: ["PIPE-22 hook"],
        change: add("aws:codepipeline/webhook:Webhook", "hook", {
            authentication: "UNAUTHENTICATED",
            filters: [{ jsonPath: "$.ref", matchEquals: "refs/heads/{Branch}" }],
            targetAction: "Source",
            targetPipeline: "portcullis-prod-sample-delivery",
        }),
    },
];
