/** Rules that need to know where the stack lives: zones, region, and how long documents with its ARNs become. Pure. */
import { taskPolicy } from "../anchore/roleDocuments";
import { approvalNames } from "../approval/approvalNames";
import { scanEventStatements } from "../approval/roleDocuments";
import { identityPolicy, type Statement } from "../iamStatement";
import type { Account, Naming } from "../naming";
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

/** What the function that decides may do, with the names that the stack will have. */
function gateStatements(config: StackConfig, { account, naming }: Surroundings): Statement[] {
    const platform = {
        account,
        naming,
        config,
        evidenceBucketName: naming.physical("s3Bucket", "evidence"),
        pipelineKey: { aliasName: `alias/${naming.physical("kmsAlias", "pipeline")}` },
    };
    return scanEventStatements(platform, approvalNames(account, naming));
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
