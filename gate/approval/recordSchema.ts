/** What records of the approval table look like when they are read: another writer, or an older one, may be behind them. */
import * as z from "zod";
import type { RequestRecord, ScanRecord } from "./records";
import { rankedSeverities } from "../policy/gatePolicy";
import { scanStages } from "../policy/scanStage";
import { digestSchema, scannerNames } from "../report/scanReport";

const instant = z.iso.datetime();
const text = z.string().min(1);
const answer = z.enum(["approved", "rejected"]);
const count = z.int().min(0);
const severity = z.enum(rankedSeverities);
const counts = z.strictObject(
    Object.fromEntries(rankedSeverities.map((name) => [name, count])) as Record<
        (typeof rankedSeverities)[number],
        typeof count
    >,
);

const request = z
    .strictObject({
        pipeline: text,
        stage: text,
        action: text,
        token: text,
        expiresAt: instant,
        receivedAt: instant,
        decideBy: instant,
        subject: z
            .strictObject({
                application: text,
                digest: digestSchema,
                image: text,
                execution: text,
                commit: text,
            })
            .nullable(),
        problem: text.nullable(),
    })
    .refine(
        ({ subject, problem }) => (subject === null) === (problem !== null),
        "has a subject or a problem",
    );

const decision = z.strictObject({
    answer,
    decidedAt: instant,
    decidedBy: text,
    policySha256: z.string().regex(/^[0-9a-f]{64}$/),
    limits: z.record(z.string(), z.union([count, z.literal("unlimited")])),
    parts: z.array(
        z.strictObject({
            part: z.enum([...scanStages, "registry"]),
            outcome: z.enum(["pass", "fail", "incomplete"]),
            counts,
            waived: counts,
            required: z.array(z.enum(scannerNames)).optional(),
            evidence: z.array(z.strictObject({ scanner: z.enum(scannerNames), place: text })),
        }),
    ),
    counting: z.strictObject({ unknown: severity.nullable(), unfixed: severity.nullable() }).optional(),
    waivers: z.array(
        z.strictObject({
            id: text,
            package: text.optional(),
            owner: text,
            expires: text,
            severity: severity.optional(),
        }),
    ),
    reasons: z.array(z.string()),
    moreReasons: count,
    summary: z.string().max(512),
});

const revision = z.int().min(1);

/** A `RequestRecord`; what is decided has a decision, what is closed says why, and nothing else does. */
export const requestRecordSchema: z.ZodType<RequestRecord> = z
    .strictObject({
        revision,
        request,
        status: z.enum(["waiting", "approved", "rejected", "closed"]),
        claim: z.strictObject({ owner: text, until: instant }).optional(),
        wakeAt: instant.optional(),
        decision: decision.optional(),
        closed: z
            .strictObject({ at: instant, reason: text, answer: answer.nullable(), by: text.nullable() })
            .optional(),
    })
    .refine(
        ({ status, decision }) =>
            status === "approved" || status === "rejected" ? decision?.answer === status : true,
        "is answered, and its decision does not say so",
    )
    .refine(
        ({ status, closed }) => (status === "closed") === (closed !== undefined),
        "is closed and says why, or neither",
    );

/** A `ScanRecord`. */
export const scanRecordSchema: z.ZodType<ScanRecord> = z.strictObject({
    revision,
    repository: text,
    digest: digestSchema,
    status: z.enum(["ended", "failed", "other"]),
    statusText: z.string(),
    total: count.nullable(),
    at: instant,
    eventId: text,
});
