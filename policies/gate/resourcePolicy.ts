import type { Reading, ResourceReader } from "../harness/reader";

/** The `policy` of a topic, a queue or the resource that sets it: text or object; "" is none. */
export function resourcePolicy(resource: ResourceReader): Reading<unknown> {
    const reading = resource.get("policy");
    return reading.kind === "known" && reading.value === ""
        ? { kind: "absent", property: reading.property }
        : reading;
}
