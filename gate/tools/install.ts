import { chmod, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileNameOf, parseArtefactAddress, type ArtefactAddress } from "./artefactAddress";
import { readTarMember } from "./tarMember";
import { ToolError } from "./toolError";
import { readToolManifest, versionsIn, type Tool } from "./toolManifest";
import type { TransferOptions } from "./transfer";
import { downloadVerified, type Sum } from "./verifiedDownload";
import { withdrawalOf } from "./withdrawn";

/** What is to be installed. */
export interface InstallRequest {
    /** Name of the program, also of its file. */
    tool: string;
    /** https, or s3://bucket/key. */
    url: string;
    /** SHA-256 of the artefact, hexadecimal. */
    sha256: string;
    /** Path of the program in a tar.gz; undefined: the manifest's, or else the tool's name. */
    member: string | undefined;
}

/** A request that does not contradict what is known. */
export interface InstallPlan {
    tool: string;
    /** The version that the address names; null when it names none or several. */
    version: string | null;
    address: ArtefactAddress;
    sha256: string;
    /** Path of the program in the archive; null when the artefact is the program. */
    member: string | null;
}

const toolPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Archives that are not unpacked; taking one for a program would fail late and unclearly. */
const otherArchives = /\.(zip|gz|bz2|xz|zst|tar|deb|rpm|apk|7z|whl)$/i;

/**
 * Decides what a request means before anything is fetched.
 * @throws ToolError `refused`: not a tool's name, address or sum, a withdrawn version, or a sum that contradicts the
 * manifest.
 */
export function planInstall({ tool, url, sha256, member }: InstallRequest): InstallPlan {
    if (!toolPattern.test(tool))
        throw refused(`"${tool}" is not the name of a tool: lower-case letters, digits and hyphens`);
    if (!/^[0-9a-f]{64}$/.test(sha256))
        throw refused(`${tool}: "${sha256}" is not a sha256 of 64 lower-case hexadecimal digits`);
    const address = parseArtefactAddress(url);
    const file = fileNameOf(address);
    const versions = versionsIn(url);
    for (const version of versions) {
        const withdrawal = withdrawalOf(tool, version);
        if (withdrawal !== null) throw refused(withdrawal);
    }
    const known = [...readToolManifest().values()];
    const other = known.find(({ name, sha256: sum }) => name !== tool && sum === sha256);
    if (other !== undefined) throw refused(`${tool}: this is the sha256 of ${other.name} ${other.version}`);
    const own = known.find(({ name }) => name === tool);
    if (own !== undefined && versions.size === 0)
        throw refused(`${tool}: ${url} names no version; use an address that does, such as ${own.url}`);
    if (own !== undefined && versions.has(own.version) && sha256 !== own.sha256) {
        throw refused(
            `${tool} ${own.version} has sha256 ${own.sha256} in the tool manifest, but ${sha256} is given; ` +
                "take the manifest's, or another version with its own sum",
        );
    }
    const [version = null] = versions.size === 1 ? versions : [];
    return { tool, version, address, sha256, member: memberOf(tool, file, member, own) };
}

function memberOf(
    tool: string,
    file: string,
    given: string | undefined,
    known: Tool | undefined,
): string | null {
    if (/\.(tar\.gz|tgz)$/.test(file)) return given ?? known?.member ?? tool;
    if (otherArchives.test(file))
        throw refused(
            `${tool}: ${file} is an archive that is not unpacked; use the tar.gz or the program itself`,
        );
    // The tool's own name says nothing about an archive: configuration may give it for any artefact.
    if (given !== undefined && given !== tool)
        throw refused(`${tool}: ${file} is no tar.gz, so it has no member "${given}"`);
    return null;
}

/**
 * Fetches an artefact into a folder of its own inside `folder`, verifies it, takes the program out of it, and only
 * then gives it its name there, in one step. Whatever goes wrong, nothing of it is left and a program that was there
 * before stays as it was. The program is not run.
 * @returns the program's path, and the artefact's sum.
 * @throws ToolError
 */
export async function installTool(
    plan: InstallPlan,
    folder: string,
    options: TransferOptions,
): Promise<{ path: string; sum: Sum }> {
    const { tool, address, sha256, member } = plan;
    const work = await makeWorkFolder(folder);
    try {
        const artefact = join(work, "artefact");
        const program = member === null ? artefact : join(work, "program");
        const { file, sum } = await downloadVerified(tool, address, sha256, artefact, options);
        try {
            if (member !== null) await unpack(file, tool, member, program);
        } finally {
            await file.close();
        }
        options.signal?.throwIfAborted();
        await chmod(program, 0o755);
        const path = join(folder, tool);
        await rename(program, path);
        return { path, sum };
    } catch (error) {
        if (error instanceof ToolError) throw error;
        throw new ToolError(
            `${tool}: cannot be installed in ${folder} (${(error as Error).message})`,
            "unavailable",
        );
    } finally {
        await rm(work, { recursive: true, force: true });
    }
}

async function unpack(
    archive: Awaited<ReturnType<typeof open>>,
    tool: string,
    member: string,
    path: string,
): Promise<void> {
    const program = await open(path, "wx", 0o600);
    try {
        await readTarMember(
            archive.createReadStream({ start: 0, autoClose: false }),
            member,
            async (chunk) => {
                await program.appendFile(chunk);
            },
        );
    } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        throw new ToolError(`${tool}: ${error.message}`, error.kind);
    } finally {
        await program.close();
    }
}

/** A folder beside the place of the program: renaming is one step only within one file system. */
async function makeWorkFolder(folder: string): Promise<string> {
    try {
        await mkdir(folder, { recursive: true });
        return await mkdtemp(join(folder, ".install-"));
    } catch (error) {
        throw new ToolError(`${folder} cannot be written (${(error as Error).message})`, "unavailable");
    }
}

function refused(message: string): ToolError {
    return new ToolError(message, "refused");
}
