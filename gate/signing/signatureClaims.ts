/** What `cosign verify` says that was signed, read strictly. */
import * as z from "zod";
import { digestSchema } from "../report/scanReport";
import { parseStrictJson } from "../report/strictJson";

/** What a signature of ours says: which image, and for which application. */
export interface SignatureClaim {
    /** `<registry>/<repository>`. */
    repository: string;
    /** `sha256:` and 64 hexadecimal digits. */
    digest: string;
    application: string;
}

/**
 * The simple signing document (cosign, `specs/SIGNATURE_SPEC.md`). `optional` carries the annotations, and nothing else
 * because nothing else is asked for.
 */
const claimSchema = z.object({
    critical: z.strictObject({
        identity: z.strictObject({ "docker-reference": z.string().min(1) }),
        image: z.strictObject({ "docker-manifest-digest": digestSchema }),
        type: z.literal("cosign container image signature"),
    }),
    optional: z.object({ application: z.string().min(1) }),
});

/**
 * Why the signatures that cosign calls verified do not say what was asked for; null when each of them does.
 * @param output standard output of `cosign verify --output json`.
 */
export function problemWithClaims(output: string, expected: SignatureClaim): string | null {
    let value: unknown;
    try {
        value = parseStrictJson(output.trim());
    } catch (error) {
        return `it is not JSON (${(error as Error).message.slice(0, 200)})`;
    }
    const result = z.array(claimSchema).min(1, "there is none").safeParse(value);
    if (!result.success) {
        const [issue] = result.error.issues;
        return `${issue?.path.join(".") || "the list"}: ${issue?.message}`;
    }
    for (const { critical, optional } of result.data) {
        const said: SignatureClaim = {
            repository: critical.identity["docker-reference"],
            digest: critical.image["docker-manifest-digest"],
            application: optional.application,
        };
        for (const name of ["repository", "digest", "application"] as const) {
            if (said[name] !== expected[name])
                return `it is about ${name} ${said[name].slice(0, 300)}, not ${expected[name]}`;
        }
    }
    return null;
}
