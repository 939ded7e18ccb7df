/** Geometry of one application: a lane of stages from left to right, its stores below, and who writes and reads them. */
import type { ApplicationView, StageView } from "./applicationView";
import { channelHeightOf, columnsOf, storeArrows, storeBox, storeHeight } from "./layoutStores";
import type { Arrow, Box } from "./scene";
import { centredBox, textAt } from "./scene";
import { textWidth } from "./textWidth";

const padding = 16;
const laneHeader = 54;
/** How far above the stages the lines to the engine, from the gate and to the gate run. */
export const busRise = 8;
export const answerRise = 14;
export const announceRise = 20;
const stageHeader = 30;
const actionHeight = 42;
const actionGap = 8;
/** Between actions that run one after the other. */
const orderGap = 18;
const stageGap = 26;
/** Narrowest stage that still shows its actions' names. */
const narrowestStage = 120;

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

/** A long name is written smaller before it is cut. */
const titleSizes = [15, 14, 13, 12, 11];

function stageBoxes(
    stage: StageView,
    id: string,
    parent: string,
    x: number,
    y: number,
    width: number,
    height: number,
): Placed {
    const titleRoom = width - (stage.gate ? 56 : 16);
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
                textAt(x + width / 2, y + 20, titleRoom, stage.name, {
                    size: titleSizes.find((size) => textWidth(stage.name, size, true) <= titleRoom) ?? 11,
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
                    tooltip: [`${action.name}: ${action.provider}`, ...action.may].join(", "),
                },
                [
                    { text: action.name, style: { size: 13, bold: true } },
                    {
                        text: action.may.length > 0 ? action.may.join(", ") : action.provider,
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

/** What a lane is called. */
export function titleOf({ kind, name }: ApplicationView): string {
    return kind === "delivery" ? `Application ${name}` : `Reviews of ${name}`;
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
    const channel = channelHeightOf(stores);
    const height = laneHeader + stageHeight + (stores.length > 0 ? channel + storeHeight : 0) + padding;
    const columnX = (column: number): number => x + padding + column * (stageWidth + stageGap);
    const facts = [
        ...application.facts,
        ...(application.kind === "delivery" ? [`${application.resources} resources`] : []),
    ];
    const lane: Box = {
        id,
        parent: null,
        kind: "lane",
        x,
        y,
        width,
        height,
        tooltip: [titleOf(application), ...facts].join(", "),
        texts: [
            textAt(x + padding, y + 24, width * 0.45, titleOf(application), { size: 16, bold: true }),
            textAt(x + width - padding, y + 24, width * 0.5, facts.join("  ·  "), {
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
