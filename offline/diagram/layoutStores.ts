/** Geometry of what the stages of an application write and read: the stores and the lines to them. */
import type { StoreView } from "./applicationView";
import type { Arrow, Box } from "./scene";
import { centredBox, shrunkTitle } from "./scene";

export const storeHeight = 62;
/** Between two horizontal lines of the channel that carries reads. */
const channelStep = 13;

/** Height of the channel between stages and stores: one level for each store that is read. */
export function channelHeightOf(stores: readonly StoreView[]): number {
    return 22 + channelStep * Math.max(1, stores.filter(({ readers }) => readers.length > 0).length);
}

/** The column that each store stands in: below its first writer, each column once, in order. */
export function columnsOf(stores: readonly StoreView[], stages: number): number[] {
    const free = new Set(Array.from({ length: Math.max(stages, stores.length) }, (_, column) => column));
    return stores.map((store) => {
        const wished = store.writers[0] ?? store.readers[0] ?? 0;
        const column = [...free].sort((a, b) => Math.abs(a - wished) - Math.abs(b - wished) || a - b)[0] ?? 0;
        free.delete(column);
        return column;
    });
}

/** The box of one store. */
export function storeBox(
    store: StoreView,
    id: string,
    parent: string,
    x: number,
    y: number,
    width: number,
): Box {
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
            shrunkTitle(store.title, width - 12, [14, 13, 12, 11]),
            ...store.detail.split(", ").map((text) => ({ text, style: { size: 11.5, muted: true } })),
        ],
    );
}

/**
 * Lines between stages and stores. A store's own column leaves it upwards: what is written comes down left of the
 * middle, what is read goes up right of it into the store's own level of the channel, and from there into the reader.
 */
export function storeArrows(
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
        const deploys = view.kind === "service" || view.kind === "existing";
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
                    kind: deploys ? "deploy" : "write",
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
                    meaning: deploys ? `deploys to ${view.title}` : `may write to ${view.title}`,
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
