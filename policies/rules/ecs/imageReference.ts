import { matchesWildcard } from "../../harness/wildcard";

export interface ImageReference {
    /** Registry and repository, always with the registry, e.g. `docker.io/library/postgres`. */
    repository: string;
    tag?: string;
    /** `sha256:` and 64 hex digits. */
    digest?: string;
}

/**
 * Reads an image reference the way container runtimes do: without a registry it is Docker Hub, and there without a
 * namespace it is `library`. Undefined when the text is no image reference.
 * Source: github.com/distribution/reference, normalize.go (splitDockerDomain).
 */
export function parseImageReference(text: string): ImageReference | undefined {
    const [named, digest, ...rest] = text.split("@");
    if (named === undefined || rest.length > 0) return undefined;
    if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
    const parts = /^(?<path>[^\s:]+(?::\d+\/[^\s:]+)?)(?::(?<tag>[\w][\w.-]{0,127}))?$/.exec(named)?.groups;
    const path = parts?.["path"];
    if (path === undefined) return undefined;
    const tag = parts?.["tag"];
    return {
        repository: withRegistry(path),
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest }),
    };
}

function withRegistry(path: string): string {
    const slash = path.indexOf("/");
    const first = slash < 0 ? "" : path.slice(0, slash);
    const isRegistry = first.includes(".") || first.includes(":") || first === "localhost";
    if (isRegistry) return path.replace(/^index\.docker\.io\//, "docker.io/");
    return slash < 0 ? `docker.io/library/${path}` : `docker.io/${path}`;
}

/**
 * True when the repository lies in an allowed registry. A pattern is a registry, or a registry and the beginning of a
 * path, compared part by part; `*` stands for any text within one part.
 */
export function isAllowedRepository(repository: string, allowed: readonly string[]): boolean {
    const parts = repository.split("/");
    return allowed.some((pattern) => {
        const wanted = pattern.split("/");
        return (
            wanted.length <= parts.length && wanted.every((part, i) => matchesWildcard(part, parts[i] ?? ""))
        );
    });
}
