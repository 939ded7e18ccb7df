/** Rules about pull requests, merges and people who are told. Pure. */
import type { ConfigProblem } from "./problems";
import type { StackConfig } from "./schema";

/** Problems of reviews, merges and notifications. */
export function reviewProblems(config: StackConfig): ConfigProblem[] {
    return [
        ...nameProblems(config),
        ...feedbackProblems(config),
        ...mergeProblems(config),
        ...peopleProblems(config),
    ];
}

/**
 * Names of an application's review begin with its own and `review`, and must not be those of another application: the
 * step `review-lint` of `shop` would be called like the step `lint` of `shop-review`.
 */
function nameProblems({ applications }: StackConfig): ConfigProblem[] {
    return applications.flatMap(({ name }, index): ConfigProblem[] => {
        const other = applications.find((application) =>
            `${name}-`.startsWith(`${application.name}-review-`),
        );
        return other === undefined
            ? []
            : [
                  {
                      path: `applications[${index}].name`,
                      value: name,
                      allowed: `must not begin with ${other.name}-review: reviews of ${other.name} have these names`,
                  },
              ];
    });
}

function feedbackProblems({ applications }: StackConfig): ConfigProblem[] {
    return applications.flatMap(({ source, review, mergeInto }, index): ConfigProblem[] => {
        const path = `applications[${index}].review.feedback`;
        const { feedback } = review;
        if (feedback === undefined) return [];
        if (source.type === "codecommit") {
            return [
                {
                    path,
                    value: feedback,
                    allowed:
                        "must not be set with a CodeCommit repository, whose pull requests need no token",
                    involves: [`applications[${index}].source`],
                },
            ];
        }
        // Nothing else needs the token.
        if (!review.pullRequests && mergeInto === undefined) {
            return [
                {
                    path,
                    value: feedback,
                    allowed:
                        "must not be set while review.pullRequests is false: there would be nothing to tell",
                    involves: [`applications[${index}].review.pullRequests`],
                },
            ];
        }
        const depth = source.repository.split("/").length;
        if (feedback.host === "github" && depth !== 2) {
            return [
                {
                    path: `${path}.host`,
                    value: feedback.host,
                    allowed: `must be gitlab: GitHub has no repository of the form ${source.repository}`,
                    involves: [`applications[${index}].source`],
                },
            ];
        }
        return [];
    });
}

function mergeProblems({ applications }: StackConfig): ConfigProblem[] {
    return applications.flatMap(({ source, review, mergeInto }, index): ConfigProblem[] => {
        if (mergeInto === undefined) return [];
        const path = `applications[${index}].mergeInto`;
        if (mergeInto === source.branch) {
            return [
                {
                    path,
                    value: mergeInto,
                    allowed: "must be another branch than source.branch, which is built",
                    involves: [`applications[${index}].source.branch`],
                },
            ];
        }
        if (source.type === "connection" && review.feedback === undefined) {
            return [
                {
                    path,
                    value: mergeInto,
                    allowed:
                        "needs review.feedback with a token that may merge: a connection cannot (GitHub and GitLab; there " +
                        "is no way for Bitbucket yet)",
                    involves: [`applications[${index}].review.feedback`],
                },
            ];
        }
        return [];
    });
}

function peopleProblems({ notifications: { emails } }: StackConfig): ConfigProblem[] {
    const plain = emails.map((email) => email.toLowerCase());
    return plain.flatMap((email, index): ConfigProblem[] =>
        plain.indexOf(email) === index
            ? []
            : [{ path: `notifications.emails[${index}]`, value: emails[index], allowed: "must be unique" }],
    );
}

/** A line for each thing that nobody would hear of. */
export function reviewNotices({ applications, notifications }: StackConfig): string[] {
    const silent = applications
        .filter(
            ({ source, review }) =>
                source.type === "connection" && review.pullRequests && review.feedback === undefined,
        )
        .map(({ name }) => name);
    return [
        ...(silent.length === 0
            ? []
            : [
                  `portcullis:applications: pull requests of ${silent.join(", ")} are checked, and no comment says so: set ` +
                      "review.feedback (GitHub, GitLab), or look into the review pipeline.",
              ]),
        ...(notifications.emails.length > 0 || notifications.slack !== undefined
            ? []
            : [
                  "portcullis:notifications: nobody is told about releases that fail, wait or are deployed: set " +
                      "notifications.emails or notifications.slack.",
              ]),
    ];
}
