/** What must be true of a world in which nothing runs any more. */
import { ourSession } from "./approvalSamples";
import { placeOf, requestsIn, stateOfToken, type Memory, type World } from "./world";

/** Id of an event that comes before the registry shows what it tells. */
export const earlyEvent = "event-early";

/**
 * Undisturbed, nothing may wait that could be decided: the watchdog is there for what goes wrong. A scan's event is
 * what tells that a scan has ended, so until it has come a request may wait for a scan that began later.
 */
export function promptProblem(world: World, memory: Memory): string | null {
    if (world.disturbed) return null;
    for (const { request, status } of requestsIn(world, memory)) {
        if (status !== "waiting") continue;
        if (request.subject === null) return `the unreadable request ${request.token} waits`;
        const token = memory.scenario.tokens.findIndex((each) => each.request.token === request.token);
        if (stateOfToken(world, memory, token).kind !== "waiting") continue;
        const place = placeOf(request.subject);
        const at = memory.places.indexOf(place);
        if (world.registry[at] === "pending") continue;
        const isKnown = world.scans.some(
            ([key, id]) => key === place && memory.scans.value(id).eventId !== earlyEvent,
        );
        const wasKnown = memory.scenario.registry[place] !== "pending";
        // An event with more findings than the registry lists keeps a request waiting.
        const contradicted = world.scans.some(
            ([key, id]) => key === place && (memory.scans.value(id).total ?? 0) > 0,
        );
        if ((isKnown || wasKnown) && !contradicted) return `request ${request.token} waits for nothing`;
    }
    return null;
}

/** When time has passed and the watchdog has run: every request has ended, and the records say what is true. */
export function finalProblem(world: World, memory: Memory): string | null {
    const records = requestsIn(world, memory);
    for (const [token, { request, execution }] of memory.scenario.tokens.entries()) {
        const own = records.filter((record) => record.request.token === request.token);
        const { kind, answer, by, summary } = stateOfToken(world, memory, token);
        const name = `request ${request.token}`;
        if (own.some(({ status }) => status === "waiting")) return `${name} is left open`;
        if (kind === "waiting") return `${name} is left without an answer`;
        if (kind === "none" && own.length > 0) return `${name} is on record and was never made`;
        const answered = own.filter(({ status }) => status === "approved" || status === "rejected");
        if (kind === "answered" && by === ourSession) {
            const [record, ...others] = answered;
            if (record === undefined || others.length > 0)
                return `${name} was ${answer} by us and ${answered.length} records say so`;
            if (record.status !== answer || record.decision?.answer !== answer)
                return `${name} was ${answer}, its record says ${record.status}`;
            if (record.decision.summary !== summary) return `${name} has another summary than its record`;
            continue;
        }
        if (answered.length > 0)
            return `${name} was not answered by us (${kind}), its record says ${answered[0]?.status}`;
        if (kind !== "answered" || own.length === 0) continue;
        const isLatest = memory.scenario.tokens.every(
            (other, at) =>
                at <= token ||
                other.execution !== execution ||
                stateOfToken(world, memory, at).kind === "none",
        );
        const told = own.filter(({ closed }) => closed?.answer === answer && closed?.by === by);
        if (isLatest && told.length === 0)
            return `${name} was ${answer} by others, its record does not say so`;
        if (told.length > 0 && !world.alarms.some((alarm) => alarm === `AnsweredByOthers ${request.token}`))
            return `${name} was ${answer} by others without an alarm`;
    }
    return null;
}
