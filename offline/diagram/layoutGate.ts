/**
 * Geometry of the gate's panel: a column for each function with what starts it above, its queue beside it and the
 * tables below; who is told of alarms on the left, the lines to the pipelines on the right.
 */
import type { FunctionView } from "./functionView";
import type { GateView } from "./gateView";
import { talksToPipelines } from "./gateView";
import type { Placed } from "./layoutLane";
import { functionArrows } from "./layoutGateArrows";
import type { Box } from "./scene";
import { centredBox, fitsBeside, shrunkTitle, textAt } from "./scene";
import type { SourceView } from "./sourceView";

const padding = 16;
const alarmWidth = 150;
/** Left of each column; the line of its alarms runs there. */
const columnGap = 38;
/** Right of the last function: room for the words on the lines to the pipelines. */
const rightInsetOf = (gate: GateView): number => (talksToPipelines(gate) ? 96 : 0);
const narrowestColumn = 330;
const sourceHeight = 54;
const functionHeight = 74;
const tableHeight = 50;
const betweenSourceAndFunction = 46;
export const betweenFunctionAndTable = 56;
/** From the top of the panel. */
export const announceLevel = 48;
const alarmLevel = 62;
const firstRow = 76;

/** Where the boxes of one function stand; undefined for what it does not have. */
export interface Column {
    sources: Box[];
    function: Box;
    queue: Box | undefined;
    /** The vertical line of the column's alarms. */
    alarmX: number;
}

export interface Panel {
    columns: Column[];
    tables: Box[];
    /** What is reached outside, in the order of the view. */
    outside: Box[];
    alarmTopic: Box | undefined;
    /** The horizontal line that collects the alarms of all columns. */
    alarmLevel: number;
}

/** Width that the panel needs so that its names are legible. */
export function gateWidthOf(gate: GateView): number {
    return (
        2 * padding +
        (gate.alarmTopic ? alarmWidth : 0) +
        gate.functions.length * (narrowestColumn + columnGap) +
        rightInsetOf(gate)
    );
}

function linesBox(
    box: Pick<Box, "id" | "parent" | "kind" | "x" | "y" | "width" | "height">,
    name: string,
    details: readonly string[],
): Box {
    return centredBox(box, [
        shrunkTitle(name, box.width - 12, [13.5, 12.5, 11.5, 10.5]),
        ...details.map((text) => ({ text, style: { size: 11.5, muted: true } })),
    ]);
}

function sourceBoxes(sources: readonly SourceView[], column: Column, id: string, parent: string): Box[] {
    const gap = 10;
    const alone = sources.length === 1;
    // Several share the width of the whole column; one stands above its function.
    const left = alone ? column.function.x : (column.queue?.x ?? column.function.x);
    const right = column.function.x + column.function.width;
    const width = (right - left - (sources.length - 1) * gap) / Math.max(1, sources.length);
    return sources.map((source, position) =>
        linesBox(
            {
                id: `${id}/source${position}`,
                parent,
                kind: source.kind,
                x: left + position * (width + gap),
                y: column.function.y - betweenSourceAndFunction - sourceHeight,
                width,
                height: sourceHeight,
            },
            source.title,
            [source.detail, ...(alone && fitsBeside(source.label, width) ? [] : [source.label])],
        ),
    );
}

function columnOf(
    view: FunctionView,
    id: string,
    parent: string,
    x: number,
    y: number,
    width: number,
): Column {
    const queueWidth = width * 0.34;
    const functionWidth = width * 0.52;
    const height = functionHeight;
    const column: Column = {
        sources: [],
        function: linesBox(
            {
                id: `${id}/function`,
                parent,
                kind: "function",
                x: x + width - functionWidth,
                y,
                width: functionWidth,
                height,
            },
            view.title,
            view.details,
        ),
        queue: view.queue
            ? linesBox(
                  {
                      id: `${id}/queue`,
                      parent,
                      kind: "queue",
                      x,
                      y: y + 6,
                      width: queueWidth,
                      height: height - 12,
                  },
                  view.queue.title,
                  [view.queue.detail],
              )
            : undefined,
        alarmX: x - columnGap / 2,
    };
    column.sources = sourceBoxes(view.sources, column, id, parent);
    return column;
}

/** Places one panel at `x`, `y` with the given width. */
export function layoutGate(gate: GateView, id: string, x: number, y: number, width: number): Placed {
    const left = x + padding + (gate.alarmTopic ? alarmWidth : 0);
    const right = x + width - rightInsetOf(gate) - padding;
    const count = gate.functions.length;
    const columnWidth = (right - left) / count - columnGap;
    const functionTop = y + firstRow + sourceHeight + betweenSourceAndFunction;
    const functionBottom = functionTop + functionHeight;
    const tableTop = functionBottom + betweenFunctionAndTable;
    const below = [
        ...gate.tables.map(({ title: name, detail }) => ({ name, detail, kind: "table" as const })),
        ...gate.outside.map(({ title: name, detail }) => ({ name, detail, kind: "outside" as const })),
    ];
    const height =
        (below.length > 0 ? tableTop + tableHeight : functionBottom + betweenFunctionAndTable / 2) -
        y +
        padding;
    const columns = gate.functions.map((view, position) =>
        columnOf(
            view,
            `${id}/column${position}`,
            id,
            left + columnGap + position * (columnWidth + columnGap),
            functionTop,
            columnWidth,
        ),
    );
    const tablesLeft = left + columnGap;
    const tableWidth = (right - tablesLeft - (below.length - 1) * 14) / Math.max(1, below.length);
    const stores = below.map(({ name, detail, kind }, position) =>
        linesBox(
            {
                id:
                    kind === "table"
                        ? `${id}/table${position}`
                        : `${id}/outside${position - gate.tables.length}`,
                parent: id,
                kind,
                x: tablesLeft + position * (tableWidth + 14),
                y: tableTop,
                width: tableWidth,
                height: tableHeight,
            },
            name,
            [detail],
        ),
    );
    const [tables, outside] = [stores.slice(0, gate.tables.length), stores.slice(gate.tables.length)];
    const alarmTopic = gate.alarmTopic
        ? linesBox(
              {
                  id: `${id}/alarms`,
                  parent: id,
                  kind: "alarmTopic",
                  x: x + padding,
                  y: y + alarmLevel - 16,
                  width: alarmWidth,
                  height: functionBottom - y - alarmLevel + 16,
              },
              gate.alarmTopic.title,
              gate.alarmTopic.details,
          )
        : undefined;
    const frame: Box = {
        id,
        parent: null,
        kind: "panel",
        x,
        y,
        width,
        height,
        tooltip: `${gate.title}: ${gate.facts.join(", ")}`,
        texts: [
            textAt(x + padding, y + 24, width * 0.4, gate.title, { size: 16, bold: true }),
            textAt(x + width - padding, y + 24, width * 0.55, gate.facts.join("  ·  "), {
                size: 13,
                muted: true,
                anchor: "end",
            }),
        ],
    };
    const panel: Panel = { columns, tables, outside, alarmTopic, alarmLevel: y + alarmLevel };
    return {
        boxes: [
            frame,
            ...columns.flatMap(({ sources, function: box, queue }) => [
                ...sources,
                box,
                ...(queue ? [queue] : []),
            ]),
            ...stores,
            ...(alarmTopic ? [alarmTopic] : []),
        ],
        arrows: functionArrows(gate, panel),
        height,
    };
}
