import { copyFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { reportPieces, storeScan } from "../evidence/scanEvidence";
import { jsonPieces } from "../report/jsonPieces";
import { scannerNames, type ScannerName, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import { exitCode, UsageError, type Command } from "./command";
import {
    defaultTimeoutSeconds,
    evidenceApplicationOption,
    evidenceOptions,
    imageOption,
    policyOption,
    readApplication,
    readEvidence,
    readImage,
    readPolicy,
    readStage,
    readTimeout,
    stageOption,
    writeFiles,
} from "./inputs";
import { valueOf } from "./options";
import { inOneLine } from "./oneLine";
import { printFindings, printVerdict } from "./printVerdict";
import type { RawAnswer, ScannerCommand } from "./scanner";

/* eslint-disable @typescript-eslint/no-require-imports -- import() cannot be lazy in one CommonJS file */
/** Loaded only when they are asked for: the gate starts without the clients of scanners it does not need. */
const scanners: Record<ScannerName, () => { scanner: ScannerCommand }> = {
    anchore: () => require("../anchore/command") as typeof import("../anchore/command"),
    grype: () => require("../grype/command") as typeof import("../grype/command"),
    accuknox: () => require("../accuknox/command") as typeof import("../accuknox/command"),
    lacework: () => require("../lacework/command") as typeof import("../lacework/command"),
    inspector: () => require("../inspector/command") as typeof import("../inspector/command"),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** `gate scan`: has one scanner's answer judged by itself, and records it. */
export const scanCommand: Command = {
    usage: `gate scan --scanner ${scannerNames.join("|")} --image REPOSITORY@sha256:… --policy FILE --out FOLDER [options]`,
    options: [
        { name: "scanner", value: "NAME", help: `whose answer: ${scannerNames.join(", ")}` },
        imageOption,
        policyOption,
        stageOption,
        { name: "out", value: "FOLDER", help: "gets raw.json, report.json and verdict.json" },
        {
            name: "report",
            value: "FILE",
            help: "what the scanner wrote; required for grype and accuknox, the others can be asked instead",
        },
        {
            name: "timeout",
            value: "SECONDS",
            help: `limit of the whole scan, ${defaultTimeoutSeconds} unless given`,
        },
        ...evidenceOptions,
        evidenceApplicationOption,
        {
            name: "advisory",
            value: null,
            help: "record and print, but exit 0; refused for a required scanner",
        },
    ],
    furtherOptions: (args, environment) => {
        const name = valueOf("scanner", args, environment);
        return name === undefined ? [] : loadScanner(name).options;
    },
    run: async (options, context) => {
        const name = readScannerName(options.required("scanner"));
        const { image, digest, host } = readImage(options);
        const out = options.required("out");
        if (options.optional("timeout") !== undefined) readTimeout(options);
        const stage = readStage(options);
        const application = readApplication(options);
        const storedUnder = readApplication(options, "evidence-application");
        const evidence = readEvidence(options, digest, stage, storedUnder);
        const advisory = options.isSet("advisory");
        const scanner = loadScanner(name);
        const start = scanner.prepare(options, context, { image, digest, host, application });
        const policy = await readPolicy(options);
        if (advisory && policy.requiredScanners[stage].includes(name)) {
            throw new UsageError(`--advisory: the gate policy requires ${name}, so it cannot be advisory`);
        }
        await writeFiles(out, {});
        const { report: given, raw } = await start(policy);
        const report: ScanReport = { ...given, raw: given.raw ?? describeRaw(raw) };
        // One scanner is judged here; whether all required ones have spoken is for `gate verdict`.
        const verdict = judge({
            policy: { ...policy, requiredScanners: { ...policy.requiredScanners, [stage]: [name] } },
            stage,
            reports: [report],
            digest,
            now: context.now(),
            application,
        });
        if (raw instanceof Uint8Array) await writeFiles(out, { "raw.json": raw });
        else if (raw !== null) await copyFile(raw.path, join(out, "raw.json"));
        await writeFiles(out, {
            "report.json": reportPieces(report),
            "verdict.json": jsonPieces(verdict, "reasons"),
        });
        printVerdict(verdict, image, context);
        printFindings(report, context);
        let recorded = true;
        if (evidence !== null) {
            try {
                await storeScan(evidence.store, evidence.subject, { report, raw });
            } catch (error) {
                recorded = false;
                context.complain(`gate: ${inOneLine((error as Error).message)}`);
            }
        }
        if (advisory) {
            if (verdict.outcome !== "pass")
                context.print(`${name} is advisory: this does not stop the pipeline`);
            return exitCode.pass;
        }
        return recorded ? exitCode[verdict.outcome] : exitCode.incomplete;
    },
};

function readScannerName(given: string): ScannerName {
    const name = scannerNames.find((known) => known === given);
    if (name === undefined)
        throw new UsageError(`--scanner "${given}" is none of ${scannerNames.join(", ")}`);
    return name;
}

function loadScanner(given: string): ScannerCommand {
    return scanners[readScannerName(given)]().scanner;
}

/** Hash and length of an answer that is in memory; those of a file are the adapter's, who has read it. */
function describeRaw(raw: RawAnswer | null): ScanReport["raw"] {
    if (!(raw instanceof Uint8Array)) return null;
    return { sha256: createHash("sha256").update(raw).digest("hex"), bytes: raw.length };
}
