/** ECS-04: containers do not run as root. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { exampleTask, judgeContainers, runsOnWindows, taskDefinitionType } from "./containers";

const container = (user?: unknown) => ({ name: "engine", ...(user === undefined ? {} : { user }) });
const bad = [{ resource: "task", kind: "violation" as const }];

/** `user` is `user`, `user:group`, `uid` or `uid:gid`; only the part before the colon makes root. */
function isRoot(user: string): boolean {
    const [name = ""] = user.split(":");
    return name.trim() === "" || name.trim() === "root" || /^0+$/.test(name.trim());
}

export const nonRootUser: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-04",
        family: "ecs",
        title: "Linux containers run as an ordinary user",
        rationale:
            "Whoever breaks out of a process that runs as root has the widest choice of ways onto the host.",
        severity: "high",
        remediation:
            'Set `user` in the container definition to a numeric user and group other than 0, e.g. `"1000:1000"`.',
        references: ["FSBP ECS.20", "NIST SP 800-190 4.1.2"],
    },
    types: [taskDefinitionType],
    evaluate: (resource) => {
        if (runsOnWindows(resource)) {
            return [notApplicable("Windows containers have no root user")];
        }
        return judgeContainers(resource, (definition, name) => {
            const user = definition.string("user");
            if (user.kind === "unknown")
                return [inconclusive(user, `the user of container ${name} is not known yet`)];
            if (user.kind === "known" && !isRoot(user.value)) return [pass];
            const read =
                user.kind === "known" ? `user is "${user.value}"` : "user is not set, so the image decides";
            return [
                violation(
                    `Container ${name} may run as root (${read}).`,
                    'Set user: "1000:1000" or another user than 0.',
                    {
                        findingId: name,
                    },
                ),
            ];
        });
    },
    examples: [
        { title: "root by name", shows: "bad", resources: [exampleTask([container("root")])], expect: bad },
        {
            title: "user 0 in another group",
            shows: "bad",
            resources: [exampleTask([container("0:1000")])],
            expect: bad,
        },
        { title: "a group alone", shows: "bad", resources: [exampleTask([container(":1000")])], expect: bad },
        {
            title: "an ordinary user",
            shows: "good",
            resources: [exampleTask([container("1000:1000")])],
            expect: [],
        },
        {
            title: "user in group 0",
            shows: "good",
            resources: [exampleTask([container("1000:0")])],
            expect: [],
        },
        {
            title: "Windows",
            shows: "good",
            resources: [
                exampleTask([container()], {
                    runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" },
                }),
            ],
            expect: [],
        },
        { title: "not set", shows: "absent", resources: [exampleTask([container()])], expect: bad },
        {
            title: "definitions not known yet",
            shows: "unknown",
            resources: [exampleTask(unknown)],
            expect: [{ resource: "task", kind: "inconclusive" }],
        },
        {
            title: "user not known yet",
            shows: "unknown",
            resources: [exampleTask([container(unknown), container("0")])],
            expect: [{ resource: "task", kind: "inconclusive" }, ...bad],
        },
    ],
};
