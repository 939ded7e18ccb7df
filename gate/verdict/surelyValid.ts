import * as z from "zod";

/** Says yes only to what a schema accepts; a no means nothing, and the schema has to be asked. */
export type SurelyValid = (value: unknown) => boolean;

/**
 * A quick test made from a schema of plain objects, for lists of many thousand entries that are nearly always right.
 * Asking zod costs several times as much, because it copies what it accepts. Whatever this does not know about a
 * schema makes it say no, so that it can be slower than it should be and never more lenient.
 */
export function surelyValidFor(schema: z.core.$ZodType): SurelyValid {
    if (schema instanceof z.ZodNullable) {
        const inner = surelyValidFor(schema.def.innerType);
        return (value) => value === null || inner(value);
    }
    if (schema instanceof z.ZodOptional) {
        const inner = surelyValidFor(schema.def.innerType);
        return (value) => value === undefined || inner(value);
    }
    const checks = schema._zod.def.checks ?? [];
    if (schema instanceof z.ZodString) {
        const lengths = checks.map(({ _zod: { def } }) =>
            def instanceof Object && def.check === "min_length"
                ? (def as z.core.$ZodCheckMinLengthDef).minimum
                : null,
        );
        if (schema.def.coerce === true || lengths.includes(null)) return () => false;
        const least = Math.max(0, ...lengths.map(Number));
        return (value) => typeof value === "string" && value.length >= least;
    }
    if (checks.length > 0) return () => false;
    if (schema instanceof z.ZodBoolean && schema.def.coerce !== true)
        return (value) => typeof value === "boolean";
    if (schema instanceof z.ZodEnum) {
        const allowed = new Set<unknown>(schema.options);
        return (value) => allowed.has(value);
    }
    if (schema instanceof z.ZodObject) return strictObject(schema);
    return () => false;
}

function strictObject({ def }: z.ZodObject): SurelyValid {
    if (!(def.catchall instanceof z.ZodNever)) return () => false;
    const parts = Object.entries(def.shape).map(([key, part]) => ({ key, isValid: surelyValidFor(part) }));
    const known = new Set(parts.map(({ key }) => key));
    return (value) => {
        if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
        for (const key in value) if (!known.has(key)) return false;
        for (const { key, isValid } of parts)
            if (!isValid((value as Record<string, unknown>)[key])) return false;
        return true;
    };
}
