/** The policy document of a topic, a queue, a bus, a file system, or of the resource that sets it. */
import { filled, type ResourceReader } from "../harness/reader";
import { readPolicyDocument, type PolicyDocument } from "./document";

export type AttachedPolicy = (PolicyDocument | { kind: "absent" }) & { property: string };

/** Reads `policy`, given as text or as an object; "" is none. */
export function attachedPolicy(resource: ResourceReader): AttachedPolicy {
    const reading = resource.get("policy");
    const { property } = reading;
    if (reading.kind === "known" && filled(resource.string("policy")).kind === "absent")
        return { kind: "absent", property };
    if (reading.kind === "known") return { ...readPolicyDocument(reading.value), property };
    if (reading.kind === "malformed") return { kind: "malformed", why: reading.why, property };
    return { kind: reading.kind, property };
}
