/** ECS-02: the image that runs is the image that was meant. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { exampleTask, judgeContainers, taskDefinitionType } from "./containers";
import { isAllowedRepository, parseImageReference } from "./imageReference";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const container = (image: unknown, name = "engine") => ({ name, image });
const bad = [{ resource: "task", kind: "violation" as const }];

export const pinnedImages: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-02",
        family: "ecs",
        title: "Containers run pinned images from allowed registries",
        rationale:
            "A tag can be moved: what was scanned is then not what runs. An unlisted registry was never looked at.",
        severity: "high",
        remediation:
            "Name the image as `registry/repository:tag@sha256:…` and list the registry in the setting " +
            "`allowedRegistries`. No tag, `latest` or an unlisted registry blocks; a tag without a digest is advised against.",
        references: ["NIST SP 800-190 4.1.5", "OWASP CICD-SEC-9"],
    },
    types: [taskDefinitionType],
    evaluate: (resource, configuration) =>
        judgeContainers(resource, (definition, name): Outcome[] => {
            const reading = definition.string("image");
            if (reading.kind === "unknown")
                return [inconclusive(reading, `the image of container ${name} is not known yet`)];
            const text = reading.kind === "known" ? reading.value : "";
            const image = parseImageReference(text);
            if (!image) {
                return [
                    violation(
                        `Container ${name} has no readable image reference (${reading.property} is "${text}").`,
                        "Give registry/repository:tag@sha256:<64 hex digits>.",
                        { findingId: name },
                    ),
                ];
            }
            const outcomes: Outcome[] = [];
            if (!isAllowedRepository(image.repository, configuration.allowedRegistries)) {
                outcomes.push(
                    violation(
                        `Container ${name} runs ${text} from ${image.repository}, which is in no allowed registry ` +
                            `(${configuration.allowedRegistries.join(", ")}).`,
                        "Copy the image to an allowed registry, or add its registry to the setting allowedRegistries.",
                        { findingId: `${name}|registry` },
                    ),
                );
            }
            if (image.digest === undefined) {
                const moving = image.tag === undefined || image.tag === "latest";
                outcomes.push(
                    violation(
                        moving
                            ? `Container ${name} runs ${text}, which is whatever was pushed last.`
                            : `Container ${name} runs ${text}: a tag can be moved to another image.`,
                        `Pin it by digest: ${image.repository}:${image.tag ?? "<tag>"}@sha256:….`,
                        moving
                            ? { findingId: `${name}|tag` }
                            : { findingId: `${name}|digest`, severity: "medium" },
                    ),
                );
            }
            return outcomes.length > 0 ? outcomes : [pass];
        }),
    examples: [
        {
            title: "an untagged image of an unlisted repository",
            shows: "bad",
            resources: [exampleTask([container("postgres")])],
            expect: [...bad, ...bad],
        },
        {
            title: "latest",
            shows: "bad",
            resources: [exampleTask([container("docker.io/anchore/anchore-engine:latest")])],
            expect: bad,
        },
        {
            title: "a tag without a digest (advisory)",
            shows: "bad",
            resources: [exampleTask([container("anchore/anchore-engine:v1.1.0")])],
            expect: bad,
        },
        {
            title: "another repository with the same beginning",
            shows: "bad",
            resources: [exampleTask([container(`docker.io/anchore-evil/engine:1@${digest}`)])],
            expect: bad,
        },
        {
            title: "pinned by digest",
            shows: "good",
            resources: [
                exampleTask([
                    container(`docker.io/anchore/anchore-engine:v1.1.0@${digest}`),
                    container(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/app/production@${digest}`, "app"),
                ]),
            ],
            expect: [],
        },
        { title: "no image", shows: "absent", resources: [exampleTask([{ name: "engine" }])], expect: bad },
        { title: "no containers", shows: "absent", resources: [exampleTask(null)], expect: bad },
        {
            title: "definitions not known yet",
            shows: "unknown",
            resources: [exampleTask(unknown)],
            expect: [{ resource: "task", kind: "inconclusive" }],
        },
        {
            title: "an unknown image in the first container does not hide the second",
            shows: "unknown",
            resources: [exampleTask([container(unknown, "first"), container("busybox:latest", "second")])],
            expect: [{ resource: "task", kind: "inconclusive" }, ...bad, ...bad],
        },
    ],
};
