import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/** Bytes that are read from a file at a time. */
const chunkBytes = 1024 * 1024;

/** The file is there and not to be read. The message has no subject: `is not a file`, `has … bytes, more than …`. */
export class RefusedFileError extends Error {
    override name = "RefusedFileError";
}

/** A file while it is open. */
export interface OpenFile {
    /** In bytes, when it was opened. */
    readonly size: number;
    /** Its content from the beginning, in pieces of 1 MiB. They lie in one buffer that is used again. */
    chunks(): Iterable<Uint8Array>;
    /** Bytes that the latest `chunks` have given so far. */
    readonly bytes: number;
    /** Why a read failed; null while none did. Kept, because whoever takes the chunks may catch what they throw. */
    readonly failure: unknown;
}

/**
 * Opens a file, has it read, and closes it. Its size is asked before a byte is read.
 * @param largest in bytes.
 * @throws RefusedFileError when it is no file or larger; the error of the file system; what `use` throws.
 */
export function withOpenFile<T>(path: string, largest: number, use: (file: OpenFile) => T): T {
    // Opening a named pipe would wait for its writer.
    if (!statSync(path).isFile()) throw new RefusedFileError("is not a file");
    const descriptor = openSync(path, "r");
    try {
        const { size } = fstatSync(descriptor);
        if (size > largest) {
            throw new RefusedFileError(`has ${size} bytes, more than the ${largest} allowed`);
        }
        return use(new DescribedFile(descriptor, size));
    } finally {
        closeSync(descriptor);
    }
}

class DescribedFile implements OpenFile {
    bytes = 0;
    failure: unknown = null;

    constructor(
        private readonly descriptor: number,
        readonly size: number,
    ) {}

    *chunks(): Generator<Uint8Array, void, void> {
        this.bytes = 0;
        const buffer = Buffer.allocUnsafe(chunkBytes);
        for (;;) {
            let length: number;
            try {
                length = readSync(this.descriptor, buffer, 0, buffer.length, this.bytes);
            } catch (error) {
                this.failure = error;
                throw error;
            }
            if (length === 0) return;
            this.bytes += length;
            yield buffer.subarray(0, length);
        }
    }
}
