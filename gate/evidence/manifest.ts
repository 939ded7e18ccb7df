import * as z from "zod";
import { parseStrictJson } from "../report/strictJson";
import type { EvidencePlace } from "./evidencePlace";
import type { ContentDescription } from "./evidenceStore";

/** Version of the manifest document. */
const manifestVersion = 1;

/** Largest manifest in bytes; a genuine one has some six hundred. */
export const largestManifest = 65_536;

const description = z.strictObject({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.int().min(0),
});

const manifestSchema = z.strictObject({
    version: z.literal(manifestVersion),
    subject: z.strictObject({
        application: z.string(),
        about: z.string(),
        producer: z.string(),
        execution: z.string(),
        stage: z.string(),
    }),
    report: description,
    raw: description.nullable(),
});

/** What belongs together in one place of evidence. Written last: without it, nothing there counts. */
export interface Manifest {
    report: ContentDescription;
    /** Null when the tool gave nothing that could be kept. */
    raw: ContentDescription | null;
}

/** The text of a manifest, always the same for the same content. */
export function serializeManifest(place: EvidencePlace, { report, raw }: Manifest): string {
    const { application, about, producer, execution, stage } = place;
    const of = ({ sha256, bytes }: ContentDescription): ContentDescription => ({ sha256, bytes });
    const document: z.infer<typeof manifestSchema> = {
        version: manifestVersion,
        subject: { application, about, producer, execution, stage },
        report: of(report),
        raw: raw === null ? null : of(raw),
    };
    return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Reads a manifest and demands that it is byte for byte the one that the gate writes for this place.
 * @throws Error that says in half a line what is wrong.
 */
export function parseManifest(content: Uint8Array, place: EvidencePlace): Manifest {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    const result = manifestSchema.safeParse(parseStrictJson(text));
    if (!result.success) {
        const [{ path, message } = { path: [], message: "not valid" }] = result.error.issues;
        throw new Error(`${path.join(".") || "document"}: ${message}`);
    }
    const { subject, report, raw } = result.data;
    if (text === serializeManifest(place, { report, raw })) return { report, raw };
    const claimed = Object.values(subject).join(" ");
    const { application, about, producer, execution, stage } = place;
    throw new Error(
        claimed === [application, about, producer, execution, stage].join(" ")
            ? "it is not written as the gate writes it"
            : `it is about ${claimed}`,
    );
}
