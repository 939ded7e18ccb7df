import { readFile } from "node:fs/promises";
import {
    IncompleteWorkError,
    UsageError,
    type CommandContext,
    type CommandOption,
    type CommandOptions,
} from "../commands/command";
import { readTimeout } from "../commands/inputs";
import type { ScannerCommand } from "../commands/scanner";
import { credentialsFor, ecrRegion } from "../registry/credentials";
import { readReportFile } from "../report/reportFile";
import { scanWithAnchore } from ".";
import { anchoreFileReport } from "./vulnerabilityFile";

const options: readonly CommandOption[] = [
    {
        name: "tag",
        value: "TAG",
        help: "tag that the build pushed; the engine needs one beside the digest",
    },
    { name: "anchore-url", value: "URL", help: "external API of the engine, https (anchore)" },
    {
        name: "anchore-user",
        value: "USER",
        help: "user of the engine; the password is in ANCHORE_PASSWORD",
    },
    {
        name: "anchore-ca",
        value: "FILE",
        help: "PEM file of the CA that signed the engine's certificate",
    },
    {
        name: "policy-id",
        value: "ID",
        help: "judge by this policy that is in the engine, instead of loading the gate's own",
    },
    {
        name: "canary",
        value: "TAG@sha256:…",
        help: "image of the same registry in which the engine must find something",
    },
];

const prepare: ScannerCommand["prepare"] = (options, context, subject) => {
    const saved = options.optional("report");
    if (saved === undefined) return prepareEngine(options, context, subject);
    for (const name of ["anchore-url", "tag"]) {
        if (options.flags.has(name))
            throw new UsageError(`--${name} does not go with --report: give one of them`);
    }
    const origin = { image: subject.image, digest: subject.digest, now: context.now() };
    return async () =>
        readReportFile(
            saved,
            { what: "Anchore vulnerability list", scanner: "anchore", ...origin },
            (chunks) => anchoreFileReport(chunks, origin),
        );
};

const prepareEngine: ScannerCommand["prepare"] = (options, context, subject) => {
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
};

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

/** Anchore Engine, asked over its external API. */
export const scanner: ScannerCommand = { options, prepare };
