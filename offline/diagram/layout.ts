/**
 * Where everything stands: title, reviews beside the functions that start them, applications below each other, the gate,
 * the other functions, the network, then shelves. Pure.
 */
import type { Architecture } from "./architecture";
import { busRise, laneWidthOf, layoutLane, titleOf } from "./layoutLane";
import type { Placed } from "./layoutLane";
import type { GateView } from "./gateView";
import { startsPipelines, talksToPipelines } from "./gateView";
import { laneItem, layoutRows, panelItem } from "./layoutRows";
import { approvalArrows } from "./layoutApprovals";
import { gateWidthOf, layoutGate } from "./layoutGate";
import { layoutNetwork, layoutShelves } from "./layoutPlatform";
import type { Arrow, Box, Scene, SceneText } from "./scene";
import { arrowKinds, margin, textAt } from "./scene";
import { textWidth } from "./textWidth";

const narrowestCanvas = 1180;
const titleHeight = 78;
const gap = 18;
const shelvesInRow = 5;
/** Left of the lanes: the line from the applications to the engine. */
const gutter = 30;
/** Right of the lanes: the lines between the applications and the gate. */
const gateGutter = 40;

function counted(count: number, word: string): string {
    return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function foldedBox(architecture: Architecture, x: number, y: number, width: number): Box {
    const { folded } = architecture;
    const lineHeight = 18;
    const room = width - 32;
    const lines: string[] = [];
    folded.forEach(({ name, resources }, position) => {
        const word = `${name} (${resources})${position < folded.length - 1 ? "," : ""}`;
        const last = lines.at(-1);
        if (last !== undefined && textWidth(`${last} ${word}`, 13) <= room) {
            lines[lines.length - 1] = `${last} ${word}`;
        } else {
            lines.push(word);
        }
    });
    const shown = lines.slice(0, 6);
    if (shown.length < lines.length) {
        shown[5] = "…";
    }
    return {
        id: "folded",
        parent: null,
        kind: "folded",
        x,
        y,
        width,
        height: 38 + shown.length * lineHeight,
        tooltip: folded.map(({ name }) => name).join(", "),
        texts: [
            textAt(
                x + 16,
                y + 24,
                room,
                `and ${counted(folded.length, "more application")} (with number of resources)`,
                {
                    size: 13,
                    bold: true,
                },
            ),
            ...shown.map((line, position) =>
                textAt(x + 16, y + 44 + position * lineHeight, room, line, { muted: true }),
            ),
        ],
    };
}

/**
 * From the stages whose steps call the engine, over the lane's stages into the gutter, down and into the engine's first
 * part. Lanes further down join the line of the first.
 */
function engineArrows(architecture: Architecture, boxes: readonly Box[]): Arrow[] {
    const target = boxes.find(({ id }) => id === "engine/part0");
    const bus = margin + gutter / 2;
    const arrows: Arrow[] = [];
    const lanes = [
        ...architecture.reviews.map((review, position) => ({ view: review, id: `review${position}` })),
        ...architecture.applications.map((view, position) => ({ view, id: `application${position}` })),
    ];
    lanes.forEach(({ view: application, id }) => {
        application.stages.forEach((stage, column) => {
            const from = boxes.find((box) => box.id === `${id}/stage${column}`);
            if (!stage.usesEngine || !from || !target) {
                return;
            }
            const start = from.x + from.width / 2;
            const over = from.y - busRise;
            const entry = target.y + target.height / 2;
            const first = arrows.length === 0;
            const intoEngine: [number, number][] = [
                [bus, entry],
                [target.x, entry],
            ];
            arrows.push({
                from: from.id,
                to: target.id,
                kind: "network",
                points: [[start, from.y], [start, over], [bus, over], ...(first ? intoEngine : [])],
                ...(first ? {} : { joins: true }),
                meaning: `${stage.name} of ${application.kind === "review" ? "the reviews of" : "application"} ${application.name} asks the engine`,
            });
        });
    });
    return arrows;
}

const legendTexts: Record<Arrow["kind"], string> = {
    flow: "then",
    write: "may write",
    read: "may read",
    deploy: "deploys",
    network: "connects to",
    event: "starts",
    answer: "answers",
    failure: "failed events",
    alarm: "raises an alarm",
};

function legendOf(arrows: readonly Arrow[], right: number, y: number): Scene["legend"] {
    const kinds = arrowKinds.filter((kind) => arrows.some((arrow) => arrow.kind === kind));
    const widths = kinds.map((kind) => 46 + textWidth(legendTexts[kind], 12) + 18);
    const total = widths.reduce((sum, width) => sum + width, 0);
    return kinds.map((kind, position) => ({
        kind,
        x: right - total + widths.slice(0, position).reduce((sum, width) => sum + width, 0),
        y,
        text: legendTexts[kind],
    }));
}

/** The wiring of a gate for people who cannot see the lines. */
function gateInWords({ title, functions, alarmTopic }: GateView): string {
    const each = functions.map(({ title: name, sources, streams, writes, queue, answers, reaches }) => {
        const starters = [
            ...sources.map((source) => `${source.title} (${source.label})`),
            ...(streams.length > 0 ? ["the table's stream"] : []),
        ];
        return [
            `${starters.join(" and ")} starts ${name}`,
            ...(writes.length > 0 ? ["which writes the table"] : []),
            ...(answers.length > 0 ? ["answers the pipelines"] : []),
            ...reaches.map(({ label, title: reached }) => `${label} ${reached}`),
            ...(queue ? [`fails to ${queue.title}`] : []),
        ].join(", ");
    });
    return `${title}: ${each.join("; ")}${alarmTopic ? `; alarms go to ${alarmTopic.title}` : ""}.`;
}

/** Turns the picture's content into geometry. The same content always gives the same geometry. */
export function layoutScene(architecture: Architecture): Scene {
    const laneX = margin + gutter;
    const right = margin + (architecture.gates.some(talksToPipelines) ? gateGutter : 0);
    const needed = Math.max(
        0,
        ...[...architecture.reviews, ...architecture.applications].map(laneWidthOf),
        ...architecture.gates.map(gateWidthOf),
    );
    const width = Math.max(narrowestCanvas, laneX + needed + right);
    const laneWidth = width - laneX - right;
    const boxes: Box[] = [];
    const arrows: Arrow[] = [];
    let y = titleHeight;
    const place = (placed: Placed): void => {
        boxes.push(...placed.boxes);
        arrows.push(...placed.arrows);
        y += placed.height > 0 ? placed.height + gap : 0;
    };
    const panels = architecture.gates.map((gate, position) => ({ gate, id: `gate${position}` }));
    const beside = panels.filter(({ gate }) => !talksToPipelines(gate));
    const first = beside.filter(({ gate }) => startsPipelines(gate));
    place(
        layoutRows(
            [
                ...architecture.reviews.map((review, position) => laneItem(review, `review${position}`)),
                ...first.map(({ gate, id }) => panelItem(gate, id)),
            ],
            laneX,
            y,
            laneWidth,
        ),
    );
    architecture.applications.forEach((application, position) => {
        place(layoutLane(application, `application${position}`, laneX, y, laneWidth));
    });
    if (architecture.folded.length > 0) {
        const box = foldedBox(architecture, laneX, y, laneWidth);
        place({ boxes: [box], arrows: [], height: box.height });
    }
    for (const { gate, id } of panels.filter(({ gate: each }) => talksToPipelines(each))) {
        const placed = layoutGate(gate, id, laneX, y, laneWidth);
        place(placed);
        arrows.push(...approvalArrows(gate, id, boxes, laneX + laneWidth));
    }
    const others = beside.filter((each) => !first.includes(each));
    place(
        layoutRows(
            others.map(({ gate, id }) => panelItem(gate, id)),
            laneX,
            y,
            laneWidth,
        ),
    );
    const network = layoutNetwork(architecture.network, architecture.engine, laneX, y, laneWidth);
    y += network.height > 0 ? network.height + gap : 0;
    const shelves = layoutShelves(architecture.shelves, laneX, y, laneWidth, shelvesInRow);
    y += shelves.height > 0 ? shelves.height + gap : 0;
    boxes.push(...network.boxes, ...shelves.boxes);
    arrows.push(...network.arrows, ...engineArrows(architecture, boxes));
    const applications = architecture.applications.length + architecture.folded.length;
    const facts = `${counted(architecture.resources, "resource")}  ·  ${counted(applications, "application")}  ·  drawn from an offline simulation, not AWS`;
    const texts: SceneText[] = [
        textAt(margin, 40, width * 0.6, `${architecture.project} ${architecture.stack}`, {
            size: 24,
            bold: true,
        }),
        textAt(margin, 62, width * 0.6, facts, { size: 13, muted: true }),
    ];
    return {
        width,
        height: Math.round(y + margin - gap),
        title: `Architecture of ${architecture.project}, stack ${architecture.stack}`,
        description: `${facts}. ${[...architecture.reviews, ...architecture.applications]
            .map((view) => `${titleOf(view)}: ${view.stages.map((stage) => stage.name).join(", then ")}.`)
            .concat(architecture.gates.map(gateInWords))
            .join(" ")}`.trim(),
        texts,
        boxes,
        arrows,
        // Beside the title, which is short; the line of facts is not.
        legend: legendOf(arrows, width - margin + 18, 34),
    };
}
