import * as z from "zod";

/** Repository names of CodeCommit (API reference, `repositoryName`). */
const codeCommitRepository = z
    .string()
    .regex(/^[\w.-]{1,100}$/, "must be the name of a repository in CodeCommit");

/** Where the pull requests of an application are, and how they are reached. */
export const codeHostSchema = z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("codecommit"), repository: codeCommitRepository }),
    z.strictObject({
        type: z.enum(["github", "gitlab"]),
        /** Path in the host's address, e.g. `organisation/repository`. */
        repository: z
            .string()
            .max(200)
            .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)+$/, "must be organisation/repository"),
        /** Name of the secret in Secrets Manager that holds the token. */
        tokenSecret: z.string().regex(/^[A-Za-z0-9/_+=.@-]{1,512}$/, "must be the name of a secret"),
        /** Address of the API; that of github.com or gitlab.com unless given. */
        apiUrl: z.url({ protocol: /^https$/, error: "must be an https address" }).optional(),
    }),
]);

export type CodeHostSettings = z.infer<typeof codeHostSchema>;
export type CodeHostType = CodeHostSettings["type"];
