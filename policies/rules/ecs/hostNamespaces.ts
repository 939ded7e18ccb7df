/** ECS-07: tasks share neither processes nor memory nor network with the host. */
import { expectValue } from "../../harness/expectation";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleTask, taskDefinitionType } from "./containers";

const task = (props: Record<string, unknown>) =>
    exampleTask([{ name: "engine" }], { networkMode: "awsvpc", ...props });

export const hostNamespaces: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-07",
        family: "ecs",
        title: "Tasks have their own network interface and share no namespace with the host",
        rationale:
            "In the host's namespaces a task sees the processes, the memory and the network of everything else on the instance, credentials included, and no security group tells it apart.",
        severity: "high",
        remediation:
            'Set `networkMode: "awsvpc"`, and leave `pidMode` and `ipcMode` out or set them to `task`.',
        references: ["FSBP ECS.3", "FSBP ECS.17", "checkov CKV_AWS_335", "NIST SP 800-190 4.4"],
    },
    types: [taskDefinitionType],
    evaluate: (task) => [
        ...(["pidMode", "ipcMode"] as const).map((property) =>
            expectValue(task.string(property), {
                accepts: (value) => ["", "task", "none"].includes(value.toLowerCase()),
                absent: "accepted",
                consequence: "the task is not kept apart from what else runs on the host",
                fix: `Remove ${property}, or set it to "task".`,
                findingId: property,
            }),
        ),
        expectValue(task.string("networkMode"), {
            // `none` is a task without any network; the default on EC2 is `bridge`.
            accepts: (value) => ["awsvpc", "none"].includes(value.toLowerCase()),
            consequence: "the task has no network interface and no security groups of its own",
            fix: 'Set networkMode: "awsvpc".',
            findingId: "networkMode",
        }),
    ],
    examples: [
        badExample("the host's processes", [task({ pidMode: "host" })], "task"),
        badExample("the host's memory", [task({ ipcMode: "host" })], "task"),
        badExample("the host's network", [task({ networkMode: "host" })], "task"),
        badExample("behind the host's bridge", [task({ networkMode: "bridge" })], "task"),
        goodExample("a network interface of its own", [task({})]),
        goodExample("shared within the task", [task({ pidMode: "task", ipcMode: "task" })]),
        absentExample("not set: the default is a bridge", [task({ networkMode: null })], "task"),
        {
            title: "process mode not known yet does not hide the network",
            shows: "unknown",
            resources: [task({ pidMode: unknown, networkMode: "host" })],
            expect: [
                { resource: "task", kind: "inconclusive" },
                { resource: "task", kind: "violation" },
            ],
        },
        openExample("network mode not known yet", [task({ networkMode: unknown })], "task"),
    ],
};
