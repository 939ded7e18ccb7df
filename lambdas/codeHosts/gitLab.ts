import * as z from "zod";
import { ServiceError } from "../effects/serviceCalls";
import { lineFeeds, type CodeHost, type PullRequest } from "./codeHost";
import type { HostApi } from "./hostApi";
import { parseAnswer } from "./parseAnswer";

/** Longest note: 1,000,000 characters (GitLab, "Application limits: Size of comments and descriptions"). More than anybody reads. */
const longestComment = 65_536;

/** Pages of a hundred notes that are read. */
const mostPages = 50;
const pageSize = 100;

const id = z.int().positive();
const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const userSchema = z.object({ id });
const mergeRequestSchema = z.object({
    iid: id,
    state: z.string(),
    sha: commit,
    source_branch: z.string(),
    target_branch: z.string(),
    source_project_id: z.int().nullable(),
    target_project_id: z.int(),
});
const notesSchema = z.array(
    z.object({ id, body: z.string().nullish(), system: z.boolean(), author: z.object({ id }).nullable() }),
);

export const gitLabUrl = "https://gitlab.com/api/v4";

/**
 * Merge requests at GitLab, by their number in the project. A note is ours when the token's own user wrote it.
 *
 * The token needs the scope `api`, and a role that may comment (Reporter), or merge (Maintainer, or Developer where
 * the branch allows it), in the one project. A line of a note that begins with a slash is a command to GitLab
 * ("Quick actions"); no line of ours begins with text from outside.
 */
export function gitLabHost(api: HostApi, repository: string): CodeHost {
    const requests = `/projects/${encodeURIComponent(repository)}/merge_requests`;

    function read(given: z.infer<typeof mergeRequestSchema>): PullRequest {
        return {
            id: String(given.iid),
            isOpen: given.state === "opened",
            sourceBranch: given.source_branch,
            sourceCommit: given.sha,
            destinationBranch: given.target_branch,
            destinationCommit: null,
            isOfRepository: given.source_project_id === given.target_project_id,
        };
    }

    return {
        longestComment,
        async pullRequest(number) {
            const { status, body } = await api.ask("GET", `${requests}/${number}`, [200, 404]);
            return status === 404
                ? null
                : read(parseAnswer("GitLab's merge request", mergeRequestSchema, body));
        },
        async findOwnComment(number, marker) {
            const { body: user } = await api.ask("GET", "/user", [200]);
            const own = parseAnswer("GitLab's user", userSchema, user).id;
            for (let page = 1; page <= mostPages; page += 1) {
                const { body } = await api.ask(
                    "GET",
                    `${requests}/${number}/notes?sort=asc&order_by=created_at&per_page=${pageSize}&page=${page}`,
                    [200],
                );
                const found = parseAnswer("GitLab's notes", notesSchema, body);
                for (const note of found) {
                    const text = lineFeeds(note.body ?? "");
                    if (!note.system && note.author?.id === own && text.startsWith(`${marker}\n`))
                        return { id: String(note.id), body: text };
                }
                if (found.length < pageSize) return null;
            }
            throw new ServiceError(
                `merge request ${number} of ${repository} has too many notes to look through`,
            );
        },
        async createComment({ id: number }, body) {
            await api.ask("POST", `${requests}/${number}/notes`, [201], { body });
        },
        async editComment(number, comment, body) {
            const { status } = await api.ask("PUT", `${requests}/${number}/notes/${comment.id}`, [200, 404], {
                body,
            });
            return status === 404 ? "gone" : "edited";
        },
        async openPullRequests(source, destination) {
            const query = new URLSearchParams({
                state: "opened",
                source_branch: source,
                target_branch: destination,
                per_page: String(pageSize),
            });
            const { body } = await api.ask("GET", `${requests}?${query.toString()}`, [200]);
            return parseAnswer("GitLab's merge requests", z.array(mergeRequestSchema), body)
                .map(read)
                .filter(
                    (one) =>
                        one.isOpen && one.sourceBranch === source && one.destinationBranch === destination,
                )
                .sort((a, b) => Number(a.id) - Number(b.id));
        },
        async merge({ id: number }, sha) {
            const { status, body } = await api.ask(
                "PUT",
                `${requests}/${number}/merge`,
                [200, 405, 409, 422],
                {
                    sha,
                    should_remove_source_branch: false,
                },
            );
            if (status === 200) {
                const { state } = parseAnswer("GitLab's merge", z.object({ state: z.string() }), body);
                return state === "merged"
                    ? { merged: true }
                    : { merged: false, why: "GitLab does not say that it was merged" };
            }
            const why: Record<number, string> = {
                405: "GitLab says that it cannot be merged: a draft, a pipeline that runs, open threads or approvals that are missing",
                409: "its source branch has newer commits than the published one",
                422: "GitLab says that it cannot be merged: a conflict, or another method of merging",
            };
            return { merged: false, why: why[status] ?? "GitLab refuses the merge" };
        },
    };
}
