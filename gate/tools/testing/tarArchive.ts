import { gzipSync } from "node:zlib";

/** One entry of an archive that specs make, as wrong as they want it. */
export interface SampleEntry {
    name: string;
    content?: Uint8Array | string;
    /** Type flag of the header; "0" (regular file) unless given. */
    type?: string;
    linkName?: string;
    /** Size in the header, when it is not the content's. */
    size?: number;
    /** POSIX, or GNU's own; both are met in release archives. */
    format?: "ustar" | "gnu";
    /** Beginning of a long name, for POSIX. */
    prefix?: string;
    /** Damages the header after its sum is computed. */
    damage?: (header: Buffer) => void;
}

/** The blocks of one entry. */
export function tarEntry(entry: SampleEntry): Buffer {
    const content = Buffer.from(entry.content ?? "");
    const header = Buffer.alloc(512);
    header.write(entry.name, 0, 100, "utf8");
    header.write("0000755\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${(entry.size ?? content.length).toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write(entry.type ?? "0", 156, 1, "latin1");
    header.write(entry.linkName ?? "", 157, 100, "utf8");
    header.write(entry.format === "gnu" ? "ustar  \0" : "ustar\x0000", 257, 8, "latin1");
    header.write(entry.prefix ?? "", 345, 155, "utf8");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    entry.damage?.(header);
    return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A pax record: `<length> <key>=<value>\n`. */
export function paxRecord(key: string, value: string): string {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest;
    while (`${length}`.length + rest !== length) length = `${length}`.length + rest;
    return `${length} ${key}=${value}\n`;
}

/** A whole tar, with its end mark unless that is left away. */
export function tar(entries: readonly SampleEntry[], endMark = true): Buffer {
    return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(endMark ? 1024 : 0)]);
}

/** A whole tar.gz. */
export function tarGz(entries: readonly SampleEntry[], endMark = true): Buffer {
    return gzipSync(tar(entries, endMark));
}
