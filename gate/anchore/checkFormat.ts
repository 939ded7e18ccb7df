import * as z from "zod";

// The parts of a check answer with `detail=true` that are read; see `readCheck` for what each is demanded to be.

/** What a row, and all rows together, lead to. `warn` alone is a pass in the engine's eyes. */
export const actionSchema = z.enum(["go", "warn", "stop"]);

const bundleSchema = z.object({
    policies: z.array(
        z.object({
            id: z.string(),
            rules: z.array(
                z.object({
                    gate: z.string(),
                    trigger: z.string(),
                    action: z.string(),
                    params: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
                }),
            ),
        }),
    ),
});

/** The mapping that matched. The engine writes `policy_ids`; old bundles have `policy_id`. */
export const mappingSchema = z.object({
    policy_ids: z.array(z.string()).nullish(),
    policy_id: z.string().nullish(),
});

/** One evaluation with `detail=true`. */
export const evaluationSchema = z.object({
    policyId: z.string(),
    status: z.enum(["pass", "fail"]),
    last_evaluation: z.iso.datetime({ offset: true }),
    detail: z.object({
        result: z.object({
            bundle: bundleSchema,
            evaluation_problems: z.array(z.unknown()),
            final_action: actionSchema,
            final_action_reason: z.string(),
            image_digest: z.string().nullish(),
            tag: z.string().nullish(),
            matched_mapping_rule: z.unknown().optional(),
            matched_whitelisted_images_rule: z.unknown().optional(),
            result: z.record(z.string(), z.unknown()),
        }),
    }),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** Final action and rows of one image id, inside `detail.result.result`. */
export const decisionSchema = z.object({
    final_action: actionSchema,
    header: z.array(z.string()),
    row_count: z.number(),
    rows: z.array(z.array(z.unknown())),
});

export function isObject(value: unknown): value is Record<string, unknown> {
    return value !== null && typeof value === "object" && !Array.isArray(value);
}
