/** Rules that need to know where the stack lives: zones, region, and how long documents with its ARNs become. Pure. */
import { taskPolicy } from "../anchore/roleDocuments";
import { admissionNames } from "../admission/admissionNames";
import { admissionStatements, runningCheckStatements } from "../admission/roleDocuments";
import { approvalNames } from "../approval/approvalNames";
import { scanEventStatements } from "../approval/roleDocuments";
import { deliveryTargets, deliveryTiers } from "../delivery/deliveryNames";
import { identityPolicy, type Statement } from "../iamStatement";
import { mergedApplications } from "../merge/mergedApplications";
import { mergeNames } from "../merge/mergeNames";
import { mergeStatements } from "../merge/roleDocuments";
import type { Account, Naming } from "../naming";
import { reviewedApplications } from "../review/reviewedApplications";
import { reviewNames } from "../review/reviewNames";
import { reviewStatements } from "../review/roleDocuments";
import type { ConfigProblem } from "./problems";
import type { StackConfig } from "./schema";

/** Characters of all inline policies of one role (IAM quotas, "Role inline policy size"); white space is not counted. */
const inlinePolicyLimit = 10_240;

export interface Surroundings {
    account: Account;
    naming: Naming;
    /** Zones of the region, in their order. */
    zoneNames: readonly string[];
    /** Literal ARNs of the repositories that Anchore Engine reads: two for each application. */
    analysedRepositoryArns: string[];
}

/** Problems between the configuration and the account; nothing exists yet when they are told. */
export function accountProblems(config: StackConfig, surroundings: Surroundings): ConfigProblem[] {
    const { account, zoneNames, analysedRepositoryArns } = surroundings;
    const problems: ConfigProblem[] = [];
    if (zoneNames.length < config.network.zones) {
        problems.push({
            path: "network.zones",
            value: config.network.zones,
            allowed: `must not be above ${zoneNames.length}: ${account.region} has ${zoneNames.join(", ") || "no zone"}`,
        });
    }
    const certificate = config.anchore.certificateArn;
    if (certificate !== undefined && certificate.split(":")[3] !== account.region) {
        problems.push({
            path: "anchore.certificateArn",
            value: certificate,
            allowed: `must be a certificate of ${account.region}: a load balancer uses those of its own region only`,
        });
    }
    problems.push(
        ...deliveryAccountProblems(config, account),
        ...admissionRoleProblems(config, surroundings),
        ...reviewRoleProblems(config, surroundings),
        ...roleProblems(
            config,
            taskPolicy(analysedRepositoryArns),
            "Anchore Engine names every repository that it may read",
        ),
        ...roleProblems(
            config,
            identityPolicy(gateStatements(config, surroundings)),
            "the approval gate names every pipeline that it answers",
        ),
    );
    return problems;
}

/** What documents are made of, with the names that the stack will have. */
function futurePlatform(config: StackConfig, { account, naming }: Surroundings) {
    return {
        account,
        naming,
        config,
        evidenceBucketName: naming.physical("s3Bucket", "evidence"),
        pipelineKey: { aliasName: `alias/${naming.physical("kmsAlias", "pipeline")}` },
    };
}

/** What the function that decides may do. */
function gateStatements(config: StackConfig, surroundings: Surroundings): Statement[] {
    const { account, naming } = surroundings;
    return scanEventStatements(futurePlatform(config, surroundings), approvalNames(account, naming));
}

/** The two functions that look at services name each of them. */
function admissionRoleProblems(config: StackConfig, surroundings: Surroundings): ConfigProblem[] {
    const { account, naming } = surroundings;
    const services = config.applications
        .flatMap((application) => deliveryTargets(account, naming, application))
        .filter(({ tier }) => tier === "production");
    if (services.length === 0) return [];
    const platform = futurePlatform(config, surroundings);
    const names = admissionNames(account, naming);
    return roleProblems(
        config,
        [
            identityPolicy(admissionStatements(platform, names, services)),
            identityPolicy(runningCheckStatements(platform, names, services)),
        ].reduce((longest, document) => (document.length > longest.length ? document : longest)),
        "admission names every service that it looks at",
    );
}

/** The functions that tell about pull requests and merge them name the pipelines and repositories of each application. */
function reviewRoleProblems(config: StackConfig, surroundings: Surroundings): ConfigProblem[] {
    const { account, naming } = surroundings;
    const platform = futurePlatform(config, surroundings);
    const { table } = approvalNames(account, naming);
    return [
        ...(reviewedApplications(platform).length === 0
            ? []
            : roleProblems(
                  config,
                  identityPolicy(reviewStatements(platform, reviewNames(account, naming))),
                  "the function that tells about reviews names every review pipeline",
              )),
        ...(mergedApplications(platform).length === 0
            ? []
            : roleProblems(
                  config,
                  identityPolicy(mergeStatements(platform, mergeNames(account, naming), table)),
                  "the function that merges names every pipeline and repository",
              )),
    ];
}

function isHere(arn: string, account: Account): boolean {
    const [, partition, , region, accountId] = arn.split(":");
    return partition === account.partition && region === account.region && accountId === account.accountId;
}

/** Certificates, web ACLs and roles of services, which Amazon ECS and Elastic Load Balancing take from here only. */
function deliveryAccountProblems({ applications }: StackConfig, account: Account): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    for (const [index, { delivery }] of applications.entries()) {
        for (const tier of deliveryTiers) {
            const path = `applications[${index}].delivery.${tier}`;
            const target = delivery[tier];
            if (target?.type === "create" && target.loadBalancer !== undefined) {
                const { certificateArn, webAclArn } = target.loadBalancer;
                const used = { certificateArn, webAclArn };
                for (const property of ["certificateArn", "webAclArn"] as const) {
                    const arn = used[property];
                    if (arn === undefined || isHere(arn, account)) continue;
                    const what = property === "certificateArn" ? "certificate" : "web ACL";
                    problems.push({
                        path: `${path}.loadBalancer.${property}`,
                        value: arn,
                        allowed:
                            `must be a ${what} of this account in ${account.region}: a load balancer uses those of its own ` +
                            "account and region only",
                    });
                }
            }
            if (target?.type !== "existing") continue;
            target.taskRoleArns.forEach((roleArn, role) => {
                if (roleArn.split(":")[4] === account.accountId) return;
                problems.push({
                    path: `${path}.taskRoleArns[${role}]`,
                    value: roleArn,
                    allowed: "must be a role of this account: roles cannot be passed to another",
                });
            });
        }
    }
    return problems;
}

/** One document of a role that grows with the applications. */
function roleProblems({ applications }: StackConfig, document: string, why: string): ConfigProblem[] {
    const excess = document.length - inlinePolicyLimit;
    if (excess <= 0) return [];
    const tooMany = Math.ceil(excess / (document.length / applications.length));
    return [
        {
            path: "applications",
            value: `${applications.length} applications`,
            allowed:
                `must be about ${tooMany} fewer, or have shorter names: the role of ${why}, and IAM allows ` +
                `${inlinePolicyLimit} characters`,
        },
    ];
}
