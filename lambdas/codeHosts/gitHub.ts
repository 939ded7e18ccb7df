import * as z from "zod";
import { ServiceError } from "../effects/serviceCalls";
import { lineFeeds, type CodeHost, type PullRequest } from "./codeHost";
import type { HostApi } from "./hostApi";
import { parseAnswer } from "./parseAnswer";

/** Longest comment: 65,536 characters ("Body is too long (maximum is 65536 characters)", validation of issue comments). */
const longestComment = 65_536;

/** Pages of a hundred comments that are read. */
const mostPages = 50;
const pageSize = 100;

const id = z.int().positive();
const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const userSchema = z.object({ id });
const pullRequestSchema = z.object({
    number: id,
    state: z.string(),
    head: z.object({ ref: z.string(), sha: commit, repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ ref: z.string(), sha: commit }),
});
const commentsSchema = z.array(
    z.object({ id, body: z.string().nullish(), user: z.object({ id }).nullable() }),
);
const mergedSchema = z.object({ merged: z.boolean() });

/** Headers of every request ("Getting started with the REST API"). */
export const gitHubHeaders = {
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
};

export const gitHubUrl = "https://api.github.com";

/**
 * Pull requests at GitHub. A comment is ours when the token's own user wrote it.
 *
 * The token needs "Pull requests: read and write", and to merge "Contents: read and write", on the one repository.
 */
export function gitHubHost(api: HostApi, repository: string): CodeHost {
    const pulls = `/repos/${repository}/pulls`;
    const comments = `/repos/${repository}/issues`;

    function read(given: z.infer<typeof pullRequestSchema>): PullRequest {
        const { number, state, head, base } = given;
        return {
            id: String(number),
            isOpen: state === "open",
            sourceBranch: head.ref,
            sourceCommit: head.sha,
            destinationBranch: base.ref,
            destinationCommit: base.sha,
            // A fork that was deleted has no name.
            isOfRepository: head.repo?.full_name.toLowerCase() === repository.toLowerCase(),
        };
    }

    return {
        longestComment,
        async pullRequest(number) {
            const { status, body } = await api.ask("GET", `${pulls}/${number}`, [200, 404]);
            return status === 404
                ? null
                : read(parseAnswer("GitHub's pull request", pullRequestSchema, body));
        },
        async findOwnComment(number, marker) {
            const { body: user } = await api.ask("GET", "/user", [200]);
            const own = parseAnswer("GitHub's user", userSchema, user).id;
            for (let page = 1; page <= mostPages; page += 1) {
                const { body } = await api.ask(
                    "GET",
                    `${comments}/${number}/comments?per_page=${pageSize}&page=${page}`,
                    [200],
                );
                const found = parseAnswer("GitHub's comments", commentsSchema, body);
                for (const comment of found) {
                    const text = lineFeeds(comment.body ?? "");
                    if (comment.user?.id === own && text.startsWith(`${marker}\n`))
                        return { id: String(comment.id), body: text };
                }
                if (found.length < pageSize) return null;
            }
            throw new ServiceError(
                `pull request ${number} of ${repository} has too many comments to look through`,
            );
        },
        async createComment({ id: number }, body) {
            await api.ask("POST", `${comments}/${number}/comments`, [201], { body });
        },
        async editComment(_number, comment, body) {
            const { status } = await api.ask("PATCH", `${comments}/comments/${comment.id}`, [200, 404], {
                body,
            });
            return status === 404 ? "gone" : "edited";
        },
        async openPullRequests(source, destination) {
            const [owner = ""] = repository.split("/");
            const query = new URLSearchParams({
                state: "open",
                head: `${owner}:${source}`,
                base: destination,
                per_page: String(pageSize),
            });
            const { body } = await api.ask("GET", `${pulls}?${query.toString()}`, [200]);
            return parseAnswer("GitHub's pull requests", z.array(pullRequestSchema), body)
                .map(read)
                .filter(
                    (one) =>
                        one.isOpen && one.sourceBranch === source && one.destinationBranch === destination,
                )
                .sort((a, b) => Number(a.id) - Number(b.id));
        },
        async merge({ id: number }, sha) {
            const { status, body } = await api.ask("PUT", `${pulls}/${number}/merge`, [200, 405, 409, 422], {
                sha,
                merge_method: "merge",
            });
            if (status === 200) {
                return parseAnswer("GitHub's merge", mergedSchema, body).merged
                    ? { merged: true }
                    : { merged: false, why: "GitHub does not say that it was merged" };
            }
            const why: Record<number, string> = {
                405: "GitHub says that it cannot be merged: a conflict, a rule of the branch, or merge commits are not allowed",
                409: "its source branch has newer commits than the published one",
            };
            return { merged: false, why: why[status] ?? "GitHub refuses the merge" };
        },
    };
}
