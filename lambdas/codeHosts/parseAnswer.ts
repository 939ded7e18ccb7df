import type * as z from "zod";
import { ServiceError } from "../effects/serviceCalls";

/** A host's answer as it has to be. @throws ServiceError that names the first member that is not so. */
export function parseAnswer<Answer>(what: string, schema: z.ZodType<Answer>, body: unknown): Answer {
    const result = schema.safeParse(body);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "as a whole" : issue.path.join(".");
    throw new ServiceError(
        `${what} is of another format (${where}: ${issue?.message}); the event is tried again`,
    );
}
