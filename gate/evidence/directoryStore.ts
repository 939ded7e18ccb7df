import { mkdir, open, stat, readFile, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
    conflictAt,
    describePieces,
    descriptionOf,
    differsAt,
    EvidenceError,
    filePieces,
    isSameContent,
    piecesOf,
    type ContentDescription,
    type EvidenceContent,
    type EvidenceStore,
} from "./evidenceStore";

/** Evidence in a folder: for trying the gate out on one machine. Not tamper-proof as the bucket is. */
export class DirectoryEvidenceStore implements EvidenceStore {
    constructor(private readonly root: string) {}

    locate(key: string): string {
        return join(this.root, key);
    }

    async put(key: string, content: EvidenceContent): Promise<void> {
        const path = this.locate(key);
        const file = await openNew(path);
        if (file !== null) {
            try {
                await write(file, content);
            } catch (error) {
                // Ours, and not what it should be: it would look like evidence.
                await unlink(path).catch(() => undefined);
                throw error instanceof EvidenceError ? error : notWritten(path, error);
            }
        }
        const stored = await this.describe(key);
        if (stored === null || !isSameContent(stored, descriptionOf(content))) {
            throw file === null ? conflictAt(path) : differsAt(path);
        }
    }

    async get(key: string, largest: number): Promise<Uint8Array | null> {
        return this.read(key, async (path) => {
            const { size } = await stat(path);
            if (size > largest) throw new Error(`${size} bytes, more than ${largest} allowed`);
            return readFile(path);
        });
    }

    async describe(key: string): Promise<ContentDescription | null> {
        return this.read(key, (path) => describePieces(filePieces(path)));
    }

    private async read<T>(key: string, from: (path: string) => Promise<T>): Promise<T | null> {
        const path = this.locate(key);
        try {
            return await from(path);
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
            throw new EvidenceError(`evidence ${path} cannot be read (${(error as Error).message})`);
        }
    }
}

/** A new file, and its folders; null when it exists. */
async function openNew(path: string): Promise<FileHandle | null> {
    try {
        await mkdir(dirname(path), { recursive: true });
        return await open(path, "wx");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST" && (await isFile(path))) return null;
        throw notWritten(path, error);
    }
}

async function isFile(path: string): Promise<boolean> {
    return stat(path).then(
        (status) => status.isFile(),
        () => false,
    );
}

/** Writes to the disk itself, not only to its cache, and closes. */
async function write(file: FileHandle, content: EvidenceContent): Promise<void> {
    try {
        if (content instanceof Uint8Array) await file.writeFile(content);
        else for await (const piece of piecesOf(content)) await file.appendFile(piece);
        await file.sync();
    } finally {
        await file.close();
    }
}

function notWritten(path: string, error: unknown): EvidenceError {
    return new EvidenceError(`evidence ${path} cannot be written (${(error as Error).message})`);
}
