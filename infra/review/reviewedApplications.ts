import type { CodeHostSettings } from "../../gate/review/codeHostSettings";
import { applicationNames, type ApplicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { projectArn } from "../arn";
import type { ApplicationConfig } from "../config/schema";
import { codeHostOf } from "./codeHost";

/** An application whose pull requests are reviewed and told about. */
export interface ReviewedApplication {
    application: ApplicationConfig;
    names: ApplicationNames;
    host: CodeHostSettings;
    /** Literal ARNs of the projects of its reviews; one that ends in `*` where that says the same. */
    projectArns: string[];
}

type ReviewPlatform = Pick<LiteralPlatform, "account" | "naming" | "config">;

/** Applications with a review pipeline whose pull requests can be commented on, in the order of the configuration. */
export function reviewedApplications(platform: ReviewPlatform): ReviewedApplication[] {
    return platform.config.applications.flatMap((application) => {
        const names = applicationNames(platform.account, platform.naming, application.name);
        const host = codeHostOf(application, names);
        if (!application.review.pullRequests || host === undefined) return [];
        return [{ application, names, host, projectArns: projectsOf(platform, application, names) }];
    });
}

/**
 * Three to eight projects for each application would fill the role's document. Their names have a beginning in common,
 * which no other application's have (`reviewRules.ts`), unless they had to be cut.
 */
function projectsOf(
    { account, naming, config }: ReviewPlatform,
    application: ApplicationConfig,
    { steps }: ApplicationNames,
): string[] {
    const own = [
        steps["review-lint"],
        steps["review-secrets"],
        steps["review-build"],
        ...config.scanners
            .filter(({ stages }) => stages.includes("test"))
            .map(({ name }) => steps[`review-scan-${name}`]),
    ];
    const beginning = `${naming.physical("codeBuildProject", application.name, "review")}-`;
    return own.every(({ project }) => project.startsWith(beginning))
        ? [projectArn(account, `${beginning}*`)]
        : own.map((step) => step.projectArn);
}
