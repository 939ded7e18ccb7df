/** What is always wrong in the policy of a role, whoever has it. */
import type { RoleStatement } from "./provisionedStack";

/**
 * Actions that know no resource, or whose resources are not known when the role is made; AWS wants `*` for them (Service
 * Authorization Reference). Everything else must name what it is about.
 */
const withoutResource = [
    "ecr:GetAuthorizationToken",
    /^ec2:Describe\w+$/,
    /^ecs:(?:DiscoverPollEndpoint|RegisterContainerInstance|Submit\w+|Poll|StartTelemetrySession)$/,
    /^ssmmessages:/,
    /^autoscaling:Describe\w+$/,
    "logs:DescribeLogGroups",
    /^inspector2:List\w+$/,
    "ecs:DescribeTaskDefinition",
    // Asked for on * by CodePipeline's ECS action (CodePipeline User Guide, "Amazon ECS deploy action reference").
    "ecs:RegisterTaskDefinition",
    "dynamodb:ListStreams",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/** Statements that allow a whole service, everything, or something on everything without need; as text. */
export function wildcards(statements: readonly RoleStatement[]): string[] {
    return statements
        .filter(({ effect }) => effect === "Allow")
        .flatMap(({ role, actions, resources, conditions }) => [
            ...actions.filter((action) => /^\*|:\*$/.test(action)).map((action) => `${role} may ${action}`),
            ...(resources.includes("*") && Object.keys(conditions).length === 0
                ? actions
                      .filter((action) => !needsNoResource(action))
                      .map((action) => `${role} may ${action} on *`)
                : []),
        ]);
}

function needsNoResource(action: string): boolean {
    return withoutResource.some((each) => (typeof each === "string" ? each === action : each.test(action)));
}
