import { credentialsFor } from "../registry/credentials";
import { promote } from "../registry/promote";
import { parseImageReference, parseRepository, parseTag } from "../registry/reference";
import { RegistryClient } from "../registry/registryClient";
import { DigestMismatchError, RegistryError } from "../registry/registryError";
import { exitCode, type Command } from "./command";
import { asUsage } from "./inputs";
import { inOneLine } from "./oneLine";

/** `gate promote`: copies an image by digest into another repository and reads it back. */
export const promoteCommand: Command = {
    usage: "gate promote --from REPOSITORY@sha256:… --to REPOSITORY --tag TAG",
    options: [
        { name: "from", value: "REPOSITORY@sha256:…", help: "image to copy, always by digest" },
        { name: "to", value: "REPOSITORY", help: "repository that gets it" },
        { name: "tag", value: "TAG", help: "its tag there; a tag that names another image is never moved" },
    ],
    run: async (options, context) => {
        const [fromText, toText, tagText] = [
            options.required("from"),
            options.required("to"),
            options.required("tag"),
        ];
        const from = asUsage(() => parseImageReference(fromText));
        const to = asUsage(() => parseRepository(toText));
        const tag = asUsage(() => parseTag(tagText));
        try {
            const access = (host: string) => credentialsFor(host, context.environment);
            const fromAccess = await access(from.repository.host);
            const toAccess = to.host === from.repository.host ? fromAccess : await access(to.host);
            const promotion = await promote({
                source: new RegistryClient(from.repository, "pull", fromAccess),
                destination: new RegistryClient(to, "pull,push", toAccess),
                digest: from.digest,
                tag,
                progress: (line) => context.complain(`gate: ${inOneLine(line)}`),
            });
            const how = promotion.unchanged
                ? "was there already"
                : `copied ${promotion.blobsCopied} blobs (${promotion.bytesCopied} bytes), ` +
                  `${promotion.blobsPresent} were there`;
            context.print(`PROMOTED: ${promotion.image} as ${promotion.tag}, read back and compared; ${how}`);
            return exitCode.pass;
        } catch (error) {
            if (error instanceof DigestMismatchError) {
                context.print(`REFUSED: ${inOneLine(error.message)}`);
                return exitCode.fail;
            }
            if (error instanceof RegistryError) {
                context.print(`NOT PROMOTED: ${inOneLine(error.message)}`);
                return exitCode.incomplete;
            }
            throw error;
        }
    },
};
