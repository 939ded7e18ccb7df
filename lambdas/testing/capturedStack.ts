import { archiveOf } from "../../offline/assets";
import type { CapturedResource, Value } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import type { UploadedFunction } from "./functionProcess";

/** A resource as it is after `up`: inputs and computed values in one, secrets opened. */
export interface StackResource {
    type: string;
    name: string;
    properties: Record<string, unknown>;
}

type Properties = Record<string, unknown>;

/** What the program creates, asked by the questions that the specs have. */
export class CapturedStack {
    constructor(
        readonly resources: readonly StackResource[],
        readonly account: { partition: string; region: string; accountId: string },
    ) {}

    /** All resources of a type, for example `aws:sqs/queue:Queue`. */
    all(type: string): StackResource[] {
        return this.resources.filter((resource) => resource.type === type);
    }

    /** The one resource of a type that has these properties. */
    one(type: string, wanted: Properties = {}): StackResource {
        const found = this.all(type).filter(({ properties }) =>
            Object.entries(wanted).every(([key, value]) => properties[key] === value),
        );
        const [resource] = found;
        if (resource === undefined || found.length > 1)
            throw new Error(`${found.length} resources are ${type} with ${JSON.stringify(wanted)}`);
        return resource;
    }

    /** The function whose name ends like this, with the archive that would be uploaded. */
    uploaded(suffix: string): UploadedFunction {
        const found = this.all("aws:lambda/function:Function").filter(({ properties }) =>
            String(properties["name"]).endsWith(suffix),
        );
        const [resource] = found;
        if (resource === undefined || found.length > 1)
            throw new Error(`${found.length} functions have a name that ends with ${suffix}`);
        const { name, arn, handler, timeout, memorySize, runtime, code, environment } = resource.properties;
        if (runtime !== "nodejs24.x") throw new Error(`${String(name)} runs on ${String(runtime)}`);
        const logging = (resource.properties["loggingConfig"] ?? {}) as { logGroup?: string };
        return {
            name: String(name),
            arn: String(arn),
            handler: String(handler),
            timeoutSeconds: Number(timeout),
            memoryMegabytes: Number(memorySize),
            logGroup: logging.logGroup ?? `/aws/lambda/${String(name)}`,
            files: Object.fromEntries(
                [...archiveOf({ urn: resource.name, inputs: { code: code as Value } })].map(
                    ([path, content]) => [path, content.toString("utf8")],
                ),
            ),
            environment: ((environment ?? {}) as { variables?: Record<string, string> }).variables ?? {},
        };
    }
}

function open(value: Value | undefined): unknown {
    if (Array.isArray(value)) return value.map(open);
    if (value === null || typeof value !== "object") return value;
    if ("$secret" in value) return open(value["$secret"] as Value);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, open(inner as Value)]));
}

function toResource({ type, name, outputs, inputs, id }: CapturedResource): StackResource {
    const properties = open({ ...inputs, ...outputs }) as Properties;
    return { type, name, properties: { ...properties, id: typeof id === "string" ? id : properties["id"] } };
}

/** Runs the whole program once, as after `up`. Takes some seconds: once for each spec file. */
export async function captureStack(config: Record<string, unknown> = {}): Promise<CapturedStack> {
    const { resources } = await runProgram({ stack: "dev", mode: "update", config });
    const found = resources.filter(({ custom }) => custom).map(toResource);
    const pipeline = found.find(({ type }) => type === "aws:codepipeline/pipeline:Pipeline");
    const [, partition = "", , region = "", accountId = ""] = String(pipeline?.properties["arn"]).split(":");
    return new CapturedStack(found, { partition, region, accountId });
}
