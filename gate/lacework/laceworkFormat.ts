import * as z from "zod";

/*
 * What Lacework's search of container evaluations answers (`POST /api/v2/Vulnerabilities/Containers/search`), by
 * lacework/go-sdk api/v2_vulnerabilities.go (2.15.2) and the answers in its tests. One row is one vulnerability in
 * one package in one layer, or a package in which nothing is wrong. Keys that carry the judgement are required, so
 * that a renamed or missing one is noticed.
 */

const text = z.string().nullish();

export const laceworkRowSchema = z.object({
    evalGuid: text,
    /** VULNERABLE, GOOD or EXCEPTION; see `statusMeaning`. */
    status: z.string(),
    /** Critical, High, Medium, Low or Info. Absent where nothing is wrong. */
    severity: text,
    vulnId: text,
    /** When the row was evaluated. */
    startTime: z.unknown().optional(),
    featureKey: z.object({ name: z.string().min(1), namespace: text, version: z.string() }),
    featureProps: z.object({ src: text, layer: text, version_format: text }).nullish(),
    fixInfo: z
        .object({ fix_available: z.union([z.number(), z.string()]).nullish(), fixed_version: text })
        .nullish(),
    evalCtx: z.object({
        image_info: z.object({
            digest: z.string(),
            /** Success, or that the image could be looked at partly or not at all. */
            status: z.string(),
            error_msg: z.array(z.string()).nullish(),
        }),
        /** When the vulnerability data of this evaluation was made. */
        vuln_created_time: z.unknown().optional(),
        cve_batch_info: z.array(z.object({ cve_created_time: z.unknown().optional() })).nullish(),
        scan_request_props: z
            .object({ scan_start_time: z.unknown().optional(), scanner_version: text })
            .nullish(),
    }),
});

export type LaceworkRow = z.infer<typeof laceworkRowSchema>;

/** How many rows there are in all, and where the next ones are. */
const pagingSchema = z.object({
    rows: z.int().min(0),
    totalRows: z.int().min(0),
    urls: z.object({ nextPage: z.string().nullish() }).nullish(),
});

export const laceworkPageSchema = z.object({ data: z.array(z.unknown()), paging: pagingSchema });

export type LaceworkPaging = z.infer<typeof pagingSchema>;

/**
 * The documents that can be read, with their rows taken out: one answer of the search; several of them, as the gate
 * stores them; or the bare list that `lacework vulnerability container scan --json` prints.
 */
export const laceworkDocumentSchema = z.union(
    [laceworkPageSchema, z.strictObject({ pages: z.array(laceworkPageSchema).min(1) }), z.array(z.unknown())],
    {
        error: "neither an answer of the search (data, paging) nor the list that the CLI prints",
    },
);

/** Where rows stand in these documents, as JSON pointers with `*` for any index. */
export const laceworkRowPatterns = ["/data/*", "/pages/*/data/*", "/*"] as const;

const rowKeys = [
    ...["evalGuid", "status", "severity", "vulnId", "startTime", "featureKey", "fixInfo"],
    ...["featureProps.src", "featureProps.layer", "featureProps.version_format"],
    ...["digest", "status", "error_msg"].map((key) => `evalCtx.image_info.${key}`),
    ...["vuln_created_time", "cve_batch_info.cve_created_time"].map((key) => `evalCtx.${key}`),
    ...["scan_start_time", "scanner_version"].map((key) => `evalCtx.scan_request_props.${key}`),
];

/** What is read of a row. */
export const laceworkRowKeys = Object.fromEntries(laceworkRowPatterns.map((pattern) => [pattern, rowKeys]));

/**
 * What a row's status says. EXCEPTION is a vulnerability that somebody has excepted in Lacework's console; it counts
 * like any other, because what is accepted is written in the gate policy and nowhere else. A status that is not
 * listed counts as well, and the report is incomplete.
 */
export const statusMeaning: ReadonlyMap<string, "vulnerable" | "nothingFound"> = new Map([
    ["VULNERABLE", "vulnerable"],
    ["EXCEPTION", "vulnerable"],
    ["GOOD", "nothingFound"],
]);

/** Rows that Lacework's API gives in one answer; the CLI's `container scan` asks for no further one. */
export const laceworkPageRows = 5_000;
