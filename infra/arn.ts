/**
 * Literal ARNs. IAM documents are written with these and not with outputs, so that a preview already shows, and the
 * policy pack can already judge, exactly what each role may touch.
 *
 * Every function takes the account and physical names from `naming.ts`; formats are those of the Service
 * Authorization Reference.
 */
import type { Account } from "./naming";

function arn(account: Account, service: string, resource: string): string {
    return `arn:${account.partition}:${service}:${account.region}:${account.accountId}:${resource}`;
}

/** Principal that stands for "this account, as far as its IAM policies allow". */
export function accountRootArn(account: Account): string {
    return `arn:${account.partition}:iam::${account.accountId}:root`;
}

export function roleArn(account: Account, name: string): string {
    return `arn:${account.partition}:iam::${account.accountId}:role/${name}`;
}

export function repositoryArn(account: Account, name: string): string {
    return arn(account, "ecr", `repository/${name}`);
}

/** Host name of the account's registry, the first part of every image reference. */
export function registryHost(account: Account): string {
    return `${account.accountId}.dkr.ecr.${account.region}.${account.dnsSuffix}`;
}

export function pipelineArn(account: Account, name: string): string {
    return arn(account, "codepipeline", name);
}

/** One action of a pipeline, which is what `codepipeline:PutApprovalResult` acts on. */
export function pipelineActionArn(account: Account, pipeline: string, stage: string, action: string): string {
    return `${pipelineArn(account, pipeline)}/${stage}/${action}`;
}

export function projectArn(account: Account, name: string): string {
    return arn(account, "codebuild", `project/${name}`);
}

export function codecommitArn(account: Account, name: string): string {
    return arn(account, "codecommit", name);
}

export function topicArn(account: Account, name: string): string {
    return arn(account, "sns", name);
}

export function eventRuleArn(account: Account, name: string): string {
    return arn(account, "events", `rule/${name}`);
}

export function functionArn(account: Account, name: string): string {
    return arn(account, "lambda", `function:${name}`);
}

export function tableArn(account: Account, name: string): string {
    return arn(account, "dynamodb", `table/${name}`);
}

export function queueArn(account: Account, name: string): string {
    return arn(account, "sqs", name);
}

export function scheduleGroupArn(account: Account, name: string): string {
    return arn(account, "scheduler", `schedule-group/${name}`);
}

/** Alarms of CloudWatch; `name` may end in `*`. */
export function alarmArn(account: Account, name: string): string {
    return arn(account, "cloudwatch", `alarm:${name}`);
}

/** Security Hub of the account in the region. */
export function hubArn(account: Account): string {
    return arn(account, "securityhub", "hub/default");
}

export function bucketArn(account: Account, name: string): string {
    return `arn:${account.partition}:s3:::${name}`;
}

/** Objects of a bucket; `key` may end in `*`. */
export function objectArn(account: Account, bucket: string, key: string): string {
    return `${bucketArn(account, bucket)}/${key}`;
}

export function logGroupArn(account: Account, name: string): string {
    return arn(account, "logs", `log-group:${name}`);
}

/** The streams of a log group, which is what `logs:CreateLogStream` and `logs:PutLogEvents` act on. */
export function logStreamsArn(account: Account, name: string): string {
    return `${logGroupArn(account, name)}:log-stream:*`;
}

/** `path` begins with a slash; the ARN does not repeat it. */
export function parameterArn(account: Account, path: string): string {
    return arn(account, "ssm", `parameter${path}`);
}

/**
 * All keys of the account and region. Key ids are not known at preview: narrow a statement on this resource with
 * `usingKeyAlias`.
 */
export function anyKeyArn(account: Account): string {
    return arn(account, "kms", "key/*");
}

/** Condition that narrows a statement on `anyKeyArn` to the key behind one alias. */
export function usingKeyAlias(alias: string): Record<string, Record<string, string>> {
    return { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } };
}

/** A secret of Secrets Manager by its name; the six characters at the end are AWS's own. */
export function secretArn(account: Account, name: string): string {
    return arn(account, "secretsmanager", `secret:${name}-??????`);
}

export function clusterArn(account: Account, name: string): string {
    return arn(account, "ecs", `cluster/${name}`);
}

/** Container instances of one cluster. */
export function containerInstancesArn(account: Account, cluster: string): string {
    return arn(account, "ecs", `container-instance/${cluster}/*`);
}

/** One service of Amazon ECS. */
export function serviceArn(account: Account, cluster: string, name: string): string {
    return arn(account, "ecs", `service/${cluster}/${name}`);
}

/** Every revision of one service: what a deployment is about. */
export function serviceRevisionsArn(account: Account, cluster: string, service: string): string {
    return arn(account, "ecs", `service-revision/${cluster}/${service}/*`);
}

/** Tasks of one cluster; to which service a task belongs is not in its ARN. */
export function tasksArn(account: Account, cluster: string): string {
    return arn(account, "ecs", `task/${cluster}/*`);
}

/** Every revision of one family of task definitions; `family` may be `*`. */
export function taskDefinitionsArn(account: Account, family: string): string {
    return arn(account, "ecs", `task-definition/${family}:*`);
}

/** Something of Elastic Load Balancing whose id only AWS knows: `targetgroup/<name>/*` and so on. */
export function loadBalancingArn(account: Account, resource: string): string {
    return arn(account, "elasticloadbalancing", resource);
}
