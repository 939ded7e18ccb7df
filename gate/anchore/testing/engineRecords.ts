import { engineTime, type ModelData, type ModelImage, type ModelPolicy } from "./engineModel";

// The records that the engine answers with, in its own format.

export function withoutPassword(body: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(body).filter(([key]) => key !== "registry_pass"));
}

export function record({ bundle, active }: ModelPolicy): Record<string, unknown> {
    return {
        active,
        name: bundle.name,
        policyId: bundle.id,
        policybundle: { ...bundle, active },
        userId: "admin",
    };
}

export function imageRecord(image: ModelImage): Record<string, unknown> {
    const metadata = { arch: "amd64", distro: image.status === "analyzed" ? image.distro : null };
    return {
        analysis_status: image.status,
        annotations: {},
        imageDigest: image.digest,
        image_content: { metadata },
        image_detail: image.fullTags.map((fulltag) => ({ fulltag, imageId: image.imageId, userId: "admin" })),
        image_status: "active",
        image_type: "docker",
        parentDigest: image.digest,
        userId: "admin",
    };
}

export function serviceState(servicename: string, available: boolean): Record<string, unknown> {
    return {
        base_url: "http://localhost:8228",
        hostid: "task1",
        service_detail: { available, busy: false, message: "all good", up: available, version: "1.1.0" },
        servicename,
        status: available,
        status_message: available ? "available" : "unavailable",
        version: "v1",
    };
}

export function feed(data: ModelData, now: Date): Record<string, unknown> {
    const time = engineTime(now);
    return {
        enabled: true,
        groups: data.namespaces.map((name) => ({
            enabled: true,
            last_sync: time,
            name,
            record_count: 10,
        })),
        last_full_sync: time,
        name: "vulnerabilities",
    };
}

export function events(images: Iterable<ModelImage>): Record<string, unknown> {
    const failed = [...images].filter(({ failure }) => failure !== null);
    return {
        item_count: failed.length,
        next_page: false,
        page: 1,
        results: failed.map((image) => ({
            event: {
                details: {
                    msg: `failed to analyze (${image.fullTags[0]}@${image.digest}) - ${image.failure}`,
                },
                level: "error",
                message: "Failed to analyze image",
                resource: { id: image.fullTags[0], type: "image_tag", user_id: "admin" },
                type: "user.image.analysis.failed",
            },
        })),
    };
}
