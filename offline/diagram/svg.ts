/** Turns geometry into SVG. Nothing is decided here but colours and strokes. */
import { xmlAttribute, xmlText } from "../report/xmlText";
import type { Arrow, Box, BoxKind, Scene, SceneText } from "./scene";
import { arrowKinds } from "./scene";

interface Paint {
    fill: string;
    stroke: string;
}

const paints: Record<BoxKind, Paint> = {
    lane: { fill: "#f5f8fc", stroke: "#c9d6e5" },
    stage: { fill: "#e8effa", stroke: "#7f9cc0" },
    gate: { fill: "#fff1d6", stroke: "#c9820a" },
    action: { fill: "#ffffff", stroke: "#b3c3d8" },
    candidate: { fill: "#eef1f5", stroke: "#7b8794" },
    staging: { fill: "#fff8db", stroke: "#b08c14" },
    production: { fill: "#dff5e3", stroke: "#2f8a44" },
    repository: { fill: "#eef1f5", stroke: "#7b8794" },
    evidence: { fill: "#ece6fa", stroke: "#6b4fb3" },
    network: { fill: "#f4faf6", stroke: "#bcd9c6" },
    zone: { fill: "#ffffff", stroke: "#c8dccf" },
    public: { fill: "#e3f4ea", stroke: "#8fc3a4" },
    private: { fill: "#e6f1fb", stroke: "#93b8dc" },
    engine: { fill: "#ffffff", stroke: "#93b8dc" },
    loadBalancer: { fill: "#ece6fa", stroke: "#6b4fb3" },
    service: { fill: "#fdeadb", stroke: "#cc6d1f" },
    database: { fill: "#e3ebfb", stroke: "#3d62b8" },
    panel: { fill: "#fffdf7", stroke: "#e3cf9c" },
    topic: { fill: "#fdeef4", stroke: "#b8447a" },
    rule: { fill: "#fdeef4", stroke: "#b8447a" },
    schedule: { fill: "#fdeef4", stroke: "#b8447a" },
    function: { fill: "#fdeadb", stroke: "#cc6d1f" },
    queue: { fill: "#fdecea", stroke: "#b3372b" },
    table: { fill: "#e3ebfb", stroke: "#3d62b8" },
    alarmTopic: { fill: "#fdecea", stroke: "#b3372b" },
    outside: { fill: "#ffffff", stroke: "#34506f" },
    existing: { fill: "#ffffff", stroke: "#cc6d1f" },
    shelf: { fill: "#fbfbfc", stroke: "#ccd2da" },
    folded: { fill: "#f5f8fc", stroke: "#c9d6e5" },
};

const strokes: Record<Arrow["kind"], { colour: string; width: number; dash: string }> = {
    flow: { colour: "#34506f", width: 2, dash: "" },
    write: { colour: "#1f5fbf", width: 1.8, dash: "" },
    read: { colour: "#6b7785", width: 1.3, dash: "5 4" },
    deploy: { colour: "#cc6d1f", width: 2, dash: "" },
    network: { colour: "#6b4fb3", width: 1.6, dash: "2 3" },
    event: { colour: "#b8447a", width: 1.8, dash: "" },
    answer: { colour: "#c9820a", width: 2, dash: "" },
    failure: { colour: "#b3372b", width: 1.4, dash: "6 3" },
    alarm: { colour: "#b3372b", width: 1.4, dash: "2 3" },
};

const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** At most two decimals, so that the file does not depend on how a machine divides. */
function px(value: number): string {
    return String(Math.round(value * 100) / 100);
}

function renderText({ text, x, y, size, bold, muted, anchor }: SceneText): string {
    const attributes = [
        `x="${px(x)}" y="${px(y)}" font-size="${px(size)}"`,
        ...(bold ? ['font-weight="600"'] : []),
        ...(anchor === "start" ? [] : [`text-anchor="${anchor}"`]),
        `fill="${muted ? "#52606d" : "#1a2b3f"}"`,
    ];
    return text === "" ? "" : `<text ${attributes.join(" ")}>${xmlText(text)}</text>`;
}

/** A lowered portcullis: the sign of a stage that stays shut until somebody agrees. */
function gateSign(box: Box): string {
    const x = box.x + 9;
    const y = box.y + 8;
    const bars = [0, 4, 8, 12].map((step) => `M${px(x + step)} ${px(y)}v14l0 2`);
    const rails = [3, 8].map((step) => `M${px(x - 1.5)} ${px(y + step)}h15`);
    return `<path d="${[...bars, ...rails].join("")}" fill="none" stroke="#c9820a" stroke-width="1.8" stroke-linecap="round"/>`;
}

function renderBox(box: Box): string {
    const { fill, stroke } = paints[box.kind];
    const rounded = box.kind === "evidence" || box.kind === "database" ? 14 : 7;
    const parts = [
        `<title>${xmlText(box.tooltip)}</title>`,
        `<rect x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}" rx="${rounded}" fill="${fill}" stroke="${stroke}"${box.kind === "gate" ? ' stroke-width="2"' : ""}/>`,
        ...(box.kind === "gate" ? [gateSign(box)] : []),
        ...box.texts.map(renderText),
    ];
    return `<g>${parts.join("")}</g>`;
}

function renderLine(
    kind: Arrow["kind"],
    points: readonly (readonly [number, number])[],
    meaning: string,
    joins = false,
): string {
    const { colour, width, dash } = strokes[kind];
    const path = points.map(([x, y], position) => `${position === 0 ? "M" : "L"}${px(x)} ${px(y)}`).join("");
    const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
    const line = `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dashes}${joins ? "" : ` marker-end="url(#arrow-${kind})"`}/>`;
    return meaning === "" ? line : `<g><title>${xmlText(meaning)}</title>${line}</g>`;
}

function renderMarker(kind: Arrow["kind"]): string {
    return `<marker id="arrow-${kind}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="${strokes[kind].colour}"/></marker>`;
}

/** A standalone SVG document with title and description for screen readers. */
export function svgOf(scene: Scene): string {
    const kinds = arrowKinds.filter((kind) => scene.arrows.some((arrow) => arrow.kind === kind));
    const legend = scene.legend.map(
        ({ kind, x, y, text }) =>
            renderLine(
                kind,
                [
                    [x, y - 4],
                    [x + 36, y - 4],
                ],
                "",
            ) + renderText({ text, x: x + 44, y, size: 12, bold: false, muted: true, anchor: "start" }),
    );
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" width="${px(scene.width)}" height="${px(scene.height)}" viewBox="0 0 ${px(scene.width)} ${px(scene.height)}" role="img" aria-labelledby="title description" font-family=${xmlAttribute(fontFamily)}>`,
        `<title id="title">${xmlText(scene.title)}</title>`,
        `<desc id="description">${xmlText(scene.description)}</desc>`,
        `<defs>${kinds.map(renderMarker).join("")}</defs>`,
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        ...scene.texts.map(renderText),
        ...legend,
        ...scene.boxes.map(renderBox),
        ...scene.arrows.map(({ kind, points, meaning, joins }) => renderLine(kind, points, meaning, joins)),
        // Above the lines, so that one that passes does not strike them through.
        ...scene.arrows.flatMap(({ label }) => (label ? [renderText(label)] : [])),
        "</svg>",
        "",
    ].join("\n");
}
