import { readFileSync } from "node:fs";

/** Processor time that a process has used so far, in milliseconds; NaN where there is no /proc (100 ticks a second). */
export function processorTime(processId: number | undefined): number {
    try {
        const fields = readFileSync(`/proc/${processId}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
        return Number.NaN;
    }
}
