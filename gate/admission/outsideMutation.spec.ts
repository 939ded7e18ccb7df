import assert from "node:assert/strict";
import { randomNumbers } from "../report/testing/damage";
import { parseTaskEvent } from "./task";
import {
    admissionSettings,
    deploymentOf,
    goodImage,
    judgeDeployment,
    type Deployment,
} from "./testing/deploymentSamples";
import { taskEvent } from "./testing/taskSamples";

/** What may stand anywhere in a document of somebody else's. */
const junk: unknown[] = [
    ...[null, true, false, 0, -1, 1.5, 1e300, "", " ", "x", "__proto__", [], {}, [[]], [null]],
    ...[
        "sha256:",
        `sha256:${"b".repeat(64)}`,
        "PRE_SCALE_UP",
        "RUNNING",
        "arn:aws:ecs:::",
        goodImage,
        "\u0000",
        "\ud800",
    ],
    { portcullisAttempts: 5 },
];

/** The document with one member or entry replaced, lost or added, anywhere. */
function mutated(document: unknown, random: () => number): unknown {
    const copy = structuredClone(document);
    const places: [Record<string, unknown>, string][] = [];
    const visit = (value: unknown): void => {
        if (typeof value !== "object" || value === null) return;
        for (const [key, inner] of Object.entries(value)) {
            places.push([value as Record<string, unknown>, key]);
            visit(inner);
        }
    };
    visit(copy);
    const [parent, key] = places[Math.floor(random() * places.length)] ?? [{}, ""];
    const replacement = junk[Math.floor(random() * junk.length)];
    const how = random();
    if (how < 0.2) delete parent[key];
    else if (how < 0.35) Object.defineProperty(parent, "added", { value: replacement, enumerable: true });
    else parent[key] = structuredClone(replacement);
    return copy;
}

/** What of a deployment decides which image is judged for which service. */
function identityOf({ event, revision, definition }: Deployment): unknown {
    const { executionDetails, lifecycleStage } = event as Record<string, Record<string, unknown>>;
    const [one] = (revision as { serviceRevisions: Record<string, unknown>[] }).serviceRevisions;
    const { taskDefinition } = definition as { taskDefinition: Record<string, unknown> };
    const containers = taskDefinition["containerDefinitions"] as { image: unknown }[];
    return [
        lifecycleStage,
        executionDetails?.["serviceArn"],
        executionDetails?.["targetServiceRevisionArn"],
        one?.["serviceRevisionArn"],
        one?.["serviceArn"],
        one?.["taskDefinition"],
        taskDefinition["taskDefinitionArn"],
        containers.map(({ image }) => image),
    ];
}

describe("what comes from Amazon ECS", () => {
    it("never makes a deployment pass by being damaged", () => {
        const random = randomNumbers(20_260_304);
        const good = deploymentOf();
        let admitted = 0;
        for (let run = 0; run < 4_000; run += 1) {
            const which = (["event", "revision", "definition"] as const)[run % 3] ?? "event";
            const given = { ...good, [which]: mutated(good[which], random) };
            const { answer, facts } = judgeDeployment(given);
            assert.ok(["SUCCEEDED", "FAILED", "IN_PROGRESS"].includes(answer.hookStatus));
            assert.ok(facts.length > 0);
            if (answer.hookStatus !== "SUCCEEDED") continue;
            admitted += 1;
            assert.deepEqual(identityOf(given), identityOf(good));
        }
        // Members that nothing is decided by may be anything.
        assert.ok(admitted > 200 && admitted < 3_000, String(admitted));
    });

    it("is a payload, or nothing at all", () => {
        for (const event of junk) {
            const { answer, facts } = judgeDeployment({ ...deploymentOf(), event });
            assert.deepEqual([answer, facts[0]?.fact], [{ hookStatus: "FAILED" }, "AdmissionRefused"]);
        }
    });

    it("is a task that runs, or left out, or an error in one line", () => {
        const random = randomNumbers(20_260_305);
        const settings = admissionSettings();
        for (let run = 0; run < 3_000; run += 1) {
            const event = mutated(taskEvent(), random);
            try {
                const notice = parseTaskEvent(event, settings);
                if ("ignored" in notice) assert.match(notice.ignored, /^[^\n]+$/);
                else {
                    assert.equal(notice.task.service.application, "orders");
                    assert.ok(notice.task.containers.length > 0);
                }
            } catch (error) {
                assert.equal((error as Error).constructor, Error);
                assert.match((error as Error).message, /^[^\n]+$/);
            }
        }
    });
});
