import { IncompleteError, oneLine } from "./engineError";

/** An image as the engine must know it: a digest, and the full tag `registry/repository:tag` it was pushed under. */
export interface EngineSubject {
    digest: string;
    fullTag: string;
    /** `registry/repository`. */
    repository: string;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Puts image, digest and tag together. The engine keys its answers by the full tag exactly as it was given, so the
 * reference must name its registry: the engine would complete a short one in its own way.
 * @param image `registry/repository@sha256:…`; its digest must be `digest`.
 * @param tag a tag of that repository, alone or as full tag.
 * @throws IncompleteError
 */
export function engineSubject(image: string, digest: string, tag: string): EngineSubject {
    const [repository = "", imageDigest] = image.split("@");
    const [host = "", ...path] = repository.split("/");
    if (!digestPattern.test(digest) || imageDigest !== digest || image.split("@").length !== 2) {
        throw new IncompleteError(
            `image ${oneLine(image)} does not name the digest ${oneLine(digest)}: give REPOSITORY@sha256:…`,
        );
    }
    if (
        path.length === 0 ||
        path.includes("") ||
        !(host.includes(".") || host.includes(":") || host === "localhost")
    ) {
        throw new IncompleteError(
            `image ${oneLine(image)} does not name its registry: give REGISTRY/REPOSITORY@sha256:…`,
        );
    }
    const name = tag.startsWith(`${repository}:`) ? tag.slice(repository.length + 1) : tag;
    if (!tagPattern.test(name)) {
        throw new IncompleteError(
            `"${oneLine(tag)}" is not a tag of ${repository}: give the tag that the build pushed`,
        );
    }
    return { digest, fullTag: `${repository}:${name}`, repository };
}
