import assert from "node:assert/strict";
import { reviewNotices } from "./reviewRules";
import { accepted, problems, type Settings } from "./testing/settings";

const connection = {
    type: "connection",
    connectionArn:
        "arn:aws:codeconnections:eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef",
    repository: "example/shop",
};
const feedback = { host: "github", tokenSecret: "example/github-token" };
const shop = (more: Settings = {}) => ({ name: "shop", source: connection, ...more });
const own = (more: Settings = {}) => ({ name: "demo", source: { type: "codecommit" }, ...more });
const told = (...applications: Settings[]) => problems({ applications });

describe("configuration of reviews", () => {
    it("reviews pull requests of both kinds of source, and takes feedback and merges where there is a way", () => {
        assert.deepEqual(told(own(), shop()), []);
        assert.deepEqual(told(own({ mergeInto: "release" }), shop({ review: { feedback } })), []);
        assert.deepEqual(told(shop({ review: { feedback }, mergeInto: "release" })), []);
        assert.deepEqual(told(shop({ review: { pullRequests: false, feedback }, mergeInto: "release" })), []);
        const deep = { ...connection, repository: "group/team/shop" };
        assert.deepEqual(
            told(shop({ source: deep, review: { feedback: { ...feedback, host: "gitlab" } } })),
            [],
        );
    });

    for (const [title, application, expected] of [
        [
            "feedback for CodeCommit",
            own({ review: { feedback } }),
            "applications[0].review.feedback: must not be set with a CodeCommit repository, whose pull requests need no token",
        ],
        [
            "feedback of nothing",
            shop({ review: { pullRequests: false, feedback } }),
            "applications[0].review.feedback: must not be set while review.pullRequests is false: there would be nothing to tell",
        ],
        [
            "Bitbucket",
            shop({ review: { feedback: { ...feedback, host: "bitbucket" } } }),
            "applications[0].review.feedback.host: must be github or gitlab: comments at Bitbucket are not possible yet, " +
                "leave feedback out there",
        ],
        [
            "a repository that GitHub cannot have",
            shop({ source: { ...connection, repository: "group/team/shop" }, review: { feedback } }),
            "applications[0].review.feedback.host: must be gitlab: GitHub has no repository of the form group/team/shop",
        ],
        [
            "an address without TLS",
            shop({ review: { feedback: { ...feedback, apiUrl: "http://git.example.com/api" } } }),
            "applications[0].review.feedback.apiUrl: must be an https address",
        ],
        [
            "a token where its name belongs",
            shop({ review: { feedback: { ...feedback, tokenSecret: "a token" } } }),
            "applications[0].review.feedback.tokenSecret: must be the name of a secret in Secrets Manager",
        ],
        [
            "a merge into the branch that is built",
            own({ mergeInto: "main" }),
            "applications[0].mergeInto: must be another branch than source.branch, which is built",
        ],
        [
            "a merge without a token",
            shop({ mergeInto: "release" }),
            "applications[0].mergeInto: needs review.feedback with a token that may merge: a connection cannot (GitHub and " +
                "GitLab; there is no way for Bitbucket yet)",
        ],
    ] as const) {
        it(`refuses ${title}`, () => assert.deepEqual(told(application), [expected]));
    }

    it("refuses a name that the review of another application has", () => {
        for (const name of ["demo-review", "demo-review-web"]) {
            assert.deepEqual(told(own({ name }), own()), [
                "applications[0].name: must not begin with demo-review: reviews of demo have these names",
            ]);
        }
        assert.deepEqual(told(own({ name: "demo-reviews" }), own({ name: "review-demo" }), own()), []);
        assert.deepEqual(told(own({ name: "demo-review" })), []);
    });

    it("refuses to tell a person twice", () => {
        assert.deepEqual(problems({ notifications: { emails: ["a@example.com", "A@example.com"] } }), [
            "notifications.emails[1]: must be unique",
        ]);
    });
});

describe("notices about reviews and notifications", () => {
    const nobody =
        "portcullis:notifications: nobody is told about releases that fail, wait or are deployed: set " +
        "notifications.emails or notifications.slack.";

    it("say that nobody is told, until somebody is", () => {
        assert.deepEqual(reviewNotices(accepted({})), [nobody]);
        const slack = { workspaceId: "T012345678", channelId: "C012345678" };
        for (const notifications of [{ emails: ["a@example.com"] }, { slack }])
            assert.deepEqual(reviewNotices(accepted({ notifications })), []);
    });

    it("name the connections whose pull requests get no comment", () => {
        const notices = (...applications: Settings[]) => reviewNotices(accepted({ applications }));
        assert.deepEqual(notices(own(), shop(), shop({ name: "store" })), [
            "portcullis:applications: pull requests of shop, store are checked, and no comment says so: set " +
                "review.feedback (GitHub, GitLab), or look into the review pipeline.",
            nobody,
        ]);
        assert.deepEqual(notices(shop({ review: { feedback } })), [nobody]);
        assert.deepEqual(notices(shop({ review: { pullRequests: false } })), [nobody]);
    });
});
