/** ECS-13, stack half: services that allow sessions run in clusters that log them. */
import { serviceType } from "../../delivery/deliveryServices";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { isDisposable } from "../../harness/stackName";
import { clusterType } from "./containerInsights";
import { execCluster, execLogConfiguration, execMetadata, judgeExecLogging } from "./execLogging";

function judgeService(graph: StackGraph, service: ResourceReader, configuration: PackConfiguration): Outcome {
    if (isDisposable(service.urn, configuration)) return notApplicable("the stack is disposable");
    const enabled = service.boolean("enableExecuteCommand");
    if (enabled.kind === "absent" || is(enabled, false)) return pass;
    if (enabled.kind === "unknown")
        return inconclusive(enabled, "whether sessions in its containers are allowed is not known yet");
    const refused = violation(
        `Service ${service.name} allows sessions in its containers (enableExecuteCommand is ${enabled.kind === "known" ? "true" : "no truth value"}), and its cluster does not log and encrypt them.`,
        'Set enableExecuteCommand: false, or configuration.executeCommandConfiguration of the cluster with logging: "OVERRIDE" and a key.',
    );
    const cluster = graph.reference(service, ["cluster"], [clusterType]);
    // Without a cluster it runs in the default one, which nobody configures.
    if (cluster.kind === "absent") return refused;
    if (cluster.kind === "external") return pass;
    if (cluster.kind === "dangling" || cluster.kind === "unknown")
        return inconclusive(cluster, "whether a cluster outside the stack logs sessions cannot be told");
    const clusters = cluster.kind === "exact" ? [cluster.resource] : cluster.resources;
    const judged = clusters.map((each) => judgeExecLogging(each));
    const wrong = judged.filter((outcomes) => outcomes.some(({ kind }) => kind === "violation"));
    if (wrong.length === judged.length) return refused;
    if (wrong.length > 0) return inconclusive(cluster, "in which cluster it runs cannot be told yet");
    return judged.flat().find(({ kind }) => kind === "inconclusive") ?? pass;
}

const service = (enableExecuteCommand: unknown, cluster: string[] = ["cluster"]): ExampleResource => ({
    type: serviceType,
    name: "service",
    props: { enableExecuteCommand, cluster: unknown },
    propertyDependencies: { cluster },
});

export const execSessions: StackRule = {
    level: "stack",
    metadata: execMetadata,
    relevantTypes: [serviceType],
    evaluate: (graph, configuration) =>
        graph.ofType(serviceType).flatMap((each) => about(each, judgeService(graph, each, configuration))),
    examples: [
        badExample("sessions without a log", [execCluster(), service(true)], "service"),
        badExample(
            "sessions in the default cluster",
            [{ type: serviceType, name: "service", props: { enableExecuteCommand: true } }],
            "service",
        ),
        goodExample("no sessions", [execCluster(), service(false)]),
        goodExample("sessions that are logged and encrypted", [
            execCluster(execLogConfiguration),
            service(true),
        ]),
        {
            title: "sessions in a disposable stack",
            shows: "good",
            configuration: { disposableStacks: ["example"] },
            resources: [execCluster(), service(true)],
            expect: [],
        },
        absentExample("not set: no sessions", [execCluster(), service(null)]),
        openExample("not known yet", [execCluster(), service(unknown)], "service"),
        openExample("a cluster of another stack", [service(true, [])], "service"),
    ],
};
