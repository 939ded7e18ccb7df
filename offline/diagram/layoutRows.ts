/** Rows of what needs less than the whole width: reviews at the left, panels of functions beside them. */
import type { ApplicationView } from "./applicationView";
import type { GateView } from "./gateView";
import { gateWidthOf, layoutGate } from "./layoutGate";
import type { Placed } from "./layoutLane";
import { laneWidthOf, layoutLane } from "./layoutLane";

const gap = 18;

/** Something with a narrowest width that grows to the width it is given. */
export interface RowItem {
    narrowest: number;
    /** Stands at the left: lines leave it on that side. */
    leads: boolean;
    layout(x: number, y: number, width: number): Placed;
}

export function laneItem(view: ApplicationView, id: string): RowItem {
    return {
        narrowest: laneWidthOf(view),
        leads: true,
        layout: (x, y, width) => layoutLane(view, id, x, y, width),
    };
}

export function panelItem(view: GateView, id: string): RowItem {
    return {
        narrowest: gateWidthOf(view),
        leads: false,
        layout: (x, y, width) => layoutGate(view, id, x, y, width),
    };
}

/** Items row by row: each goes into the first row that has room for it and no other leader where it leads. */
function rowsOf(items: readonly RowItem[], width: number): RowItem[][] {
    const rows: RowItem[][] = [];
    for (const item of items) {
        const row = rows.find(
            (each) =>
                !item.leads &&
                each.reduce((sum, { narrowest }) => sum + narrowest + gap, item.narrowest) <= width,
        );
        if (row) {
            row.push(item);
        } else {
            rows.push([item]);
        }
    }
    return rows;
}

/** Places the items at `x`, `y`; those of a row share its width by what each needs. */
export function layoutRows(items: readonly RowItem[], x: number, y: number, width: number): Placed {
    const placed: Placed = { boxes: [], arrows: [], height: 0 };
    for (const row of rowsOf(items, width)) {
        const needed = row.reduce((sum, { narrowest }) => sum + narrowest, 0);
        const free = width - (row.length - 1) * gap;
        const top = y + placed.height + (placed.height > 0 ? gap : 0);
        let left = x;
        let height = 0;
        for (const item of row) {
            const own = (item.narrowest * free) / needed;
            const each = item.layout(left, top, own);
            placed.boxes.push(...each.boxes);
            placed.arrows.push(...each.arrows);
            height = Math.max(height, each.height);
            left += own + gap;
        }
        placed.height = top + height - y;
    }
    return placed;
}
