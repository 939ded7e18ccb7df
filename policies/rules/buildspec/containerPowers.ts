/** BS-14: somebody else's container is not the master of the build. */
import { imageUses } from "../../buildspec/foreignImage";
import { inconclusive, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onCommands } from "./onBuildspec";

const scan = (...commands: string[]): ExampleResource =>
    projectExample("scan", buildspecOf(commands), "scanner");
const socket = "-v /var/run/docker.sock:/var/run/docker.sock";
const examples = (
    shows: RuleExample["shows"],
    kind: "violation" | "inconclusive" | null,
    cases: [title: string, ...commands: string[]][],
): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: kind === null ? [] : [{ resource: "scan", kind }],
    }));

export const containerPowers: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-14",
        family: "buildspec",
        title: "Other people's containers get neither the Docker socket nor privileges",
        rationale:
            "Whoever holds the socket or runs privileged is root on the host of the build: it can replace the image after the scan, read the credentials of the role, and report what it likes.",
        severity: "high",
        remediation:
            "Give the container the image as an archive or an OCI layout (`docker save`, `skopeo copy`), or let it pull the image from the registry; take `--privileged` and the socket away.",
        references: ["NIST SP 800-190 4.4.3"],
    },
    types: [projectType],
    evaluate: (project) =>
        onCommands(project, (analysis, property) =>
            imageUses(analysis).flatMap(({ command, image, owner, powers }): Outcome[] => {
                if (powers.length === 0 || owner === "own") return [];
                const label = commandLabel(command);
                if (owner === "unknown")
                    return [
                        inconclusive(
                            { property },
                            `${label}: whose image gets ${powers.join(" and ")} cannot be told`,
                        ),
                    ];
                return [
                    violation(
                        `${property}, ${label}: ${image} is somebody else's and gets ${powers.join(" and ")}.`,
                        "Hand it the image as an archive or an OCI layout instead of the socket, and no privileges.",
                        { findingId: label },
                    ),
                ];
            }),
        ),
    examples: [
        ...examples("bad", "violation", [
            ["the socket", `docker run --rm ${socket} accuknox/accuknox-container-scan:latest image $IMAGE`],
            ["the socket by a mount", "docker run --mount type=bind,source=/var/run/docker.sock,target=/s aquasec/trivy:0.74.0 image x"], // prettier-ignore
            ["the directory of the socket", "docker run -v /var/run:/host aquasec/trivy:0.74.0 image x"],
            ["the whole host", "docker run -v /:/host aquasec/trivy:0.74.0 fs /host"],
            ["privileged", "docker run --privileged vendor/scanner@sha256:abc x"],
            [
                "privileged, by another tool",
                "sudo podman --log-level debug run --privileged=true vendor/scanner x",
            ],
            ["a public registry", `docker run ${socket} public.ecr.aws/vendor/scanner:1 x`],
            [
                "the image in a variable that is known",
                "SCANNER=vendor/scanner:1",
                `docker run ${socket} $SCANNER x`,
            ],
        ]),
        ...examples("good", null, [
            ["an archive", "docker save app -o app.tar", "docker run -v $PWD/app.tar:/app.tar aquasec/trivy:0.74.0 image --exit-code 1 --input /app.tar"], // prettier-ignore
            ["the image that this build made", "docker build -t app .", `docker run ${socket} app test`],
            ["an image of the private registry", `docker run ${socket} 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tools/scan:1`], // prettier-ignore
            ["the registry in variables", `docker run --privileged $ACCOUNT.dkr.ecr.$REGION.amazonaws.com/tools/scan:1`], // prettier-ignore
            ["the daemon itself", "nohup dockerd --host=unix:///var/run/docker.sock &"],
        ]),
        { title: "no container", shows: "absent", resources: [scan("make")], expect: [] },
        ...examples("unknown", "inconclusive", [
            ["the image is in a variable", `docker run ${socket} "$SCAN_IMAGE" x`],
        ]),
        {
            title: "the image is in a variable of the project",
            shows: "bad",
            resources: [
                projectExample("scan", buildspecOf([`docker run ${socket} $SCAN_IMAGE x`]), "scanner", {
                    environment: { environmentVariables: [{ name: "SCAN_IMAGE", value: "vendor/scan:1" }] },
                }),
            ],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
