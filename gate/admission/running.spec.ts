import assert from "node:assert/strict";
import { minutesAfterStart } from "../approval/testing/approvalSamples";
import { needsTaskDefinition, newsOf, runningImages, type RunningImage } from "./running";
import type { Standing } from "./standing";
import { parseTaskEvent, readTask, type RunningTask } from "./task";
import {
    admissionSettings,
    good,
    goodImage,
    now,
    other,
    overrideSample,
    registry,
} from "./testing/deploymentSamples";
import { taskArn, taskDefinitionArn, taskEvent } from "./testing/taskSamples";

const settings = admissionSettings();

function taskOf(...given: Parameters<typeof taskEvent>): RunningTask {
    const notice = parseTaskEvent(taskEvent(...given), settings);
    return "task" in notice ? notice.task : assert.fail(notice.ignored);
}

const only = (...tasks: RunningTask[]): RunningImage => {
    const [image, ...others] = runningImages(tasks, new Map(), settings);
    assert.equal(others.length, 0);
    return image ?? assert.fail();
};

describe("tasks", () => {
    it("are read from events and from answers alike", () => {
        const task = taskOf();
        assert.deepEqual(task, {
            service: settings.services[0],
            taskArn,
            taskDefinitionArn,
            startedAt: new Date("2026-03-04T12:29:58.103Z"),
            containers: [{ container: "application", image: goodImage, digest: good }],
        });
        const { detail } = taskEvent() as { detail: Record<string, unknown> };
        for (const startedAt of [new Date("2026-03-04T12:29:58.103Z"), 1_772_627_398.103])
            assert.deepEqual(readTask({ ...detail, startedAt }, settings), { task });
        assert.equal(taskOf({ startedAt: undefined }).startedAt, null);
        assert.equal(taskOf({ taskArn: taskArn.replace("sample-delivery/", "") }).containers.length, 1);
    });

    it("of others, or that do not run, are left out", () => {
        for (const change of [
            { group: "service:sample-orders-2" },
            { group: "family:sample-orders" },
            { clusterArn: "arn:aws:ecs:eu-central-1:123456789012:cluster/default" },
            { lastStatus: "STOPPED" },
            { lastStatus: "PENDING" },
        ]) {
            assert.ok("ignored" in parseTaskEvent(taskEvent(change), settings), JSON.stringify(change));
        }
        assert.ok("ignored" in parseTaskEvent({ ...taskEvent(), region: "eu-west-1" }, settings));
    });

    it("of ours that cannot be read are errors, since nobody would look at them again", () => {
        for (const [change, said] of [
            [{ containers: [] }, /has no containers/],
            [{ containers: [{ image: goodImage }] }, /is called nothing/],
            [{ taskDefinitionArn: "sample-orders-production:7" }, /has the task definition/],
            [{ taskArn: "x" }, /has the ARN "x"/],
        ] as const) {
            assert.throws(() => parseTaskEvent(taskEvent(change), settings), said);
        }
        assert.throws(
            () => parseTaskEvent({ ...taskEvent(), "detail-type": "ECS Service Action" }, settings),
            /not an ECS Task/,
        );
    });
});

describe("what runs", () => {
    it("is one image for all its tasks, since the first of them started", () => {
        const first = taskOf({ startedAt: "2026-03-04T11:00:00Z", taskArn: `${taskArn}1` });
        const image = only(taskOf(), first, taskOf({ startedAt: undefined, taskArn: `${taskArn}2` }));
        assert.deepEqual(image, {
            service: settings.services[0],
            image: goodImage,
            digest: good,
            problem: null,
            tasks: [taskArn, `${taskArn}1`, `${taskArn}2`],
            since: new Date("2026-03-04T11:00:00Z"),
        });
    });

    it("is judged by its digest only where image and digest agree", () => {
        const tag = `${registry}/sample/orders/production:1`;
        for (const [container, said] of [
            [{ image: tag, imageDigest: good }, /is not named by digest/],
            [{ image: goodImage, imageDigest: other }, /and the digest "sha256:b/],
            [{ image: goodImage, imageDigest: 7 }, /and the digest 7/],
            [
                { image: `${registry}/sample/billing/production@${good}` },
                /not one of the production repository/,
            ],
            [{ imageDigest: good }, /its image is nothing/],
        ] as const) {
            const { digest, problem } = only(taskOf({}, { application: container }));
            assert.equal(digest, null);
            assert.match(problem ?? "", said);
        }
        assert.equal(only(taskOf({}, { application: { image: goodImage } })).digest, good);
    });

    it("leaves out what Amazon ECS has added, and nothing that only looks like it", () => {
        const agent = {
            image: "999999999999.dkr.ecr.eu-central-1.amazonaws.com/aws-guardduty-agent-fargate:v1",
        };
        const task = taskOf({}, { application: { image: goodImage }, "aws-guardduty-agent-x1Yz": agent });
        assert.ok(needsTaskDefinition(task));
        assert.ok(!needsTaskDefinition(taskOf()));
        const defined = [{ container: "application", image: goodImage }];
        const imagesWith = (containers: { container: string; image: string }[]): string[] =>
            runningImages([task], new Map([[taskDefinitionArn, containers]]), settings).map(
                ({ image }) => image,
            );
        assert.deepEqual(imagesWith(defined), [goodImage]);
        assert.deepEqual(imagesWith([...defined, { container: "aws-guardduty-agent-x1Yz", ...agent }]), [
            goodImage,
            agent.image,
        ]);
        assert.equal(runningImages([task], new Map(), settings).length, 2);
    });
});

describe("the news of a running image", () => {
    const serviceArn = "arn:aws:ecs:eu-central-1:123456789012:service/sample-delivery/sample-orders";
    const news = (standing: Standing | null, image = only(taskOf()), at = now) =>
        newsOf({ serviceArn }, image, standing, at);
    const factsOf = (...given: Parameters<typeof news>): [string[], string[], string[]] => {
        const { facts, problems, failures } = news(...given);
        return [facts.map(({ fact }) => fact), problems.map(({ kind }) => kind), failures];
    };

    it("says what is true of it", () => {
        const override = overrideSample();
        const cases: [Standing | null, string[], string[]][] = [
            [
                { kind: "admitted", by: "approval", execution: "e", decidedAt: "d", waivers: [] },
                ["RunningApproved"],
                [],
            ],
            [
                { kind: "admitted", by: "breakGlass", override, despite: ["x"] },
                ["BreakGlassUsed"],
                ["breakGlass"],
            ],
            [{ kind: "pending", why: "x" }, ["RunningUnjudged"], []],
            [
                { kind: "refused", because: "unapproved", reasons: ["x"] },
                ["UnapprovedImageRunning"],
                ["unapprovedImage"],
            ],
            [
                { kind: "refused", because: "turnedBad", reasons: ["x"] },
                ["EvidenceTurnedBad"],
                ["badEvidence"],
            ],
        ];
        for (const [standing, facts, problems] of cases)
            assert.deepEqual(factsOf(standing), [facts, problems, []], JSON.stringify(standing));
        const tagged = only(taskOf({}, { application: { image: `${registry}/sample/orders/production:1` } }));
        assert.deepEqual(factsOf(null, tagged), [["UnapprovedImageRunning"], ["unapprovedImage"], []]);
    });

    it("is a failure, and no alarm about the image, where something could not be asked", () => {
        assert.deepEqual(factsOf({ kind: "refused", because: "unknown", reasons: ["the table is gone"] }), [
            [],
            [],
            [`${goodImage} could not be judged: the table is gone`],
        ]);
    });

    it("does not wait for the registry longer than an hour", () => {
        const started = Date.parse("2026-03-04T12:29:58.103Z");
        const pending: Standing = { kind: "pending", why: "the scan has not ended" };
        const after = (milliseconds: number) =>
            factsOf(pending, only(taskOf()), new Date(started + milliseconds))[0];
        assert.deepEqual(after(3_600_000 - 1), ["RunningUnjudged"]);
        assert.deepEqual(after(3_600_000), ["EvidenceTurnedBad"]);
        const undated = only(taskOf({ startedAt: undefined }));
        assert.deepEqual(factsOf(pending, undated, minutesAfterStart(0))[0], ["EvidenceTurnedBad"]);
    });
});
