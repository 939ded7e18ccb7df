/**
 * What starts the functions of a component, what they write and read, where their failures go and who is told: the
 * wiring of the approval gate, read from the captured references. A link that is not in the stack is not in the picture.
 */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { byCodeUnit, byName, readPath, shortType, stackType, textOf, wordsOf } from "../report/resourceIndex";
import type { FunctionView, Wiring } from "./functionView";
import { approvalPlaces, counted, functionView, ownName, types } from "./functionView";
import { referred } from "./references";

/** True when lines between the pipelines and the panel are drawn: it stands right below them then. */
export function talksToPipelines({ functions }: GateView): boolean {
    return functions.some(
        ({ answers, sources }) =>
            answers.length > 0 || sources.some(({ announcedBy }) => announcedBy.length > 0),
    );
}

/** True when one of its functions starts a pipeline. */
export function startsPipelines({ functions }: GateView): boolean {
    return functions.some(({ reaches }) => reaches.some(({ kind }) => kind === "event"));
}

export interface GateView {
    urn: string;
    title: string;
    facts: string[];
    functions: FunctionView[];
    tables: { urn: string; title: string; detail: string }[];
    /** What the functions reach outside, each once. */
    outside: { title: string; detail: string }[];
    alarmTopic: { urn: string; title: string; details: string[] } | null;
}

/** Functions that one panel draws; the others are counted. */
export const drawnFunctions = 4;

function tableDetail(table: CapturedResource): string {
    const isOn = (...path: string[]): boolean => {
        const reading = readPath(table.inputs, path);
        return reading.kind === "known" && reading.value === true;
    };
    return [
        "DynamoDB table",
        ...(isOn("streamEnabled") ? ["stream"] : []),
        ...(isOn("ttl", "enabled") ? ["expiry"] : []),
        ...(isOn("pointInTimeRecovery", "enabled") ? ["point-in-time recovery"] : []),
        ...(isOn("serverSideEncryption", "enabled") ? ["own key"] : []),
        ...(isOn("deletionProtectionEnabled") ? ["deletion protection"] : []),
    ].join(", ");
}

/** The topic that alarms on these functions and queues tell; the one that most of them tell when there are several. */
function alarmTopicOf(
    alarms: readonly CapturedResource[],
    index: ResourceIndex,
): CapturedResource | undefined {
    const told = new Map<CapturedResource, number>();
    for (const topic of alarms.flatMap((alarm) => referred(alarm, types.topic, index, "alarmActions"))) {
        told.set(topic, (told.get(topic) ?? 0) + 1);
    }
    return [...told].sort(([a, x], [b, y]) => y - x || byCodeUnit(a.urn, b.urn))[0]?.[0];
}

/** The component that a resource is drawn in: directly below the stack. */
function topComponent(resource: CapturedResource, index: ResourceIndex): CapturedResource | undefined {
    return index
        .ancestorsOf(resource)
        .filter(({ type }) => type !== stackType)
        .at(-1);
}

function isWired(view: FunctionView): boolean {
    return view.sources.length + view.streams.length > 0;
}

/**
 * Components whose functions are started by something: one panel for each, by name.
 * @param pipelines those whose lanes are drawn
 * @param taken components that are drawn elsewhere
 * @param prefix what physical names begin with
 */
export function gateViews(
    pipelines: readonly CapturedResource[],
    taken: ReadonlySet<string>,
    prefix: string,
    index: ResourceIndex,
): GateView[] {
    const owners = new Map<CapturedResource, CapturedResource[]>();
    for (const target of index.ofType(types.function)) {
        const owner = topComponent(target, index);
        if (owner && !taken.has(owner.urn)) {
            owners.set(owner, [...(owners.get(owner) ?? []), target]);
        }
    }
    const places = approvalPlaces(pipelines, index);
    return [...owners]
        .map(([owner, targets]) => gateView(owner, targets, { index, prefix, component: owner.name, places }))
        .filter((view): view is GateView => view !== null)
        .sort((a, b) => byCodeUnit(a.title, b.title) || byCodeUnit(a.urn, b.urn));
}

function gateView(owner: CapturedResource, targets: CapturedResource[], wiring: Wiring): GateView | null {
    const { index } = wiring;
    const inside = index.descendantsOf(owner.urn);
    const tables = inside
        .filter(({ type }) => type === types.table)
        .sort((a, b) => byName(a.name, b.name) || byCodeUnit(a.urn, b.urn));
    const functions = targets
        .map((target) => functionView(target, tables, wiring))
        .filter(isWired)
        // Whoever answers the pipelines stands beside the line to them.
        .sort(
            (a, b) =>
                a.answers.length - b.answers.length ||
                Number(a.sources.some(({ announcedBy }) => announcedBy.length > 0)) -
                    Number(b.sources.some(({ announcedBy }) => announcedBy.length > 0)) ||
                byName(a.title, b.title) ||
                byCodeUnit(a.urn, b.urn),
        );
    if (functions.length === 0) {
        return null;
    }
    const alarms = inside.filter(({ type }) => type === types.alarm);
    const alarmTopic = alarmTopicOf(alarms, index);
    const drawn = functions.slice(-drawnFunctions);
    const shownTopics = new Set([
        alarmTopic?.urn,
        ...index
            .ofType(types.subscription)
            .filter((each) => textOf(each, "protocol") === "lambda")
            .flatMap((each) => referred(each, types.topic, index, "topic").map(({ urn }) => urn)),
    ]);
    const otherTopics = inside
        .filter(({ type, urn }) => type === types.topic && !shownTopics.has(urn))
        .map((topic) => {
            const people = index
                .ofType(types.subscription)
                .filter((each) => textOf(each, "protocol")?.startsWith("email"))
                .filter((each) => referred(each, types.topic, index, "topic").includes(topic)).length;
            return `SNS topic ${ownName(topic, wiring)}${people > 0 ? ` (${counted(people, "address")})` : ""}`;
        });
    return {
        urn: owner.urn,
        title: wordsOf(shortType(owner.type)),
        facts: [
            ...(functions.length > drawn.length
                ? [`and ${counted(functions.length - drawn.length, "more function")}`]
                : []),
            ...otherTopics.sort(byCodeUnit),
            counted(inside.length, "resource"),
        ],
        functions: drawn,
        tables: tables.map((table) => ({
            urn: table.urn,
            title: ownName(table, wiring),
            detail: tableDetail(table),
        })),
        outside: drawn
            .flatMap(({ reaches }) => reaches)
            .filter(({ title }, position, all) => all.findIndex((each) => each.title === title) === position)
            .map(({ title, detail }) => ({ title, detail })),
        alarmTopic: alarmTopic
            ? {
                  urn: alarmTopic.urn,
                  title: ownName(alarmTopic, wiring),
                  details: ["SNS topic", counted(alarms.length, "alarm")],
              }
            : null,
    };
}
