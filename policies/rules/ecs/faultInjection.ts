/** ECS-18: nobody injects faults into production. */
import { expectValue } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { exampleTask, taskDefinitionType } from "./containers";

const task = (enableFaultInjection: unknown) => exampleTask([{ name: "engine" }], { enableFaultInjection });

export const faultInjection: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-18",
        family: "ecs",
        title: "Tasks of production accept no injected faults",
        rationale:
            "With fault injection on, whoever may call the experiment service, or reaches the task's metadata endpoint, can slow down or cut off what runs.",
        severity: "low",
        remediation:
            "Leave `enableFaultInjection` out of the task definition; run experiments in a stack of the setting `disposableStacks`.",
        references: ["Amazon ECS Developer Guide: use fault injection with your workloads"],
    },
    types: [taskDefinitionType],
    evaluate: (task, configuration) =>
        isDisposable(task.urn, configuration)
            ? [notApplicable("the stack is disposable")]
            : [
                  expectValue(task.boolean("enableFaultInjection"), {
                      accepts: (value) => !value,
                      absent: "accepted",
                      consequence: "experiments can disturb what runs in production",
                      fix: "Remove enableFaultInjection.",
                  }),
              ],
    remediation: {
        when: "always",
        changes: (task, configuration) =>
            is(task.boolean("enableFaultInjection"), true) && !isDisposable(task.urn, configuration)
                ? [{ path: ["enableFaultInjection"], value: false }]
                : [],
    },
    examples: [
        badExample("switched on", [task(true)], "task"),
        goodExample("switched off", [task(false)]),
        {
            title: "in a disposable stack",
            shows: "good",
            configuration: { disposableStacks: ["example"] },
            resources: [task(true)],
            expect: [],
        },
        absentExample("not set: off", [task(null)]),
        openExample("not known yet", [task(unknown)], "task"),
    ],
};
