/** IAM documents as plain data, so that a test and a policy rule can read exactly what AWS will. */
import type { Account } from "./naming";

export type Condition = Record<string, Record<string, string | string[]>>;

export interface Statement {
    Sid: string;
    Effect: "Allow" | "Deny";
    Action: string[];
    Resource: string[];
    Condition?: Condition;
}

/** Identity policy as JSON. */
export function identityPolicy(statements: Statement[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/**
 * Trust policy that lets one AWS service assume the role on behalf of one of our resources only. Without the two
 * conditions the service could be made to use the role for somebody else's resource ("confused deputy",
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html). For services that document both keys:
 * CodeBuild (project ARN), EventBridge (rule ARN) and EventBridge Scheduler (ARN of the schedule group).
 *
 * @param service service principal, e.g. `codebuild.amazonaws.com`
 * @param sourceArn literal ARN of the resource that may use the role
 */
export function serviceTrust(service: string, accountId: string, sourceArn: string): string {
    return trust(service, "OnlyForOurResource", {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnEquals: { "aws:SourceArn": sourceArn },
    });
}

/**
 * Trust policy of a role that AWS CodePipeline, AWS Lambda or Amazon ECS itself assumes. The CodePipeline User Guide and
 * the Lambda Developer Guide document neither `aws:SourceArn` nor `aws:SourceAccount` for the assumption of service and
 * execution roles, nor does the Amazon ECS Developer Guide for the roles of deployments ("Permissions required for Lambda
 * functions", "infrastructure IAM role for load balancers"), and a condition on a key that is not sent would keep the
 * pipeline or function from being created, its stream from being read, or the service from being deployed. So the account
 * is compared if it is sent; who may give the role to a pipeline, function or service is decided by `iam:PassRole`, which
 * works within the account only.
 */
export function accountTrust(
    service: "codepipeline.amazonaws.com" | "ecs.amazonaws.com" | "lambda.amazonaws.com",
    accountId: string,
): string {
    return trust(service, "OnlyForOurResource", {
        StringEqualsIfExists: { "aws:SourceAccount": accountId },
    });
}

/** Tasks of this account and region only (Amazon ECS Developer Guide, "Confused deputy"). */
export function taskTrust(account: Account): string {
    return trust("ecs-tasks.amazonaws.com", "TasksOfThisAccount", {
        StringEquals: { "aws:SourceAccount": account.accountId },
        ArnLike: {
            "aws:SourceArn": `arn:${account.partition}:ecs:${account.region}:${account.accountId}:*`,
        },
    });
}

/** Trust policy that lets one AWS service assume the role, under a condition where the service sends one. */
export function trust(service: string, sid: string, condition?: Condition): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: sid,
                Effect: "Allow",
                Principal: { Service: service },
                Action: "sts:AssumeRole",
                ...(condition === undefined ? {} : { Condition: condition }),
            },
        ],
    });
}
