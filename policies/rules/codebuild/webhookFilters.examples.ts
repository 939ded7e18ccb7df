/** Webhooks for the examples of CB-12 and of the rules that ask whether a project builds pull requests. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";

export const webhookType = "aws:codebuild/webhook:Webhook";

const filter = (type: unknown, pattern: unknown, more: Record<string, unknown> = {}) => ({
    type,
    pattern,
    ...more,
});
const push = filter("EVENT", "PUSH");
const pullRequest = filter("EVENT", "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED");
const main = filter("HEAD_REF", "^refs/heads/main$");
const actor = (pattern: unknown = "^(?:1234567|7654321)$") => filter("ACTOR_ACCOUNT_ID", pattern);

export function webhookExample(filterGroups: unknown, more: Record<string, unknown> = {}): ExampleResource {
    return { type: webhookType, name: "webhook", props: { projectName: "build", filterGroups, ...more } };
}

const groups = (...filters: unknown[][]) => webhookExample(filters.map((each) => ({ filters: each })));

const bad: [string, ExampleResource][] = [
    ["an actor whose number may be part of a longer one", groups([push, actor("1234567")])],
    ["a pattern that ends nowhere", groups([pullRequest, actor("^1234567")])],
    ["one of two patterns is loose", groups([push, actor("^1234567$|7654321")])],
    ["a branch that is met by longer names", groups([push, filter("HEAD_REF", "refs/heads/main")])],
    ["no event", groups([main])],
    ["an excluded event is no event filter", groups([{ ...push, excludeMatchedPattern: true }, main])],
    ["pushes to any branch by anybody", groups([push])],
    ["a branch filter that leaves nothing out", groups([push, filter("HEAD_REF", "^refs/heads/.*$")])],
    ["anybody's pull requests to main", groups([pullRequest, filter("BASE_REF", "^refs/heads/main$")])],
    ["everybody's pull requests but one person's", groups([pullRequest, { ...actor(), excludeMatchedPattern: true }])], // prettier-ignore
    ["a group that is loose after one that is not", groups([push, main], [pullRequest])],
    [
        "pull requests that nobody has to agree to",
        webhookExample([{ filters: [pullRequest] }], {
            pullRequestBuildPolicy: { requiresCommentApproval: "DISABLED" },
        }),
    ],
    [
        "pull requests to which every reader may agree",
        webhookExample([{ filters: [pullRequest] }], {
            pullRequestBuildPolicy: {
                requiresCommentApproval: "ALL_PULL_REQUESTS",
                approverRoles: ["GITHUB_READ"],
            },
        }),
    ],
    ["groups that are no list", webhookExample("all")],
];

const good: [string, ExampleResource][] = [
    ["pushes to main", groups([push, main])],
    ["pull requests of two people", groups([pullRequest, actor()])],
    ["pushes to any release branch", groups([push, filter("HEAD_REF", "^refs/heads/release/.*")])],
    ["a release", groups([filter("EVENT", "RELEASED")])],
    [
        "pull requests of forks after a comment",
        webhookExample([{ filters: [pullRequest] }], {
            pullRequestBuildPolicy: { requiresCommentApproval: "FORK_PULL_REQUESTS" },
        }),
    ],
    [
        "files may be left out by any pattern",
        groups([push, main, filter("FILE_PATH", "docs/", { excludeMatchedPattern: true })]),
    ],
];

export const webhookExamples: RuleExample[] = [
    ...bad.map(([title, resource]): RuleExample => ({
        title,
        shows: "bad",
        resources: [resource],
        expect: [{ resource: "webhook", kind: "violation" }],
    })),
    ...good.map(([title, resource]): RuleExample => ({
        title,
        shows: "good",
        resources: [resource],
        expect: [],
    })),
    {
        title: "no filter at all",
        shows: "absent",
        resources: [webhookExample(undefined)],
        expect: [{ resource: "webhook", kind: "violation" }],
    },
    {
        title: "the groups are not known yet",
        shows: "unknown",
        resources: [webhookExample(unknown)],
        expect: [{ resource: "webhook", kind: "inconclusive" }],
    },
    {
        title: "the branch is not known yet, and a later group is loose",
        shows: "unknown",
        resources: [groups([push, filter("HEAD_REF", unknown)], [pullRequest])],
        expect: [
            { resource: "webhook", kind: "inconclusive" },
            { resource: "webhook", kind: "violation" },
        ],
    },
];
