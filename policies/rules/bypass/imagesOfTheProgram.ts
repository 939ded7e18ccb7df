/** BYP-10: the program itself pushes no image to production. */
import { imageTier } from "../../delivery/imageTier";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type Reading, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { deliveryTier } from "../../pipeline/deliveryTarget";
import { commandsAnalysis } from "../../pipeline/project";
import { repositoryTier, repositoryType } from "../ecr/repository";
import { parseImageReference } from "../ecs/imageReference";
import { examples } from "./imagesOfTheProgram.examples";

const dockerImage = "docker:index/image:Image";
const registryImage = "docker:index/registryImage:RegistryImage";
const buildImage = "docker-build:index:Image";
const buildIndex = "docker-build:index:Index";
const ecrImage = "awsx:ecr:Image";
const commandTypes = ["command:local:Command", "command:remote:Command"];

export const imageTypes = [dockerImage, registryImage, buildImage, buildIndex, ecrImage, ...commandTypes];

/** Where a resource pushes to: texts, and whether more is not known yet at `open`. */
interface Targets {
    texts: string[];
    open: string | null;
}

const nowhere: Targets = { texts: [], open: null };

function texts(...readings: Reading<unknown>[]): Targets {
    const found: Targets = { texts: [], open: null };
    for (const reading of readings) {
        if (reading.kind === "known" && typeof reading.value === "string") found.texts.push(reading.value);
        else if (reading.kind === "unknown") found.open ??= reading.property;
    }
    return found;
}

/** Tags that a build of Docker's own builder pushes: none unless `push` is set or an export goes to a registry. */
function builderTargets(image: ResourceReader): Targets {
    const push = image.boolean("push");
    const exported = valueOf(image.list("exports")) ?? [];
    const registry = exported.some((each) => each.get("registry").kind !== "absent" || valueOf(each.string("raw"))?.includes("type=registry")); // prettier-ignore
    const index = image.type === buildIndex;
    const pushes = index ? valueOf(push) !== false : valueOf(push) === true || registry || push.kind === "unknown";
    if (!pushes) return nowhere;
    if (index) return texts(image.get("tag"));
    const tags = image.list("tags");
    if (tags.kind !== "known") return { texts: [], open: tags.kind === "unknown" ? tags.property : null };
    return texts(...tags.value.map((each) => each.get()));
} // prettier-ignore

function targetsOf(resource: ResourceReader): Targets {
    switch (resource.type) {
        case dockerImage:
            return valueOf(resource.boolean("skipPush")) === true ? nowhere : texts(resource.get("imageName"));
        case registryImage:
            return texts(resource.get("name"));
        case ecrImage:
            return texts(resource.get("repositoryUrl"));
        default:
            return builderTargets(resource);
    }
} // prettier-ignore

const fix = "Aim it at a candidate or staging repository, and let the pipeline promote the digest after its approval."; // prettier-ignore

function refused(what: string, target: string): Outcome {
    return violation(
        `The program pushes to the production repository ${target} (${what}): whoever runs pulumi up releases, without a scan or an approval.`,
        fix,
        { findingId: target },
    );
}

/** Production repositories among those that a property depends on, where its value is not known yet. */
function traced(resource: ResourceReader, open: string, graph: StackGraph, configuration: PackConfiguration): Outcome[] {
    const top = /^[A-Za-z]\w*/.exec(open)?.[0] ?? open;
    const candidates = graph.dependencies(resource, top, [repositoryType]);
    const tiers = candidates.map((each) => repositoryTier(each, configuration));
    const production = tiers.filter((tier) => tier.kind === "tier" && tier.tier === "production");
    const [first] = candidates;
    if (first && production.length === candidates.length) return [refused(open, first.name)];
    if (first && production.length === 0 && tiers.every(({ kind }) => kind === "tier" || kind === "none")) return [];
    return [inconclusive({ property: open }, "to which repository it pushes is not known yet")];
} // prettier-ignore

function imageOutcomes(resource: ResourceReader, graph: StackGraph, configuration: PackConfiguration): Outcome[] {
    const { texts: names, open } = targetsOf(resource);
    const production = names.find((name) => {
        const plain = name.replace(/^https?:\/\//, "");
        const repository = parseImageReference(plain)?.repository ?? plain.replace(/[:@].*$/s, "");
        const tier = imageTier(repository, graph, configuration);
        return tier === "production" || tier.includes("production or") || tier.includes("or production");
    });
    if (production !== undefined) return [refused(resource.type, production)];
    return open === null ? [] : traced(resource, open, graph, configuration);
} // prettier-ignore

function commandOutcomes(resource: ResourceReader, graph: StackGraph, configuration: PackConfiguration): Outcome[] {
    return ["create", "update", "delete"].flatMap((property): Outcome[] => {
        const command = resource.string(property);
        if (command.kind === "unknown") {
            const pushes = graph.dependencies(resource, property, [repositoryType]).length > 0;
            return pushes ? traced(resource, property, graph, configuration) : [];
        }
        if (command.kind !== "known") return [];
        const analysis = commandsAnalysis([command.value]);
        const delivery = analysis.deliveries
            .filter(({ kind }) => kind === "push" || kind === "copy" || kind === "tag")
            .find((each) => deliveryTier(each, analysis, configuration, graph) === "production");
        return delivery ? [refused(property, delivery.target ?? "production")] : [];
    });
} // prettier-ignore

export const imagesOfTheProgram: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-10",
        family: "bypass",
        title: "The program itself pushes no image to production",
        rationale:
            "An image that Pulumi builds and pushes on the way is in production as soon as somebody runs pulumi up: no scanner has seen it, and nobody has approved it.",
        severity: "critical",
        remediation: `${fix} Docker images, images of docker-build and awsx, and commands are meant alike.`,
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-9"],
    },
    relevantTypes: imageTypes,
    evaluate: (graph, configuration) => {
        const resources = graph.ofType(...imageTypes);
        if (resources.length === 0) return about(null, notApplicable("the program builds no image"));
        const outcomes = resources
            // What awsx makes underneath is the same push.
            .filter((each) => !graph.ancestors(each).some(({ type }) => type === ecrImage))
            .flatMap((each) =>
                about(
                    each,
                    ...(commandTypes.includes(each.type)
                        ? commandOutcomes(each, graph, configuration)
                        : imageOutcomes(each, graph, configuration)),
                ),
            );
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
