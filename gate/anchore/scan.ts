import type { GatePolicy } from "../policy/gatePolicy";
import { scanReportVersion, type Finding, type ScanReport } from "../report/scanReport";
import { analysedImage } from "./analysis";
import { EngineClient, type Exchange } from "./client";
import { EngineError, IncompleteError, oneLine } from "./engineError";
import { ensurePolicyBundle, ensureRegistry, type RegistryAccess } from "./ensure";
import { forcedVulnerabilities, policyCheck } from "./evaluation";
import { anchorePolicyBundle } from "./policyBundle";
import { demandServices, demandVulnerabilityData } from "./readiness";
import { engineSubject, type EngineSubject } from "./subject";

/** What to scan, and with which engine. */
export interface AnchoreScanRequest {
    /** `registry/repository@sha256:…` */
    image: string;
    digest: string;
    /** Tag that the build pushed, alone or as `registry/repository:tag`. The engine needs one for every check. */
    tag: string;
    policy: GatePolicy;
    /** External API of the engine, `https://HOST[:PORT]`; plain http only for loopback. */
    url: string;
    user: string;
    password: string;
    /** CA that signed the engine's certificate. When given, only this CA is trusted. */
    caPem?: string;
    allowPlainHttp?: boolean;
    /** Limit of the whole scan in seconds. Below 60 an unknown registry ends as a time-out. */
    timeoutSeconds: number;
    /** Login of the engine to the registry; left out, the engine's entries are taken as they are. */
    registry?: RegistryAccess;
    /** Judge by this policy that is already in the engine, instead of loading the gate's own bundle. */
    policyId?: string;
    /**
     * An image in which the engine must find something, by digest and tag (a tag of the scanned repository, or a
     * full `registry/repository:tag`). Shows an engine that has become blind.
     */
    canary?: { digest: string; tag: string };
    now?: () => Date;
    sleep?: (milliseconds: number) => Promise<void>;
}

/** Everything that was asked and answered, for the evidence. */
export interface AnchoreRawReport {
    engine: string;
    exchanges: Exchange[];
}

/** What is known so far; becomes the report whatever happens. */
interface Progress {
    version: string;
    findings: Finding[];
    refusals: ScanReport["refusals"];
    dataBuiltAt: Date | null;
}

/**
 * Scans one image with Anchore Engine 1.1.0, which passes images by itself in a dozen ways; the steps are the ones
 * that held in every case tried on a running engine:
 *
 * 1. vulnerability data with records, all five services available
 * 2. registry and policy bundle ensured; canary, when there is one, must show findings
 * 3. image added by tag and digest, analysed within the time limit
 * 4. vulnerability list by forced refresh, counted here
 * 5. policy check after it, judged by `readCheck`
 *
 * Never throws for trouble with the engine: the report is then `complete: false`, with a line per reason that says
 * what, where and what to do next. Findings read before the trouble stay in it.
 */
export async function scanWithAnchore(
    request: AnchoreScanRequest,
): Promise<{ report: ScanReport; raw: AnchoreRawReport }> {
    const now = request.now ?? (() => new Date());
    const startedAt = now();
    const progress: Progress = { version: "unknown", findings: [], refusals: [], dataBuiltAt: null };
    const exchanges: Exchange[] = [];
    let reasons: string[] = [];
    try {
        await run(request, progress, exchanges, startedAt);
    } catch (error) {
        reasons = reasonsOf(error);
    }
    const report: ScanReport = {
        version: scanReportVersion,
        scanner: { name: "anchore", version: progress.version },
        subject: { image: request.image, digest: request.digest },
        startedAt: startedAt.toISOString(),
        finishedAt: now().toISOString(),
        dataBuiltAt: progress.dataBuiltAt?.toISOString() ?? null,
        raw: null,
        complete: reasons.length === 0,
        incompleteReasons: reasons,
        findings: progress.findings,
        refusals: progress.refusals,
    };
    return { report, raw: { engine: originOf(request.url), exchanges } };
}

async function run(
    request: AnchoreScanRequest,
    progress: Progress,
    exchanges: Exchange[],
    startedAt: Date,
): Promise<void> {
    const now = request.now ?? (() => new Date());
    const sleep =
        request.sleep ?? ((milliseconds) => new Promise<void>((done) => setTimeout(done, milliseconds)));
    const { policy } = request;
    const subject = engineSubject(request.image, request.digest, request.tag);
    const deadline = new Date(startedAt.getTime() + request.timeoutSeconds * 1000);
    if (!(deadline.getTime() > startedAt.getTime())) {
        throw new IncompleteError(
            `time limit ${request.timeoutSeconds} s: give a number of seconds above zero`,
        );
    }
    const registryPassword = request.registry?.password;
    const client = new EngineClient({
        url: request.url,
        user: request.user,
        password: request.password,
        caPem: request.caPem,
        allowPlainHttp: request.allowPlainHttp,
        // awsauto is a keyword of the engine and no secret.
        secrets: registryPassword === undefined || registryPassword === "awsauto" ? [] : [registryPassword],
        deadline,
        now,
        sleep,
        exchanges,
    });

    await demandVulnerabilityData(client);
    progress.version = await demandServices(client);
    if (request.registry !== undefined) {
        await offered(registryEnsured(client, request.registry));
    }
    let { policyId } = request;
    if (policyId === undefined) {
        const bundle = anchorePolicyBundle(policy);
        await offered(ensurePolicyBundle(client, bundle));
        policyId = bundle.id;
    }
    const waiting = { now, sleep, deadline };
    if (request.canary !== undefined) {
        const canary = canarySubject(request.canary, subject);
        await analysedImage(client, canary, waiting);
        const { findings } = await forcedVulnerabilities(client, canary);
        if (findings.length === 0) {
            throw new IncompleteError(
                `the engine finds nothing in the canary image ${canary.fullTag}@${canary.digest}, which is known to be ` +
                    "vulnerable: its answers cannot be believed; synchronise its feeds, then scan again",
            );
        }
    }

    const image = await analysedImage(client, subject, waiting);
    demandKnownDistribution(image.image_content?.metadata?.distro, subject);
    const refresh = await forcedVulnerabilities(client, subject);
    progress.findings = refresh.findings;
    const check = await policyCheck(client, { subject, policyId, policy, refresh, now, sleep });
    progress.refusals = check.refusals;
    progress.dataBuiltAt = check.dataBuiltAt;
    demandProvenAge(now().getTime() - check.dataBuiltAt.getTime(), policy);
}

function reasonsOf(error: unknown): string[] {
    if (error instanceof IncompleteError) {
        return error.reasons;
    }
    if (error instanceof EngineError) {
        return [error.message];
    }
    const message = error instanceof Error ? error.message : String(error);
    return [
        `the Anchore scan broke off on an unexpected error (${oneLine(message)}): report it as a bug of the gate`,
    ];
}

/**
 * A preparation that the verdict does not rest on: an API that answers 404 does not offer it. If the policy is
 * really missing, the check that names it fails.
 */
async function offered(preparation: Promise<void>): Promise<void> {
    try {
        await preparation;
    } catch (error) {
        if (!(error instanceof EngineError && error.kind === "notFound")) {
            throw error;
        }
    }
}

async function registryEnsured(client: EngineClient, access: RegistryAccess): Promise<void> {
    try {
        await ensureRegistry(client, access);
    } catch (error) {
        if (error instanceof EngineError && (error.kind === "http" || error.kind === "badRequest")) {
            throw new IncompleteError(
                `the engine cannot log in to registry ${oneLine(access.name)}: ${error.brief}: ` +
                    "check user, password and type of the registry",
            );
        }
        throw error;
    }
}

function canarySubject(
    { digest, tag }: { digest: string; tag: string },
    { repository }: EngineSubject,
): EngineSubject {
    const own = tag.includes("/") ? tag.slice(0, tag.lastIndexOf(":")) : repository;
    return engineSubject(`${own}@${digest}`, digest, tag);
}

/** The engine scans nothing at all in such an image, not even language packages, and lists no vulnerability. */
function demandKnownDistribution(distro: string | null | undefined, { digest }: EngineSubject): void {
    if (distro !== undefined && ["", "none", "unknown"].includes((distro ?? "").trim().toLowerCase())) {
        throw new IncompleteError(
            `the engine knows no distribution in ${digest} (no os-release: scratch or distroless), so it scans ` +
                "nothing in it: scan this image with grype instead",
        );
    }
}

function demandProvenAge(ageMilliseconds: number, policy: GatePolicy): void {
    const hours = ageMilliseconds / 3_600_000;
    if (!(hours <= policy.maximumDataAgeHours)) {
        throw new IncompleteError(
            `the engine proves only that its vulnerability data is at most ${hours.toFixed(1)} hours old, and ` +
                `maximumDataAgeHours is ${policy.maximumDataAgeHours}: it counts in whole days; raise the limit to ` +
                `at least ${Math.ceil(hours) + 1} hours, or use a policy in the engine with fewer days`,
        );
    }
}

function originOf(url: string): string {
    try {
        return new URL(url).origin;
    } catch {
        return "";
    }
}
