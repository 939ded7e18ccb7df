/**
 * Runs a program against Pulumi's mocks and records what it registers. Strict: a type without an entry in the table of
 * computed outputs, and every invoke, is an error, because an output that a mock forgets silently vanishes from the
 * inputs of other resources.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

export interface RecordedResource {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

type Computed = (inputs: Record<string, string>, name: string) => Record<string, unknown>;

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;

/** Computed outputs that the delivery part reads, by type. */
const computed: Record<string, Computed> = {
    "aws:cloudwatch/eventRule:EventRule": ({ name }) => ({ arn: arn("events", `rule/${name}`) }),
    "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
    "aws:cloudwatch/logGroup:LogGroup": ({ name }) => ({ arn: arn("logs", `log-group:${name}`) }),
    "aws:codebuild/project:Project": ({ name }) => ({ arn: arn("codebuild", `project/${name}`) }),
    "aws:codecommit/repository:Repository": ({ repositoryName }) => ({
        arn: arn("codecommit", repositoryName ?? ""),
    }),
    "aws:codepipeline/pipeline:Pipeline": ({ name }) => ({ arn: arn("codepipeline", name ?? "") }),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": () => ({}),
    "aws:ecr/repository:Repository": ({ name }) => ({ arn: arn("ecr", `repository/${name}`) }),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": () => ({}),
    "aws:iam/role:Role": ({ name }) => ({ arn: `arn:aws:iam::123456789012:role/${name}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({}),
    "aws:s3/bucketObjectv2:BucketObjectv2": () => ({}),
    "aws:sns/topic:Topic": ({ name }) => ({ arn: arn("sns", name ?? "") }),
    "aws:sns/topicPolicy:TopicPolicy": () => ({}),
    "aws:sns/topicSubscription:TopicSubscription": () => ({}),
};

/**
 * @param program creates resources; runs inside a stack named `dev`
 * @returns every resource that is not a component, in the order of registration, and the components by type
 */
export async function recordResources(
    program: () => void,
): Promise<{ resources: RecordedResource[]; components: RecordedResource[] }> {
    const resources: RecordedResource[] = [];
    const components: RecordedResource[] = [];
    // The SDK swallows what a mock throws, so problems are collected and thrown at the end.
    const problems: string[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                const recorded = { type, name, inputs: inputs as Record<string, unknown> };
                if (type === "pulumi:pulumi:Stack") return { id: name, state: {} };
                if (type.startsWith("portcullis:")) {
                    components.push(recorded);
                    return { id: undefined, state: {} };
                }
                const outputs = computed[type];
                if (outputs === undefined) problems.push(`no computed outputs for ${type} (${name})`);
                resources.push(recorded);
                return {
                    id: `${name}-id`,
                    state: { ...inputs, ...outputs?.(inputs as Record<string, string>, name) },
                };
            },
            call: ({ token }) => {
                problems.push(`unexpected invoke ${token}`);
                return {};
            },
        },
        "portcullis",
        "dev",
        false,
    );
    await pulumi.runtime.runInPulumiStack(async () => {
        program();
    });
    await pulumi.runtime.disconnect();
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return { resources, components };
}

/** The one resource of a name. */
export function only(resources: RecordedResource[], name: string): RecordedResource {
    const found = resources.filter((resource) => resource.name === name);
    assert.equal(found.length, 1, `${found.length} resources are called ${name}`);
    return found[0] as RecordedResource;
}
