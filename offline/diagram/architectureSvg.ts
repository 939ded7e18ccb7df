import type { RunResult } from "../model";
export function architectureSvg(_result: RunResult): string {
    return "<svg/>";
}
