/** A registry could not be asked, or refused. Trying the same again later may help. */
export class RegistryError extends Error {
    override name = "RegistryError";
    constructor(
        message: string,
        /** HTTP status, or null when there was no answer. */
        readonly status: number | null = null,
        /** Whether the same request may be tried again at once. */
        readonly passing = false,
    ) {
        super(message);
    }
}

/** What a registry gave is not what its digest says, or a tag names another image. Never to be ignored. */
export class DigestMismatchError extends Error {
    override name = "DigestMismatchError";
}

/** How requests are repeated: `attempts` in all, with growing pauses. */
export interface Patience {
    attempts: number;
    sleep: (milliseconds: number) => Promise<void>;
}

export const defaultPatience: Patience = {
    attempts: 4,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/**
 * Repeats `action` while it fails in a way that may pass: no answer, 429, 5xx, or bytes that do not fit their
 * digest (a damaged transfer looks the same as a damaged source). Pauses 0.5, 2 and 8 seconds.
 */
export async function withPatience<T>(patience: Patience, action: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
        try {
            return await action();
        } catch (error) {
            const repeat =
                error instanceof DigestMismatchError || (error instanceof RegistryError && error.passing);
            if (!repeat || attempt >= patience.attempts) throw error;
            await patience.sleep(500 * 4 ** (attempt - 1));
        }
    }
}
