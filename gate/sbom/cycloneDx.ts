import * as z from "zod";

/** Versions of CycloneDX whose fields that are read here mean the same (cyclonedx.org/docs/1.4 to 1.7). */
export const specVersions = ["1.4", "1.5", "1.6", "1.7"] as const;

/** Types of a component up to CycloneDX 1.7. */
export const componentTypes = [
    "application",
    "framework",
    "library",
    "container",
    "platform",
    "operating-system",
    "device",
    "device-driver",
    "firmware",
    "file",
    "machine-learning-model",
    "data",
    "cryptographic-asset",
] as const;

export type ComponentType = (typeof componentTypes)[number];

/** Components that are software with a version; the others can do without one. */
export const packageTypes: readonly ComponentType[] = ["application", "framework", "library"];

const toolSchema = z.looseObject({ name: z.string().min(1), version: z.string().optional() });

/** The document around the components, as far as it is read. Whatever else stands in it is left to others. */
export const documentSchema = z.looseObject({
    bomFormat: z.literal("CycloneDX"),
    specVersion: z.enum(specVersions),
    serialNumber: z
        .string()
        .regex(
            /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
            "must be urn:uuid:…",
        ),
    version: z.int().min(1),
    metadata: z.looseObject({
        timestamp: z.string(),
        /** A list up to 1.4, and an object with a list of components since. */
        tools: z.union([z.array(toolSchema), z.looseObject({ components: z.array(toolSchema) })]),
        component: z.looseObject({
            "bom-ref": z.string().min(1).optional(),
            type: z.string(),
            name: z.string().min(1),
            version: z.string().optional(),
        }),
    }),
    /** Emptied by the reader; syft leaves it out when it found nothing. */
    components: z.array(z.never()).optional(),
    compositions: z.array(z.looseObject({ aggregate: z.string() })).optional(),
});

export type CycloneDxDocument = z.infer<typeof documentSchema>;

/** What is kept of the document around the components; dependencies, vulnerabilities and the like are not. */
export const documentKeys = [
    "bomFormat",
    "specVersion",
    "serialNumber",
    "version",
    "metadata",
    "components",
    "compositions",
] as const;

/** One component, as far as it is read. */
export const componentSchema = z.looseObject({
    type: z.string(),
    name: z.string(),
    version: z.string().optional(),
    "bom-ref": z.string().min(1).optional(),
    components: z.array(z.unknown()).optional(),
});

/** What is kept of a component; most of it is properties and licences. */
export const componentKeys = ["type", "name", "version", "bom-ref", "components"] as const;
