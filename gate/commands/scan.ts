import { readFile } from "node:fs/promises";
import { scanWithAnchore } from "../anchore";
import { serializeReport, storeScan } from "../evidence/scanEvidence";
import { readGrypeFile } from "../grype/readGrypeFile";
import type { GatePolicy } from "../policy/gatePolicy";
import { credentialsFor, ecrRegion } from "../registry/credentials";
import { scannerNames, type ScannerName, type ScanReport } from "../report/scanReport";
import { judge } from "../verdict/verdict";
import {
    exitCode,
    IncompleteWorkError,
    UsageError,
    type Command,
    type CommandContext,
    type CommandOption,
    type CommandOptions,
} from "./command";
import {
    evidenceOptions,
    imageOption,
    policyOption,
    readEvidence,
    readImage,
    readPolicy,
    writeFiles,
} from "./inputs";
import { inOneLine, printVerdict } from "./printVerdict";

/** Seconds that a scan by Anchore Engine may take when `--timeout` is not given, and the most that may be given. */
const defaultTimeoutSeconds = 1_800;
const longestTimeoutSeconds = 28_800;

const grypeOptions: readonly CommandOption[] = [
    {
        name: "report",
        value: "FILE",
        help: "output of: grype registry:IMAGE --output json --file FILE (grype)",
    },
];
const anchoreOptions: readonly CommandOption[] = [
    {
        name: "tag",
        value: "TAG",
        help: "tag that the build pushed; the engine needs one beside the digest (anchore)",
    },
    { name: "anchore-url", value: "URL", help: "external API of the engine, https (anchore)" },
    {
        name: "anchore-user",
        value: "USER",
        help: "user of the engine; the password is in ANCHORE_PASSWORD (anchore)",
    },
    {
        name: "anchore-ca",
        value: "FILE",
        help: "PEM file of the CA that signed the engine's certificate (anchore)",
    },
    {
        name: "timeout",
        value: "SECONDS",
        help: `limit of the whole scan, ${defaultTimeoutSeconds} unless given (anchore)`,
    },
    {
        name: "policy-id",
        value: "ID",
        help: "judge by this policy that is in the engine, instead of loading the gate's own (anchore)",
    },
    {
        name: "canary",
        value: "TAG@sha256:…",
        help: "image of the same registry in which the engine must find something (anchore)",
    },
];

type Scan = { report: ScanReport; raw: Uint8Array | null };

/** `gate scan`: has one scanner's answer judged by itself, and records it. */
export const scanCommand: Command = {
    summary: "judge what one scanner says about an image, and record it",
    usage: "gate scan --scanner anchore|grype --image REPOSITORY@sha256:… --policy FILE --out FOLDER [options]",
    options: [
        { name: "scanner", value: scannerNames.join("|"), help: "whose answer" },
        imageOption,
        policyOption,
        { name: "out", value: "FOLDER", help: "gets raw.json, report.json and verdict.json" },
        ...grypeOptions,
        ...anchoreOptions,
        ...evidenceOptions,
        {
            name: "advisory",
            value: null,
            help: "record and print, but exit 0; refused for a required scanner",
        },
    ],
    run: async (options, context) => {
        const scanner = readScanner(options);
        const { image, digest, host } = readImage(options);
        const out = options.required("out");
        const evidence = readEvidence(options, digest);
        const advisory = options.isSet("advisory");
        const prepare = scanner === "grype" ? prepareGrype : prepareAnchore;
        const start = prepare(options, context, { image, digest, host });
        const policy = await readPolicy(options);
        if (advisory && policy.requiredScanners.includes(scanner)) {
            throw new UsageError(`--advisory: the gate policy requires ${scanner}, so it cannot be advisory`);
        }
        await writeFiles(out, {});
        const scan = await start(policy);
        // One scanner is judged here; whether all required ones have spoken is for `gate verdict`.
        const verdict = judge({
            policy: { ...policy, requiredScanners: [scanner] },
            reports: [scan.report],
            digest,
            now: context.now(),
        });
        await writeFiles(out, {
            "raw.json": scan.raw,
            "report.json": serializeReport(scan.report),
            "verdict.json": `${JSON.stringify(verdict, null, 2)}\n`,
        });
        printVerdict(verdict, image, context);
        let recorded = true;
        if (evidence !== null) {
            try {
                await storeScan(evidence.store, evidence.subject, scan);
            } catch (error) {
                recorded = false;
                context.complain(`gate: ${inOneLine((error as Error).message)}`);
            }
        }
        if (advisory) {
            if (verdict.outcome !== "pass")
                context.print(`${scanner} is advisory: this does not stop the pipeline`);
            return exitCode.pass;
        }
        return recorded ? exitCode[verdict.outcome] : exitCode.incomplete;
    },
};

function readScanner(options: CommandOptions): ScannerName {
    const given = options.required("scanner");
    const scanner = scannerNames.find((name) => name === given);
    if (scanner === undefined)
        throw new UsageError(`--scanner "${given}" is none of ${scannerNames.join(", ")}`);
    const foreign = scanner === "grype" ? anchoreOptions : grypeOptions;
    for (const { name } of foreign) {
        if (options.flags.has(name)) throw new UsageError(`--${name} does not go with --scanner ${scanner}`);
    }
    return scanner;
}

type Subject = { image: string; digest: string; host: string };
type Start = (policy: GatePolicy) => Promise<Scan>;

function prepareGrype(options: CommandOptions, { now }: CommandContext, { image, digest }: Subject): Start {
    const path = options.required("report");
    return () => readGrypeFile(path, { image, digest, now: now() });
}

function prepareAnchore(options: CommandOptions, context: CommandContext, subject: Subject): Start {
    const [tag, url, user] = [
        options.required("tag"),
        options.required("anchore-url"),
        options.required("anchore-user"),
    ];
    const caFile = options.optional("anchore-ca");
    const timeoutSeconds = readTimeout(options);
    const policyId = options.optional("policy-id");
    const canary = readCanary(options);
    const password = context.environment["ANCHORE_PASSWORD"] ?? "";
    if (password === "")
        throw new UsageError("ANCHORE_PASSWORD is not set; it holds the password of --anchore-user");
    return async (policy) => {
        const { image, digest, host } = subject;
        const registry = await registryAccess(host, context.environment);
        const { report, raw } = await scanWithAnchore({
            image,
            digest,
            tag,
            policy,
            url,
            user,
            password,
            timeoutSeconds,
            policyId,
            canary,
            ...(caFile === undefined ? {} : { caPem: await readCa(caFile) }),
            ...(registry === null ? {} : { registry }),
            now: context.now,
        });
        return { report, raw: Buffer.from(`${JSON.stringify(raw, null, 2)}\n`) };
    };
}

/** How the engine logs in: to Amazon ECR by the role of its own task, elsewhere as the gate itself would. */
async function registryAccess(host: string, environment: CommandContext["environment"]) {
    if (ecrRegion(host) !== null) return { name: host, type: "awsecr", user: "awsauto", password: "awsauto" };
    const credentials = await credentialsFor(host, environment);
    return credentials === null ? null : { name: host, type: "docker_v2", ...credentials };
}

async function readCa(path: string): Promise<string> {
    const text = await readFile(path, "utf8").catch((error: Error) => {
        throw new IncompleteWorkError(`--anchore-ca ${path} cannot be read (${error.message})`);
    });
    if (!text.includes("-----BEGIN CERTIFICATE-----")) {
        throw new IncompleteWorkError(`--anchore-ca ${path} holds no PEM certificate`);
    }
    return text;
}

/** A tag of the scanned repository, or a full `registry/repository:tag`, with a digest. @throws UsageError */
function readCanary(options: CommandOptions): { tag: string; digest: string } | undefined {
    const text = options.optional("canary");
    if (text === undefined) return undefined;
    const [, tag, digest] = /^([^@]+)@(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
    if (tag === undefined || digest === undefined)
        throw new UsageError(`--canary "${text}" is not TAG@sha256:…`);
    return { tag, digest };
}

function readTimeout(options: CommandOptions): number {
    const text = options.optional("timeout") ?? String(defaultTimeoutSeconds);
    const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (seconds < 1 || seconds > longestTimeoutSeconds) {
        throw new UsageError(
            `--timeout "${text}" is not a number of seconds from 1 to ${longestTimeoutSeconds}`,
        );
    }
    return seconds;
}
