import * as z from "zod";
import { severities } from "./severity";

/** Version of the scan report document. Raised when a reader of the old version would misjudge the new one. */
export const scanReportVersion = 1;

/** Scanners whose reports the gate can judge. `infra/` builds one Test action for each that is configured. */
export const scannerNames = ["anchore", "grype", "accuknox", "lacework", "inspector"] as const;
export type ScannerName = (typeof scannerNames)[number];

/** An image digest as the OCI image specification writes it: `sha256:` and 64 lower-case hexadecimal digits. */
export const digestSchema = z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 lower-case hex digits");

const timestamp = z.iso.datetime({ offset: true });

/** One vulnerability in one package, as one scanner saw it. */
export const findingSchema = z.strictObject({
    /** Vulnerability identifier as the scanner gives it, e.g. `CVE-2021-3711` or `GHSA-…`. */
    id: z.string().min(1),
    severity: z.enum(severities),
    package: z.strictObject({
        name: z.string().min(1),
        version: z.string(),
        /** Package ecosystem, e.g. `deb`, `npm`, `python`. */
        type: z.string(),
        /** Where in the image it was found, if the scanner says so. */
        path: z.string().optional(),
    }),
    /** First version that fixes it; null when there is none or the vendor will not fix it. */
    fixedIn: z.string().nullable(),
    /** True when the distributor has said that it will not fix this. Such findings count like any other. */
    willNotFix: z.boolean(),
    url: z.string().nullable(),
    /** Where it stands in the raw report, as a JSON pointer (RFC 6901). */
    source: z.string(),
});

/**
 * What one scanner said about one digest. `complete: false` means that the scanner cannot be taken at its word
 * (reasons say why); such a report can never lead to a pass, whatever its findings are.
 */
export const scanReportSchema = z.strictObject({
    version: z.literal(scanReportVersion),
    scanner: z.strictObject({ name: z.enum(scannerNames), version: z.string() }),
    subject: z.strictObject({
        /** Image reference that was scanned, always by digest. */
        image: z.string().min(1),
        digest: digestSchema,
    }),
    startedAt: timestamp,
    finishedAt: timestamp,
    /** The raw answer that this was made of, as it is stored beside the report; null when there was none to store. */
    raw: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) }).nullable(),
    /** When the vulnerability data behind the answer was built; null when the scanner does not say. */
    dataBuiltAt: timestamp.nullable(),
    complete: z.boolean(),
    /** Why the report is not complete; empty exactly when `complete` is true. */
    incompleteReasons: z.array(z.string().min(1)),
    findings: z.array(findingSchema),
    /** The scanner's own refusals that are not vulnerabilities (policy gates such as "runs as root"). */
    refusals: z.array(z.strictObject({ rule: z.string(), message: z.string() })),
});

export type Finding = z.infer<typeof findingSchema>;
export type ScanReport = z.infer<typeof scanReportSchema>;
