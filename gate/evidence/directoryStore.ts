import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { conflictAt, differsAt, EvidenceError, largestEvidence, type EvidenceStore } from "./evidenceStore";

/** Evidence in a folder: for trying the gate out on one machine. Not tamper-proof as the bucket is. */
export class DirectoryEvidenceStore implements EvidenceStore {
    constructor(private readonly root: string) {}

    locate(key: string): string {
        return join(this.root, key);
    }

    async put(key: string, content: Uint8Array): Promise<void> {
        const path = this.locate(key);
        const failed = (error: unknown) =>
            new EvidenceError(`evidence ${path} cannot be written (${(error as Error).message})`);
        let existed = false;
        await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
            throw failed(error);
        });
        await writeFile(path, content, { flag: "wx" }).catch((error: unknown) => {
            existed = (error as NodeJS.ErrnoException).code === "EEXIST";
            if (!existed) throw failed(error);
        });
        const stored = await this.get(key);
        if (stored === null || !Buffer.from(content).equals(stored)) {
            throw existed ? conflictAt(path) : differsAt(path);
        }
    }

    async get(key: string): Promise<Uint8Array | null> {
        const path = this.locate(key);
        try {
            const { size } = await stat(path);
            if (size > largestEvidence)
                throw new Error(`${size} bytes, more than ${largestEvidence} allowed`);
            return await readFile(path);
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
            throw new EvidenceError(`evidence ${path} cannot be read (${(error as Error).message})`);
        }
    }
}
