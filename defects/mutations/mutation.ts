import { types, type SabotagedStack } from "../testing/provisionedStack";

type Properties = Record<string, unknown>;
type Change = (stack: SabotagedStack) => void;

/** One change of our own stack, and what the pack must say of it: exactly this, in preview and in update mode. */
export interface Mutation {
    /** What somebody did. */
    what: string;
    /** `RULE resource`: the rule that must catch it first, then others that see the same fault from their side. */
    caught: [string, ...string[]];
    change: Change;
}

export const account = "123456789012";

/** ARN of something of stack prod; `~` stands for the beginning of its names. */
export const arn = (service: string, rest: string): string =>
    `arn:aws:${service}:us-east-1:${account}:${rest.replaceAll("~", "portcullis-prod-")}`;
export const roleArn = (name: string): string => `arn:aws:iam::${account}:role/portcullis-prod-${name}`;

export const token = {
    ...types,
    taskDefinition: "aws:ecs/taskDefinition:TaskDefinition",
    service: "aws:ecs/service:Service",
    cluster: "aws:ecs/cluster:Cluster",
    bucket: "aws:s3/bucket:Bucket",
    key: "aws:kms/key:Key",
    topic: "aws:sns/topic:Topic",
    topicPolicy: "aws:sns/topicPolicy:TopicPolicy",
    queue: "aws:sqs/queue:Queue",
    listener: "aws:lb/listener:Listener",
    loadBalancer: "aws:lb/loadBalancer:LoadBalancer",
    targetGroup: "aws:lb/targetGroup:TargetGroup",
    database: "aws:rds/instance:Instance",
    launchTemplate: "aws:ec2/launchTemplate:LaunchTemplate",
    group: "aws:autoscaling/group:Group",
    logGroup: "aws:cloudwatch/logGroup:LogGroup",
    repositoryPolicy: "aws:ecr/repositoryPolicy:RepositoryPolicy",
    lifecyclePolicy: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    registryScanning: "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
} as const;

/** Sets properties of the one resource of a type whose name ends so; undefined takes one away. */
export const set =
    (type: string, ending: string, values: Properties): Change =>
    (stack) => {
        stack.change(type, ending, (inputs) => {
            for (const [key, value] of Object.entries(values)) {
                if (value === undefined) delete inputs[key];
                else inputs[key] = value;
            }
        });
    };

/** Changes one property of the one resource of a type whose name ends so. */
export const edit =
    (type: string, ending: string, property: string, change: (value: never) => unknown): Change =>
    (stack) => {
        stack.change(type, ending, (inputs) => {
            inputs[property] = change(structuredClone(inputs[property]) as never);
        });
    };

export const remove =
    (type: string, ending: string): Change =>
    (stack) => {
        stack.remove(type, ending);
    };

export const add =
    (type: string, name: string, inputs: Properties): Change =>
    (stack) => {
        stack.add(type, name, inputs);
    };

/** Adds a statement to the policy of a role, where the role has it. */
export const grant = (role: string, actions: string | string[], resources: string | string[]): Change =>
    admit(token.rolePolicy, `${role}-policy`, {
        Effect: "Allow",
        Action: [actions].flat(),
        Resource: [resources].flat(),
    });

/** Adds a statement to a policy document that a property holds as text. */
export const admit = (type: string, ending: string, statement: Properties): Change =>
    edit(type, ending, "policy", (text: string) => {
        const document = JSON.parse(text) as { Statement: Properties[] };
        return JSON.stringify({ ...document, Statement: [...document.Statement, statement] });
    });

/** Changes an action of the delivery pipeline; it must be there. */
export const action =
    (stage: string, name: string, change: (action: Properties) => Properties): Change =>
    (stack) => {
        stack.stages((stages) => {
            let changes = 0;
            const changed = stages.map((each) =>
                each["name"] !== stage
                    ? each
                    : {
                          ...each,
                          actions: (each["actions"] as Properties[]).map((given) => {
                              if (given["name"] !== name) return given;
                              changes++;
                              return change(given);
                          }),
                      },
            );
            if (changes !== 1) throw new Error(`${changes} actions ${stage}/${name} were changed`);
            return changed;
        });
    };

/** Changes every container of a task definition. */
export const containers = (ending: string, change: (container: Properties) => Properties): Change =>
    edit(token.taskDefinition, ending, "containerDefinitions", (text: string) =>
        JSON.stringify((JSON.parse(text) as Properties[]).map(change)),
    );
