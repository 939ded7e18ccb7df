import type { RepositoryTier } from "../application/applicationNames";

/** Days after which an image without a tag is removed: long enough to look at a failed build. */
export const untaggedDays = 14;

/** Releases that stay in production: how far back a roll-back can reach. */
const retainedReleases = 500;

/**
 * Newest tagged images that stay. A release is two of them, the image and its signature. The signature is pushed after
 * its image, so it is never removed before it, whatever the count is.
 */
export const retainedImages: Record<RepositoryTier, number> = {
    candidate: 50,
    staging: 50,
    production: 2 * retainedReleases,
};

/**
 * Life-cycle policy of a repository as JSON. Images by age are removed only without a tag; tagged ones only by count,
 * so a release that is old but among the newest is never lost.
 */
export function lifecyclePolicy(tier: RepositoryTier): string {
    return JSON.stringify({
        rules: [
            {
                rulePriority: 1,
                description: `Remove untagged images after ${untaggedDays} days`,
                selection: {
                    tagStatus: "untagged",
                    countType: "sinceImagePushed",
                    countUnit: "days",
                    countNumber: untaggedDays,
                },
                action: { type: "expire" },
            },
            {
                rulePriority: 2,
                description: `Keep the newest ${retainedImages[tier]} tagged images`,
                selection: {
                    tagStatus: "tagged",
                    tagPatternList: ["*"],
                    countType: "imageCountMoreThan",
                    countNumber: retainedImages[tier],
                },
                action: { type: "expire" },
            },
        ],
    });
}
