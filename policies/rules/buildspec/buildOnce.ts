/** BS-10: what was scanned is what is released; nothing is built again. */
import { inconclusive, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { deliveryTier } from "../../pipeline/deliveryTarget";
import { buildspecOf, projectExample, publishBuildspec } from "../../pipeline/exampleResources";
import { gateRole, projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

/** Values of `gate:role` that move images and never make them. */
const movers = new Set(["promoter", "publisher", "deployer", "deploy", "promote", "publish"]);

export const buildOnce: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-10",
        family: "buildspec",
        title: "Promotion never builds",
        rationale:
            "An image that is built again after the scan is another image: nobody has scanned it, whatever its Dockerfile says.",
        severity: "critical",
        remediation:
            "Copy by digest: `gate promote`, `crane cp`, `skopeo copy` or `docker buildx imagetools create`.",
        references: ["SLSA 1.0 Build L3", "OWASP CICD-SEC-9"],
    },
    types: [projectType],
    evaluate: (project, configuration) =>
        onBuildspec(project, (analysis, property) => {
            const role = gateRole(project);
            const toProduction = analysis.deliveries.some(
                (delivery) =>
                    (delivery.kind === "push" || delivery.kind === "copy" || delivery.kind === "deploy") &&
                    deliveryTier(delivery, analysis, configuration) === "production",
            );
            if (!toProduction && !movers.has(role ?? "")) return [];
            const builds = analysis.deliveries.filter((delivery) => delivery.kind === "build");
            const outcomes = builds.map((delivery): Outcome =>
                violation(
                    `${property}, ${commandLabel(delivery)}: a project that ${movers.has(role ?? "") ? `is a ${role ?? ""}` : "writes production"} builds an image, which no scan has seen.`,
                    "Build once, in the build step; here copy the scanned image by digest.",
                    { findingId: commandLabel(delivery) },
                ),
            );
            const [doubt] = analysis.unreadable;
            if (outcomes.length === 0 && doubt)
                return [inconclusive({ property }, `${doubt.reason}: ${doubt.text.slice(0, 80)}`)];
            return outcomes;
        }),
    examples: [
        {
            title: "a publisher that builds",
            shows: "bad",
            resources: [
                projectExample(
                    "publish",
                    buildspecOf([
                        "docker build -t app .",
                        "docker push registry.example.com/demo/production:1",
                    ]),
                    "publisher",
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "build and push to production without a declared role",
            shows: "bad",
            resources: [
                projectExample(
                    "publish",
                    buildspecOf(["docker buildx build --push -t registry.example.com/prod/app:1 ."]),
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "built by a wrapped command",
            shows: "bad",
            resources: [
                projectExample(
                    "publish",
                    buildspecOf(["sudo -E env DOCKER_BUILDKIT=1 docker build -t app ."]),
                    "publisher",
                ),
            ],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "copy by digest",
            shows: "good",
            resources: [projectExample("publish", publishBuildspec, "publisher")],
            expect: [],
        },
        {
            title: "the builder builds",
            shows: "good",
            resources: [
                projectExample(
                    "build",
                    buildspecOf([
                        "docker build -t app .",
                        "docker push registry.example.com/demo/candidate:1",
                    ]),
                    "builder",
                ),
            ],
            expect: [],
        },
        {
            title: "no buildspec",
            shows: "absent",
            resources: [projectExample("publish", undefined, "publisher")],
            expect: [],
        },
        {
            title: "a script that is not in the buildspec",
            shows: "unknown",
            resources: [projectExample("publish", buildspecOf(["./publish.sh"]), "publisher")],
            expect: [{ resource: "publish", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("publish", unknown, "publisher")],
            expect: [{ resource: "publish", kind: "inconclusive" }],
        },
    ],
};
