import {
    CodeHostServer,
    ownUser,
    type HostComment,
    type HostPullRequest,
    type HostReply,
    type HostRequest,
} from "./codeHostServer";

const notFound: HostReply = { status: 404, body: { message: "404 Not Found" } };
const project = 7;

/** As much of GitLab's REST API (v4) as the functions use, for one project. */
export class GitLabServer extends CodeHostServer {
    protected readonly prefix = "/api/v4";
    /** Lines of notes that GitLab would have carried out as commands. */
    readonly quickActions: string[] = [];

    constructor(
        certificate: { key: string; cert: string },
        private readonly repository: string,
    ) {
        super(certificate);
    }

    protected reply({ method, path, query, body }: HostRequest): HostReply {
        if (path === "/user") return { status: 200, body: { id: ownUser, username: "portcullis-bot" } };
        const start = `/projects/${encodeURIComponent(this.repository)}/merge_requests`;
        if (path !== start && !path.startsWith(`${start}/`)) return notFound;
        const [number, part, id] = path.slice(start.length + 1).split("/");
        if (number === "" || number === undefined) {
            const found = [...this.pullRequests.values()].filter(
                (each) =>
                    each.isOpen &&
                    query.get("state") === "opened" &&
                    query.get("source_branch") === each.sourceBranch &&
                    query.get("target_branch") === each.destinationBranch,
            );
            return { status: 200, body: this.page(found, query).map(shown) };
        }
        const request = this.pullRequests.get(Number(number));
        if (request === undefined) return notFound;
        if (part === undefined && method === "GET") return { status: 200, body: shown(request) };
        if (part === "merge" && method === "PUT") return this.merge(request, body);
        if (part !== "notes") return notFound;
        const text = String(body["body"] ?? "");
        this.quickActions.push(...text.split("\n").filter((line) => line.startsWith("/")));
        if (method === "POST")
            return { status: 201, body: shownNote(this.addComment(request.number, ownUser, text)) };
        const notes = this.comments.filter((comment) => comment.number === request.number);
        if (method === "GET") return { status: 200, body: this.page(notes, query).map(shownNote) };
        const note = notes.find((each) => each.id === Number(id));
        if (method !== "PUT" || note === undefined) return notFound;
        if (note.author !== ownUser) return { status: 403, body: { message: "403 Forbidden" } };
        note.body = text;
        return { status: 200, body: shownNote(note) };
    }

    private merge(request: HostPullRequest, { sha }: Record<string, unknown>): HostReply {
        if (!request.isOpen) return { status: 405, body: { message: "405 Method Not Allowed" } };
        if (sha !== request.sourceCommit)
            return { status: 409, body: { message: "SHA does not match HEAD of source branch" } };
        request.isOpen = false;
        this.merges.push({ number: request.number, sha });
        return { status: 200, body: { ...(shown(request) as object), state: "merged" } };
    }
}

function shown(given: HostPullRequest): unknown {
    return {
        id: 90_000 + given.number,
        iid: given.number,
        project_id: project,
        state: given.isOpen ? "opened" : "merged",
        sha: given.sourceCommit,
        source_branch: given.sourceBranch,
        target_branch: given.destinationBranch,
        source_project_id: given.isFork ? 99 : project,
        target_project_id: project,
    };
}

function shownNote({ id, author, body }: HostComment): unknown {
    return { id, body, system: false, author: { id: author, username: `user-${author}` } };
}
