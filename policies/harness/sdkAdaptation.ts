/**
 * Two places of `@pulumi/policy` 1.21.0 that a pack with more than two hundred policies cannot afford as they are, and
 * one piece of information that it does not hand on. Nothing here changes an answer:
 *
 * - every function of a policy gets its resources decoded anew (server.ts decodes inside the loop over the policies),
 *   so twenty findings on a stack of a thousand resources decode twenty thousand: decoded once per message;
 * - every "not applicable" is encoded letter by letter, some hundred per resource: encoded once per policy;
 * - a remediation gets properties without the hashes of assets and with archives that the SDK cannot write back
 *   (deserialize.ts), so the properties as they came over the wire are kept for it.
 *
 * Where the SDK looks different one day, its own way is left as it is: slower, and remediations decline.
 */
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { rawProperties } from "./reader";

/* eslint-disable @typescript-eslint/no-require-imports -- inner modules of the SDK, without fitting declarations */
const decoding = require("@pulumi/policy/deserialize") as {
    deserializeProperties?: (message: Struct, keepSecrets: boolean) => Properties;
};
const protocol = require("@pulumi/pulumi/proto/analyzer_pb") as {
    PolicyNotApplicable?: NotApplicableType;
};
/* eslint-enable @typescript-eslint/no-require-imports */

type Properties = Record<string, unknown>;

interface Writer {
    constructor: unknown;
    getResultBuffer(): Uint8Array;
    writeSerializedMessage(bytes: Uint8Array, start: number, end: number): void;
}

interface NotApplicable {
    getPolicyName(): string;
    getReason(): string;
}

interface NotApplicableType {
    serializeBinaryToWriter?: (message: NotApplicable, writer: Writer) => void;
}

const decoded = new WeakMap<Struct, Properties>();
const messages = new WeakMap<object, Struct>();

let adapted = false;

/** Once per process; later calls do nothing. */
export function adaptSdk(): void {
    if (adapted) return;
    adapted = true;
    decodeOnce();
    encodeOnce();
}

/**
 * The properties of a remediation as the engine sent them: secrets, assets and unknown values are the objects and
 * texts of the protocol. A fresh copy, or nothing when these are no properties of a remediation.
 */
export function wireProperties(properties: Properties): Properties | undefined {
    return messages.get(rawProperties(properties))?.toJavaScript() as Properties | undefined;
}

function decodeOnce(): void {
    const original = decoding.deserializeProperties;
    if (typeof original !== "function") return;
    decoding.deserializeProperties = (message, keepSecrets) => {
        if (keepSecrets) {
            const properties = original(message, keepSecrets);
            messages.set(properties, message);
            return properties;
        }
        let properties = decoded.get(message);
        if (!properties) {
            properties = original(message, keepSecrets);
            decoded.set(message, properties);
        }
        return properties;
    };
}

function encodeOnce(): void {
    const type = protocol.PolicyNotApplicable;
    const original = type?.serializeBinaryToWriter;
    if (!type || typeof original !== "function") return;
    const latest = new Map<string, { reason: string; bytes: Uint8Array }>();
    type.serializeBinaryToWriter = (message, writer) => {
        const policy = message.getPolicyName();
        const reason = message.getReason();
        let entry = latest.get(policy);
        // Most policies always have the same reason: the types that they are about.
        if (entry?.reason !== reason) {
            const fresh = new (writer.constructor as new () => Writer)();
            original(message, fresh);
            entry = { reason, bytes: fresh.getResultBuffer() };
            latest.set(policy, entry);
        }
        writer.writeSerializedMessage(entry.bytes, 0, entry.bytes.length);
    };
}
