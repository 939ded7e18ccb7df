import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For use inside `describe`: a new folder for every test, gone after it. @returns gives the path of something in it. */
export function useScratchFolder(): (...parts: string[]) => string {
    let folder = "";
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "gate-verify-"));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));
    return (...parts) => join(folder, ...parts);
}
