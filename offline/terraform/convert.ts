/**
 * Rewrites captured `@pulumi/aws` resources as Terraform JSON, so that the real Terraform AWS provider can validate
 * their values (enum members, ranges, name patterns, conflicts). `@pulumi/aws` is bridged from that provider; its
 * schema is read from `terraform providers schema -json`, so nothing about a resource is repeated here.
 */
import type { CapturedResource, Value } from "../model";

/** One attribute of a block in the provider schema; `type` is a cty type such as `"string"` or `["map","string"]`. */
interface SchemaAttribute {
    type?: unknown;
    required?: boolean;
    optional?: boolean;
    computed?: boolean;
}

export interface SchemaBlock {
    attributes?: Record<string, SchemaAttribute>;
    block_types?: Record<string, { nesting_mode: string; block: SchemaBlock }>;
}

/** Terraform resource types of one provider, as in `provider_schemas.<provider>.resource_schemas`. */
export type ResourceSchemas = Record<string, { block: SchemaBlock }>;

export interface Conversion {
    /** Document for `main.tf.json`. */
    resource: Record<string, Record<string, Record<string, unknown>>>;
    /** Resource types that the installed provider does not have (`@pulumi/aws` is built on a later major). */
    unmappedTypes: string[];
    /** `type.property` pairs that the installed provider does not have; left out of the document. */
    unmappedProperties: string[];
    /** Terraform address to URN, to name the resource in a message. */
    addresses: Map<string, string>;
}

/** Tokens whose Terraform type does not follow from their name. */
const exceptions: Record<string, string> = {
    "aws:codepipeline/pipeline:Pipeline": "aws_codepipeline",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:rds/instance:Instance": "aws_db_instance",
    "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
    "aws:rds/parameterGroup:ParameterGroup": "aws_db_parameter_group",
    "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
        "aws_s3_bucket_server_side_encryption_configuration",
    "aws:autoscaling/group:Group": "aws_autoscaling_group",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace":
        "aws_service_discovery_private_dns_namespace",
    "aws:servicediscovery/service:Service": "aws_service_discovery_service",
};

/** Properties that Pulumi renamed in a way that neither case nor number explains, by Terraform type. */
const renamedProperties: Record<string, Record<string, string>> = {
    aws_cloudwatch_metric_alarm: { name: "alarm_name" },
    aws_lambda_function: { name: "function_name", code: "filename" },
    aws_lambda_permission: { function: "function_name" },
    aws_s3_object: { bucketName: "bucket" },
    aws_sns_topic_subscription: { topic: "topic_arn" },
};

/** `camelCase` → `snake_case`, keeping runs of capitals together as the bridge does (`kmsKeyId`, `enableDns64`). */
export function snakeCase(name: string): string {
    return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** Terraform type of a Pulumi token, or undefined when the provider has none. */
export function terraformType(token: string, schemas: ResourceSchemas): string | undefined {
    const exception = exceptions[token];
    if (exception !== undefined) {
        return schemas[exception] ? exception : undefined;
    }
    const [, modulePath = "", className = ""] = token.split(":");
    const module = modulePath.split("/")[0] ?? "";
    const resource = snakeCase(className);
    return [`aws_${snakeCase(module)}_${resource}`, `aws_${resource}`].find((type) => schemas[type]);
}

function singular(name: string): string[] {
    return [name.replace(/ies$/, "y"), name.replace(/(s|x|ch|sh)es$/, "$1"), name.replace(/s$/, "")].filter(
        (candidate) => candidate !== name,
    );
}

function plain(value: Value): unknown {
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (value !== null && typeof value === "object") {
        if ("$secret" in value) {
            return plain((value as { $secret: Value }).$secret);
        }
        return Object.fromEntries(
            Object.entries(value)
                .filter(([key]) => key !== "__defaults")
                .map(([key, entry]) => [key, plain(entry as Value)]),
        );
    }
    return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return value !== null && typeof value === "object" && !Array.isArray(value);
}

function convertAttribute(value: unknown, type: unknown): unknown {
    if (type === "string" && isObject(value) && "$archive" in value) {
        return "archive.zip"; // Pulumi packs an archive that Terraform expects as a file.
    }
    if (type === "string" && (isObject(value) || Array.isArray(value))) {
        return JSON.stringify(value);
    }
    if (Array.isArray(type) && (type[0] === "list" || type[0] === "set") && !Array.isArray(value)) {
        return [convertAttribute(value, type[1])];
    }
    if (Array.isArray(type) && type[0] === "object" && isObject(value)) {
        const fields = type[1] as Record<string, unknown>;
        return Object.fromEntries(
            Object.entries(value).map(([key, entry]) => [
                snakeCase(key),
                convertAttribute(entry, fields[snakeCase(key)]),
            ]),
        );
    }
    if (Array.isArray(type) && (type[0] === "list" || type[0] === "set") && Array.isArray(value)) {
        return value.map((entry) => convertAttribute(entry, type[1]));
    }
    // Maps keep their keys: they are data (tags, pipeline configuration), not property names.
    return value;
}

/** Key schemas of an index as providers before 6 have them: one hash key and one range key. */
function withoutKeySchemas(index: Record<string, unknown>): Record<string, unknown> {
    const { keySchemas, ...rest } = index;
    const keys = Array.isArray(keySchemas) ? keySchemas.filter(isObject) : [];
    const named = (keyType: string) => keys.find((key) => key["keyType"] === keyType)?.["attributeName"];
    return { hashKey: named("HASH"), rangeKey: named("RANGE"), ...rest };
}

function convertBlock(
    properties: Record<string, unknown>,
    block: SchemaBlock,
    path: string,
    renamed: Record<string, string>,
    unmapped: Set<string>,
): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [property, value] of Object.entries(properties)) {
        if (value === undefined || value === null) {
            continue;
        }
        const snake = renamed[property] ?? snakeCase(property);
        const candidates = [snake, ...singular(snake)];
        const attribute = candidates.find((name) => block.attributes?.[name]);
        const nested = candidates.find((name) => block.block_types?.[name]);
        if (attribute !== undefined) {
            result[attribute] = convertAttribute(value, block.attributes?.[attribute]?.type);
        } else if (nested !== undefined) {
            const type = block.block_types?.[nested];
            const entries = (Array.isArray(value) ? value : [value]).filter(isObject);
            result[nested] = entries.map((entry) =>
                convertBlock(
                    "keySchemas" in entry && !type?.block.block_types?.["key_schema"]
                        ? withoutKeySchemas(entry)
                        : entry,
                    type?.block ?? {},
                    `${path}.${property}`,
                    {},
                    unmapped,
                ),
            );
        } else {
            unmapped.add(`${path}.${property}`);
        }
    }
    return result;
}

/**
 * Converts every `aws:` resource of a capture in update mode (all values known). Providers, components and resources
 * of other providers are left out; their values are already literals in the resources that use them.
 */
export function toTerraform(resources: CapturedResource[], schemas: ResourceSchemas): Conversion {
    const resource: Conversion["resource"] = {};
    const unmappedTypes = new Set<string>();
    const unmappedProperties = new Set<string>();
    const addresses = new Map<string, string>();
    for (const captured of resources.filter((entry) => entry.custom && entry.type.startsWith("aws:"))) {
        const type = terraformType(captured.type, schemas);
        const schema = type === undefined ? undefined : schemas[type];
        if (type === undefined || schema === undefined) {
            unmappedTypes.add(captured.type);
            continue;
        }
        const inputs = plain(captured.inputs) as Record<string, unknown>;
        const body = convertBlock(
            inputs,
            schema.block,
            type,
            renamedProperties[type] ?? {},
            unmappedProperties,
        );
        if (schema.block.attributes?.["name"]?.required && body["name"] === undefined) {
            body["name"] = `${captured.name}-0000000`; // Pulumi would name it so: logical name and seven random digits.
        }
        // Tags of all kinds are allowed by AWS; `sensitive` marks and Pulumi assets are not Terraform's business.
        const base = captured.name.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^[^A-Za-z_]/, "_$&");
        const family = (resource[type] ??= {});
        let label = base;
        for (let n = 2; family[label] !== undefined; n++) {
            label = `${base}_${n}`;
        }
        family[label] = body;
        addresses.set(`${type}.${label}`, captured.urn);
    }
    return {
        resource,
        unmappedTypes: [...unmappedTypes].sort(),
        unmappedProperties: [...unmappedProperties].sort(),
        addresses,
    };
}
