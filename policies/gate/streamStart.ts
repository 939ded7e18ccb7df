/** GATE-07's facts about streams: where a table's stream starts the decider, a change of the table does start it. */
import { about, inconclusive, pass, violation } from "../harness/outcome";
import { is, valueOf, type ResourceReader } from "../harness/reader";
import type { Outcome, StackOutcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { anyValue, patternMatches, type KnownEvent } from "./eventPattern";
import { mappingSource } from "./functionStart";
import type { GateFunction } from "./gateModel";
import { tableType } from "./resourceTypes";

/** Event source mappings that start the decider are on, and from a table of the stack something passes their filters. */
export function streamsStartDecider(decider: GateFunction, graph: StackGraph): StackOutcome[] {
    return decider.starts
        .filter(({ kind, certain }) => kind === "mapping" && certain)
        .flatMap(({ source }) => about(source, switchedOn(source), changesPass(source, decider, graph)));
}

function switchedOn(mapping: ResourceReader): Outcome {
    const flag = mapping.boolean("enabled");
    if (flag.kind === "unknown")
        return inconclusive(flag, `whether ${mapping.name} is enabled is not known yet`);
    if (!is(flag, false)) return pass;
    return violation(
        `${mapping.name} is switched off, so what is written or sent there starts no decision.`,
        "Set enabled to true.",
        { findingId: "enabled" },
    );
}

function changesPass(mapping: ResourceReader, decider: GateFunction, graph: StackGraph): Outcome {
    const source = mappingSource(graph, mapping);
    if (source.kind !== "exact" || source.resource.type !== tableType) return pass;
    const table = source.resource;
    if (is(table.boolean("streamEnabled"), false))
        return violation(
            `${table.name} has no stream (streamEnabled is false), so ${mapping.name} starts ${decider.function.name} for no request.`,
            "Set streamEnabled to true and streamViewType to what the function reads.",
            { findingId: "stream" },
        );
    const filters = mapping.list("filterCriteria", "filters");
    if (filters.kind !== "known" || filters.value.length === 0) return pass;
    const changes = streamRecords(valueOf(table.string("streamViewType")));
    const some = filters.value.some((filter) => {
        const pattern = filter.json("pattern");
        // What is not known, or no pattern, is not this rule's finding: the provider refuses the latter.
        if (pattern.kind !== "known") return true;
        return changes.some((change) => patternMatches(pattern.value.raw, change).kind !== "no");
    });
    if (some) return pass;
    return violation(
        `No change of ${table.name} passes the filters of ${mapping.name} (its stream has ${valueOf(table.string("streamViewType")) ?? "an unnamed view"}), so they start ${decider.function.name} for no request.`,
        "Let the filters match what the stream's view holds: NewImage needs NEW_IMAGE or NEW_AND_OLD_IMAGES.",
        { findingId: "filterCriteria" },
    );
}

/**
 * The changes that a stream reports, as Lambda's filters see them: which image is there says the stream's view (Amazon
 * DynamoDB API reference, `StreamRecord`).
 */
function streamRecords(view: string | undefined): KnownEvent[] {
    const has = (image: "NEW" | "OLD"): boolean =>
        view === undefined || view === `${image}_IMAGE` || view === "NEW_AND_OLD_IMAGES";
    return (["INSERT", "MODIFY", "REMOVE"] as const).map((eventName) => ({
        eventID: anyValue,
        eventName,
        eventVersion: anyValue,
        eventSource: "aws:dynamodb",
        awsRegion: anyValue,
        eventSourceARN: anyValue,
        userIdentity: anyValue,
        dynamodb: {
            ApproximateCreationDateTime: anyValue,
            Keys: anyValue,
            SequenceNumber: anyValue,
            SizeBytes: anyValue,
            StreamViewType: anyValue,
            ...(has("NEW") && eventName !== "REMOVE" ? { NewImage: anyValue } : {}),
            ...(has("OLD") && eventName !== "INSERT" ? { OldImage: anyValue } : {}),
        },
    }));
}
