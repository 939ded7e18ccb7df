import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { EvidenceError } from "./evidencePlace";

export { applicationPattern, EvidenceError, executionPattern, type EvidenceSubject } from "./evidencePlace";

/** What bytes there are, or are to be: their hash in lower-case hexadecimal and their number. */
export interface ContentDescription {
    sha256: string;
    bytes: number;
}

/** A file whose content is known. Storing it fails when the file no longer is what is said here. */
export interface FileContent extends ContentDescription {
    path: string;
}

/** Text that is made again each time it is read, because it would be large as a whole. */
export interface GeneratedContent extends ContentDescription {
    pieces: () => Iterable<Uint8Array>;
}

/** What is stored: bytes in memory, or what is read in pieces. */
export type EvidenceContent = Uint8Array | FileContent | GeneratedContent;

/** Storage of evidence for who only judges it. */
export interface EvidenceReader {
    /**
     * The bytes under a key; null when there are none.
     * @param largest in bytes; more is an error.
     * @throws EvidenceError when the store fails or does not allow the answer.
     */
    get(key: string, largest: number): Promise<Uint8Array | null>;
    /**
     * What bytes are under a key, whatever their number; null when there are none.
     * @throws EvidenceError as `get`.
     */
    describe(key: string): Promise<ContentDescription | null>;
    /** The full place of a key, for messages: a path or an s3:// address. */
    locate(key: string): string;
}

/**
 * Write-once storage of evidence. `put` never replaces anything: the same bytes again are fine, other bytes under a
 * key that exists are refused.
 */
export interface EvidenceStore extends EvidenceReader {
    /**
     * Stores, reads back and compares.
     * @throws EvidenceError when the key holds other bytes, a file has changed since it was described, what is read
     *     back differs, or the store fails.
     */
    put(key: string, content: EvidenceContent): Promise<void>;
}

/** Bytes that are read from a file at a time. */
const pieceBytes = 1024 * 1024;

/** Hash and length of bytes. */
export function describeBytes(content: Uint8Array): ContentDescription {
    return { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
}

/** Hash and length of content that comes in pieces. */
export async function describePieces(
    pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<ContentDescription> {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const piece of pieces) {
        hash.update(piece);
        bytes += piece.length;
    }
    return { sha256: hash.digest("hex"), bytes };
}

/**
 * A file in pieces of at most 1 MiB. They lie in two buffers in turn: a piece is good until the one after the next is
 * asked for.
 */
export async function* filePieces(path: string): AsyncGenerator<Uint8Array> {
    const file = await open(path);
    try {
        let [buffer, next] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
        for (;;) {
            const { bytesRead } = await file.read(buffer, 0, pieceBytes, null);
            if (bytesRead === 0) return;
            yield buffer.subarray(0, bytesRead);
            [buffer, next] = [next, buffer];
        }
    } finally {
        await file.close();
    }
}

/**
 * A file as it is now, for storing it.
 * @throws EvidenceError when it cannot be read.
 */
export async function describeFile(path: string): Promise<FileContent> {
    try {
        return { path, ...(await describePieces(filePieces(path))) };
    } catch (error) {
        throw new EvidenceError(`${path} cannot be read (${(error as Error).message})`);
    }
}

export function descriptionOf(content: EvidenceContent): ContentDescription {
    return content instanceof Uint8Array
        ? describeBytes(content)
        : { sha256: content.sha256, bytes: content.bytes };
}

export function isSameContent(a: ContentDescription, b: ContentDescription): boolean {
    return a.sha256 === b.sha256 && a.bytes === b.bytes;
}

/**
 * Content in pieces. The last piece is held back until all that was read is what was described, so that nobody ever
 * has the whole of a file that has changed. A piece is good until the next is asked for.
 * @throws EvidenceError when it has, or cannot be read.
 */
export async function* piecesOf(content: FileContent | GeneratedContent): AsyncGenerator<Uint8Array> {
    const isFile = "path" in content;
    const name = isFile ? content.path : "the text to be stored";
    const hash = createHash("sha256");
    let read = 0;
    let held: Uint8Array | null = null;
    try {
        for await (const piece of isFile ? filePieces(content.path) : content.pieces()) {
            hash.update(piece);
            read += piece.length;
            if (read > content.bytes) break;
            if (held !== null) yield held;
            held = piece;
        }
    } catch (error) {
        throw new EvidenceError(`${name} cannot be read again (${(error as Error).message})`);
    }
    if (!isSameContent({ sha256: hash.digest("hex"), bytes: read }, content)) {
        throw new EvidenceError(`${name} has changed since it was judged; nothing is stored; scan again`);
    }
    if (held !== null) yield held;
}

/** The refusal that every store gives when a key holds something else. */
export function conflictAt(place: string): EvidenceError {
    return new EvidenceError(
        `evidence ${place} exists with other content and is written only once; start a new pipeline execution ` +
            "instead of retrying this one",
    );
}

/** The refusal that every store gives when it does not return what it was given. */
export function differsAt(place: string): EvidenceError {
    return new EvidenceError(
        `evidence ${place} reads back different from what was written; nothing can be trusted`,
    );
}
