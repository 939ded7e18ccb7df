import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "./problems";
import type { StackConfig } from "./schema";
import { validateConfig } from "./validateConfig";

/**
 * The configuration of the running stack.
 *
 * @throws pulumi.RunError with all problems in one report. To be called before the first resource is constructed.
 */
export function loadConfig(): StackConfig {
    return reporting(() =>
        validateConfig(pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack()),
    );
}

/** Lets a `ConfigError` end the program with its text only; Pulumi shows no stack trace of a `RunError`. */
export function reporting<T>(check: () => T): T {
    try {
        return check();
    } catch (error) {
        if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
        throw error;
    }
}
