/** ECS-01: no container has the host's powers. */
import { expectValue } from "../../harness/expectation";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleTask, judgeContainers, taskDefinitionType } from "./containers";

const container = (privileged?: unknown, name = "engine") => ({
    name,
    ...(privileged === undefined ? {} : { privileged }),
});

export const privileged: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-01",
        family: "ecs",
        title: "No container of a task is privileged",
        rationale:
            "A privileged container has every capability and every device of the instance: whoever takes it over has the host, and with it all other tasks.",
        severity: "high",
        remediation:
            "Leave `privileged` out of the container definition, or set it to false; images are built in CodeBuild, not in tasks.",
        references: ["FSBP ECS.4", "checkov CKV_AWS_334", "NIST SP 800-190 4.4.3"],
    },
    types: [taskDefinitionType],
    evaluate: (task) =>
        judgeContainers(task, (definition, name) => [
            expectValue(definition.boolean("privileged"), {
                accepts: (value) => !value,
                absent: "accepted",
                consequence: `container ${name} has all powers of the host that runs it`,
                fix: "Remove privileged: true.",
                findingId: name,
            }),
        ]),
    examples: [
        badExample("privileged", [exampleTask([container(false, "first"), container(true)])], "task"),
        badExample("neither true nor false", [exampleTask([container("perhaps")])], "task"),
        badExample("with a capital letter", [exampleTask([{ name: "x", Privileged: true }])], "task"),
        badExample("containers that are no list", [exampleTask('{"privileged":true}')], "task"),
        goodExample("not privileged", [exampleTask([container(false)])]),
        absentExample("not set: the default is false", [exampleTask([container()])]),
        openExample("definitions not known yet", [exampleTask(unknown)], "task"),
        {
            title: "the first container not known yet does not hide the second",
            shows: "unknown",
            resources: [exampleTask([container(unknown, "first"), container(true)])],
            expect: [
                { resource: "task", kind: "inconclusive" },
                { resource: "task", kind: "violation" },
            ],
        },
    ],
};
