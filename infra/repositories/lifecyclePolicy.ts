import { candidateTags, type RepositoryTier } from "../application/applicationNames";

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

/** Days for which images of pull requests stay in the candidate repository. */
export const reviewedDays = 14;

/**
 * Life-cycle policy of a repository as JSON. Tagged images are removed only by count, so a release that is old but among
 * the newest is never lost. Images of pull requests are removed by age and are not counted: however many there are, they
 * push out no candidate that is on its way.
 */
export function lifecyclePolicy(tier: RepositoryTier): string {
    const tagged = (pattern: string, count: Record<string, string | number>) => ({
        tagStatus: "tagged",
        tagPatternList: [pattern],
        ...count,
    });
    const byAge = (days: number) => ({
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: days,
    });
    const newest = { countType: "imageCountMoreThan", countNumber: retainedImages[tier] };
    const rules = [
        {
            description: `Remove untagged images after ${untaggedDays} days`,
            selection: { tagStatus: "untagged", ...byAge(untaggedDays) },
        },
        ...(tier === "candidate"
            ? [
                  {
                      description: `Remove images of pull requests after ${reviewedDays} days`,
                      selection: tagged(`${candidateTags.review}-*`, byAge(reviewedDays)),
                  },
              ]
            : []),
        {
            description: `Keep the newest ${retainedImages[tier]} tagged images`,
            selection: tagged(tier === "candidate" ? `${candidateTags.delivery}-*` : "*", newest),
        },
    ];
    return JSON.stringify({
        rules: rules.map((rule, index) => ({
            rulePriority: index + 1,
            ...rule,
            action: { type: "expire" },
        })),
    });
}
