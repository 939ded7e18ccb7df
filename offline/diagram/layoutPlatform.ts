/** Geometry of the shared part: the network with its zones, the engine inside it, and shelves for everything else. */
import type { ShelfView } from "./architecture";
import type { Placed } from "./layoutLane";
import type { EngineView, NetworkView } from "./platformView";
import type { Arrow, Box } from "./scene";
import { centredBox, textAt } from "./scene";
import { textWidth } from "./textWidth";

const padding = 16;
const header = 36;
const gap = 14;
const subnetHeight = 46;
const zoneHeader = 28;
const partHeight = 66;
const partGap = 44;
const rowHeight = 18;
const shownRows = 3;

function zoneBoxes(network: NetworkView, id: string, x: number, y: number, width: number): Placed {
    const columns = Math.max(1, network.zones.length);
    const zoneWidth = (width - (columns - 1) * gap) / columns;
    const most = Math.max(0, ...network.zones.map(({ subnets }) => subnets.length));
    const height = zoneHeader + most * (subnetHeight + 8) + 4;
    const boxes = network.zones.flatMap((zone, column): Box[] => {
        const left = x + column * (zoneWidth + gap);
        const frame: Box = {
            id: `${id}/zone${column}`,
            parent: id,
            kind: "zone",
            x: left,
            y,
            width: zoneWidth,
            height,
            tooltip: `zone ${zone.name}`,
            texts: [textAt(left + 10, y + 18, zoneWidth - 20, zone.name, { size: 13, bold: true })],
        };
        const subnets = zone.subnets.map((subnet, row) =>
            centredBox(
                {
                    id: `${id}/zone${column}/subnet${row}`,
                    parent: frame.id,
                    kind: subnet.kind,
                    x: left + 8,
                    y: y + zoneHeader + row * (subnetHeight + 8),
                    width: zoneWidth - 16,
                    height: subnetHeight,
                },
                [
                    {
                        text: `${subnet.kind} subnet${subnet.natGateway ? " + NAT" : ""}`,
                        style: { size: 13, bold: subnet.natGateway },
                    },
                    { text: subnet.cidr, style: { size: 12, muted: true } },
                ],
            ),
        );
        return [frame, ...subnets];
    });
    return { boxes, arrows: [], height: network.zones.length === 0 ? 0 : height };
}

function engineBoxes(
    engine: EngineView,
    id: string,
    parent: string | null,
    x: number,
    y: number,
    width: number,
): Placed {
    const columns = Math.max(1, engine.parts.length);
    const partWidth = (width - 2 * padding - (columns - 1) * partGap) / columns;
    const height = header + partHeight + padding;
    const frame: Box = {
        id,
        parent,
        kind: "engine",
        x,
        y,
        width,
        height,
        tooltip: `${engine.title}${engine.addresses.length > 0 ? ` at ${engine.addresses.join(", ")}` : ""}`,
        texts: [
            textAt(x + padding, y + 23, width * 0.5, engine.title, { size: 14, bold: true }),
            textAt(x + width - padding, y + 23, width * 0.45, engine.addresses[0] ?? "", {
                size: 12,
                muted: true,
                anchor: "end",
            }),
        ],
    };
    const parts = engine.parts.map((part, column) =>
        centredBox(
            {
                id: `${id}/part${column}`,
                parent: id,
                kind: part.kind,
                x: x + padding + column * (partWidth + partGap),
                y: y + header,
                width: partWidth,
                height: partHeight,
            },
            [
                { text: part.title, style: { size: 13, bold: true } },
                ...part.details.map((text) => ({ text, style: { size: 12, muted: true } })),
            ],
        ),
    );
    const arrows = engine.links.flatMap(([from, to]): Arrow[] => {
        const a = parts[from];
        const b = parts[to];
        if (!a || !b || a === b) {
            return [];
        }
        const middle = a.y + partHeight / 2;
        const below = a.y + partHeight;
        const centre = (box: Box, share: number): number => box.x + box.width * share;
        const forward = from < to;
        // Neighbours are joined by a straight line, others by one that passes below the boxes between them.
        const straight: [number, number][] = [
            [forward ? a.x + a.width : a.x, middle],
            [forward ? b.x : b.x + b.width, middle],
        ];
        const around: [number, number][] = [
            [centre(a, 0.6), below],
            [centre(a, 0.6), below + padding / 2],
            [centre(b, 0.4), below + padding / 2],
            [centre(b, 0.4), below],
        ];
        const points = Math.abs(from - to) === 1 ? straight : around;
        return [{ from: a.id, to: b.id, kind: "network", points, meaning: "connects to" }];
    });
    return { boxes: [frame, ...parts], arrows, height };
}

/** Places the network with the engine inside; either may be missing. */
export function layoutNetwork(
    network: NetworkView | null,
    engine: EngineView | null,
    x: number,
    y: number,
    width: number,
): Placed {
    if (!network) {
        return engine && engine.parts.length > 0
            ? engineBoxes(engine, "engine", null, x, y, width)
            : { boxes: [], arrows: [], height: 0 };
    }
    const inner = width - 2 * padding;
    const zones = zoneBoxes(network, "network", x + padding, y + header, inner);
    const engineTop = y + header + zones.height + (zones.height > 0 ? gap : 0);
    const inside =
        engine && engine.parts.length > 0
            ? engineBoxes(engine, "engine", "network", x + padding, engineTop, inner)
            : { boxes: [], arrows: [], height: 0 };
    const height = engineTop - y + inside.height + (inside.height > 0 ? padding : padding - gap);
    const frame: Box = {
        id: "network",
        parent: null,
        kind: "network",
        x,
        y,
        width,
        height: Math.max(height, header + 8),
        tooltip: `${network.title}: ${network.facts.join(", ")}`,
        texts: [
            textAt(x + padding, y + 24, width * 0.25, network.title, { size: 16, bold: true }),
            textAt(x + width - padding, y + 24, width * 0.68, network.facts.join("  ·  "), {
                size: 13,
                muted: true,
                anchor: "end",
            }),
        ],
    };
    return { boxes: [frame, ...zones.boxes, ...inside.boxes], arrows: inside.arrows, height: frame.height };
}

function shelfHeight(shelf: ShelfView): number {
    return 30 + rowHeight * Math.max(1, Math.min(shownRows, shelf.rows.length)) + 8;
}

function shelfBox(shelf: ShelfView, id: string, x: number, y: number, width: number, height: number): Box {
    const room = width - 24;
    const long = `${shelf.resources} resources`;
    // Where the title needs the room, the number is in the tooltip only.
    const fits = textWidth(shelf.title, 14, true) + 8 + textWidth(long, 12) <= room;
    const count = fits ? long : "";
    const countRoom = Math.min(room, textWidth(count, 12));
    const titleRoom = Math.max(0, room - countRoom - 8);
    const cut = shelf.rows.length > shownRows;
    const rows = cut ? [...shelf.rows.slice(0, shownRows - 1), "and more"] : shelf.rows;
    return {
        id,
        parent: null,
        kind: "shelf",
        x,
        y,
        width,
        height,
        tooltip: `${shelf.title} ${shelf.name}, ${long}: ${shelf.rows.join(", ")}`,
        texts: [
            textAt(x + 12, y + 20, titleRoom, shelf.title, { size: 14, bold: true }),
            textAt(x + width - 12, y + 20, countRoom, count, {
                size: 12,
                muted: true,
                anchor: "end",
            }),
            ...rows.map((row, position) =>
                textAt(x + 12, y + 38 + position * rowHeight, width - 24, row, { size: 12.5, muted: true }),
            ),
        ],
    };
}

/**
 * Places shelves in rows of equal boxes over the whole width.
 * @param most shelves in one row
 */
export function layoutShelves(
    shelves: readonly ShelfView[],
    x: number,
    y: number,
    width: number,
    most: number,
): Placed {
    const columns = Math.max(1, Math.min(most, shelves.length));
    const shelfWidth = (width - (columns - 1) * gap) / columns;
    const boxes: Box[] = [];
    let top = y;
    for (let start = 0; start < shelves.length; start += columns) {
        const row = shelves.slice(start, start + columns);
        const height = Math.max(...row.map(shelfHeight));
        row.forEach((shelf, column) => {
            const left = x + column * (shelfWidth + gap);
            boxes.push(shelfBox(shelf, `shelf${start + column}`, left, top, shelfWidth, height));
        });
        top += height + gap;
    }
    return { boxes, arrows: [], height: shelves.length === 0 ? 0 : top - gap - y };
}
