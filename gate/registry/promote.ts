import { createHash } from "node:crypto";
import { parseManifest, type Descriptor } from "./manifest";
import { formatRepository } from "./reference";
import type { RegistryClient, StoredManifest } from "./registryClient";
import {
    defaultPatience,
    DigestMismatchError,
    RegistryError,
    withPatience,
    type Patience,
} from "./registryError";

/** An index may hold indexes (OCI image specification), but not without end. */
const deepestIndex = 3;

export interface PromoteRequest {
    source: RegistryClient;
    destination: RegistryClient;
    digest: string;
    /** Tag that the destination gets. */
    tag: string;
    patience?: Patience;
    /** Told of each step in one line. */
    progress?: (line: string) => void;
}

export interface Promotion {
    /** `HOST/PATH@sha256:…` */
    image: string;
    tag: string;
    /** True when the tag named this digest before. */
    unchanged: boolean;
    blobsCopied: number;
    blobsPresent: number;
    bytesCopied: number;
}

/**
 * Copies an image by digest into another repository and tags it there, then reads both back and compares.
 *
 * Every manifest and blob is verified against its digest on the way. A tag that names another image is never moved.
 * The manifest gets its tag only after all of its parts are there, so that a promotion that breaks off leaves
 * nothing that can be deployed by tag.
 * @throws DigestMismatchError when anything differs from its digest or the tag names another image;
 *     RegistryError when a registry fails or refuses.
 */
export async function promote(request: PromoteRequest): Promise<Promotion> {
    const {
        source,
        destination,
        digest,
        tag,
        patience = defaultPatience,
        progress = () => undefined,
    } = request;
    const copy = new Copy(source, destination, patience, progress);
    const target = formatRepository(destination.repository);
    const manifest = await copy.sourceManifest(digest);
    const tagged = await withPatience(patience, () => destination.manifest(tag));
    if (tagged !== null && tagged.digest !== digest) {
        throw new DigestMismatchError(
            `tag ${tag} of ${target} names ${tagged.digest}, not ${digest}; a released tag is never moved: use another tag`,
        );
    }
    await copy.parts(manifest, 0);
    if (tagged === null) {
        progress(`tag ${tag}`);
        await withPatience(patience, () => destination.putManifest(tag, manifest));
    }
    for (const reference of [tag, digest]) await copy.compare(reference, manifest);
    return { image: `${target}@${digest}`, tag, unchanged: tagged !== null, ...copy.counts };
}

class Copy {
    readonly counts = { blobsCopied: 0, blobsPresent: 0, bytesCopied: 0 };

    constructor(
        private readonly source: RegistryClient,
        private readonly destination: RegistryClient,
        private readonly patience: Patience,
        private readonly progress: (line: string) => void,
    ) {}

    /** A manifest of the source by digest, its bytes verified. */
    async sourceManifest(digest: string): Promise<StoredManifest> {
        const place = formatRepository(this.source.repository);
        return withPatience(this.patience, async () => {
            const manifest = await this.source.manifest(digest);
            if (manifest === null) throw new RegistryError(`${place} has no image ${digest}`, 404);
            if (manifest.digest !== digest) {
                throw new DigestMismatchError(`${place} gives a manifest ${manifest.digest} for ${digest}`);
            }
            return manifest;
        });
    }

    /** Everything that a manifest names, the images of an index under their digests. */
    async parts(manifest: StoredManifest, depth: number): Promise<void> {
        const { blobs, manifests } = partsOf(manifest);
        if (manifests.length > 0 && depth >= deepestIndex) {
            throw new RegistryError(
                `${manifest.digest} is an index nested deeper than ${deepestIndex} levels`,
            );
        }
        for (const { digest } of manifests) {
            const child = await this.sourceManifest(digest);
            await this.parts(child, depth + 1);
            const present = await withPatience(this.patience, () => this.destination.manifest(digest));
            if (present?.digest === digest) continue;
            this.progress(`manifest ${digest}`);
            await withPatience(this.patience, () => this.destination.putManifest(digest, child));
        }
        for (const blob of blobs) await this.blob(blob);
    }

    /** What the destination now gives under a tag or digest has to be the manifest, byte for byte. */
    async compare(reference: string, manifest: StoredManifest): Promise<void> {
        const place = formatRepository(this.destination.repository);
        const stored = await withPatience(this.patience, () => this.destination.manifest(reference));
        if (stored === null || !stored.content.equals(manifest.content)) {
            throw new DigestMismatchError(
                `read back from ${place}, ${reference} gives ${stored?.digest ?? "nothing"} instead of ${manifest.digest}; ` +
                    "do not use this image",
            );
        }
    }

    private async blob(blob: Descriptor): Promise<void> {
        if (await withPatience(this.patience, () => this.destination.hasBlob(blob))) {
            this.counts.blobsPresent += 1;
            return;
        }
        this.progress(`blob ${blob.digest} (${blob.size} bytes)`);
        const verified = async () =>
            (await this.source.blob(blob)).pipeThrough(
                verifying(blob, formatRepository(this.source.repository)),
            );
        await withPatience(this.patience, () => this.destination.putBlob(blob, verified));
        this.counts.blobsCopied += 1;
        this.counts.bytesCopied += blob.size;
    }
}

function partsOf({ content, mediaType, digest }: StoredManifest): ReturnType<typeof parseManifest> {
    try {
        return parseManifest(content, mediaType);
    } catch (error) {
        throw new RegistryError(`${digest}: ${(error as Error).message}`);
    }
}

/** Passes bytes on and breaks the stream off when, at its end, they are not those of the digest. */
function verifying({ digest, size }: Descriptor, place: string): TransformStream<Uint8Array, Uint8Array> {
    const hash = createHash("sha256");
    let length = 0;
    const differs = (what: string) => new DigestMismatchError(`${place} gives ${what} for blob ${digest}`);
    return new TransformStream({
        transform(chunk, controller) {
            length += chunk.length;
            if (length > size) throw differs(`more than the ${size} bytes that the manifest says`);
            hash.update(chunk);
            controller.enqueue(chunk);
        },
        flush() {
            const actual = `sha256:${hash.digest("hex")}`;
            if (length !== size) throw differs(`${length} bytes instead of ${size}`);
            if (actual !== digest) throw differs(`content with digest ${actual}`);
        },
    });
}
