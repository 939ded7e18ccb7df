/** BYP-11: what production runs comes from a production repository, by digest. */
import { productionServices, serviceType, taskDefinitionOf, type DeliveryService } from "../../delivery/deliveryServices"; // prettier-ignore
import {
    deliveryStack,
    deliveryWithout,
    productionImage,
    serviceWith,
    stagingImage,
    taskExample,
} from "../../delivery/exampleDelivery";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, StackOutcome, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { judgeContainers } from "../ecs/containers";
import { imageTier } from "../../delivery/imageTier";
import { parseImageReference } from "../ecs/imageReference";

function imageOutcomes(
    text: string,
    container: string,
    graph: StackGraph,
    configuration: PackConfiguration,
): Outcome[] {
    const image = parseImageReference(text);
    const fix = "Name the production repository's image by its digest (repository@sha256:…).";
    const tier = image ? imageTier(image.repository, graph, configuration) : "none";
    const outcomes: Outcome[] = [];
    if (tier !== "production")
        outcomes.push(
            violation(
                `Container ${container} runs ${text || "no image"}, whose repository is of tier ${tier}: nothing that is only in a production repository was promised to be approved.`,
                fix,
                { findingId: `${container}|tier` },
            ),
        );
    if (image?.digest === undefined)
        outcomes.push(
            violation(
                `Container ${container} runs ${text || "no image"} by tag: what was approved is a digest.`,
                fix,
                { findingId: `${container}|digest` },
            ),
        );
    return outcomes;
}

function judged(
    { service, name }: DeliveryService,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    if (!service) return [];
    const task = taskDefinitionOf(service, graph);
    if (task.kind === "external") return [];
    if (task.kind === "unknown" || task.kind === "candidates")
        return about(service, inconclusive(task, `which task definition ${name} runs is not known yet`));
    if (task.kind !== "exact")
        return about(
            service,
            violation(
                `${name} runs ${task.kind === "absent" ? "no task definition" : task.value}, which is not in the stack: nothing shows from which repository its images come.`,
                "Declare the task definition in the stack, or name it in the setting externalReferences.",
                { findingId: name },
            ),
        );
    return about(
        task.resource,
        ...judgeContainers(task.resource, (definition, container) => {
            const image = definition.string("image");
            if (image.kind === "unknown")
                return [inconclusive(image, `the image of container ${container} is not known yet`)];
            return imageOutcomes(image.kind === "known" ? image.value : "", container, graph, configuration);
        }),
    );
}

const two = (sidecar: unknown) => taskExample(JSON.stringify([{ name: "app", image: productionImage }, { name: "agent", image: sidecar }])); // prettier-ignore

export const productionImages: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-11",
        family: "bypass",
        title: "Production runs images of production repositories, by digest",
        rationale:
            "Only the publisher writes a production repository, after the approval. A service that takes its image from anywhere else, or by a tag, runs what nobody approved.",
        severity: "critical",
        remediation:
            "Name the image of every container of a production service as `<production repository>@sha256:…`; before the first release by the digest of 64 zeros, which no image has.",
        references: ["NIST SP 800-190 4.1.5", "OWASP CICD-SEC-9"],
    },
    relevantTypes: [serviceType],
    evaluate: (graph, configuration) => {
        const inside = productionServices(graph, configuration).filter(({ service }) => service !== null);
        if (inside.length === 0) return about(null, notApplicable("the stack has no production service"));
        const outcomes = inside.flatMap((each) => judged(each, graph, configuration));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
        badExample(
            "an image of the staging repository",
            deliveryStack(taskExample(stagingImage)),
            "shop-task",
        ),
        badExample(
            "a tag of the production repository",
            deliveryStack(taskExample(productionImage.replace(/@.*/, ":v1"))),
            "shop-task",
        ),
        badExample("an image from elsewhere", deliveryStack(taskExample(`docker.io/library/nginx@sha256:${"a".repeat(64)}`)), "shop-task"), // prettier-ignore
        badExample("the second container comes from staging", deliveryStack(two(stagingImage)), "shop-task"),
        badExample("a task definition that is not in the stack", deliveryWithout("shop-task"), "shop"),
        goodExample("nothing is released yet", deliveryStack()),
        goodExample("two containers of the production repository", deliveryStack(two(productionImage))),
        goodExample(
            "a staging service runs staging images",
            deliveryStack(serviceWith({ tags: { tier: "staging" } }), taskExample(stagingImage)),
        ),
        {
            title: "containers without an image",
            shows: "absent",
            resources: deliveryStack(taskExample(JSON.stringify([{ name: "app" }]))),
            expect: [
                { resource: "shop-task", kind: "violation" },
                { resource: "shop-task", kind: "violation" },
            ],
        },
        openExample("the containers are not known yet", deliveryStack(taskExample(unknown)), "shop-task"), // prettier-ignore
        openExample("the task definition is not known yet", deliveryStack(serviceWith({ taskDefinition: unknown })), "shop"), // prettier-ignore
    ],
};
