/** Which AWS services publish to which topic of the stack, with their own identity and not with a role. */
import { topicType } from "../../gate/resourceTypes";
import { eventTargetType, topicPolicyType } from "../../gate/resourceTypes";
import type { PathSegment, ResourceReader } from "../../harness/reader";
import { valueOf } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { attachedPolicy } from "../../iam/attachedPolicy";

/** What announces something on a topic, the service that does it, and where the topic is named. */
const announcers: readonly { type: string; service: string; lists?: string[]; paths?: PathSegment[][]; rows?: [list: string, property: string][] }[] = [
    {
        type: "aws:cloudwatch/metricAlarm:MetricAlarm",
        service: "cloudwatch.amazonaws.com",
        lists: ["alarmActions", "okActions", "insufficientDataActions"],
    },
    {
        type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        service: "cloudwatch.amazonaws.com",
        lists: ["alarmActions", "okActions", "insufficientDataActions"],
    },
    { type: eventTargetType, service: "events.amazonaws.com", paths: [["arn"]] },
    { type: "aws:s3/bucketNotification:BucketNotification", service: "s3.amazonaws.com", rows: [["topics", "topicArn"]] },
    {
        type: "aws:codestarnotifications/notificationRule:NotificationRule",
        service: "codestar-notifications.amazonaws.com",
        rows: [["targets", "address"]],
    },
    { type: "aws:rds/eventSubscription:EventSubscription", service: "events.rds.amazonaws.com", paths: [["snsTopic"]] },
]; // prettier-ignore

/** Services that a topic policy may admit and that then encrypt with the topic's key themselves. */
const publishingServices: ReadonlySet<string> = new Set([
    ...announcers.map(({ service }) => service),
    "budgets.amazonaws.com",
    "costalerts.amazonaws.com",
    "ses.amazonaws.com",
]);

export interface ServicePublisher {
    service: string;
    /** The alarm, target, notification or policy that says so. */
    by: ResourceReader;
    /** False when the topic is one of several that are possible. */
    certain: boolean;
}

const cache = new WeakMap<StackGraph, ReadonlyMap<ResourceReader, ServicePublisher[]>>();

/** By topic; worked out once per graph. */
export function servicePublishers(graph: StackGraph): ReadonlyMap<ResourceReader, ServicePublisher[]> {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): ReadonlyMap<ResourceReader, ServicePublisher[]> {
    const found = new Map<ResourceReader, ServicePublisher[]>();
    const add = (topics: readonly ResourceReader[], publisher: ServicePublisher): void => {
        for (const topic of topics) found.set(topic, [...(found.get(topic) ?? []), publisher]);
    };
    for (const { type, service, lists = [], paths = [], rows = [] } of announcers) {
        for (const by of graph.ofType(type)) {
            const all: PathSegment[][] = [...paths];
            for (const [list, property] of rows) {
                const elements = valueOf(by.list(list)) ?? [];
                all.push(...elements.map((_, index) => [list, index, property]));
                if (by.get(list).kind === "unknown") all.push([list]);
            }
            const references = [
                ...all.map((path) => graph.reference(by, path, [topicType])),
                ...lists.flatMap((list) => graph.references(by, [list], [topicType])),
            ];
            for (const reference of references) {
                if (reference.kind === "exact") add([reference.resource], { service, by, certain: true });
                if (reference.kind === "candidates")
                    add(reference.resources, { service, by, certain: false });
            }
        }
    }
    for (const { topic, policy } of topicPolicies(graph)) {
        const document = attachedPolicy(policy);
        if (document.kind !== "known") continue;
        for (const { effect, principals } of document.statements) {
            if (effect !== "Allow" || !principals || principals.not) continue;
            for (const service of principals.byKind["Service"] ?? [])
                if (publishingServices.has(service)) add([topic], { service, by: policy, certain: true });
        }
    }
    return found;
}

/** Every topic with what holds its policy: itself, or a resource of its own that replaces it. */
function topicPolicies(graph: StackGraph): { topic: ResourceReader; policy: ResourceReader }[] {
    const separate = graph.ofType(topicPolicyType).flatMap((policy) => {
        const reference = graph.reference(policy, ["arn"], [topicType]);
        return reference.kind === "exact" ? [{ topic: reference.resource, policy }] : [];
    });
    const replaced = new Set(separate.map(({ topic }) => topic));
    const own = graph.ofType(topicType).filter((topic) => !replaced.has(topic));
    return [...separate, ...own.map((topic) => ({ topic, policy: topic }))];
}
