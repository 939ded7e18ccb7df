/** A repository in a registry, e.g. host `123456789012.dkr.ecr.eu-west-1.amazonaws.com`, path `orders/staging`. */
export interface Repository {
    /** Host, with a port if it is not the usual one. */
    host: string;
    path: string;
}

/** An image by digest. */
export interface ImageReference {
    repository: Repository;
    digest: string;
}

/** Repository path of the OCI distribution specification, section "Pulling manifests". */
const pathPattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const hostPattern = /^(\[[0-9a-f:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads `HOST/PATH`. The host must be written out: no registry is assumed.
 * @throws Error in one line.
 */
export function parseRepository(text: string): Repository {
    const slash = text.indexOf("/");
    const host = text.slice(0, Math.max(slash, 0));
    const path = text.slice(slash + 1);
    const looksLikeHost = /[.:]/.test(host) || host === "localhost";
    if (!looksLikeHost || !hostPattern.test(host) || path.length > 255 || !pathPattern.test(path)) {
        throw new Error(
            `"${text}" is not a repository: write REGISTRY-HOST/PATH in lower case, without a tag`,
        );
    }
    return { host, path };
}

/**
 * Reads `HOST/PATH@sha256:…`. Tags are refused: what a tag names can change between two looks.
 * @throws Error in one line.
 */
export function parseImageReference(text: string): ImageReference {
    const [repository = "", digest = "", ...rest] = text.split("@");
    if (rest.length > 0 || !digestPattern.test(digest)) {
        throw new Error(`"${text}" is not an image by digest: write REGISTRY-HOST/PATH@sha256:…`);
    }
    return { repository: parseRepository(repository), digest };
}

/** @throws Error in one line when the text is not a tag. */
export function parseTag(text: string): string {
    if (!tagPattern.test(text)) {
        throw new Error(`"${text}" is not a tag: at most 128 letters, digits, dots, hyphens and underscores`);
    }
    return text;
}

/** `HOST/PATH`, for messages and references. */
export function formatRepository({ host, path }: Repository): string {
    return `${host}/${path}`;
}

/** Whether a host (with or without port) is this machine itself, where plain HTTP is allowed. */
export function isLoopback(host: string): boolean {
    return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}

/** Base address of a registry's API: https, or http on this machine only. */
export function registryOrigin(host: string): string {
    if (isLoopback(host)) return `http://${host}`;
    // Docker Hub's references and its API go by different names.
    return `https://${host === "docker.io" ? "registry-1.docker.io" : host}`;
}
