/** BS-11: promotion names the image by digest, never by tag. */
import type { DeliveryFinding } from "../../buildspec/analysis";
import { inconclusive, notApplicable, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import {
    buildBuildspec,
    buildspecOf,
    projectExample,
    publishBuildspec,
} from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

const publish = (...commands: string[]) => projectExample("publish", buildspecOf(commands), "publisher");
const promote = (from: string): string =>
    `gate promote --from "${from}" --to registry.example.com/demo/production --tag 1`;
const digest = `sha256:${"a".repeat(64)}`;

export const promotionByDigest: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-11",
        family: "buildspec",
        title: "Images are promoted by digest",
        rationale:
            "A tag can be moved between the scan and the promotion: what is copied by tag need not be what was scanned.",
        severity: "critical",
        remediation: "Name the source as `repository@sha256:…`, from the digest that the build exported.",
        references: ["NIST SP 800-190 4.1.5"],
    },
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, (analysis, property) => {
            const { deliveries } = analysis;
            const builds = deliveries.some((delivery) => delivery.kind === "build");
            const writes = deliveries.some(
                ({ kind }) => kind === "push" || kind === "copy" || kind === "definition",
            );
            if (!writes) return [notApplicable("no command moves an image")];
            return deliveries.flatMap((delivery): Outcome[] => {
                // A builder tags and pushes what it has just built; without a build, what is tagged came from elsewhere.
                const moves =
                    delivery.kind === "copy" ||
                    // A build that deploys what it has just pushed knows it by its own tag, which may move as well.
                    delivery.kind === "definition" ||
                    (!builds && (delivery.kind === "tag" || delivery.kind === "pull"));
                return moves ? judged(delivery, deliveries, property) : [];
            });
        }),
    examples: [
        {
            title: "tags staging latest as production latest",
            shows: "bad",
            resources: [
                publish(
                    "docker tag registry.example.com/staging/app:latest registry.example.com/prod/app:latest",
                    "docker push registry.example.com/prod/app:latest",
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "crane copies a tag",
            shows: "bad",
            resources: [
                publish("crane cp registry.example.com/staging/app:1 registry.example.com/prod/app:1"),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "skopeo copies a tag",
            shows: "bad",
            resources: [
                publish(
                    "skopeo copy docker://registry.example.com/staging/app:1 docker://registry.example.com/prod/app:1",
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "the manifest is fetched by tag",
            shows: "bad",
            resources: [
                publish(
                    "aws ecr batch-get-image --repository-name staging --image-ids imageTag=latest > m.json",
                    "aws ecr put-image --repository-name prod --image-manifest file://m.json",
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "the gate is told to promote a tag",
            shows: "bad",
            resources: [publish(promote("registry.example.com/demo/staging:1"))],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "the gate is told to promote a tag of a variable",
            shows: "bad",
            resources: [publish(promote("registry.example.com/demo/staging:$IMAGE_TAG"))],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "the gate is told to promote a tag by its variable",
            shows: "bad",
            resources: [
                projectExample(
                    "publish",
                    buildspecOf(["gate promote --to registry.example.com/demo/production --tag 1"], {
                        env: { variables: { GATE_FROM: "registry.example.com/demo/staging:latest" } },
                    }),
                    "publisher",
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "what will be deployed is named by a tag",
            shows: "bad",
            resources: [publish("gate imagedefinitions --image registry.example.com/demo/production:$COMMIT_ID --container app")], // prettier-ignore
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "a file of image definitions with a tag",
            shows: "bad",
            resources: [publish(`printf '[{"name":"app","imageUri":"%s"}]' "registry.example.com/demo/production:latest" > imagedefinitions.json`)], // prettier-ignore
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "a file of image definitions with a digest",
            shows: "good",
            resources: [publish(`printf '[{"name":"app","imageUri":"%s"}]' "registry.example.com/demo/production@$IMAGE_DIGEST" > imagedefinitions.json`)], // prettier-ignore
            expect: [],
        },
        {
            title: "the gate is told to promote a literal digest",
            shows: "good",
            resources: [publish(promote(`registry.example.com/demo/staging@${digest}`))],
            expect: [],
        },
        {
            title: "what the gate promotes is in a variable",
            shows: "unknown",
            resources: [publish(promote("$IMAGE_URI"))],
            expect: [{ resource: "publish", kind: "inconclusive" }],
        },
        {
            title: "imagetools copies a digest",
            shows: "good",
            resources: [
                publish(
                    `docker buildx imagetools create -t registry.example.com/prod/app:1 registry.example.com/staging/app@${digest}`,
                ),
            ],
            expect: [],
        },
        {
            title: "crane copies the exported digest",
            shows: "good",
            resources: [
                publish(
                    'crane cp "registry.example.com/staging/app@$IMAGE_DIGEST" registry.example.com/prod/app:1',
                ),
            ],
            expect: [],
        },
        {
            title: "the gate promotes",
            shows: "good",
            resources: [projectExample("publish", publishBuildspec, "publisher")],
            expect: [],
        },
        {
            title: "the builder pushes its own build",
            shows: "good",
            resources: [projectExample("build", buildBuildspec, "builder")],
            expect: [],
        },
        { title: "nothing is moved", shows: "absent", resources: [publish("echo done")], expect: [] },
        {
            title: "the reference is in a variable",
            shows: "unknown",
            resources: [publish('crane cp "$IMAGE_URI" registry.example.com/prod/app:1')],
            expect: [{ resource: "publish", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("publish", unknown)],
            expect: [{ resource: "publish", kind: "inconclusive" }],
        },
    ],
};

function judged(delivery: DeliveryFinding, all: DeliveryFinding[], property: string): Outcome[] {
    const label = commandLabel(delivery);
    if (delivery.pinning === "digest") return [];
    if (delivery.pinning === "tag") {
        // A local name that was pulled by digest is that digest.
        const pulled = all.some(
            (other) => other.kind === "pull" && other.pinning === "digest" && other.order < delivery.order,
        );
        if (delivery.kind === "tag" && pulled && !/\//.test(delivery.source ?? "")) return [];
        return [
            violation(
                `${property}, ${label}: the image is named by the tag ${delivery.source ?? ""}, which may have moved since the scan.`,
                "Name it by digest: repository@$IMAGE_DIGEST.",
                {
                    findingId: label,
                },
            ),
        ];
    }
    // `aws ecr put-image` writes a manifest that another command fetched: that one is judged.
    if (delivery.source === null && all.some((other) => other.kind === "pull")) return [];
    return [
        inconclusive(
            { property },
            `${label}: whether ${delivery.source ?? "the source"} is a digest cannot be told`,
        ),
    ];
}
