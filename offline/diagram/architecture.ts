/**
 * What the picture shows, read from a captured stack: applications with their pipelines and stores, the network by
 * zones, the scanning engine, the approval gate, and every other component by name and size. Recognised by resource type and content,
 * never by name, so another stack gets its own picture.
 */
import type { CapturedResource, RunResult } from "../model";
import {
    ResourceIndex,
    byCodeUnit,
    byName,
    readProperty,
    shortType,
    stackType,
    stringsIn,
    textOf,
    wordsOf,
} from "../report/resourceIndex";
import { countResources } from "../report/summary";
import type { ApplicationView } from "./applicationView";
import { applicationView } from "./applicationView";
import type { GateView } from "./gateView";
import { gateViews } from "./gateView";
import { pipelineLanes } from "./pipelineLanes";
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
    /** What is in it, most telling first, e.g. `S3 bucket: evidence, locked`. */
    rows: string[];
}

export interface Architecture {
    project: string;
    stack: string;
    resources: number;
    applications: ApplicationView[];
    /** Reviews of the drawn applications. */
    reviews: ApplicationView[];
    /** Names and sizes of the applications that are not drawn. */
    folded: { name: string; resources: number }[];
    network: NetworkView | null;
    engine: EngineView | null;
    gates: GateView[];
    shelves: ShelfView[];
}

/** Types that say what a component is for, and the line for one; `own` is its name without the component's. */
const telling: Readonly<Record<string, (resource: CapturedResource, own: string) => string>> = {
    "aws:s3/bucket:Bucket": bucketRow,
    "aws:s3/bucketV2:BucketV2": bucketRow,
    "aws:s3/bucketObject:BucketObject": (_, own) => `S3 object: ${own}`,
    "aws:s3/bucketObjectv2:BucketObjectv2": (_, own) => `S3 object: ${own}`,
    "aws:kms/key:Key": (_, own) => `KMS key: ${own}`,
    "aws:sns/topic:Topic": (_, own) => `SNS topic: ${own}`,
    "aws:dynamodb/table:Table": (_, own) => `DynamoDB table: ${own}`,
    "aws:lambda/function:Function": (_, own) => `Lambda function: ${own}`,
    "aws:ecs/cluster:Cluster": (_, own) => `ECS cluster: ${own}`,
    "aws:ecs/service:Service": (each, own) =>
        `${textOf(each, "launchType") === "FARGATE" ? "Fargate" : "ECS"} service: ${own}`,
    "aws:codestarnotifications/notificationRule:NotificationRule": (each, own) =>
        `Notification rule: ${own}, ${stringsIn(each.inputs["eventTypeIds"]).length} events`,
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": (each) =>
        `Slack channel: ${textOf(each, "slackChannelId") ?? "not known"}`,
    "aws:securityhub/account:Account": () => "Security Hub: enabled here",
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": (each) =>
        `ECR scanning: ${(textOf(each, "scanType") ?? "not known").toLowerCase()}`,
    "aws:inspector2/enabler:Enabler": (each) =>
        `Inspector: ${stringsIn(each.inputs["resourceTypes"]).sort(byCodeUnit).join(", ")}`,
    "aws:route53/zone:Zone": (each, own) => `Hosted zone: ${textOf(each, "name") ?? own}`,
};

function bucketRow(bucket: CapturedResource, own: string): string {
    const lock = readProperty(bucket, "objectLockEnabled");
    return `S3 bucket: ${own}${lock.kind === "known" && lock.value === true ? ", locked" : ""}`;
}

/** One line for each telling resource; by type and number where there is none. Names lose the component's own. */
function rowsOf(component: string, resources: readonly CapturedResource[]): string[] {
    const custom = resources.filter((each) => each.custom);
    const named = custom.filter(({ type }) => Object.hasOwn(telling, type)).sort(byTypeAndName);
    if (named.length > 0) {
        const rest = custom.length - named.length;
        return [
            ...named.map((each) => {
                const own = each.name.startsWith(`${component}-`)
                    ? each.name.slice(component.length + 1)
                    : each.name;
                return telling[each.type]?.(each, own) ?? own;
            }),
            ...(rest > 0 ? [`and ${rest} more`] : []),
        ];
    }
    const counts = new Map<string, number>();
    custom.forEach(({ type }) => counts.set(type, (counts.get(type) ?? 0) + 1));
    return [...counts]
        .sort(([a, x], [b, y]) => y - x || byCodeUnit(a, b))
        .map(([type, count]) => `${count} × ${shortType(type)}`);
}

function byTypeAndName(a: CapturedResource, b: CapturedResource): number {
    const order = Object.keys(telling);
    return (
        order.indexOf(a.type) - order.indexOf(b.type) || byName(a.name, b.name) || byCodeUnit(a.urn, b.urn)
    );
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
            rows: rowsOf(component.name, below),
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
            rows: rowsOf("", loose),
        });
    }
    return shelves.sort(
        (a, b) => byCodeUnit(a.title, b.title) || byCodeUnit(a.name, b.name) || byCodeUnit(a.urn, b.urn),
    );
}

/** Reads the picture's content from a run. The order of the captured resources does not matter. */
export function architectureOf(result: Pick<RunResult, "project" | "stack" | "resources">): Architecture {
    const index = new ResourceIndex(result.resources);
    const owners = pipelineLanes(index);
    const taken = new Set<string>();
    const network = networkView(index);
    const engine = engineView(index);
    for (const urn of [...owners.map(({ owner }) => owner.urn), network?.urn, engine?.urn]) {
        if (urn !== undefined) {
            taken.add(urn);
        }
    }
    const drawn = owners.slice(0, drawnApplications);
    const gates = gateViews(
        drawn.map(({ pipeline }) => pipeline),
        taken,
        `${result.project}-${result.stack}-`,
        index,
    );
    gates.forEach(({ urn }) => taken.add(urn));
    const view = (
        pipeline: CapturedResource,
        owner: CapturedResource,
        kind: ApplicationView["kind"],
    ): ApplicationView => applicationView(pipeline, owner, kind, index, engine?.addresses ?? []);
    return {
        project: result.project,
        stack: result.stack,
        resources: countResources(index).total,
        applications: drawn.map(({ pipeline, owner }) => view(pipeline, owner, "delivery")),
        reviews: drawn.flatMap(({ reviews, owner }) =>
            reviews.map((pipeline) => view(pipeline, owner, "review")),
        ),
        folded: owners
            .slice(drawnApplications)
            .map(({ owner }) => ({ name: owner.name, resources: index.descendantsOf(owner.urn).length })),
        network,
        engine,
        gates,
        shelves: shelvesOf(index, taken),
    };
}
