/** A row as a specification writes it down; everything else is filled in the way Lacework does. */
export interface SampleRow {
    vulnId?: string;
    severity?: string | null;
    status?: string;
    package?: string;
    version?: string;
    path?: string;
    layer?: string;
    fix?: string;
    digest?: string;
    imageStatus?: string;
    evalGuid?: string;
    /** Hours before `now`. */
    evaluatedAgo?: number;
    dataAgo?: number;
}

export const sampleDigest = "sha256:2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe";
export const sampleImage = `registry.example.org/orders/candidate@${sampleDigest}`;

/** One row of the search, with the keys that Lacework's API answers. */
export function sampleRow(row: SampleRow, now: Date) {
    const ago = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
    const { severity = "Critical", status = "VULNERABLE", package: name = "openssl", fix = "1.1.1k-2" } = row;
    const { path = "var/lib/dpkg/status", layer = "a", evaluatedAgo = 1, dataAgo = 6 } = row;
    const dataTime = `${ago(dataAgo).toISOString().replace("T", " ").replace("Z", "")}000000`;
    const scanned = Math.floor(ago(evaluatedAgo).getTime() / 1000) - 8;
    return {
        evalCtx: {
            cve_batch_info: [{ cve_batch_id: "40CF", cve_created_time: dataTime }] as unknown[] | null,
            exception_props: [] as unknown[],
            image_info: {
                created_time: ago(evaluatedAgo + 24).getTime(),
                digest: row.digest ?? sampleDigest,
                error_msg: [] as string[],
                id: `sha256:${"1".repeat(64)}`,
                registry: "registry.example.org",
                repo: "orders/candidate",
                scan_created_time: scanned,
                size: 360_608_563,
                status: row.imageStatus ?? "Success",
                tags: ["build-17"],
                type: "Docker",
            },
            integration_props: { NAME: "orders", REGISTRY_TYPE: "V2" },
            is_reeval: false,
            request_source: "PLATFORM_SCANNER",
            scan_request_props: {
                data_format_version: "1.0",
                props: { data_format_version: "1.0", scanner_version: "10.0.155" },
                reqId: "5f0c0a52-8f6b-44a5-abf9-2f7d0b3c9e11",
                reqSource: "ondemand",
                scanCompletionUtcTime: scanned + 7,
                scan_start_time: scanned as unknown,
                scanner_version: "10.0.155",
            },
            vuln_batch_id: "40CF",
            vuln_created_time: dataTime as unknown,
        },
        evalGuid: row.evalGuid ?? "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        featureKey: { name, namespace: "debian:12", version: row.version ?? "1.1.1k-1" },
        featureProps: {
            feed: "lacework",
            introduced_in: "RUN apt-get install",
            layer: `sha256:sha256:${layer.repeat(64)}`,
            src: path,
            version_format: "dpkg",
        },
        fixInfo: { compare_result: 1, fix_available: fix === "" ? 0 : 1, fixed_version: fix },
        imageId: `sha256:${"1".repeat(64)}`,
        ...(severity === null ? {} : { severity, vulnId: row.vulnId ?? "CVE-2021-3711" }),
        startTime: ago(evaluatedAgo).toISOString() as unknown,
        status,
    };
}

/** A package in which nothing is wrong. */
export function sampleGoodRow(now: Date, name = "zlib1g") {
    return sampleRow({ status: "GOOD", severity: null, package: name, fix: "" }, now);
}

/** One answer of the search. */
export function sampleAnswer(rows: SampleRow[], now: Date, good = 1) {
    const data: unknown[] = rows.map((row) => sampleRow(row, now));
    for (let at = 0; at < good; at += 1) data.push(sampleGoodRow(now, `lib${at}`));
    return {
        paging: {
            rows: data.length,
            totalRows: data.length,
            urls: { nextPage: null as string | null } as { nextPage?: string | null },
        },
        data,
    };
}

export function toBytes(document: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(document));
}
