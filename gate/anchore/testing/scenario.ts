import assert from "node:assert/strict";
import { gatePolicySchema, type GatePolicy } from "../../policy/gatePolicy";
import type { ScanReport } from "../../report/scanReport";
import { judge, type Verdict } from "../../verdict/verdict";
import { scanWithAnchore, type AnchoreRawReport, type AnchoreScanRequest } from "../scan";
import { listed, type ModelData, type ModelImage } from "./engineModel";
import { startEngine, type EngineServer, type EngineState } from "./engineServer";

export const repository = "registry.example.org/shop/candidate";
export const digest = `sha256:${"5".repeat(64)}`;
export const otherDigest = `sha256:${"6".repeat(64)}`;
export const image = `${repository}@${digest}`;
export const fullTag = `${repository}:c0ffee`;
export const policy: GatePolicy = gatePolicySchema.parse({
    version: 1,
    requiredScanners: { test: ["anchore"] },
});
export const start = new Date("2026-03-04T12:00:00.250Z");

const hour = 3_600_000;

/** Vulnerability data for `debian:12`, built one hour before the scan. */
export function dataWith(...vulnerabilities: ModelData["vulnerabilities"]): ModelData {
    return { vulnerabilities, builtAt: new Date(start.getTime() - hour), namespaces: ["debian:12"] };
}

/** Data in which the image has one finding each of critical, medium and low. */
export function dirtyData(): ModelData {
    return dataWith(
        listed("CVE-2098-1001", "Critical", "libalpha", { fix: "1.1" }),
        listed("CVE-2098-1002", "Medium", "libbeta"),
        listed("CVE-2098-1003", "Low", "libbeta"),
    );
}

/** An image in the registry: Debian 12, user 10001, port 8080, analysed at the second look. */
export function registryImage(more: Partial<ModelImage> = {}): ModelImage {
    return {
        digest,
        imageId: "a".repeat(64),
        fullTags: [],
        status: "not_analyzed",
        readsLeft: 2,
        failure: null,
        distro: "debian:12",
        user: "10001",
        ports: [8080],
        stored: null,
        cache: new Map(),
        ...more,
    };
}

export interface Scenario {
    engine?: Partial<EngineState>;
    image?: Partial<ModelImage>;
    request?: Partial<AnchoreScanRequest>;
    /** Milliseconds by which the engine's clock is ahead of ours. */
    skew?: number;
    /** Called when the engine is up, e.g. to give it a past. */
    before?: (engine: EngineServer, clock: Clock) => void | Promise<void>;
}

export interface ScenarioResult {
    report: ScanReport;
    raw: AnchoreRawReport;
    verdict: Verdict;
    engine: EngineServer;
}

/** A clock that only moves when somebody sleeps. */
export interface Clock {
    now: () => Date;
    sleep: (milliseconds: number) => Promise<void>;
    /** Moves the clock. */
    advance: (milliseconds: number) => void;
}

export function stoppedClock(): Clock {
    let time = start.getTime();
    return {
        now: () => new Date(time),
        advance: (milliseconds) => {
            time += milliseconds;
        },
        sleep: (milliseconds) => {
            time += milliseconds;
            return Promise.resolve();
        },
    };
}

/** What a scan of the scenario's image asks for, without address and clock. */
export function scanRequest(more: Partial<AnchoreScanRequest> = {}): AnchoreScanRequest {
    return {
        image,
        digest,
        tag: "c0ffee",
        policy,
        url: "",
        user: "admin",
        password: "correct-horse",
        timeoutSeconds: 600,
        registry: {
            name: "registry.example.org",
            type: "docker_v2",
            user: "robot",
            password: "battery-staple",
        },
        ...more,
    };
}

/** Starts an engine with clean data, scans, judges and stops the engine. Every part can be replaced. */
export async function scanScenario(scenario: Scenario = {}): Promise<ScenarioResult> {
    const clock = stoppedClock();
    const subject = registryImage(scenario.image);
    const engine = await startEngine({
        now: () => new Date(clock.now().getTime() + (scenario.skew ?? 0)),
        data: dataWith(),
        registryImages: new Map([[subject.digest, subject]]),
        ...scenario.engine,
    });
    try {
        await scenario.before?.(engine, clock);
        const request = scanRequest({
            url: engine.url,
            now: clock.now,
            sleep: clock.sleep,
            ...scenario.request,
        });
        const { report, raw } = await scanWithAnchore(request);
        const verdict = judge({
            policy: request.policy,
            stage: "test",
            reports: [report],
            digest: request.digest,
            now: clock.now(),
        });
        return { report, raw, verdict, engine };
    } finally {
        await engine.close();
    }
}

/** The scan must end incomplete, with exactly these reasons, and never open anything. */
export async function refusedWith(scenario: Scenario, ...reasons: string[]): Promise<ScenarioResult> {
    const result = await scanScenario(scenario);
    assert.deepEqual(result.report.incompleteReasons, reasons);
    assert.equal(result.report.complete, false);
    assert.equal(result.report.dataBuiltAt, null);
    assert.equal(result.verdict.outcome, "incomplete");
    return result;
}
