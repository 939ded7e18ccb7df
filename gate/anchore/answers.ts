import * as z from "zod";

// Shapes of the engine's answers, Anchore Engine 1.1.0 (swagger of services/apiext, and answers of the running
// engine). Only what a judgement reads is demanded; unknown properties are kept out.

export const registryList = z.array(
    z.object({
        registry: z.string(),
        registry_user: z.string().nullish(),
        registry_type: z.string().nullish(),
    }),
);

export const policyRecord = z.looseObject({
    policyId: z.string().min(1),
    active: z.boolean().nullish(),
    policybundle: z.looseObject({}).nullish(),
});
export type PolicyRecord = z.infer<typeof policyRecord>;

/** The engine answers PUT and GET of one policy with a list of one, POST with the record itself. */
export const policyRecords = z.union([z.array(policyRecord), policyRecord.transform((record) => [record])]);

export const feedList = z.array(
    z.object({
        name: z.string(),
        groups: z.array(z.object({ name: z.string(), record_count: z.number().nullish() })).nullish(),
    }),
);

export const systemStatus = z.object({
    service_states: z.array(
        z.object({
            servicename: z.string(),
            hostid: z.string().nullish(),
            status: z.boolean().nullish(),
            status_message: z.string().nullish(),
            service_detail: z
                .object({
                    available: z.boolean().nullish(),
                    up: z.boolean().nullish(),
                    version: z.string().nullish(),
                })
                .nullish(),
        }),
    ),
});

export const imageList = z.array(
    z.object({
        imageDigest: z.string(),
        parentDigest: z.string().nullish(),
        analysis_status: z.string(),
        image_status: z.string().nullish(),
        image_content: z.object({ metadata: z.object({ distro: z.string().nullish() }).nullish() }).nullish(),
        image_detail: z.array(z.object({ fulltag: z.string().nullish() })).nullish(),
    }),
);
export type EngineImage = z.infer<typeof imageList>[number];

/** Entries are read one by one (`vulnerabilities.ts`), so that a broken one is named instead of dropped. */
export const vulnerabilityList = z.object({
    imageDigest: z.string(),
    vulnerability_type: z.string(),
    vulnerabilities: z.array(z.unknown()),
});

/** digest → tag → evaluations. Read further in `check.ts`. */
export const checkAnswer = z.array(z.record(z.string(), z.record(z.string(), z.array(z.unknown()))));

export const eventList = z.object({
    results: z.array(
        z.object({
            event: z.object({
                type: z.string(),
                resource: z.object({ id: z.string().nullish() }).nullish(),
                details: z.unknown().optional(),
            }),
        }),
    ),
});
