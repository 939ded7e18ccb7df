/** Who may become the roles of a service and its deployments, and what each may do: literal, one ability a statement. */
import { artifactKeys, type ApplicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { accountRootArn, loadBalancingArn, objectArn } from "../arn";
import type { Statement } from "../iamStatement";
import type { Account } from "../naming";
import { allow, pullImage, registryToken, useKey, writeOwnLog } from "../pipeline/permissions";
import type { CreatedTargetNames, DeliveryTarget } from "./deliveryNames";

/**
 * Trust policy of the role with which CodePipeline deploys: the role of the application's own pipeline, and nobody else.
 *
 * The pipeline's role is named by condition and not as principal: IAM refuses a principal that does not exist yet, and
 * the pipeline, which starts as soon as it is made, must find this role.
 */
export function deployTrust(account: Account, pipelineRoleArn: string): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "OnlyTheOwnPipeline",
                Effect: "Allow",
                Principal: { AWS: accountRootArn(account) },
                Action: "sts:AssumeRole",
                Condition: { ArnEquals: { "aws:PrincipalArn": pipelineRoleArn } },
            },
        ],
    });
}

/**
 * What a deployment does: the permissions that AWS CodePipeline lists for its Amazon ECS action (User Guide, "Amazon
 * Elastic Container Service deploy action reference"), on this service and these roles, and reading the artifact with
 * `imagedefinitions.json`.
 *
 * As there, revisions are read and registered without a resource: `ecs:DescribeTaskDefinition` knows none, and Amazon ECS
 * asks IAM about `ecs:RegisterTaskDefinition` on `*`, though the Service Authorization Reference lists a resource for it.
 * A revision alone runs nothing; what can run one is narrowed to this service, and its roles to those that are passed.
 */
export function deployStatements(
    platform: LiteralPlatform,
    names: ApplicationNames,
    target: DeliveryTarget,
): Statement[] {
    const { account, artifactBucketName, pipelineKey } = platform;
    const artifact = artifactKeys(names.pipeline.name, names.artifacts.deployment[target.tier]);
    return [
        allow(
            "ReadImageDefinitions",
            ["s3:GetObject", "s3:GetObjectVersion"],
            [objectArn(account, artifactBucketName, artifact)],
        ),
        useKey(account, pipelineKey.aliasName, "read"),
        allow("RegisterRevisions", ["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"], ["*"]),
        allow("TagNewRevisions", ["ecs:TagResource"], [target.taskDefinitionsArn], {
            StringEquals: { "ecs:CreateAction": ["RegisterTaskDefinition"] },
        }),
        allow("UpdateService", ["ecs:DescribeServices", "ecs:UpdateService"], [target.service.arn]),
        ...(target.passedRoleArns.length === 0
            ? []
            : [
                  allow("PassRolesOfTasks", ["iam:PassRole"], [...target.passedRoleArns].sort(), {
                      StringEquals: {
                          "iam:PassedToService": ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"],
                      },
                  }),
              ]),
    ];
}

/**
 * What Amazon ECS does on behalf of a task: pull the image from the one repository and write the one log. The images are
 * decrypted by Amazon ECR itself, with the grant that it got when the repository was made.
 */
export function executionStatements(
    account: Account,
    target: DeliveryTarget,
    { logGroup }: Pick<CreatedTargetNames, "logGroup">,
): Statement[] {
    return [registryToken, pullImage("PullOwnImage", target.repository), writeOwnLog(account, { logGroup })];
}

/**
 * What Amazon ECS does with a load balancer during a deployment: `AmazonECSInfrastructureRolePolicyForLoadBalancers`
 * for exactly the two target groups and the one rule of the listener. That policy also changes listeners, which is for
 * services without a rule of their own and for Network Load Balancers. The describe actions know no resources.
 */
export function balancerStatements(account: Account, names: CreatedTargetNames): Statement[] {
    const { blue, green } = names.targetGroups;
    return [
        allow(
            "ReadLoadBalancing",
            [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            ["*"],
        ),
        allow(
            "RegisterTasks",
            ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            [blue, green].map((group) => loadBalancingArn(account, `targetgroup/${group}/*`)),
        ),
        allow(
            "MoveTraffic",
            ["elasticloadbalancing:ModifyRule"],
            [loadBalancingArn(account, `listener-rule/app/${names.balancer}/*`)],
        ),
    ];
}
