import { readFile, stat } from "node:fs/promises";
import {
    UsageError,
    type CommandContext,
    type CommandOption,
    type CommandOptions,
} from "../commands/command";
import { readTimeout } from "../commands/inputs";
import type { Scan, ScannerCommand, ScanSubject } from "../commands/scanner";
import { credentialsFor } from "../registry/credentials";
import { parseImageReference } from "../registry/reference";
import { RegistryClient, type StoredManifest } from "../registry/registryClient";
import { defaultPatience, withPatience } from "../registry/registryError";
import { readReportFile } from "../report/reportFile";
import { consoleFields, type ConsoleAccess } from "./console";
import { trivyReport, type Given, type TrivyProofs } from "./trivyReport";
import { uploadPatience, uploadReport } from "./upload";

const options: readonly CommandOption[] = [
    {
        name: "trivy-version",
        value: "FILE",
        help: "output of trivy version --format json, after the scan: says how old the data is (accuknox)",
    },
    {
        name: "canary-report",
        value: "FILE",
        help: "Trivy's report of the canary (gate canary), scanned with the same options: proves that it looks",
    },
    { name: "console-url", value: "URL", help: "AccuKnox console, https; the token is in ACCUKNOX_TOKEN" },
    { name: "tenant", value: "ID", help: "tenant of the console" },
    { name: "label", value: "LABEL", help: "label that the console files the report under" },
    { name: "console-ca", value: "FILE", help: "PEM file of the CA that signed the console's certificate" },
    {
        name: "no-upload",
        value: null,
        help: "judge the file only, without registry and console; such a report is never complete",
    },
];

const consoleOptions = ["console-url", "tenant", "label", "console-ca"];

/** Largest file that is read beside the report, in bytes. */
const largestProof = 16 * 1024 * 1024;

const prepare: ScannerCommand["prepare"] = (given, context, subject) => {
    const path = given.required("report");
    const timeoutSeconds = readTimeout(given);
    const versionFile = given.optional("trivy-version");
    const canaryFile = given.optional("canary-report");
    const access = given.isSet("no-upload") ? refuseConsole(given) : readConsole(given, context);
    const caFile = given.optional("console-ca");
    return async () => {
        const end = performance.now() + timeoutSeconds * 1_000;
        const proofs: TrivyProofs = {
            version: await readProof(versionFile, "trivy-version", "the age of the vulnerability data"),
            canary: await readProof(canaryFile, "canary-report", "that Trivy looks for vulnerabilities"),
            manifest:
                access === null
                    ? { missing: "the registry was not asked for the manifest (--no-upload)" }
                    : await askManifest(subject, context),
        };
        const { image, digest } = subject;
        const now = context.now();
        let readable = false;
        const scan = readReportFile(
            path,
            { what: "Trivy report", scanner: "accuknox", image, digest, now },
            (chunks) => {
                const report = trivyReport(chunks, { image, digest, now }, proofs);
                readable = report.raw !== null;
                return report;
            },
        );
        if (access === null)
            return withReason(scan, "the report was not uploaded to a console (--no-upload)");
        // What is no JSON is no report; nobody is helped by it in a console.
        if (!readable || scan.report.raw === null) return scan;
        let caPem: string | undefined;
        try {
            if (caFile !== undefined) caPem = await readCa(caFile);
        } catch (error) {
            return withReason(scan, (error as Error).message);
        }
        const problem = await uploadReport(
            { path, ...scan.report.raw },
            { ...access, ...(caPem === undefined ? {} : { caPem }) },
            { ...uploadPatience, whole: end - performance.now() },
        );
        return problem === null ? scan : withReason(scan, problem);
    };
};

function withReason({ report, raw }: Scan, reason: string): Scan {
    const { incompleteReasons } = report;
    return {
        raw,
        report: { ...report, complete: false, incompleteReasons: [...incompleteReasons, reason] },
    };
}

/** @throws UsageError when something is missing or cannot be right. */
function readConsole(given: CommandOptions, { environment }: CommandContext): ConsoleAccess {
    const checked = (name: string, check: (text: string) => string, text = given.required(name)) => {
        try {
            return check(text);
        } catch (error) {
            throw new UsageError(`--${name} ${(error as Error).message}`);
        }
    };
    const origin = checked("console-url", consoleFields.url);
    const tenant = checked("tenant", consoleFields.tenant);
    const label = checked("label", consoleFields.label);
    const token = environment["ACCUKNOX_TOKEN"] ?? "";
    if (token === "") throw new UsageError("ACCUKNOX_TOKEN is not set; it holds the token of the console");
    try {
        consoleFields.token(token);
    } catch (error) {
        throw new UsageError(`ACCUKNOX_TOKEN ${(error as Error).message}`);
    }
    if (environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
        throw new UsageError(
            "NODE_TLS_REJECT_UNAUTHORIZED=0 switches the check of certificates off; unset it and use --console-ca",
        );
    }
    return { origin, tenant, label, token };
}

function refuseConsole(given: CommandOptions): null {
    const name = consoleOptions.find((each) => given.flags.has(each));
    if (name !== undefined) throw new UsageError(`--${name} does not go with --no-upload`);
    return null;
}

async function readProof(path: string | undefined, option: string, what: string): Promise<Given<Uint8Array>> {
    if (path === undefined) return { missing: `${what} is not shown: --${option} is not given` };
    try {
        const status = await stat(path);
        // Reading a named pipe would wait for its writer.
        if (!status.isFile()) return { missing: `--${option} ${path} is not a file` };
        const { size } = status;
        return size > largestProof
            ? { missing: `--${option} ${path} has ${size} bytes, more than the ${largestProof} allowed` }
            : await readFile(path);
    } catch (error) {
        return { missing: `--${option} ${path} cannot be read (${(error as Error).message})` };
    }
}

async function readCa(path: string): Promise<string> {
    const text = await readFile(path, "utf8").catch((error: Error) => {
        throw new Error(`--console-ca ${path} cannot be read (${error.message})`);
    });
    if (!text.includes("-----BEGIN CERTIFICATE-----")) {
        throw new Error(`--console-ca ${path} holds no PEM certificate`);
    }
    return text;
}

/** The manifest under the image's digest, from its registry. */
async function askManifest(
    { image, digest, host }: ScanSubject,
    { environment }: CommandContext,
): Promise<Given<StoredManifest>> {
    try {
        const credentials = await credentialsFor(host, environment);
        const { repository } = parseImageReference(image);
        const client = new RegistryClient(repository, "pull", credentials);
        const manifest = await withPatience(defaultPatience, () => client.manifest(digest));
        return manifest ?? { missing: `${image} is not in the registry` };
    } catch (error) {
        return {
            missing: `the registry did not give the manifest of ${image} (${(error as Error).message})`,
        };
    }
}

/** AccuKnox: Trivy's report, by the file that it wrote, and its upload to the AccuKnox console. */
export const scanner: ScannerCommand = { options, prepare };
