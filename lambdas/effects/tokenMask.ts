/**
 * Keeps approval tokens out of logs and errors: a token is all that an answer needs besides the permission. Their last
 * four characters stay, so that entries about one request can be found.
 */
export class TokenMask {
    readonly #tokens = new Set<string>();

    /** From now on this token is masked. */
    learn(token: string): void {
        if (token.length >= 16) this.#tokens.add(token);
    }

    /** The text without any token that is known. */
    mask(text: string): string {
        let masked = text;
        for (const token of this.#tokens) masked = masked.replaceAll(token, shortened(token));
        return masked;
    }

    /** Forgets all tokens, for the next event. */
    clear(): void {
        this.#tokens.clear();
    }
}

function shortened(token: string): string {
    return `…${token.slice(-4)}`;
}
