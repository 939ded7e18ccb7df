/** Examples of ECS-08. */
import { unknown } from "../../harness/reader";
import type { RuleExample } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleTask } from "./containers";

const plain = [{ name: "engine" }];
const linux = (linuxParameters: object) => [{ name: "engine", linuxParameters }];
const volume = (hostPath: unknown) => exampleTask(plain, { volumes: [{ name: "host", hostPath }] });

export const hostAccessExamples: RuleExample[] = [
    badExample("Docker's socket", [volume("/var/run/docker.sock")], "task"),
    badExample("the same, written differently", [volume("/var/lib/../run//docker.sock")], "task"),
    badExample("a directory that holds it", [volume("/var/run/")], "task"),
    badExample("the whole host", [volume("/")], "task"),
    badExample(
        "a Docker volume that binds it",
        [
            exampleTask(plain, {
                volumes: [
                    {
                        name: "host",
                        dockerVolumeConfiguration: {
                            driverOpts: { type: "none", o: "bind", device: "/run/docker.sock" },
                        },
                    },
                ],
            }),
        ],
        "task",
    ),
    badExample(
        "an added capability",
        [exampleTask(linux({ capabilities: { add: ["NET_BIND_SERVICE", "SYS_ADMIN"] } }))],
        "task",
    ),
    badExample("capabilities that are no list", [exampleTask(linux({ capabilities: { add: 7 } }))], "task"),
    badExample(
        "a device",
        [exampleTask(linux({ devices: [{ hostPath: "/dev/fuse", containerPath: "/dev/fuse" }] }))],
        "task",
    ),
    goodExample("capabilities are only dropped", [
        exampleTask(linux({ initProcessEnabled: true, capabilities: { add: [], drop: ["ALL"] } })),
    ]),
    {
        title: "a capability that the settings allow",
        shows: "good",
        configuration: { allowedCapabilities: ["CAP_SYS_PTRACE"] },
        resources: [exampleTask(linux({ capabilities: { add: ["SYS_PTRACE"] } }))],
        expect: [],
    },
    goodExample("another directory of the host, and one that the task brings", [
        exampleTask(plain, {
            volumes: [{ name: "data", hostPath: "/var/lib/engine" }, { name: "scratch" }],
        }),
    ]),
    absentExample("neither volumes nor Linux parameters", [exampleTask(plain)]),
    openExample("definitions not known yet", [exampleTask(unknown)], "task"),
    {
        title: "the first volume not known yet does not hide the second",
        shows: "unknown",
        resources: [
            exampleTask(plain, {
                volumes: [
                    { name: "a", hostPath: unknown },
                    { name: "b", hostPath: "/var/run/docker.sock" },
                ],
            }),
        ],
        expect: [
            { resource: "task", kind: "inconclusive" },
            { resource: "task", kind: "violation" },
        ],
    },
];
