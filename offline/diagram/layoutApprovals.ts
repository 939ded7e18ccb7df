/** Lines between the pipelines and the gate's panel. */
import type { GateView } from "./gateView";
import { announceLevel, betweenFunctionAndTable } from "./layoutGate";
import { answerRise, announceRise } from "./layoutLane";
import type { Arrow, Box } from "./scene";
import { lineLabel } from "./scene";

/**
 * Between the pipelines and the panel, through the gutter right of the lanes: approvals that announce themselves to a
 * topic, and the functions that may answer them. Lanes further down join the line of the first.
 * @param edge right border of lanes and panel
 */
export function approvalArrows(gate: GateView, id: string, boxes: readonly Box[], edge: number): Arrow[] {
    const byId = new Map(boxes.map((box) => [box.id, box]));
    const frame = byId.get(id);
    const arrows: Arrow[] = [];
    const [announceX, answerX] = [edge + 14, edge + 28];
    let announced = false;
    gate.functions.forEach((view, column) => {
        view.sources.forEach((source, position) => {
            const topic = byId.get(`${id}/column${column}/source${position}`);
            const stages = new Set<string>();
            source.announcedBy.forEach(({ application, stage, action }) => {
                const from = byId.get(`application${application}/stage${stage}`);
                if (!from || !topic || !frame || stages.has(from.id)) {
                    return;
                }
                stages.add(from.id);
                const start = from.x + from.width * 0.35;
                const over = from.y - announceRise;
                const into = topic.x + topic.width * 0.62;
                const level = frame.y + announceLevel;
                const joins = stages.size > 1;
                arrows.push({
                    from: from.id,
                    to: topic.id,
                    kind: "event",
                    points: [
                        [start, from.y],
                        [start, over],
                        [announceX, over],
                        ...(joins
                            ? []
                            : ([
                                  [announceX, level],
                                  [into, level],
                                  [into, topic.y],
                              ] as [number, number][])),
                    ],
                    ...(joins ? { joins } : {}),
                    meaning: `${action} announces itself to ${source.title}`,
                    ...(announced
                        ? {}
                        : { label: lineLabel("waiting approval", edge - 8, level - 5, "end") }),
                });
                announced = true;
            });
        });
        const box = byId.get(`${id}/column${column}/function`);
        const reached = new Set<string>();
        view.answers.forEach(({ application, stage, action }) => {
            const to = byId.get(`application${application}/stage${stage}`);
            if (!to || !box || reached.has(to.id)) {
                return;
            }
            const first = reached.size === 0;
            reached.add(to.id);
            const right = box.x + box.width;
            const middle = box.y + box.height / 2;
            const last = column === gate.functions.length - 1;
            const below = box.y + box.height + betweenFunctionAndTable - 6;
            const end = to.x + to.width * 0.65;
            const over = to.y - answerRise;
            arrows.push({
                from: box.id,
                to: to.id,
                kind: "answer",
                points: [
                    [right, middle],
                    ...(last
                        ? ([[answerX, middle]] as [number, number][])
                        : ([
                              [right + 9, middle],
                              [right + 9, below],
                              [answerX, below],
                          ] as [number, number][])),
                    [answerX, over],
                    [end, over],
                    [end, to.y],
                ],
                meaning: `${view.title} may answer ${action}`,
                ...(first && last ? { label: lineLabel("answers", right + 8, middle - 5, "start") } : {}),
            });
        });
    });
    return arrows;
}
