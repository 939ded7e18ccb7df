import type { BuildStep } from "./provisionedStack";

/** A command of a buildspec by which the gate judges something. */
export const judging = /\bgate\.cjs (?:scan|verdict|lint|secrets|approved|verify-signature)\b/;

/** Build steps that judge, each with its judging commands; there must be some. */
export function judgingSteps(steps: readonly BuildStep[]): { step: BuildStep; commands: string[] }[] {
    const found = steps
        .map((step) => ({ step, commands: step.commands.filter((command) => judging.test(command)) }))
        .filter(({ commands }) => commands.length > 0);
    if (found.length === 0) throw new Error("no build step judges anything");
    return found;
}
