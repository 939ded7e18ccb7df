/** Geometry of one application: a lane of stages from left to right, its stores below, and who writes and reads them. */
import type { ApplicationView, StageView, StoreView } from "./applicationView";
import type { Arrow, Box } from "./scene";
import { centredBox, textAt } from "./scene";

const padding = 16;
const laneHeader = 44;
/** How far above the stages the line to the engine runs. */
export const busRise = 8;
const stageHeader = 30;
const actionHeight = 42;
const actionGap = 8;
/** Between actions that run one after the other. */
const orderGap = 18;
const stageGap = 26;
const storeHeight = 50;
/** Between two horizontal lines of the channel that carries reads. */
const channelStep = 13;
/** Narrowest stage that still shows its actions' names. */
const narrowestStage = 118;

export interface Placed {
    boxes: Box[];
    arrows: Arrow[];
    height: number;
}

/** Width that a lane needs so that no stage is narrower than legible. */
export function laneWidthOf(application: ApplicationView): number {
    const columns = Math.max(1, application.stages.length);
    return 2 * padding + columns * narrowestStage + (columns - 1) * stageGap;
}

/** Actions by run order: those of one order run at the same time. */
function groupsOf(stage: StageView): StageView["actions"][] {
    const orders = [...new Set(stage.actions.map(({ runOrder }) => runOrder))].sort((a, b) => a - b);
    return orders.map((order) => stage.actions.filter(({ runOrder }) => runOrder === order));
}

function stageHeightOf(stage: StageView): number {
    const groups = groupsOf(stage);
    const inGroups = groups.reduce(
        (sum, group) => sum + group.length * actionHeight + (group.length - 1) * actionGap,
        0,
    );
    return stageHeader + inGroups + Math.max(0, groups.length - 1) * orderGap + 12;
}

/** The column that each store stands in: below its first writer, each column once, in order. */
function columnsOf(stores: readonly StoreView[], stages: number): number[] {
    const free = new Set(Array.from({ length: Math.max(stages, stores.length) }, (_, column) => column));
    return stores.map((store) => {
        const wished = store.writers[0] ?? store.readers[0] ?? 0;
        const column = [...free].sort((a, b) => Math.abs(a - wished) - Math.abs(b - wished) || a - b)[0] ?? 0;
        free.delete(column);
        return column;
    });
}

function stageBoxes(
    stage: StageView,
    id: string,
    parent: string,
    x: number,
    y: number,
    width: number,
    height: number,
): Placed {
    const boxes: Box[] = [
        {
            id,
            parent,
            kind: stage.gate ? "gate" : "stage",
            x,
            y,
            width,
            height,
            tooltip: `stage ${stage.name}: ${stage.actions.map(({ name }) => name).join(", ")}`,
            texts: [
                textAt(x + width / 2, y + 20, width - (stage.gate ? 56 : 16), stage.name, {
                    size: 15,
                    bold: true,
                    anchor: "middle",
                }),
            ],
        },
    ];
    const arrows: Arrow[] = [];
    let top = y + stageHeader;
    let previous: Box[] = [];
    groupsOf(stage).forEach((group, order) => {
        top += order > 0 ? orderGap - actionGap : 0;
        const placed = group.map((action, position) =>
            centredBox(
                {
                    id: `${id}/action${order}.${position}`,
                    parent: id,
                    kind: "action",
                    x: x + 8,
                    y: top + position * (actionHeight + actionGap),
                    width: width - 16,
                    height: actionHeight,
                    tooltip: `${action.name}: ${action.provider}${action.privileged ? ", privileged" : ""}`,
                },
                [
                    { text: action.name, style: { size: 13, bold: true } },
                    {
                        text: `${action.provider}${action.privileged ? ", privileged" : ""}`,
                        style: { size: 12, muted: true },
                    },
                ],
            ),
        );
        const [first] = placed;
        const last = previous.at(-1);
        if (first && last) {
            const middle = first.x + first.width / 2;
            arrows.push({
                from: last.id,
                to: first.id,
                kind: "flow",
                points: [
                    [middle, last.y + last.height],
                    [middle, first.y],
                ],
                meaning: "then",
            });
        }
        top += group.length * (actionHeight + actionGap);
        previous = placed;
        boxes.push(...placed);
    });
    return { boxes, arrows, height };
}

function storeBox(store: StoreView, id: string, parent: string, x: number, y: number, width: number): Box {
    return centredBox(
        {
            id,
            parent,
            kind: store.kind,
            x,
            y,
            width,
            height: storeHeight,
            tooltip: `${store.title}: ${store.detail}`,
        },
        [
            { text: store.title, style: { size: 14, bold: true } },
            { text: store.detail, style: { size: 11.5, muted: true } },
        ],
    );
}

/**
 * Lines between stages and stores. A store's own column leaves it upwards: what is written comes down left of the
 * middle, what is read goes up right of it into the store's own level of the channel, and from there into the reader.
 */
function storeArrows(
    stores: readonly StoreView[],
    boxes: readonly Box[],
    stages: readonly Box[],
    bottom: number,
): Arrow[] {
    const arrows: Arrow[] = [];
    const order = [...stores.keys()].sort((a, b) => (boxes[a]?.x ?? 0) - (boxes[b]?.x ?? 0));
    // Ports at the bottom of each stage: reads from the left come first, then writes.
    const ports = stages.map((_, stage) => [
        ...order.filter((store) => stores[store]?.readers.includes(stage)).map((store) => `read ${store}`),
        ...order.filter((store) => stores[store]?.writers.includes(stage)).map((store) => `write ${store}`),
    ]);
    const portOf = (stage: number, port: string): number => {
        const box = stages[stage];
        const list = ports[stage] ?? [];
        return box ? box.x + (box.width * (list.indexOf(port) + 1)) / (list.length + 1) : 0;
    };
    const reading = order.filter((store) => (stores[store]?.readers.length ?? 0) > 0);
    order.forEach((store) => {
        const view = stores[store];
        const box = boxes[store];
        if (!view || !box) {
            return;
        }
        view.writers.forEach((stage, nth) => {
            const from = stages[stage];
            const x = portOf(stage, `write ${store}`);
            const straight = from !== undefined && x > box.x + 8 && x < box.x + box.width * 0.82;
            const target = box.x + (box.width * (nth + 1)) / (view.writers.length + 2);
            const level = bottom + 8 + reading.length * channelStep;
            if (from) {
                arrows.push({
                    from: from.id,
                    to: box.id,
                    kind: "write",
                    points: straight
                        ? [
                              [x, bottom],
                              [x, box.y],
                          ]
                        : [
                              [x, bottom],
                              [x, level],
                              [target, level],
                              [target, box.y],
                          ],
                    meaning: `may write to ${view.title}`,
                });
            }
        });
        const level = bottom + 8 + reading.indexOf(store) * channelStep;
        const out = box.x + box.width * 0.9;
        view.readers.forEach((stage) => {
            const to = stages[stage];
            const x = portOf(stage, `read ${store}`);
            if (to) {
                arrows.push({
                    from: box.id,
                    to: to.id,
                    kind: "read",
                    points: [
                        [out, box.y],
                        [out, level],
                        [x, level],
                        [x, bottom],
                    ],
                    meaning: `${view.title} may be read`,
                });
            }
        });
    });
    return arrows;
}

/** Places one application at `x`, `y` with the given width. */
export function layoutLane(
    application: ApplicationView,
    id: string,
    x: number,
    y: number,
    width: number,
): Placed {
    const { stages, stores } = application;
    const columns = Math.max(1, stages.length, stores.length);
    const stageWidth = (width - 2 * padding - (columns - 1) * stageGap) / columns;
    const stageHeight = Math.max(0, ...stages.map(stageHeightOf));
    const top = y + laneHeader;
    const bottom = top + stageHeight;
    const channel = 22 + channelStep * Math.max(1, stores.filter(({ readers }) => readers.length > 0).length);
    const height = laneHeader + stageHeight + (stores.length > 0 ? channel + storeHeight : 0) + padding;
    const columnX = (column: number): number => x + padding + column * (stageWidth + stageGap);
    const lane: Box = {
        id,
        parent: null,
        kind: "lane",
        x,
        y,
        width,
        height,
        tooltip: `application ${application.name}, ${application.resources} resources`,
        texts: [
            textAt(x + padding, y + 24, width * 0.6, `Application ${application.name}`, {
                size: 16,
                bold: true,
            }),
            textAt(x + width - padding, y + 24, width * 0.3, `${application.resources} resources`, {
                size: 13,
                muted: true,
                anchor: "end",
            }),
        ],
    };
    const placed = stages.map((stage, column) =>
        stageBoxes(stage, `${id}/stage${column}`, id, columnX(column), top, stageWidth, stageHeight),
    );
    const stageFrames = placed.map(({ boxes }) => boxes[0]).filter((box): box is Box => box !== undefined);
    const flow = stageFrames.slice(1).map((to, position): Arrow => {
        const from = stageFrames[position] ?? to;
        const middle = top + 15;
        return {
            from: from.id,
            to: to.id,
            kind: "flow",
            points: [
                [from.x + from.width, middle],
                [to.x, middle],
            ],
            meaning: "then",
        };
    });
    const storeColumns = columnsOf(stores, stages.length);
    const storeBoxes = stores.map((store, position) =>
        storeBox(
            store,
            `${id}/store${position}`,
            id,
            columnX(storeColumns[position] ?? 0),
            bottom + channel,
            stageWidth,
        ),
    );
    return {
        boxes: [lane, ...placed.flatMap(({ boxes }) => boxes), ...storeBoxes],
        arrows: [
            ...flow,
            ...placed.flatMap(({ arrows }) => arrows),
            ...storeArrows(stores, storeBoxes, stageFrames, bottom),
        ],
        height,
    };
}
