/** The picture as geometry, in pixels: what the layout makes and what is turned into SVG. */
import { fitText, textWidth } from "./textWidth";

export type BoxKind =
    | "lane"
    | "stage"
    | "gate"
    | "action"
    | "candidate"
    | "staging"
    | "production"
    | "repository"
    | "evidence"
    | "network"
    | "zone"
    | "public"
    | "private"
    | "engine"
    | "loadBalancer"
    | "service"
    | "database"
    | "panel"
    | "topic"
    | "rule"
    | "schedule"
    | "function"
    | "queue"
    | "table"
    | "alarmTopic"
    | "outside"
    | "existing"
    | "shelf"
    | "folded";

export interface SceneText {
    text: string;
    /** Baseline. */
    x: number;
    y: number;
    size: number;
    bold: boolean;
    muted: boolean;
    anchor: "start" | "middle" | "end";
}

export interface Box {
    id: string;
    /** Box that it stands in; null on the canvas itself. */
    parent: string | null;
    kind: BoxKind;
    x: number;
    y: number;
    width: number;
    height: number;
    /** Shown when the pointer rests on it: full names that the box had to cut. */
    tooltip: string;
    texts: SceneText[];
}

/** In the order of the legend. */
export const arrowKinds = [
    ...(["flow", "write", "read", "deploy", "network", "event", "answer", "failure", "alarm"] as const),
];
export type ArrowKind = (typeof arrowKinds)[number];

export interface Arrow {
    from: string;
    to: string;
    kind: ArrowKind;
    /** Corners from the border of `from` to the border of `to`; every part is horizontal or vertical. */
    points: [number, number][];
    /** True when the last point lies on the line of an arrow before it instead of on the border of `to`. */
    joins?: boolean;
    /** What passes, for people who cannot see the line. */
    meaning: string;
    /** A word beside the line. */
    label?: SceneText;
}

export interface Scene {
    width: number;
    height: number;
    title: string;
    description: string;
    /** Texts that belong to no box. */
    texts: SceneText[];
    boxes: Box[];
    arrows: Arrow[];
    /** Only the kinds of arrows that the picture has. */
    legend: { kind: Arrow["kind"]; x: number; y: number; text: string }[];
}

export const margin = 28;

/** Colours a text line: bold titles, muted details. */
export interface TextStyle {
    size?: number;
    bold?: boolean;
    muted?: boolean;
    anchor?: SceneText["anchor"];
}

/** A line of text cut to the room it has. */
export function textAt(x: number, y: number, room: number, text: string, style: TextStyle = {}): SceneText {
    const { size = 13, bold = false, muted = false, anchor = "start" } = style;
    return { text: fitText(text, room, size, bold), x, y, size, bold, muted, anchor };
}

/** A title that is written smaller before it is cut. @param sizes from the largest to the smallest */
export function shrunkTitle(
    text: string,
    room: number,
    sizes: readonly number[],
): { text: string; style: TextStyle } {
    const size = sizes.find((each) => textWidth(text, each, true) <= room) ?? sizes.at(-1) ?? 13;
    return { text, style: { size, bold: true } };
}

/** A box with lines of text centred in it. Lines that are empty are left out. */
export function centredBox(
    box: Omit<Box, "texts" | "tooltip"> & { tooltip?: string },
    lines: { text: string; style?: TextStyle }[],
): Box {
    const shown = lines.filter(({ text }) => text !== "");
    const heights = shown.map(({ style }) => (style?.size ?? 13) + 4);
    const total = heights.reduce((sum, height) => sum + height, 0);
    let y = box.y + (box.height - total) / 2;
    const texts = shown.map(({ text, style }, position) => {
        y += heights[position] ?? 0;
        return textAt(box.x + box.width / 2, y - 4, box.width - 12, text, { anchor: "middle", ...style });
    });
    return { ...box, tooltip: box.tooltip ?? shown.map(({ text }) => text).join(", "), texts };
}

/** Whether a word fits beside a line that goes down into a box at 30 % of its width. */
export function fitsBeside(label: string, width: number): boolean {
    return textWidth(label, 11.5) <= width * 0.7 - 10;
}

/** A word beside a line. */
export function lineLabel(
    text: string,
    x: number,
    y: number,
    anchor: "start" | "end" | "middle",
    room = 200,
) {
    return textAt(x, y, room, text, { size: 11.5, muted: true, anchor });
}
