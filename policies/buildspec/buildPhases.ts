/**
 * The phases of a build, followed the way CodeBuild runs them (user guide, "Build phase transitions"): a failed install or
 * pre_build ends the build; after a failed build phase post_build still runs, with CODEBUILD_BUILD_SUCCEEDING = 0, unless
 * the phase says `on-failure: ABORT`. CONTINUE is judged by a rule of its own and taken for "not ABORT" here.
 */
import type { Phase } from "./parse";
import { FlowTooComplex, type ShellFlow } from "./shellFlow";
import { distinct, initialState, withMark, withVariable, type ShellState } from "./shellState";

/** On states in which a command of the build has failed. */
export const buildFailedMark = "build-failed";

export interface PhaseWatch {
    /** The commands that follow are those of this phase, or of its `finally`. */
    enter(phase: Phase, inFinally: boolean): void;
    /** The phase has more ways through than are followed; the build goes on as if it had done nothing. */
    tooComplex(phase: Phase, message: string): void;
}

/** All states in which the build may end. */
export function runPhases(phases: readonly Phase[], flow: ShellFlow, watch: PhaseWatch): ShellState[] {
    let going = [initialState];
    const ended: ShellState[] = [];
    for (const phase of phases) {
        const start = going.map((state) =>
            withVariable(
                { ...state, status: "ok" },
                "CODEBUILD_BUILD_SUCCEEDING",
                state.marks.has(buildFailedMark) ? "0" : "1",
            ),
        );
        try {
            const after = runPhase(flow, phase, start, watch);
            going = after.filter((state) => !state.marks.has(buildFailedMark));
            for (const state of after.filter((each) => each.marks.has(buildFailedMark))) {
                const goesOn = phase.name === "build" && phase.onFailure !== "ABORT";
                (goesOn ? going : ended).push(state);
            }
        } catch (error) {
            if (!(error instanceof FlowTooComplex)) throw error;
            watch.tooComplex(phase, error.message);
            going = start;
        }
    }
    return [...ended, ...going];
}

function runPhase(flow: ShellFlow, phase: Phase, start: ShellState[], watch: PhaseWatch): ShellState[] {
    watch.enter(phase, false);
    let live = start;
    const ended: ShellState[] = [];
    for (const command of phase.commands) {
        // `set -e` of an earlier command is not relied on: it would end the shell, not only the command.
        const fresh = live.map((state) => ({ ...state, errexit: false }));
        const after = distinct(flow.runCommand(command, fresh));
        ended.push(
            ...after
                .filter((state) => state.status === "fail")
                .map((state) => withMark(state, buildFailedMark)),
        );
        // Whether `exit 0` ends the phase or only the command depends on how CodeBuild joins them: follow both.
        ended.push(...after.filter((state) => state.status === "ok" && state.control === "exit"));
        live = after.filter((state) => state.status === "ok");
    }
    let all = distinct([...ended, ...live]);
    watch.enter(phase, true);
    for (const command of phase.finally) {
        all = distinct(
            flow
                .runCommand(
                    command,
                    all.map((state) => ({ ...state, errexit: false })),
                )
                .map((state) => (state.status === "fail" ? withMark(state, buildFailedMark) : state)),
        );
    }
    watch.enter(phase, false);
    return all.map((state) => ({ ...state, control: "run" as const }));
}
