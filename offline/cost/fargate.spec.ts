import assert from "node:assert/strict";
import type { Value } from "../model";
import { StackBuilder, unknown } from "../report/fixtures/stackBuilder";
import { estimateMonthlyFloor } from "./estimate";

/** A service with its task definition, as an application's production target has it. */
function estimateOf(service: Record<string, Value>, task: Record<string, Value>) {
    const stack = new StackBuilder();
    const definition = stack.add("aws:ecs/taskDefinition:TaskDefinition", "task", { inputs: task });
    stack.add("aws:ecs/service:Service", "service", {
        inputs: { launchType: "FARGATE", desiredCount: 2, taskDefinition: unknown, ...service },
        refers: { taskDefinition: [definition] },
    });
    const { lines, unpriced } = estimateMonthlyFloor(stack.resources);
    return {
        lines: lines.map(({ item, arithmetic }) => `${item}: ${arithmetic}`),
        unpriced: unpriced.map(({ reason }) => reason),
    };
}

const small = { cpu: "256", memory: "512" };

describe("cost of Fargate services", () => {
    it("multiplies desired tasks by processors and memory", () => {
        assert.deepEqual(estimateOf({}, small), {
            lines: [
                "Fargate vCPU: 0.5 × 730 h × $0.04048 = $14.78",
                "Fargate memory, GB: 1 × 730 h × $0.004445 = $3.24",
            ],
            unpriced: [],
        });
        assert.deepEqual(
            estimateOf(
                { desiredCount: 1, networkConfiguration: { assignPublicIp: true } },
                { cpu: "1 vCPU", memory: "2 GB", runtimePlatform: { cpuArchitecture: "ARM64" } },
            ).lines,
            [
                "Fargate vCPU, arm64: 1 × 730 h × $0.03238 = $23.64",
                "Fargate memory, GB, arm64: 2 × 730 h × $0.00356 = $5.20",
                "Public IPv4 address: 1 × 730 h × $0.005 = $3.65",
            ],
        );
        assert.deepEqual(estimateOf({ desiredCount: 0 }, small), { lines: [], unpriced: [] });
    });

    it("says what it cannot know", () => {
        const reasons = (service: Record<string, Value>, task: Record<string, Value>) => {
            const { lines, unpriced } = estimateOf(service, task);
            assert.deepEqual(lines, []);
            return unpriced.join("; ");
        };
        assert.match(reasons({ desiredCount: unknown }, small), /their size or number is not known yet/);
        assert.match(reasons({}, { cpu: "256" }), /their size or number is not known yet/);
        assert.match(
            reasons({}, { ...small, runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } }),
            /on WINDOWS_SERVER_2022_CORE/,
        );
        assert.match(
            reasons(
                { launchType: "EC2", capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT" }] },
                small,
            ),
            /the share of Spot varies/,
        );
        assert.match(reasons({ launchType: unknown }, small), /launchType is not known yet/);
        assert.deepEqual(estimateOf({}, { ...small, ephemeralStorage: { sizeInGib: 50 } }).unpriced, [
            "no price for Fargate storage above 20 GB",
        ]);
        const stack = new StackBuilder();
        stack.add("aws:ecs/service:Service", "s", { inputs: { launchType: "FARGATE", desiredCount: 1 } });
        assert.match(
            estimateMonthlyFloor(stack.resources).unpriced[0]!.reason,
            /the task definition is not part of the stack/,
        );
    });

    it("asks nothing for tasks on instances", () => {
        assert.deepEqual(estimateOf({ launchType: "EC2" }, {}), { lines: [], unpriced: [] });
    });
});

describe("cost of signatures and findings", () => {
    const usage = (type: string, inputs: Record<string, Value>) => {
        const stack = new StackBuilder();
        stack.add(type, "thing", { inputs });
        const { usage: lines, unpriced } = estimateMonthlyFloor(stack.resources);
        return [lines.flatMap(({ prices }) => prices.map(({ usd }) => usd)), unpriced.length];
    };
    it("is that of the kind of key", () => {
        assert.deepEqual(usage("aws:kms/key:Key", {}), [[0.03], 0]);
        assert.deepEqual(usage("aws:kms/key:Key", { customerMasterKeySpec: "ECC_NIST_P256" }), [[0.15], 0]);
        assert.deepEqual(usage("aws:kms/key:Key", { customerMasterKeySpec: unknown }), [[0.15], 0]);
    });
    it("counts the checks of Security Hub's own standards unless they are off", () => {
        assert.deepEqual(usage("aws:securityhub/account:Account", { enableDefaultStandards: false }), [
            [0.3],
            0,
        ]);
        assert.deepEqual(usage("aws:securityhub/account:Account", {}), [[0.3], 1]);
    });
});
