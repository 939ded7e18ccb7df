/** What all functions have in common: how they start, and what surrounds each invocation. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "aws-lambda";
import type { ApprovalSettings } from "../gate/approval/approvalSettings";
import type { DecisionContext } from "../gate/approval/decideRequest";
import { limitProblems, readSettings } from "../gate/approval/settingsSchema";
import { SettingsError } from "../gate/settings/settingsFile";
import { createTelemetry, type Telemetry } from "./effects/facts";
import { TokenMask } from "./effects/tokenMask";

/** Milliseconds before the end of a function's time at which its calls are ended, so that it can say so itself. */
const reserve = 2_000;

/** One invocation of a function with settings of its own kind. */
export interface FunctionInvocation<Settings> {
    settings: Settings;
    /** The invocation's id. */
    owner: string;
    /** The function's ARN with its version. */
    decidedBy: string;
    telemetry: Telemetry;
    /** Aborted shortly before the function's time is up. */
    signal: AbortSignal;
}

/** One invocation of a function of the approval gate, for what carries out the protocol. */
export interface Invocation extends FunctionInvocation<ApprovalSettings>, DecisionContext {}

export type LambdaHandler<Result> = (event: unknown, context: Context) => Promise<Result>;

/** Makes the handler of a function of the approval gate; `eventFunction` says how it behaves. */
export function approvalFunction<Result>(
    run: (event: unknown, invocation: Invocation) => Promise<Result>,
): LambdaHandler<Result> {
    return eventFunction((text, environment) => {
        const settings = readSettings(text);
        const problems = limitProblems(settings.policy, environment);
        if (problems.length > 0) throw new SettingsError(problems);
        return settings;
    }, run);
}

/**
 * Makes a Lambda handler. Settings and environment are read and compared once, when the function starts; where they are
 * wrong, every invocation fails with the whole list, so that no event is lost and the alarm says why.
 *
 * An error that the handler throws fails the invocation: Lambda delivers the event again, and in the end puts it into
 * the function's queue.
 * @param read makes the settings from the text of `settings.json` and the environment; throws where they are wrong.
 * @param answerFailure for a function whose caller waits for its answer: what it is answered, instead of the error,
 * when the function could not do its work or not even start.
 */
export function eventFunction<Settings extends object, Result>(
    read: (text: string, environment: Record<string, string | undefined>) => Settings,
    run: (event: unknown, invocation: FunctionInvocation<Settings>) => Promise<Result>,
    answerFailure?: (failure: Error, telemetry: Telemetry) => Result,
): LambdaHandler<Result> {
    const telemetry = createTelemetry(new TokenMask());
    const { logger, metrics, tokens } = telemetry;
    const start = startUp(() => read(readFileSync(join(__dirname, "settings.json"), "utf8"), process.env));
    return async (event, context) => {
        tokens.clear();
        logger.addContext(context);
        try {
            if (start instanceof Error) throw start;
            return await run(event, {
                settings: start,
                owner: context.awsRequestId,
                decidedBy: `${unqualified(context)}:${context.functionVersion}`,
                telemetry,
                signal: AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserve)),
            });
        } catch (error) {
            const failure = failureOf(error, tokens);
            logger.error("the invocation failed", failure);
            if (answerFailure !== undefined) return answerFailure(failure, telemetry);
            throw failure;
        } finally {
            if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
        }
    };
}

function startUp<Settings extends object>(read: () => Settings): Settings | Error {
    try {
        return read();
    } catch (error) {
        return error as Error;
    }
}

/** The function's ARN without the version or alias by which it was invoked. */
function unqualified({ invokedFunctionArn }: Context): string {
    return invokedFunctionArn.split(":").slice(0, 7).join(":");
}

/** An error as it may leave the function: its name and its message, without tokens. */
function failureOf(error: unknown, tokens: TokenMask): Error {
    const { name = "Error", message = String(error), stack } = (error ?? {}) as Partial<Error>;
    // In full: it may be the whole list of what is wrong with the settings.
    const failure = new Error(tokens.mask(message));
    failure.name = name;
    if (stack !== undefined) failure.stack = tokens.mask(stack);
    return failure;
}

/** Several failures of one event as one error that names them all; the one itself where there is only one. */
export function allOf(failures: readonly unknown[]): unknown {
    if (failures.length === 1) return failures[0];
    const messages = failures.map((failure) => (failure as Error | undefined)?.message ?? String(failure));
    const error = new Error(`${failures.length} parts of the event failed: ${messages.join("; ")}`);
    error.name = (failures[0] as Error | undefined)?.name ?? "Error";
    return error;
}
