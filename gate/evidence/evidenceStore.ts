import type { ScanStage } from "../policy/scanStage";
import type { ScannerName } from "../report/scanReport";

/**
 * Write-once storage of scan evidence. `put` never replaces anything: the same bytes again are fine, other bytes
 * under a key that exists are refused.
 */
export interface EvidenceStore {
    /**
     * Stores, reads back and compares.
     * @throws EvidenceError when the key holds other bytes, or what is read back differs, or the store fails.
     */
    put(key: string, content: Uint8Array): Promise<void>;
    /**
     * The bytes under a key; null when there are none.
     * @throws EvidenceError when the store fails or does not allow the answer.
     */
    get(key: string): Promise<Uint8Array | null>;
    /** The full place of a key, for messages: a path or an s3:// address. */
    locate(key: string): string;
}

/** Evidence could not be stored or read. The message is one line with what to do. */
export class EvidenceError extends Error {
    override name = "EvidenceError";
}

/** Largest piece of evidence that is read, in bytes; nothing the gate writes comes near. */
export const largestEvidence = 256 * 1024 * 1024;

/** What a piece of evidence is about. */
export interface EvidenceSubject {
    application: string;
    /** `sha256:` and 64 hexadecimal digits. */
    digest: string;
    /** Pipeline execution id; scopes evidence to one run, so that a new run can scan the same digest again. */
    execution: string;
    /** Stage of the pipeline that scanned; the same scanner can scan a digest in both. */
    stage: ScanStage;
}

/** Application names as in the stack configuration: a DNS label (RFC 1123). */
export const applicationPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Execution ids: CodePipeline's are UUIDs; other runners may number theirs. No path separators, no leading dot. */
export const executionPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/**
 * The key of one piece of evidence, `<application>/sha256-<hex>/<scanner>/<execution>/<stage>/<file>`. The scanner
 * stands
 * before the execution so that a scan step's role can be limited to its own scanner's part by a pattern.
 * @throws EvidenceError when a part could lead out of its place.
 */
export function evidenceKey(
    subject: EvidenceSubject,
    scanner: ScannerName,
    file: "raw.json" | "report.json",
): string {
    const { application, digest, execution, stage } = subject;
    if (!applicationPattern.test(application)) {
        throw new EvidenceError(
            `application "${application}" is not a name of at most 63 lower-case letters, digits and hyphens`,
        );
    }
    if (!executionPattern.test(execution)) {
        throw new EvidenceError(
            `execution "${execution}" is not an id of at most 128 letters, digits, hyphens and underscores`,
        );
    }
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new EvidenceError(`"${digest}" is not a sha256 digest`);
    return `${application}/${digest.replace(":", "-")}/${scanner}/${execution}/${stage}/${file}`;
}

/** The refusal that every store gives when a key holds something else. */
export function conflictAt(place: string): EvidenceError {
    return new EvidenceError(
        `evidence ${place} exists with other content and is written only once; start a new pipeline execution ` +
            "instead of retrying this one",
    );
}

/** The refusal that every store gives when it does not return what it was given. */
export function differsAt(place: string): EvidenceError {
    return new EvidenceError(
        `evidence ${place} reads back different from what was written; nothing can be trusted`,
    );
}
