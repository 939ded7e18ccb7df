/**
 * What the picture shows, read from a captured stack: applications with their pipelines and stores, the network by
 * zones, the scanning engine, and every other component by name and size. Recognised by resource type and content,
 * never by name, so another stack gets its own picture.
 */
import type { CapturedResource, RunResult } from "../model";
import { ResourceIndex, byCodeUnit, byName, shortType, stackType, wordsOf } from "../report/resourceIndex";
import { countResources } from "../report/summary";
import type { ApplicationView } from "./applicationView";
import { applicationView, ownerOf } from "./applicationView";
import type { EngineView, NetworkView } from "./platformView";
import { engineView, networkView } from "./platformView";

/** Applications that are drawn with their whole lane; the others are listed. */
export const drawnApplications = 4;

/** A component that is only named, with what is in it. */
export interface ShelfView {
    urn: string;
    title: string;
    name: string;
    resources: number;
    /** `3 × kms Alias`, most telling first. */
    rows: string[];
}

export interface Architecture {
    project: string;
    stack: string;
    resources: number;
    applications: ApplicationView[];
    /** Names and sizes of the applications that are not drawn. */
    folded: { name: string; resources: number }[];
    network: NetworkView | null;
    engine: EngineView | null;
    shelves: ShelfView[];
}

/** Types that say most about a component, first. Others follow by number. */
const telling = [
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:kms/key:Key",
    "aws:sns/topic:Topic",
    "aws:dynamodb/table:Table",
    "aws:lambda/function:Function",
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    "aws:inspector2/enabler:Enabler",
    "aws:route53/zone:Zone",
];

function rowsOf(resources: readonly CapturedResource[]): string[] {
    const counts = new Map<string, number>();
    resources
        .filter((each) => each.custom)
        .forEach(({ type }) => counts.set(type, (counts.get(type) ?? 0) + 1));
    const rank = (type: string): number => (telling.includes(type) ? telling.indexOf(type) : telling.length);
    return [...counts]
        .sort(([a, x], [b, y]) => rank(a) - rank(b) || y - x || byCodeUnit(a, b))
        .map(([type, count]) => `${count} × ${shortType(type)}`);
}

function shelvesOf(index: ResourceIndex, taken: ReadonlySet<string>): ShelfView[] {
    const [stack] = index.ofType(stackType);
    const top = [...index.childrenOf(stack?.urn ?? ""), ...(stack ? index.childrenOf("") : [])].filter(
        (each) =>
            each.type !== stackType && !each.type.startsWith("pulumi:providers:") && !taken.has(each.urn),
    );
    const components = top.filter((each) => !each.custom);
    const shelves = components.map((component): ShelfView => {
        const below = index.descendantsOf(component.urn);
        return {
            urn: component.urn,
            title: wordsOf(shortType(component.type)),
            name: component.name,
            resources: below.length,
            rows: rowsOf(below),
        };
    });
    const loose = top
        .filter((each) => each.custom)
        .flatMap((each) => [each, ...index.descendantsOf(each.urn)]);
    if (loose.length > 0) {
        shelves.push({
            urn: "loose",
            title: "Stack",
            name: "",
            resources: loose.length,
            rows: rowsOf(loose),
        });
    }
    return shelves.sort(
        (a, b) => byCodeUnit(a.title, b.title) || byCodeUnit(a.name, b.name) || byCodeUnit(a.urn, b.urn),
    );
}

/** Reads the picture's content from a run. The order of the captured resources does not matter. */
export function architectureOf(result: Pick<RunResult, "project" | "stack" | "resources">): Architecture {
    const index = new ResourceIndex(result.resources);
    const pipelines = index.ofType("aws:codepipeline/pipeline:Pipeline");
    const owners = pipelines
        .map((pipeline) => ({ pipeline, owner: ownerOf(pipeline, index) }))
        .sort((a, b) => byName(a.owner.name, b.owner.name) || byCodeUnit(a.owner.urn, b.owner.urn));
    const taken = new Set<string>();
    const network = networkView(index);
    const engine = engineView(index);
    for (const urn of [...owners.map(({ owner }) => owner.urn), network?.urn, engine?.urn]) {
        if (urn !== undefined) {
            taken.add(urn);
        }
    }
    return {
        project: result.project,
        stack: result.stack,
        resources: countResources(index).total,
        applications: owners
            .slice(0, drawnApplications)
            .map(({ pipeline, owner }) => applicationView(pipeline, owner, index, engine?.addresses ?? [])),
        folded: owners
            .slice(drawnApplications)
            .map(({ owner }) => ({ name: owner.name, resources: index.descendantsOf(owner.urn).length })),
        network,
        engine,
        shelves: shelvesOf(index, taken),
    };
}
