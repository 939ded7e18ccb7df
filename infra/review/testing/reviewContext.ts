import {
    codecommitApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
} from "../../application/testing/examplePlatform";
import type { ApplicationConfig } from "../../config/schema";
import { reviewPath, type StepContext } from "../../pipeline/step";

/** An application on the review path, with every scanner and tools from a mirror. */
export function exampleReview(
    application: ApplicationConfig = codecommitApplication,
    config: Record<string, unknown> = everything,
): StepContext {
    const context = exampleContext(application, exampleLiterals(exampleConfig(config)));
    return { ...context, path: reviewPath(application.name, context.names) };
}

/** What a role of a review must never have: production, staging, answers, releases, other roles, keys that sign. */
export const forbiddenInReviews =
    /staging|production|PutApprovalResult|PassRole|AssumeRole|kms:Sign|ecs:|sns:|dynamodb:|GitPush|Merge|secretsmanager:|Allow \*|iam:/;
