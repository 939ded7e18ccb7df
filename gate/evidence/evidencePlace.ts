import type { ScanStage } from "../policy/scanStage";
import type { ScannerName } from "../report/scanReport";

/** Evidence could not be stored or read. The message is one line with what to do. */
export class EvidenceError extends Error {
    override name = "EvidenceError";
}

/** What a scanner's evidence is about. */
export interface EvidenceSubject {
    application: string;
    /** `sha256:` and 64 hexadecimal digits. */
    digest: string;
    /** Pipeline execution id; scopes evidence to one run, so that a new run can scan the same digest again. */
    execution: string;
    /** Stage of the pipeline that scanned; the same scanner can scan a digest in both. */
    stage: ScanStage;
}

/**
 * One place for evidence: who says it (`producer`), about what (`about`), in which run and stage. Made by `scanPlace`,
 * `sbomPlace` and `verifyPlace`.
 */
export interface EvidencePlace {
    application: string;
    /** `sha256:` and 64 hexadecimal digits of an image, or `git:` and the 40 of a commit. */
    about: string;
    producer: string;
    execution: string;
    stage: ScanStage | "build" | "verify";
}

/** What can be in a place. The manifest is written last and names the hashes of the others. */
export type EvidenceFileName = "raw.json" | "report.json" | "manifest.json";

/** Application names as in the stack configuration: a DNS label (RFC 1123). */
export const applicationPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Execution ids: CodePipeline's are UUIDs; other runners may number theirs. No path separators, no leading dot. */
export const executionPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** The place of a scanner's evidence: `<application>/sha256-<hex>/<scanner>/<execution>/<stage>`. */
export function scanPlace(
    { application, digest, execution, stage }: EvidenceSubject,
    scanner: ScannerName,
): EvidencePlace {
    return { application, about: digest, producer: scanner, execution, stage };
}

/** The place of an image's bill of materials: `<application>/sha256-<hex>/sbom/<execution>/build`. */
export function sbomPlace(subject: {
    application: string;
    digest: string;
    execution: string;
}): EvidencePlace {
    const { application, digest, execution } = subject;
    return { application, about: digest, producer: "sbom", execution, stage: "build" };
}

/**
 * The place of what a tool found in a commit: `<application>/git-<40 hex>/<tool>/<execution>/verify`.
 * @param subject `commit` are 40 lower-case hexadecimal digits.
 */
export function verifyPlace(subject: {
    application: string;
    commit: string;
    tool: string;
    execution: string;
}): EvidencePlace {
    const { application, commit, tool, execution } = subject;
    return { application, about: `git:${commit}`, producer: tool, execution, stage: "verify" };
}

/**
 * The key of one piece of evidence, `<application>/<about>/<producer>/<execution>/<stage>/<file>`. The producer
 * stands before the execution so that a step's role can be limited to its own part by a pattern.
 * @throws EvidenceError when a part could lead out of its place.
 */
export function evidenceKey(
    { application, about, producer, execution, stage }: EvidencePlace,
    file: EvidenceFileName,
): string {
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
    if (!/^(sha256:[0-9a-f]{64}|git:[0-9a-f]{40})$/.test(about)) {
        throw new EvidenceError(`"${about}" is neither a sha256 digest nor the full id of a commit`);
    }
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(producer))
        throw new EvidenceError(`"${producer}" is not the name of a tool`);
    return `${application}/${about.replace(":", "-")}/${producer}/${execution}/${stage}/${file}`;
}
