/** Lines inside the gate's panel: what starts a function, what it writes and reads, where failures and alarms go. */
import type { FunctionView } from "./functionView";
import type { GateView } from "./gateView";
import type { Column, Panel } from "./layoutGate";
import type { Arrow, Box } from "./scene";
import { fitsBeside, lineLabel } from "./scene";

type Point = [number, number];

const along = (box: Box, share: number): number => box.x + box.width * share;
const bottomOf = (box: Box): number => box.y + box.height;
const middleOf = (box: Box): number => box.y + box.height / 2;

/** Down from one point to another; with a corner on the way when they are not above each other. */
function down(from: Point, to: Point, level: number): Point[] {
    return Math.abs(from[0] - to[0]) < 0.5 ? [from, to] : [from, [from[0], level], [to[0], level], to];
}

function startArrows(view: FunctionView, column: Column): Arrow[] {
    const target = column.function;
    const alone = view.sources.length === 1;
    return view.sources.flatMap((source, position): Arrow[] => {
        const box = column.sources[position];
        if (!box) {
            return [];
        }
        const port = alone ? 0.3 : (position + 1) / (view.sources.length + 1);
        const from: Point = [alone ? along(target, port) : along(box, 0.5), bottomOf(box)];
        const room = target.width * 0.7 - 10;
        const starts: Arrow = {
            from: box.id,
            to: target.id,
            kind: "event",
            points: down(from, [along(target, port), target.y], bottomOf(box) + 10 + 6 * position),
            meaning: `${source.title} starts ${view.title}: ${source.label}`,
            ...(alone && fitsBeside(source.label, target.width)
                ? {
                      label: lineLabel(
                          source.label,
                          from[0] + 7,
                          (bottomOf(box) + target.y) / 2 + 4,
                          "start",
                          room,
                      ),
                  }
                : {}),
        };
        const { queue } = column;
        return source.failsToQueue && queue
            ? [
                  starts,
                  {
                      from: box.id,
                      to: queue.id,
                      kind: "failure",
                      points: down(
                          [along(box, 0.12), bottomOf(box)],
                          [along(queue, 0.7), queue.y],
                          target.y - 14,
                      ),
                      meaning: `what ${source.title} cannot hand over goes to ${view.queue?.title ?? "a queue"}`,
                  },
              ]
            : [starts];
    });
}

/** What the function writes, reads, is started by and does outside, from left to right below it. */
function storeArrows(
    gate: GateView,
    view: FunctionView,
    column: Column,
    panel: Panel,
    nextLevel: () => number,
): Arrow[] {
    const box = column.function;
    const table = (position: number, kind: "write" | "read" | "event", label: string) => {
        const title = gate.tables[position]?.title ?? "a table";
        const meaning =
            kind === "event"
                ? `changes of ${title} start ${view.title}`
                : `${view.title} may ${label.slice(0, -1)} ${title}`;
        return { to: panel.tables[position], kind, label, meaning, outward: kind === "write" };
    };
    const links = [
        ...view.writes.map((each) => table(each, "write", "writes")),
        ...view.reads.map((each) => table(each, "read", "reads")),
        ...view.streams.map((each) => table(each, "event", "stream")),
        ...view.reaches.map(({ title, label, kind }) => ({
            to: panel.outside[gate.outside.findIndex((each) => each.title === title)],
            kind,
            label,
            meaning: `${view.title} ${label} ${title}`,
            outward: kind !== "read",
        })),
    ];
    const step = (box.width * 0.8) / Math.max(1, links.length);
    return links.flatMap(({ to, kind, label, meaning, outward }, position): Arrow[] => {
        if (!to) {
            return [];
        }
        const x = along(box, 0.2) + step * (position + 0.25);
        const straight = x > to.x + 6 && x < to.x + to.width - 6;
        const target = straight ? x : along(to, (position + 1) / (links.length + 1));
        const points = down([x, bottomOf(box)], [target, to.y], straight ? to.y : to.y - nextLevel());
        return [
            {
                from: outward ? box.id : to.id,
                to: outward ? to.id : box.id,
                kind,
                points: outward ? points : [...points].reverse(),
                meaning,
                label: lineLabel(label, x + 6, bottomOf(box) + 18, "start", step - 8),
            },
        ];
    });
}

function failureArrows(gate: GateView, view: FunctionView, column: Column, tables: readonly Box[]): Arrow[] {
    const { queue, function: box } = column;
    if (!queue) {
        return [];
    }
    const right = queue.x + queue.width;
    return [
        ...(view.failsToQueue
            ? [
                  {
                      from: box.id,
                      to: queue.id,
                      kind: "failure" as const,
                      points: [
                          [box.x, middleOf(box)],
                          [right, middleOf(box)],
                      ] as Point[],
                      meaning: `events that ${view.title} could not handle go to ${view.queue?.title ?? "a queue"}`,
                      label: lineLabel(
                          "failed",
                          (box.x + right) / 2,
                          middleOf(box) - 6,
                          "middle",
                          box.x - right - 4,
                      ),
                  },
              ]
            : []),
        ...view.streamFailures.flatMap((table): Arrow[] => {
            const from = tables[table];
            const x = along(queue, 0.3);
            return from
                ? [
                      {
                          from: from.id,
                          to: queue.id,
                          kind: "failure",
                          points: down(
                              [x, bottomOf(queue)],
                              [Math.min(Math.max(x, from.x + 8), from.x + from.width - 8), from.y],
                              from.y - 14,
                          ).reverse(),
                          meaning: `changes of ${gate.tables[table]?.title ?? "a table"} that ${view.title} could not handle go to ${view.queue?.title ?? "a queue"}`,
                      },
                  ]
                : [];
        }),
    ];
}

/** Alarms of a column go up beside it and along one line to the topic; columns further right join that line. */
function alarmArrows(gate: GateView, { columns, alarmTopic, alarmLevel }: Panel): Arrow[] {
    if (!alarmTopic) {
        return [];
    }
    const edge = alarmTopic.x + alarmTopic.width;
    let trunk: number | undefined;
    return columns.flatMap((column, position): Arrow[] => {
        const view = gate.functions[position];
        const { queue, function: box, alarmX } = column;
        const arrows: Arrow[] = [];
        const add = (from: Box, name: string, count: number, start: Point[]): void => {
            const own = arrows.length > 0;
            // The first line of a column ends at the topic or on the line of an earlier column, the second on the first.
            const end: Point[] = own
                ? []
                : [
                      [alarmX, alarmLevel],
                      [trunk ?? edge, alarmLevel],
                  ];
            arrows.push({
                from: from.id,
                to: alarmTopic.id,
                kind: "alarm",
                points: [...start, ...end],
                ...(own || trunk !== undefined ? { joins: true } : {}),
                meaning: `${count} ${count === 1 ? "alarm" : "alarms"} on ${name}`,
            });
        };
        if (view && queue && (view.queue?.alarms ?? 0) > 0) {
            add(queue, view.queue?.title ?? "", view.queue?.alarms ?? 0, [
                [queue.x, middleOf(queue)],
                [alarmX, middleOf(queue)],
            ]);
        }
        if (view && view.alarms > 0) {
            const level = bottomOf(box) + 12;
            add(box, view.title, view.alarms, [
                [along(box, 0.1), bottomOf(box)],
                [along(box, 0.1), level],
                [alarmX, level],
                ...(arrows.length > 0 && queue ? ([[alarmX, middleOf(queue)]] as Point[]) : []),
            ]);
        }
        trunk = arrows.length > 0 ? alarmX : trunk;
        return arrows;
    });
}

/** Every line inside the panel. */
export function functionArrows(gate: GateView, panel: Panel): Arrow[] {
    let bent = 0;
    // Lines that bend above the tables each have a level of their own, as far as there is room.
    const nextLevel = (): number => 8 + 4 * (bent++ % 6);
    return [
        ...gate.functions.flatMap((view, position) => {
            const column = panel.columns[position];
            return column
                ? [
                      ...startArrows(view, column),
                      ...storeArrows(gate, view, column, panel, nextLevel),
                      ...failureArrows(gate, view, column, panel.tables),
                  ]
                : [];
        }),
        ...alarmArrows(gate, panel),
    ];
}
