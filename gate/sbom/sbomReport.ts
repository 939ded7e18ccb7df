import { JsonFormatError, readJsonStream, type JsonStreamResult } from "../report/jsonStream";
import { toInstant } from "../report/instant";
import { allowedClockSkewMinutes } from "../verdict/trust";
import { ComponentCount, type Distribution } from "./componentCount";
import {
    componentKeys,
    documentKeys,
    documentSchema,
    type ComponentType,
    type CycloneDxDocument,
} from "./cycloneDx";

/** Version of the report document. Raised when a reader of the old version would misjudge the new one. */
export const sbomReportVersion = 1;

/** Hours after which a bill of materials is not believed: it is written right after the build. */
export const maximumAgeHours = 24;

/** Components that are counted; the largest images have some 100,000 with their files. */
const mostComponents = 500_000;

/** What is said about the bill of materials of one image. There is no fail: it is usable, or it is not. */
export interface SbomReport {
    version: typeof sbomReportVersion;
    subject: { image: string; digest: string };
    /** Who wrote it; the version is whatever it calls itself. Null when it does not say. */
    tool: { name: string; version: string } | null;
    format: { name: "CycloneDX"; specVersion: string; serialNumber: string } | null;
    /** When it was written, ISO 8601 in UTC; null when it does not say. */
    createdAt: string | null;
    /** When it was judged, ISO 8601 in UTC. */
    judgedAt: string;
    distribution: Distribution | null;
    components: { total: number; byType: Partial<Record<ComponentType, number>> };
    /** Hash and length of the document; null when there is none. */
    raw: { sha256: string; bytes: number } | null;
    complete: boolean;
    /** Why it cannot be used; empty exactly when `complete` is true. Each is one line. */
    incompleteReasons: string[];
}

/** The image that the bill of materials has to be of. */
export interface SbomSubject {
    /** `repository@sha256:…` */
    image: string;
    digest: string;
    /** When it is judged. */
    now: Date;
}

/**
 * Judges a CycloneDX JSON document that syft wrote: that it is of exactly this image, whole, young, and that syft
 * looked and found a distribution and packages. Never throws: whatever is doubtful is a reason.
 *
 * Syft writes the digest of the reference it was given as the version of `metadata.component`, or else the digest of
 * the manifest that it read; a tag would take its place.
 * @param chunks the document in pieces.
 */
export function sbomReport(chunks: Iterable<Uint8Array>, subject: SbomSubject): SbomReport {
    const components = new ComponentCount();
    let read: JsonStreamResult;
    try {
        read = readJsonStream(chunks, {
            elements: ["/components/*"],
            keep: { "": documentKeys, "/components/*": componentKeys },
            mostElements: mostComponents,
            onElement: ({ value, pointer }) => components.add(value, pointer),
        });
    } catch (error) {
        return unusableSbom(problemOf(error), subject);
    }
    const judged: SbomReport = {
        ...unusableSbom("", subject),
        components: { total: components.total, byType: components.counts() },
        raw: { sha256: read.sha256, bytes: read.bytes },
    };
    const parsed = documentSchema.safeParse(read.rest);
    if (!parsed.success) return { ...judged, incompleteReasons: [notItsFormat(parsed.error.issues)] };
    const document = parsed.data;
    const { metadata, specVersion, serialNumber } = document;
    const reference = metadata.component["bom-ref"];
    if (reference !== undefined) components.refer(reference, "/metadata/component");
    const createdAt = toInstant(metadata.timestamp);
    const tool = toolOf(document);
    const reasons = [
        ...doubtsAboutTool(document),
        ...doubtsAboutSubject(document, subject.digest),
        ...doubtsAboutTime(createdAt, metadata.timestamp, subject),
        ...doubtsAboutScope(document),
        ...components.problems(),
    ];
    return {
        ...judged,
        tool: tool === null ? null : { name: tool.name, version: tool.version ?? "" },
        format: { name: "CycloneDX", specVersion, serialNumber },
        createdAt,
        distribution: components.distribution(),
        complete: reasons.length === 0,
        incompleteReasons: reasons,
    };
}

/** The report of a bill of materials that cannot be used at all. @param reason one line. */
export function unusableSbom(reason: string, { image, digest, now }: SbomSubject): SbomReport {
    return {
        version: sbomReportVersion,
        subject: { image, digest },
        tool: null,
        format: null,
        createdAt: null,
        judgedAt: now.toISOString(),
        distribution: null,
        components: { total: 0, byType: {} },
        raw: null,
        complete: false,
        incompleteReasons: [reason],
    };
}

function toolsOf({
    metadata: { tools },
}: CycloneDxDocument): { name: string; version?: string | undefined }[] {
    return Array.isArray(tools) ? tools : tools.components;
}

function toolOf(document: CycloneDxDocument): { name: string; version?: string | undefined } | null {
    const tools = toolsOf(document);
    return tools.find(({ name }) => name === "syft") ?? tools[0] ?? null;
}

function doubtsAboutTool(document: CycloneDxDocument): string[] {
    const names = toolsOf(document).map(({ name }) => name);
    if (names.length === 1 && names[0] === "syft") return [];
    // Another tool names images and lists what it found in other ways; a converter can leave things out.
    const by =
        names.length === 0
            ? "it does not say who wrote it"
            : `it was written by ${quoted(names.join(", "))}, not by syft alone`;
    return [`${by} (metadata.tools); use syft with --output cyclonedx-json`];
}

function doubtsAboutSubject({ metadata: { component } }: CycloneDxDocument, digest: string): string[] {
    if (component.type !== "container")
        return [
            `it is of a ${quoted(component.type)}, not of a container image; give syft registry:<repository>@${digest}`,
        ];
    if (component.version !== digest) {
        const version = component.version === undefined ? "without a digest" : quoted(component.version);
        return [
            `it is of ${quoted(component.name)} ${version}, not ${digest}; give syft registry:<repository>@${digest}`,
        ];
    }
    return [];
}

function doubtsAboutTime(createdAt: string | null, given: string, { now }: SbomSubject): string[] {
    if (createdAt === null)
        return [`it does not say when it was written (metadata.timestamp ${quoted(given)})`];
    const age = now.getTime() - Date.parse(createdAt);
    if (!(age >= -allowedClockSkewMinutes * 60_000))
        return [`it is dated in the future (${createdAt}); check the clocks and write it again`];
    if (!(age <= maximumAgeHours * 3_600_000))
        return [`it was written at ${createdAt}, more than ${maximumAgeHours} hours ago; write it again`];
    return [];
}

/** CycloneDX lets a document say that it is not whole. */
function doubtsAboutScope({ compositions }: CycloneDxDocument): string[] {
    const partial = (compositions ?? []).find(({ aggregate }) => aggregate !== "complete");
    return partial === undefined ? [] : [`it calls itself ${quoted(partial.aggregate)} (compositions)`];
}

function notItsFormat(issues: readonly { path: PropertyKey[]; message: string }[]): string {
    const all = issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
    return `it is not CycloneDX 1.4 to 1.7 as syft writes it (${all.slice(0, 5).join("; ")})`;
}

/** What a document says, short enough for a message. */
function quoted(text: string): string {
    return `"${text.slice(0, 200)}"`;
}

function problemOf(error: unknown): string {
    const detail = (error instanceof Error ? error.message : String(error)).slice(0, 200);
    switch (error instanceof JsonFormatError ? error.fault : null) {
        case "empty":
            return "there is nothing in it; syft could not look at the image: see its own error in the build log";
        case "encoding":
            return `it is not UTF-8 text: ${detail}`;
        case "bound":
            return `it is too large to be judged: ${detail}`;
        default:
            return `it is not one whole JSON document: ${detail}; syft was stopped while it wrote, or this is another file`;
    }
}
