/** Rules that need to know where the stack lives: zones, region, and how long documents with its ARNs become. Pure. */
import { taskPolicy } from "../anchore/roleDocuments";
import type { Account } from "../naming";
import type { ConfigProblem } from "./problems";
import type { StackConfig } from "./schema";

/** Characters of all inline policies of one role (IAM quotas, "Role inline policy size"); white space is not counted. */
const inlinePolicyLimit = 10_240;

export interface Surroundings {
    account: Account;
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
    const excess = taskPolicy(analysedRepositoryArns).length - inlinePolicyLimit;
    if (excess > 0) {
        const tooMany = Math.ceil(excess / ((inlinePolicyLimit + excess) / config.applications.length));
        problems.push({
            path: "applications",
            value: `${config.applications.length} applications`,
            allowed:
                `must be about ${tooMany} fewer, or have shorter names: the role of Anchore Engine names every repository ` +
                `that it may read, and IAM allows ${inlinePolicyLimit} characters`,
        });
    }
    return problems;
}
