import * as z from "zod";
import { digestSchema } from "../report/scanReport";
import { parseStrictJson } from "../report/strictJson";

const imageMediaTypes = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
const indexMediaTypes = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** Media types of everything that can be promoted, as asked for in `Accept`. */
export const manifestMediaTypes = [...imageMediaTypes, ...indexMediaTypes];

const descriptorSchema = z.object({ digest: digestSchema, size: z.int().min(0) });

/** A blob or manifest that another one names. Size in bytes. */
export type Descriptor = z.infer<typeof descriptorSchema>;

const common = { schemaVersion: z.literal(2), mediaType: z.string().optional() };
// One document must not be readable as both: two readers of one digest would see two images (CVE-2021-41190).
const imageSchema = z.object({
    ...common,
    config: descriptorSchema,
    layers: z.array(descriptorSchema),
    manifests: z.never("an image manifest must not also be an index").optional(),
});
/** At most this many platforms: far more than Docker's official images have. */
const indexSchema = z.object({
    ...common,
    manifests: z.array(descriptorSchema).max(100),
    config: z.never("an index must not also be an image manifest").optional(),
    layers: z.never("an index must not also be an image manifest").optional(),
});

/** What has to be copied for a manifest to be whole. */
export interface ManifestParts {
    /** Distinct blobs of an image, config first. */
    blobs: Descriptor[];
    /** Distinct manifests of an index. */
    manifests: Descriptor[];
}

/**
 * Reads an OCI or Docker image manifest or index.
 * @param mediaType the registry's Content-Type; must agree with the document's own.
 * @throws Error in one line when it is something else.
 */
export function parseManifest(content: Uint8Array, mediaType: string): ManifestParts {
    if (!manifestMediaTypes.includes(mediaType)) {
        throw new Error(`manifests of type "${mediaType}" cannot be promoted; build a Docker or OCI image`);
    }
    const value = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(content));
    const isIndex = indexMediaTypes.includes(mediaType);
    const result = (isIndex ? indexSchema : imageSchema).safeParse(value);
    if (!result.success) {
        const [issue] = result.error.issues;
        throw new Error(`the manifest is not valid (${issue?.path.join(".")}: ${issue?.message})`);
    }
    const manifest = result.data;
    if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
        throw new Error(`the manifest calls itself ${manifest.mediaType} and is served as ${mediaType}`);
    }
    return manifest.manifests !== undefined
        ? { blobs: [], manifests: distinct(manifest.manifests) }
        : { blobs: distinct([manifest.config, ...manifest.layers]), manifests: [] };
}

function distinct(descriptors: Descriptor[]): Descriptor[] {
    return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
