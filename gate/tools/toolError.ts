/** A tool could not be had or is not what was pinned. The message is one line with what to do. */
export class ToolError extends Error {
    override name = "ToolError";
    constructor(
        message: string,
        /** `refused`: it is there and must not be used. `unavailable`: it could not be looked at. */
        readonly kind: "refused" | "unavailable",
        /** Whether the same request may be tried again at once. */
        readonly passing = false,
    ) {
        super(message);
    }
}
