/** ECS-03: what runs cannot change its own program files. */
import { expectValue } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleTask, judgeContainers, runsOnWindows, taskDefinitionType } from "./containers";

const container = (readonlyRootFilesystem?: unknown, more: object = {}) => ({
    name: "engine",
    ...(readonlyRootFilesystem === undefined ? {} : { readonlyRootFilesystem }),
    ...more,
});

export const readOnlyRoot: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-03",
        family: "ecs",
        title: "Containers cannot write their root file system",
        rationale:
            "Whoever gets into a container that can write its own file system can install tools and stay until the task is replaced.",
        severity: "medium",
        remediation:
            "Set `readonlyRootFilesystem: true` and mount a volume, or `linuxParameters.tmpfs` on EC2, at each path that the program writes, for instance `/tmp`.",
        references: ["FSBP ECS.5", "checkov CKV_AWS_336"],
    },
    types: [taskDefinitionType],
    evaluate: (task) =>
        runsOnWindows(task)
            ? [notApplicable("Windows containers have no read-only root file system")]
            : judgeContainers(task, (definition, name) => [
                  expectValue(definition.boolean("readonlyRootFilesystem"), {
                      accepts: (value) => value,
                      consequence: `container ${name} can change its own program files`,
                      fix: "Set readonlyRootFilesystem: true, and mount a volume at each path that it writes.",
                      findingId: name,
                  }),
              ]),
    examples: [
        badExample("switched off", [exampleTask([container(false)])], "task"),
        goodExample("read only, with a volume for what is written", [
            exampleTask(
                [container(true, { mountPoints: [{ sourceVolume: "scratch", containerPath: "/tmp" }] })],
                {
                    volumes: [{ name: "scratch" }],
                },
            ),
        ]),
        goodExample("Windows", [
            exampleTask([container()], {
                runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" },
            }),
        ]),
        absentExample("not set: the default is writable", [exampleTask([container()])], "task"),
        openExample("definitions not known yet", [exampleTask(unknown)], "task"),
        {
            title: "the first container not known yet does not hide the second",
            shows: "unknown",
            resources: [exampleTask([container(unknown), container()])],
            expect: [
                { resource: "task", kind: "inconclusive" },
                { resource: "task", kind: "violation" },
            ],
        },
    ],
};
