import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DirectoryEvidenceStore } from "../evidence/directoryStore";
import {
    applicationPattern,
    executionPattern,
    type EvidenceStore,
    type EvidenceSubject,
} from "../evidence/evidenceStore";
import { S3EvidenceStore } from "../evidence/s3Store";
import { parseReport } from "../evidence/scanEvidence";
import type { GatePolicy } from "../policy/gatePolicy";
import { GatePolicyError, parseGatePolicy } from "../policy/parseGatePolicy";
import { policyTextOf } from "../policy/stackFile";
import { scanStages, type ScanStage } from "../policy/scanStage";
import { parseImageReference } from "../registry/reference";
import { IncompleteWorkError, UsageError, type CommandOption, type CommandOptions } from "./command";

export const imageOption: CommandOption = {
    name: "image",
    value: "REPOSITORY@sha256:…",
    help: "image to judge, always by digest",
};
export const policyOption: CommandOption = {
    name: "policy",
    value: "FILE",
    help: "gate policy, YAML or JSON, or a stack's file Pulumi.STACK.yaml",
};
export const stageOption: CommandOption = {
    name: "stage",
    value: "STAGE",
    help: `pipeline stage whose required scanners count: ${scanStages.join(" or ")}; test unless given`,
};
export const evidenceOptions: readonly CommandOption[] = [
    {
        name: "evidence",
        value: "s3://BUCKET",
        help: "evidence store: a bucket, or a folder as ./FOLDER or /FOLDER",
    },
    {
        name: "application",
        value: "NAME",
        help: "application whose image it is; its waivers and its evidence count",
    },
    { name: "execution", value: "ID", help: "pipeline execution that the evidence belongs to" },
];

/** Of the commands that write evidence: what is found in a pull request must not be taken for what is released. */
export const evidenceApplicationOption: CommandOption = {
    name: "evidence-application",
    value: "NAME",
    help: "store the evidence under this name, apart from that of the application; --application unless given",
};

/** An image by digest. @throws UsageError */
export function readImage(options: CommandOptions): { image: string; digest: string; host: string } {
    const image = options.required("image");
    const { digest, repository } = asUsage(() => parseImageReference(image));
    return { image, digest, host: repository.host };
}

/** Turns what a reader of arguments throws into a usage error. */
export function asUsage<T>(read: () => T): T {
    try {
        return read();
    } catch (error) {
        throw new UsageError((error as Error).message);
    }
}

/** @throws IncompleteWorkError when the policy file is absent or not valid; all that is wrong with it is listed. */
export async function readPolicy(options: CommandOptions): Promise<GatePolicy> {
    const path = options.required("policy");
    let text: string;
    try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
    } catch (error) {
        throw new IncompleteWorkError(`the gate policy ${path} cannot be read (${(error as Error).message})`);
    }
    try {
        return parseGatePolicy(policyTextOf(text));
    } catch (error) {
        if (!(error instanceof GatePolicyError)) throw error;
        throw new IncompleteWorkError(`${path}: ${error.message}`);
    }
}

/** The stage that is meant. @throws UsageError */
export function readStage(options: CommandOptions): ScanStage {
    const given = options.optional("stage") ?? "test";
    const stage = scanStages.find((known) => known === given);
    if (stage === undefined) throw new UsageError(`--stage "${given}" is none of ${scanStages.join(", ")}`);
    return stage;
}

/** Seconds that a scan may take when `--timeout` is not given, and the most that may be given. */
export const defaultTimeoutSeconds = 1_800;
const longestTimeoutSeconds = 28_800;

/**
 * `--timeout` in seconds.
 * @param unlessGiven seconds that apply without it.
 * @param longest the most that may be given.
 * @throws UsageError
 */
export function readTimeout(
    options: CommandOptions,
    unlessGiven = defaultTimeoutSeconds,
    longest = longestTimeoutSeconds,
): number {
    const text = options.optional("timeout") ?? String(unlessGiven);
    const isNumber = /^\d+$/.test(text) && text.length <= String(longest).length;
    const seconds = isNumber ? Number(text) : 0;
    if (seconds < 1 || seconds > longest) {
        throw new UsageError(`--timeout "${text}" is not a number of seconds from 1 to ${longest}`);
    }
    return seconds;
}

/** The application, when it is given. @throws UsageError when it is not the name of one. */
export function readApplication(
    options: CommandOptions,
    option: "application" | "evidence-application" = "application",
): string | undefined {
    const application = options.optional(option);
    if (application !== undefined && !applicationPattern.test(application)) {
        throw new UsageError(
            `--${option} "${application}" is not a name of lower-case letters, digits and hyphens`,
        );
    }
    return application;
}

/**
 * The evidence store and place that were asked for; null when none was.
 * @param name under which the evidence lies; the application's unless given.
 * @throws UsageError
 */
export function readEvidence(
    options: CommandOptions,
    digest: string,
    stage: ScanStage,
    name?: string,
): { store: EvidenceStore; subject: EvidenceSubject } | null {
    const place = options.optional("evidence");
    if (place === undefined) {
        for (const other of ["execution", "evidence-application"]) {
            if (options.flags.has(other)) throw new UsageError(`--${other} only goes with --evidence`);
        }
        return null;
    }
    options.required("application");
    const application = name ?? readApplication(options) ?? "";
    const execution = options.required("execution");
    if (!executionPattern.test(execution)) {
        throw new UsageError(
            `--execution "${execution}" is not an id of letters, digits, hyphens and underscores`,
        );
    }
    return { store: openStore(place), subject: { application, execution, digest, stage } };
}

function openStore(place: string): EvidenceStore {
    const [, bucket] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(place) ?? [];
    if (bucket !== undefined) return new S3EvidenceStore(bucket);
    if (/^\.{0,2}\//.test(place)) return new DirectoryEvidenceStore(place);
    throw new UsageError(
        `--evidence "${place}" is not s3://BUCKET, nor a folder written as ./FOLDER or /FOLDER`,
    );
}

/**
 * Every `report.json` in a folder and its subfolders, for `judge`.
 * @throws IncompleteWorkError when the folder cannot be read.
 */
export async function readReportFolder(folder: string): Promise<unknown[]> {
    let entries;
    try {
        entries = await readdir(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
        throw new IncompleteWorkError(`the folder of reports cannot be read (${(error as Error).message})`);
    }
    const paths = entries
        .filter(({ name }) => name === "report.json")
        .map((entry) => join(entry.parentPath, entry.name));
    return Promise.all(
        paths.sort().map(async (path) => {
            try {
                return parseReport(await readFile(path), path);
            } catch (error) {
                return { unreadable: `${path}: ${(error as Error).message}`, scanner: null };
            }
        }),
    );
}

/**
 * Writes files into a folder that is made when needed.
 * @param files content by name, as a whole or in pieces; null is left out.
 * @throws IncompleteWorkError
 */
export async function writeFiles(
    folder: string,
    files: Record<string, string | Uint8Array | Iterable<Uint8Array> | null>,
): Promise<void> {
    try {
        await mkdir(folder, { recursive: true });
        for (const [name, content] of Object.entries(files)) {
            if (content !== null) await writeFile(join(folder, name), content);
        }
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const isFile = code === "EEXIST" || code === "ENOTDIR";
        throw new IncompleteWorkError(
            isFile ? `${folder} is not a folder; name one` : `${folder} cannot be written (${message})`,
        );
    }
}
