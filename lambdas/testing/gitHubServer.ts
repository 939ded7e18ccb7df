import type { IncomingMessage } from "node:http";
import {
    CodeHostServer,
    ownUser,
    type HostComment,
    type HostPullRequest,
    type HostReply,
    type HostRequest,
} from "./codeHostServer";

const notFound: HostReply = { status: 404, body: { message: "Not Found" } };

/** As much of GitHub's REST API (2022-11-28) as the functions use, for one repository. */
export class GitHubServer extends CodeHostServer {
    protected readonly prefix = "";

    constructor(
        certificate: { key: string; cert: string },
        private readonly repository: string,
    ) {
        super(certificate);
    }

    protected reply(
        { method, path, query, body }: HostRequest,
        headers: IncomingMessage["headers"],
    ): HostReply {
        if (headers["user-agent"] === undefined) return { status: 403, body: { message: "no user agent" } };
        if (
            headers["x-github-api-version"] !== "2022-11-28" ||
            headers.accept !== "application/vnd.github+json"
        )
            return { status: 415, body: { message: "Unsupported Media Type" } };
        if (path === "/user") return { status: 200, body: { id: ownUser, login: "portcullis-bot" } };
        const start = `/repos/${this.repository}`;
        if (!path.startsWith(`${start}/`)) return notFound;
        const [area, number, part, extra] = path.slice(start.length + 1).split("/");
        if (area === "pulls" && number === undefined) {
            const found = [...this.pullRequests.values()].filter(
                (each) =>
                    each.isOpen &&
                    query.get("state") === "open" &&
                    query.get("base") === each.destinationBranch &&
                    query.get("head") === `${this.repository.split("/")[0]}:${each.sourceBranch}`,
            );
            return { status: 200, body: this.page(found, query).map((each) => this.shown(each)) };
        }
        const pullRequest = this.pullRequests.get(Number(number));
        if (area === "pulls") {
            if (pullRequest === undefined) return notFound;
            if (part === undefined && method === "GET") return { status: 200, body: this.shown(pullRequest) };
            if (part === "merge" && method === "PUT") return this.merge(pullRequest, body);
        }
        if (area === "issues" && number === "comments" && method === "PATCH") {
            const comment = this.comments.find(({ id }) => id === Number(part));
            if (comment === undefined) return notFound;
            if (comment.author !== ownUser)
                return { status: 403, body: { message: "Must have admin rights" } };
            comment.body = String(body["body"]);
            return { status: 200, body: shownComment(comment) };
        }
        if (area === "issues" && part === "comments" && extra === undefined && pullRequest !== undefined) {
            if (method === "POST")
                return {
                    status: 201,
                    body: shownComment(this.addComment(Number(number), ownUser, String(body["body"]))),
                };
            const all = this.comments.filter((comment) => comment.number === Number(number));
            return { status: 200, body: this.page(all, query).map(shownComment) };
        }
        return notFound;
    }

    private merge(
        pullRequest: HostPullRequest,
        { sha, merge_method: method }: Record<string, unknown>,
    ): HostReply {
        if (method !== "merge" || !pullRequest.isOpen)
            return { status: 405, body: { message: "Pull Request is not mergeable" } };
        if (sha !== pullRequest.sourceCommit)
            return {
                status: 409,
                body: { message: "Head branch was modified. Review and try the merge again." },
            };
        pullRequest.isOpen = false;
        this.merges.push({ number: pullRequest.number, sha });
        return {
            status: 200,
            body: { sha: "e".repeat(40), merged: true, message: "Pull Request successfully merged" },
        };
    }

    private shown(given: HostPullRequest): unknown {
        const repository = (name: string) => ({ full_name: name });
        return {
            number: given.number,
            state: given.isOpen ? "open" : "closed",
            title: "A change",
            head: {
                ref: given.sourceBranch,
                sha: given.sourceCommit,
                repo: repository(given.isFork ? "somebody/fork" : this.repository),
            },
            base: {
                ref: given.destinationBranch,
                sha: given.destinationCommit,
                repo: repository(this.repository),
            },
        };
    }
}

function shownComment({ id, author, body }: HostComment): unknown {
    return { id, body, user: { id: author, login: `user-${author}` }, created_at: "2026-11-22T10:00:00Z" };
}
