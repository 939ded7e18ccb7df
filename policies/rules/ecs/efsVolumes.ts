/** ECS-10: what a task stores on EFS travels encrypted, and only the task may mount it. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, notApplicable, violation } from "../../harness/outcome";
import { nested } from "../../harness/nested";
import { is, unknown, valueOf, type PropertyReader } from "../../harness/reader";
import type { Outcome, PropertyChange, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { exampleTask, taskDefinitionType } from "./containers";

function judgeVolume(configuration: PropertyReader, name: string): Outcome[] {
    return [
        expectValue(configuration.string("transitEncryption"), {
            accepts: (value) => value === "ENABLED",
            consequence: `what volume ${name} carries can be read and changed on the network`,
            fix: 'Set transitEncryption: "ENABLED".',
            findingId: `${name}|transitEncryption`,
        }),
        expectValue(
            nested(configuration, "authorizationConfig", (inner) => inner.string("iam")),
            {
                accepts: (value) => value === "ENABLED",
                consequence: `whoever reaches the file system of volume ${name} may mount it, whatever role it has`,
                fix: 'Set authorizationConfig.iam: "ENABLED" and grant the task role elasticfilesystem:ClientMount.',
                findingId: `${name}|iam`,
            },
        ),
        // The id of an access point is an output of it: not known yet is enough to see that one is set.
        isSet(configuration)
            ? { kind: "pass" }
            : expectValue(
                  nested(configuration, "authorizationConfig", (inner) => inner.string("accessPointId")),
                  {
                      accepts: (value) => value !== "",
                      consequence: `volume ${name} begins at the root of the file system, as any user`,
                      fix: "Set authorizationConfig.accessPointId to the id of an aws.efs.AccessPoint.",
                      findingId: `${name}|accessPoint`,
                  },
              ),
    ];
}

function isSet(configuration: PropertyReader): boolean {
    return configuration.get("authorizationConfig", "accessPointId").kind === "unknown";
}

const good = {
    fileSystemId: unknown,
    transitEncryption: "ENABLED",
    authorizationConfig: { iam: "ENABLED", accessPointId: unknown },
};
const task = (efsVolumeConfiguration: unknown, ...others: object[]) =>
    exampleTask([{ name: "engine" }], {
        volumes: [{ name: "data", efsVolumeConfiguration }, ...others],
    });

export const efsVolumes: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-10",
        family: "ecs",
        title: "EFS volumes are mounted with TLS, IAM authorization and an access point",
        rationale:
            "A file system that any host in the network can mount as root is shared with all of them; what a task reads from it can have been written by anybody.",
        severity: "high",
        remediation:
            'Set `transitEncryption: "ENABLED"` and `authorizationConfig: { iam: "ENABLED", accessPointId }` in `efsVolumeConfiguration`.',
        references: ["FSBP ECS.18", "checkov CKV_AWS_97", "trivy AWS-0035"],
    },
    types: [taskDefinitionType],
    evaluate: (task) => {
        const volumes = task.list("volumes");
        if (volumes.kind === "unknown")
            return [inconclusive(volumes, "how file systems are mounted is not known yet")];
        if (volumes.kind === "malformed")
            return [violation(`volumes ${volumes.why}.`, "Give volumes as a list of { name, … }.")];
        const outcomes = (valueOf(volumes) ?? []).flatMap((volume): Outcome[] => {
            const configuration = volume.object("efsVolumeConfiguration");
            if (configuration.kind === "absent") return [];
            if (configuration.kind === "unknown")
                return [inconclusive(configuration, "how a file system is mounted is not known yet")];
            if (configuration.kind === "malformed")
                return [violation(`${configuration.property} ${configuration.why}.`, "Give it as { fileSystemId, transitEncryption, authorizationConfig }.")]; // prettier-ignore
            return judgeVolume(configuration.value, valueOf(volume.string("name")) ?? configuration.property);
        });
        return outcomes.length > 0 ? outcomes : [notApplicable("no EFS volume")];
    },
    remediation: {
        when: "always",
        changes: (task) =>
            (valueOf(task.list("volumes")) ?? []).flatMap((volume, index): PropertyChange[] => {
                const configuration = volume.object("efsVolumeConfiguration");
                if (configuration.kind !== "known") return [];
                const { value } = configuration;
                const path = ["volumes", index, "efsVolumeConfiguration"];
                // IAM authorization works over TLS only; which access point is meant a person has to say.
                const changeable = (...names: string[]): boolean => {
                    const reading = value.string(...names);
                    return reading.kind !== "unknown" && !is(reading, "ENABLED");
                };
                return [
                    ...(changeable("transitEncryption")
                        ? [{ path: [...path, "transitEncryption"], value: "ENABLED" }]
                        : []),
                    ...(changeable("authorizationConfig", "iam") &&
                    ["known", "absent"].includes(value.object("authorizationConfig").kind)
                        ? [{ path: [...path, "authorizationConfig", "iam"], value: "ENABLED" }]
                        : []),
                ];
            }),
    },
    examples: [
        badExample("without TLS", [task({ ...good, transitEncryption: "DISABLED" })], "task"),
        badExample(
            "without IAM authorization",
            [task({ ...good, authorizationConfig: { accessPointId: "fsap-1" } })],
            "task",
        ),
        badExample(
            "without an access point",
            [task({ ...good, authorizationConfig: { iam: "ENABLED" } })],
            "task",
        ),
        goodExample("TLS, IAM and an access point", [task(good)]),
        goodExample("an access point whose id is known", [
            task({ ...good, authorizationConfig: { iam: "ENABLED", accessPointId: "fsap-1" } }),
        ]),
        absentExample("no volumes", [exampleTask([{ name: "engine" }])]),
        {
            title: "nothing but the file system",
            shows: "absent",
            resources: [task({ fileSystemId: unknown })],
            expect: [
                { resource: "task", kind: "violation" },
                { resource: "task", kind: "violation" },
                { resource: "task", kind: "violation" },
            ],
        },
        openExample("TLS not known yet", [task({ ...good, transitEncryption: unknown })], "task"),
        {
            title: "a volume not known yet does not hide the next",
            shows: "unknown",
            resources: [
                task(unknown, {
                    name: "second",
                    efsVolumeConfiguration: { ...good, transitEncryption: null },
                }),
            ],
            expect: [
                { resource: "task", kind: "inconclusive" },
                { resource: "task", kind: "violation" },
            ],
        },
    ],
};
