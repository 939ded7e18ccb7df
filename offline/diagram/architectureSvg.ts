/** The architecture picture of a run, as a standalone SVG document. */
import type { RunResult } from "../model";
import { architectureOf } from "./architecture";
import { layoutScene } from "./layout";
import { svgOf } from "./svg";

/** Draws what was captured. Deterministic: no clock, no randomness, no dependence on the order of resources. */
export function architectureSvg(result: Pick<RunResult, "project" | "stack" | "resources">): string {
    return svgOf(layoutScene(architectureOf(result)));
}
