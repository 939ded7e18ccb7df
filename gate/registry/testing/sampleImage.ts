import { sha256, type StoredRepository } from "./registryServer";

const kinds = {
    oci: {
        manifest: "application/vnd.oci.image.manifest.v1+json",
        index: "application/vnd.oci.image.index.v1+json",
        config: "application/vnd.oci.image.config.v1+json",
        layer: "application/vnd.oci.image.layer.v1.tar+gzip",
    },
    docker: {
        manifest: "application/vnd.docker.distribution.manifest.v2+json",
        index: "application/vnd.docker.distribution.manifest.list.v2+json",
        config: "application/vnd.docker.container.image.v1+json",
        layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
    },
};

/** Puts an image with the given layers into a repository, as a push would, and gives its digest and blobs. */
export function addImage(
    repository: StoredRepository,
    layers: Buffer[],
    { kind = "oci", tag, indent = 0 }: { kind?: keyof typeof kinds; tag?: string; indent?: number } = {},
): { digest: string; blobs: string[] } {
    const types = kinds[kind];
    const config = Buffer.from(
        JSON.stringify({ architecture: "amd64", os: "linux", layers: layers.map(sha256) }),
    );
    const descriptor = (mediaType: string, content: Buffer) => ({
        mediaType,
        digest: sha256(content),
        size: content.length,
    });
    for (const blob of [config, ...layers]) repository.blobs.set(sha256(blob), blob);
    const manifest = {
        schemaVersion: 2,
        mediaType: types.manifest,
        config: descriptor(types.config, config),
        layers: layers.map((layer) => descriptor(types.layer, layer)),
    };
    const digest = addManifest(
        repository,
        Buffer.from(JSON.stringify(manifest, null, indent)),
        types.manifest,
        tag,
    );
    return { digest, blobs: [config, ...layers].map(sha256) };
}

/** Puts an index over manifests that the repository holds, and gives its digest. */
export function addIndex(
    repository: StoredRepository,
    digests: string[],
    { kind = "oci", tag }: { kind?: keyof typeof kinds; tag?: string } = {},
): string {
    const manifests = digests.map((digest, at) => ({
        mediaType: repository.manifests.get(digest)?.mediaType,
        digest,
        size: repository.manifests.get(digest)?.content.length,
        platform: { architecture: at === 0 ? "amd64" : "arm64", os: "linux" },
    }));
    const index = { schemaVersion: 2, mediaType: kinds[kind].index, manifests };
    return addManifest(repository, Buffer.from(JSON.stringify(index)), kinds[kind].index, tag);
}

/** Puts a manifest of any content, whether it makes sense or not. */
export function addManifest(
    repository: StoredRepository,
    content: Buffer,
    mediaType: string,
    tag?: string,
): string {
    const digest = sha256(content);
    repository.manifests.set(digest, { content, mediaType });
    if (tag !== undefined) repository.tags.set(tag, digest);
    return digest;
}
