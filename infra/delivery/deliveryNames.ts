/** What the services that run an application are called, and who may deploy to them: all known before anything exists. */
import { applicationNames, type RepositoryNames } from "../application/applicationNames";
import { clusterArn, roleArn, serviceArn, taskDefinitionsArn } from "../arn";
import type { ApplicationConfig } from "../config/schema";
import type { NameAndArn } from "../function/functionNames";
import type { Account, Naming } from "../naming";

/** Where an application can be run, in the order in which a release gets there. */
export const deliveryTiers = ["staging", "production"] as const;
export type DeliveryTier = (typeof deliveryTiers)[number];

/** Container of the services that the stack creates. */
export const createdContainer = "application";

/** One service that a pipeline delivers to. */
export interface DeliveryTarget {
    application: string;
    tier: DeliveryTier;
    /** Whether the stack creates the service, or it exists already. */
    type: "create" | "existing";
    cluster: NameAndArn;
    service: NameAndArn;
    /** Container that runs the application's image; `name` in `imagedefinitions.json`. */
    container: string;
    /** The only repository whose images run there. */
    repository: RepositoryNames;
    /** Role of the pipeline's deployment action; only the application's pipeline assumes it. */
    deployRole: NameAndArn;
    /** Roles that a deployment passes on to the tasks. */
    passedRoleArns: string[];
    /** Revisions that a deployment registers. The family of an existing service is not known. */
    taskDefinitionsArn: string;
}

/** What belongs to a service that the stack creates, besides the service. */
export interface CreatedTargetNames {
    family: string;
    taskRole: NameAndArn;
    executionRole: NameAndArn;
    /** Role with which Amazon ECS moves the traffic of a load balancer. */
    balancerRole: NameAndArn;
    logGroup: string;
    taskSecurityGroup: string;
    balancerSecurityGroup: string;
    balancer: string;
    /** The two groups between which a deployment moves the traffic. */
    targetGroups: { blue: string; green: string };
}

/** The cluster of all services that the stack creates. */
export function deliveryCluster(account: Account, naming: Naming): NameAndArn {
    const name = naming.physical("ecsCluster", "delivery");
    return { name, arn: clusterArn(account, name) };
}

export function createdTargetNames(
    account: Account,
    naming: Naming,
    application: string,
    tier: DeliveryTier,
): CreatedTargetNames {
    const role = (part: string): NameAndArn => {
        const name = naming.physical("iamRole", application, tier, part);
        return { name, arn: roleArn(account, name) };
    };
    const family = naming.physical("ecsTaskFamily", application, tier);
    return {
        family,
        taskRole: role("task"),
        executionRole: role("execution"),
        balancerRole: role("balancer"),
        logGroup: naming.physical("logGroup", application, tier),
        taskSecurityGroup: naming.physical("securityGroup", application, tier, "task"),
        balancerSecurityGroup: naming.physical("securityGroup", application, tier, "balancer"),
        balancer: naming.physical("loadBalancer", application, tier),
        targetGroups: {
            blue: naming.physical("targetGroup", application, tier, "blue"),
            green: naming.physical("targetGroup", application, tier, "green"),
        },
    };
}

/** The services of one application, staging first; none where the configuration names none. */
export function deliveryTargets(
    account: Account,
    naming: Naming,
    { name: application, delivery }: Pick<ApplicationConfig, "name" | "delivery">,
): DeliveryTarget[] {
    const { repositories } = applicationNames(account, naming, application);
    return deliveryTiers.flatMap((tier): DeliveryTarget[] => {
        const target = delivery[tier];
        if (target === undefined) return [];
        const deployRole = naming.physical("iamRole", application, tier, "deploy");
        const base = {
            application,
            tier,
            type: target.type,
            repository: repositories[tier],
            deployRole: { name: deployRole, arn: roleArn(account, deployRole) },
        };
        if (target.type === "existing") {
            return [
                {
                    ...base,
                    cluster: { name: target.cluster, arn: clusterArn(account, target.cluster) },
                    service: {
                        name: target.service,
                        arn: serviceArn(account, target.cluster, target.service),
                    },
                    container: target.container,
                    passedRoleArns: target.taskRoleArns,
                    taskDefinitionsArn: taskDefinitionsArn(account, "*"),
                },
            ];
        }
        const names = createdTargetNames(account, naming, application, tier);
        const cluster = deliveryCluster(account, naming);
        const service = naming.physical("ecsService", application, tier);
        return [
            {
                ...base,
                cluster,
                service: { name: service, arn: serviceArn(account, cluster.name, service) },
                container: createdContainer,
                passedRoleArns: [names.executionRole.arn, names.taskRole.arn],
                taskDefinitionsArn: taskDefinitionsArn(account, names.family),
            },
        ];
    });
}
