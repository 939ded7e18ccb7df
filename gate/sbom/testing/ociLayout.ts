import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tar } from "../../tools/testing/tarArchive";

/**
 * Writes an image of one layer as an OCI image layout (OCI image specification 1.1) into a folder.
 * @param files content by path in the image.
 * @returns digest of the image's manifest.
 */
export async function writeOciLayout(folder: string, files: Record<string, string>): Promise<string> {
    const blobs = join(folder, "blobs", "sha256");
    await mkdir(blobs, { recursive: true });
    const blob = async (mediaType: string, content: Uint8Array) => {
        const hex = createHash("sha256").update(content).digest("hex");
        await writeFile(join(blobs, hex), content);
        return { mediaType, digest: `sha256:${hex}`, size: content.length };
    };
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));
    const layer = tar(Object.entries(files).map(([name, content]) => ({ name, content })));
    const config = {
        architecture: "amd64",
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: [`sha256:${createHash("sha256").update(layer).digest("hex")}`] },
    };
    const manifest = {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: await blob("application/vnd.oci.image.config.v1+json", json(config)),
        layers: [await blob("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(layer))],
    };
    const descriptor = await blob(manifest.mediaType, json(manifest));
    await writeFile(join(folder, "index.json"), json({ schemaVersion: 2, manifests: [descriptor] }));
    await writeFile(join(folder, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
    return descriptor.digest;
}
