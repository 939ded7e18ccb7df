import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ToolError } from "./toolError";

const blockBytes = 512;

/** Bounds against an archive that unpacks to far more than a tool: the largest is Trivy with 170 MB. */
export interface TarBounds {
    /** Largest member, in bytes. */
    mostMemberBytes: number;
    /** Largest whole archive unpacked, in bytes. */
    mostBytes: number;
}

export const defaultTarBounds: TarBounds = {
    mostMemberBytes: 512 * 1024 * 1024,
    mostBytes: 1024 * 1024 * 1024,
};

/** Largest extended header that is read, in bytes. */
const mostHeaderBytes = 64 * 1024;

/**
 * Reads one regular file out of a tar.gz (POSIX pax and GNU formats) and hands out its content. Every other entry is
 * passed over; nothing is ever written by the name that an archive gives.
 * @param archive the bytes of the tar.gz.
 * @param member path of the file, as it stands in the archive; a "./" before it there does not matter.
 * @returns the file's length in bytes.
 * @throws ToolError `refused`: not exactly one such regular file, an archive that is damaged, cut off, over a bound,
 * or of a kind that is not read.
 */
export async function readTarMember(
    archive: AsyncIterable<Uint8Array>,
    member: string,
    write: (chunk: Uint8Array) => Promise<void>,
    bounds: TarBounds = defaultTarBounds,
): Promise<number> {
    let found: number | null = null;
    try {
        await pipeline(archive, createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
            const tar = new TarReader(chunks, bounds.mostBytes);
            for (let entry = await tar.next(); entry !== null; entry = await tar.next()) {
                if (entry.name.replace(/^\.\//, "") !== member) continue;
                if (entry.type !== "file")
                    throw refused(`${member} is no regular file in the archive but a ${entry.type}`);
                if (found !== null) throw refused(`the archive has ${member} more than once`);
                if (entry.size > bounds.mostMemberBytes)
                    throw refused(`${member} is over ${bounds.mostMemberBytes} bytes`);
                found = entry.size;
                for await (const chunk of tar.content()) await write(chunk);
            }
            // zlib checks the sum at the end of a gzip stream only when it is read to its end.
            await tar.drain();
        });
    } catch (error) {
        if (error instanceof ToolError) throw error;
        const { code, message } = error as NodeJS.ErrnoException;
        if (code?.startsWith("Z_") === true) throw refused(`the archive cannot be unpacked (${message})`);
        throw error;
    }
    if (found === null) throw refused(`the archive has no ${member}`);
    return found;
}

interface TarEntry {
    name: string;
    size: number;
    type: "file" | "link" | "symbolic link" | "directory" | "device";
}

/** Walks through the entries of a tar stream. */
class TarReader {
    private readonly iterator: AsyncIterator<Uint8Array>;
    private rest: Buffer = Buffer.alloc(0);
    private total = 0;
    /** Bytes of the current entry's content that are not read yet, and the padding after them. */
    private left = 0;
    private padding = 0;

    constructor(
        chunks: AsyncIterable<Uint8Array>,
        private readonly mostBytes: number,
    ) {
        this.iterator = chunks[Symbol.asyncIterator]();
    }

    /** The next entry; null at the archive's end mark. */
    async next(): Promise<TarEntry | null> {
        let longName: string | null = null;
        let pax: ReadonlyMap<string, string> = new Map();
        for (;;) {
            for await (const _ of this.content());
            const header = await this.block();
            if (header.every((byte) => byte === 0)) {
                const second = await this.block();
                if (!second.every((byte) => byte === 0)) throw refused("the archive's end mark is damaged");
                return null;
            }
            checkHeader(header);
            const typeFlag = String.fromCharCode(header[156] ?? 0);
            const size = pax.has("size") ? decimal(pax.get("size") ?? "") : octal(header, 124, 12);
            if (typeFlag === "x" || typeFlag === "g" || typeFlag === "L" || typeFlag === "K") {
                const own = octal(header, 124, 12);
                if (own > mostHeaderBytes) throw refused("the archive has an oversized header");
                this.begin(own);
                const text = (await this.text()).toString("utf8");
                if (typeFlag === "L") longName = text.replace(/\0+$/, "");
                if (typeFlag === "x") pax = paxRecords(text);
                // What a global header says would hold for all entries; git's comment is the only use met.
                if (typeFlag === "g" && [...paxRecords(text).keys()].some((key) => key !== "comment"))
                    throw refused("the archive has a global header that is not read");
                continue;
            }
            if ([...pax.keys()].some((key) => key.startsWith("GNU.sparse")))
                throw refused("the archive has a sparse file, which is not read");
            const type = entryTypes[typeFlag];
            if (type === undefined)
                throw refused(`the archive has an entry of type "${typeFlag}", which is not read`);
            if (type !== "file" && size !== 0) throw refused(`the archive has a ${type} with content`);
            this.begin(size);
            return { name: pax.get("path") ?? longName ?? headerName(header), size, type };
        }
    }

    /** What is left of the current entry's content, chunk by chunk. */
    async *content(): AsyncGenerator<Uint8Array> {
        while (this.left > 0) {
            const chunk = await this.take(this.left);
            this.left -= chunk.length;
            yield chunk;
        }
        while (this.padding > 0) this.padding -= (await this.take(this.padding)).length;
    }

    async drain(): Promise<void> {
        for (let next = await this.iterator.next(); next.done !== true; next = await this.iterator.next())
            this.count(next.value.length);
    }

    private begin(size: number): void {
        this.left = size;
        this.padding = (blockBytes - (size % blockBytes)) % blockBytes;
    }

    private async text(): Promise<Buffer> {
        const chunks: Uint8Array[] = [];
        for await (const chunk of this.content()) chunks.push(chunk);
        return Buffer.concat(chunks);
    }

    private async block(): Promise<Buffer> {
        const parts: Buffer[] = [];
        for (let wanted = blockBytes; wanted > 0;) {
            const part = await this.take(wanted);
            parts.push(part);
            wanted -= part.length;
        }
        return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    }

    /** From 1 to `most` bytes. */
    private async take(most: number): Promise<Buffer> {
        while (this.rest.length === 0) {
            const next = await this.iterator.next();
            if (next.done === true) throw refused("the archive is cut off");
            this.count(next.value.length);
            this.rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
        }
        const taken = this.rest.subarray(0, most);
        this.rest = this.rest.subarray(taken.length);
        return taken;
    }

    private count(bytes: number): void {
        this.total += bytes;
        if (this.total > this.mostBytes)
            throw refused(`the archive is over ${this.mostBytes} bytes unpacked`);
    }
}

const entryTypes: Readonly<Record<string, TarEntry["type"]>> = {
    "0": "file",
    "\0": "file",
    "1": "link",
    "2": "symbolic link",
    "3": "device",
    "4": "device",
    "5": "directory",
    "6": "device",
};

function checkHeader(header: Buffer): void {
    let sum = 0;
    header.forEach((byte, at) => (sum += at >= 148 && at < 156 ? 0x20 : byte));
    if (octal(header, 148, 8) !== sum) throw refused("the archive has a damaged header");
}

function headerName(header: Buffer): string {
    const name = field(header, 0, 100);
    // GNU's own format has other things where POSIX keeps the beginning of a long name.
    const prefix = header.toString("latin1", 257, 263) === "ustar\0" ? field(header, 345, 155) : "";
    return prefix === "" ? name : `${prefix}/${name}`;
}

function field(header: Buffer, start: number, length: number): string {
    const text = header.toString("utf8", start, start + length);
    const end = text.indexOf("\0");
    return end < 0 ? text : text.slice(0, end);
}

function octal(header: Buffer, start: number, length: number): number {
    const text = header
        .toString("latin1", start, start + length)
        .replace(/[\0 ]+$/, "")
        .trimStart();
    if (!/^[0-7]{1,12}$/.test(text)) throw refused("the archive has a damaged header");
    return Number.parseInt(text, 8);
}

function decimal(text: string): number {
    if (!/^\d{1,15}$/.test(text)) throw refused("the archive has a damaged header");
    return Number(text);
}

/** Records of a pax header: `<length> <key>=<value>\n`, the length in bytes with itself included. */
function paxRecords(text: string): ReadonlyMap<string, string> {
    const records = new Map<string, string>();
    let bytes = Buffer.from(text, "utf8");
    while (bytes.length > 0) {
        const [, digits] = /^(\d{1,6}) /.exec(bytes.toString("latin1", 0, 8)) ?? [];
        const length = Number(digits ?? 0);
        const record = bytes.subarray(0, length).toString("utf8");
        const equals = record.indexOf("=");
        if (digits === undefined || length > bytes.length || !record.endsWith("\n") || equals < 0)
            throw refused("the archive has a damaged header");
        records.set(record.slice(digits.length + 1, equals), record.slice(equals + 1, -1));
        bytes = bytes.subarray(length);
    }
    return records;
}

function refused(message: string): ToolError {
    return new ToolError(message, "refused");
}
