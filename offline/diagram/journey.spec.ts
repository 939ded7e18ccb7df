import assert from "node:assert/strict";
import type { Rights } from "../report/fixtures/journeyStack";
import { journeyStack, usualRights } from "../report/fixtures/journeyStack";
import { architectureOf } from "./architecture";
import { layoutScene } from "./layout";

const drawn = (rights?: Rights) => architectureOf(journeyStack(rights).run());
const panel = (title: string, rights?: Rights) => drawn(rights).gates.find((gate) => gate.title === title);
const reaches = (title: string, rights?: Rights) =>
    panel(title, rights)?.functions.flatMap((view) =>
        view.reaches.map(({ label, title: reached, kind }) => `${label} ${reached} (${kind})`),
    );

describe("the way of a change in the picture", () => {
    it("draws the review beside the delivery of its application, with what it touches and nothing else", () => {
        const { applications, reviews } = drawn();
        assert.deepEqual(
            [applications, reviews].map((lanes) => lanes.map(({ kind, name }) => `${kind} ${name}`)),
            [["delivery demo"], ["review demo"]],
        );
        assert.deepEqual(
            reviews[0]?.stores.map(({ title, writers }) => [title, writers]),
            [["candidate", [1]]],
        );
        assert.deepEqual(applications[0]?.facts, ["people are told of 2 kinds of events"]);
    });

    it("shows services where they are deployed, and whom they ask", () => {
        const stores = drawn().applications[0]?.stores ?? [];
        assert.deepEqual(
            stores
                .filter(({ kind }) => kind === "service" || kind === "existing")
                .map(({ kind, title, detail, writers }) => [kind, title, detail, writers]),
            [
                ["service", "production service", "2 × 0.5 vCPU, asks admission", [3]],
                ["existing", "live", "ECS service, of another stack", [4]],
            ],
        );
        const { arrows } = layoutScene(drawn());
        assert.deepEqual(
            arrows.filter(({ kind }) => kind === "deploy").map(({ meaning }) => meaning),
            ["deploys to production service", "deploys to live"],
        );
    });

    it("shows who signs and who verifies", () => {
        const actions = drawn().applications[0]?.stages.flatMap((stage) => stage.actions) ?? [];
        assert.deepEqual(
            actions.filter(({ may }) => may.length > 0).map(({ name, may }) => [name, may]),
            [
                ["Publish", ["signs"]],
                ["Prepare", ["verifies"]],
            ],
        );
    });

    it("shows what starts a function, services that ask it included", () => {
        const sources = (title: string) =>
            panel(title)?.functions.flatMap((view) =>
                view.sources.map(({ kind, title: name, label }) => [kind, name, label]),
            );
        assert.deepEqual(sources("Admission"), [["service", "demo", "before new tasks start"]]);
        assert.deepEqual(sources("Review"), [["rule", "pull-requests", "pull request"]]);
    });

    it("shows what functions reach outside, and loses exactly what their roles lose", () => {
        assert.deepEqual(reaches("Review"), ["tells Pull request (write)", "starts demo-review (event)"]);
        assert.deepEqual(reaches("Admission"), ["imports Security Hub (write)", "reads approvals (read)"]);
        const [comment = "", start = ""] = Object.keys(usualRights.review);
        const without = (key: string): Rights => ({
            ...usualRights,
            review: Object.fromEntries(Object.entries(usualRights.review).filter(([each]) => each !== key)),
        });
        assert.deepEqual(reaches("Review", without(comment)), ["starts demo-review (event)"]);
        assert.deepEqual(reaches("Review", without(start)), ["tells Pull request (write)"]);
        assert.deepEqual(reaches("Review", { ...usualRights, review: {} }), []);
        assert.deepEqual(reaches("Review", { review: { "*": ["codecommit:MergePullRequestBySquash"] } }), [
            "merges Pull request (write)",
        ]);
        assert.deepEqual(reaches("Admission", { admission: { "*": ["secretsmanager:GetSecretValue"] } }), [
            "tells Code host (write)",
        ]);
    });

    it("stands in the order of the way: review and its function first, side by side", () => {
        const { boxes, arrows, description } = layoutScene(drawn());
        const at = (id: string) => boxes.find((box) => box.id === id);
        const gates = drawn().gates.map(({ title }) => title);
        const review = at(`gate${gates.indexOf("Review")}`);
        assert.equal(at("review0")?.y, review?.y);
        assert.ok((at("application0")?.y ?? 0) > (review?.y ?? Infinity));
        assert.ok((at(`gate${gates.indexOf("Admission")}`)?.y ?? 0) > (at("application0")?.y ?? Infinity));
        assert.match(
            description,
            /Reviews of demo: Source, then Build\. Application demo: Source, then Approve/,
        );
        assert.match(
            description,
            /pull-requests \(pull request\) starts review, tells Pull request, starts demo-review/,
        );
        assert.ok(arrows.some(({ meaning }) => meaning === "review starts demo-review"));
    });
});
