/** The archive of a Lambda function: what is in it, and whether its handler is. */
import { createHash } from "node:crypto";
import { AssetError, ClosedAssetError, filesOfArchive } from "../../assets";
import { isObject, signatureKey, archiveSignature, toValue } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";

export interface FunctionCode {
    /** Base64 of SHA-256 over names and contents; in reality it is the digest of the packed archive. */
    sha256: string;
    /** Bytes, unpacked. */
    size: number;
    files: string[];
}

/** Endings of the files that each family of runtimes looks for behind a handler's name. */
const endings: Record<string, string[]> = { nodejs: [".js", ".mjs", ".cjs"], python: [".py"] };

function isArchive(code: Wire | undefined): code is WireObject {
    return isObject(code) && code[signatureKey] === archiveSignature;
}

/** Reads the archive of a function's `code`; undefined when there is none that can be opened. Throws `AssetError`. */
export function functionCode(code: Wire | undefined, directory: string): FunctionCode | undefined {
    if (!isArchive(code)) {
        return undefined;
    }
    let files: Map<string, Buffer>;
    try {
        files = filesOfArchive(toValue(code), directory);
    } catch (error) {
        if (error instanceof ClosedAssetError) {
            return undefined;
        }
        throw error;
    }
    const digest = createHash("sha256");
    let size = 0;
    for (const [name, content] of files) {
        digest.update(`${name}\0${content.length}\0`).update(content);
        size += content.length;
    }
    return { sha256: digest.digest("base64"), size, files: [...files.keys()] };
}

/** Bytes of all files of a function and its layers together: Lambda quotas, "deployment package (unzipped)". */
const unpackedLimit = 250 * 1024 * 1024;

/** What is wrong with the archive: files that are not there, a handler that is not in it, too much of it. */
export function codeProblems(inputs: WireObject, directory: string): string[] {
    try {
        const code = functionCode(inputs["code"], directory);
        const { handler, runtime } = inputs;
        if (code === undefined) {
            return isObject(inputs["code"]) && !isArchive(inputs["code"])
                ? ["code is not an archive: make one of the asset"]
                : [];
        }
        const family = Object.keys(endings).find((each) => String(runtime).startsWith(each));
        const module = String(handler).split(".").slice(0, -1).join(".");
        const wanted = family === undefined ? [] : (endings[family] ?? []).map((ending) => module + ending);
        return [
            ...(code.size > unpackedLimit
                ? [`code has ${code.size} bytes, at most ${unpackedLimit} are allowed`]
                : []),
            ...(wanted.length > 0 && !wanted.some((name) => code.files.includes(name))
                ? [
                      `handler ${JSON.stringify(handler)} needs one of ${wanted.join(", ")} in code, which holds ${code.files.slice(0, 5).join(", ") || "nothing"}`,
                  ]
                : []),
        ];
    } catch (error) {
        if (error instanceof AssetError) {
            return [`code: ${error.message}`];
        }
        throw error;
    }
}
