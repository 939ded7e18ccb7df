/** What the three functions have in common: how they start, and what surrounds each invocation. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "aws-lambda";
import type { ApprovalSettings } from "../gate/approval/approvalSettings";
import type { DecisionContext } from "../gate/approval/decideRequest";
import { limitProblems, readSettings, SettingsError } from "../gate/approval/settingsSchema";
import { createTelemetry, type Telemetry } from "./effects/facts";
import { TokenMask } from "./effects/tokenMask";

/** Milliseconds before the end of a function's time at which its calls are ended, so that it can say so itself. */
const reserve = 2_000;

/** One invocation, for what carries out the protocol. */
export interface Invocation extends DecisionContext {
    telemetry: Telemetry;
    /** Aborted shortly before the function's time is up. */
    signal: AbortSignal;
}

export type LambdaHandler<Result> = (event: unknown, context: Context) => Promise<Result>;

/**
 * Makes a Lambda handler. Settings and environment are read and compared once, when the function starts; where they are
 * wrong, every invocation fails with the whole list, so that no event is lost and the alarm says why.
 *
 * An error that the handler throws fails the invocation: Lambda delivers the event again, and in the end puts it into
 * the function's queue.
 */
export function approvalFunction<Result>(
    run: (event: unknown, invocation: Invocation) => Promise<Result>,
): LambdaHandler<Result> {
    const telemetry = createTelemetry(new TokenMask());
    const { logger, metrics, tokens } = telemetry;
    const start = startUp(join(__dirname, "settings.json"), process.env);
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
            throw failure;
        } finally {
            if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
        }
    };
}

function startUp(
    settingsFile: string,
    environment: Record<string, string | undefined>,
): ApprovalSettings | Error {
    try {
        const settings = readSettings(readFileSync(settingsFile, "utf8"));
        const problems = limitProblems(settings.policy, environment);
        return problems.length === 0 ? settings : new SettingsError(problems);
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
