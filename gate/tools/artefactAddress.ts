import { ToolError } from "./toolError";

/** Where an artefact is fetched from. */
export type ArtefactAddress = { kind: "http"; url: URL } | { kind: "s3"; bucket: string; key: string };

const loopbackHosts = ["127.0.0.1", "[::1]", "localhost"];

/**
 * Parses `https://…` or `s3://bucket/key`; http only to this machine.
 * @throws ToolError
 */
export function parseArtefactAddress(text: string): ArtefactAddress {
    if (text.startsWith("s3://")) {
        const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(text) ?? [];
        const parts = key?.split("/") ?? [];
        if (bucket === undefined || key === undefined || parts.some((part) => /^\.{0,2}$/.test(part)))
            throw new ToolError(`"${text}" is not s3://BUCKET/KEY`, "refused");
        return { kind: "s3", bucket, key };
    }
    if (!URL.canParse(text)) throw new ToolError(`"${text}" is not an address`, "refused");
    const url = new URL(text);
    if (url.protocol !== "https:" && !isLoopback(url))
        throw new ToolError(`"${text}" is neither https:// nor s3://BUCKET/KEY`, "refused");
    return { kind: "http", url: withoutLogin(url) };
}

/**
 * Where a redirect leads. Only to https; one that began on this machine may also stay on it.
 * @param location as in the answer's header.
 * @throws ToolError
 */
export function redirectTarget(from: URL, location: string | null): URL {
    if (location === null || !URL.canParse(location, from.href))
        throw new ToolError(`${nameOf(from)} redirects to no address`, "unavailable");
    const to = new URL(location, from);
    if (to.protocol !== "https:" && !(isLoopback(to) && isLoopback(from)))
        throw new ToolError(
            `${nameOf(from)} redirects to ${to.protocol}//${to.host}, which is not https; use an address that stays on https`,
            "refused",
        );
    return withoutLogin(to);
}

/** An address for messages: without what a signed address carries behind "?". */
export function nameOf(url: URL): string {
    return `${url.origin}${url.pathname}`;
}

/** The file's name: the last part of the path. */
export function fileNameOf(address: ArtefactAddress): string {
    const path = address.kind === "s3" ? address.key : address.url.pathname;
    return path.slice(path.lastIndexOf("/") + 1);
}

/** An address for messages. */
export function textOf(address: ArtefactAddress): string {
    return address.kind === "s3" ? `s3://${address.bucket}/${address.key}` : nameOf(address.url);
}

function isLoopback(url: URL): boolean {
    return url.protocol === "http:" && loopbackHosts.includes(url.hostname);
}

function withoutLogin(url: URL): URL {
    if (url.username !== "" || url.password !== "")
        throw new ToolError(`${nameOf(url)} is given with a user name; addresses carry no login`, "refused");
    return url;
}
