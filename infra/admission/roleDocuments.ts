/** Who may become the roles of admission and what each may do: one ability for each statement, on literal resources. */
import { applicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { approvalNames } from "../approval/approvalNames";
import { containerInstancesArn, serviceRevisionsArn, tasksArn } from "../arn";
import type { DeliveryTarget } from "../delivery/deliveryNames";
import { importFindings, readFindings } from "../findings/findingsStatements";
import { runningStatements } from "../function/functionStatements";
import type { Statement } from "../iamStatement";
import { allow, readScanFindings, useKey } from "../pipeline/permissions";
import type { AdmissionNames } from "./admissionNames";

/** What the documents are made of. */
type AdmissionPlatform = Pick<LiteralPlatform, "account" | "naming" | "config" | "pipelineKey">;

/** What both functions judge by: the decisions, the overrides, and what the registry says about an image today. */
function judgeImages(
    { account, naming, config, pipelineKey }: AdmissionPlatform,
    names: AdmissionNames,
    services: DeliveryTarget[],
): Statement[] {
    const repositories = services.flatMap(({ application }) => {
        const { production, staging } = applicationNames(account, naming, application).repositories;
        return [production, staging];
    });
    return [
        // No resource (Service Authorization Reference). What is in a task definition of the account is no secret to it.
        allow("ReadTaskDefinitions", ["ecs:DescribeTaskDefinition"], ["*"]),
        allow(
            "ReadDecisions",
            ["dynamodb:Query"],
            [approvalNames(account, naming).table.arn, names.breakGlass.table.arn],
        ),
        useKey(account, pipelineKey.aliasName, "read"),
        ...readScanFindings(repositories, config.registryScanning.type),
    ];
}

/** Role of `admission`: look at a revision that is to start, and at what is known about its images. It writes nothing. */
export function admissionStatements(
    platform: AdmissionPlatform,
    names: AdmissionNames,
    services: DeliveryTarget[],
): Statement[] {
    const { account, config } = platform;
    return [
        ...runningStatements(account, names.functions.admission),
        allow(
            "ReadRevisions",
            ["ecs:DescribeServiceRevisions"],
            services.flatMap(({ cluster, service }) => [
                service.arn,
                serviceRevisionsArn(account, cluster.name, service.name),
            ]),
        ),
        ...judgeImages(platform, names, services),
        ...(config.securityHub.mode === "off" ? [] : [importFindings(account)]),
    ];
}

/**
 * Role of `running`: look at what runs, and at what is known about it. `ecs:ListTasks` is asked about the cluster's
 * container instances, of which a service on AWS Fargate has none (Service Authorization Reference).
 */
export function runningCheckStatements(
    platform: AdmissionPlatform,
    names: AdmissionNames,
    services: DeliveryTarget[],
): Statement[] {
    const { account, config } = platform;
    const clusters = [...new Map(services.map(({ cluster }) => [cluster.arn, cluster])).values()];
    const ofThese = { ArnEquals: { "ecs:cluster": clusters.map(({ arn }) => arn) } };
    return [
        ...runningStatements(account, names.functions.running),
        allow(
            "FindTasks",
            ["ecs:ListTasks"],
            clusters.map(({ name }) => containerInstancesArn(account, name)),
            ofThese,
        ),
        allow(
            "ReadTasks",
            ["ecs:DescribeTasks"],
            clusters.map(({ name }) => tasksArn(account, name)),
            ofThese,
        ),
        ...judgeImages(platform, names, services),
        ...(config.securityHub.mode === "off" ? [] : [importFindings(account), readFindings(account)]),
    ];
}

/** Role of Amazon ECS: ask the function. */
export function hookStatements({ functions }: AdmissionNames): Statement[] {
    return [allow("AskAboutAdmission", ["lambda:InvokeFunction"], [functions.admission.arn])];
}

/**
 * Role of the command `gate break-glass`: write an override and list those that there are. Nothing is deleted or changed
 * in part: withdrawing an override is a record as well.
 */
export function breakGlassStatements(
    { account, pipelineKey }: AdmissionPlatform,
    { breakGlass }: AdmissionNames,
): Statement[] {
    return [
        allow(
            "OverrideAdmission",
            ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"],
            [breakGlass.table.arn],
        ),
        useKey(account, pipelineKey.aliasName, "read"),
    ];
}

/** Seconds since the second factor was given after which it has to be given again. */
const secondFactorSeconds = 3_600;

/**
 * Trust policy of the break-glass role: the named people and roles, who have given a second factor within the hour. A
 * session without that information is refused (`Bool` and not `BoolIfExists`).
 *
 * @param principals ARNs of roles and users that exist, at least one.
 */
export function breakGlassTrust(principals: string[]): string {
    if (principals.length === 0) throw new Error("the break-glass role needs somebody who may take it");
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "NamedPrincipalsWithSecondFactor",
                Effect: "Allow",
                Principal: { AWS: [...principals].sort() },
                Action: "sts:AssumeRole",
                Condition: {
                    Bool: { "aws:MultiFactorAuthPresent": "true" },
                    NumericLessThan: { "aws:MultiFactorAuthAge": String(secondFactorSeconds) },
                },
            },
        ],
    });
}
