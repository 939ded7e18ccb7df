/** Which captured resources a value refers to: by dependency, by id, by physical name, or by an ARN or URL written out. */
import type { CapturedResource, Value } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { readPath, stringsIn, textOf } from "../report/resourceIndex";

/** Services of the ARNs that the types of the picture have, and what stands before the name in them. */
const arnForms: Readonly<Record<string, { service: string; prefix: string }>> = {
    "aws:lambda/function:Function": { service: "lambda", prefix: "function:" },
    "aws:sns/topic:Topic": { service: "sns", prefix: "" },
    "aws:sqs/queue:Queue": { service: "sqs", prefix: "" },
    "aws:dynamodb/table:Table": { service: "dynamodb", prefix: "table/" },
    "aws:cloudwatch/eventRule:EventRule": { service: "events", prefix: "rule/" },
};

/** True when an ARN, however it is qualified (`:1`, `/stream/…`), is that of the resource. */
function isArnOf(text: string, resource: CapturedResource): boolean {
    const form = arnForms[resource.type];
    const name = textOf(resource, "name");
    if (!form || name === undefined) {
        return false;
    }
    const [arn, , service, , , ...rest] = text.split(":");
    const own = form.prefix + name;
    const found = rest.join(":");
    return (
        arn === "arn" &&
        service === form.service &&
        (found === own || found.startsWith(`${own}:`) || found.startsWith(`${own}/`))
    );
}

/** The texts in a value; a text that is a JSON document counts by what is in it. */
function textsIn(value: Value | undefined): string[] {
    return stringsIn(value).flatMap((text) => {
        if (!/^[[{]/.test(text.trim())) {
            return [text];
        }
        try {
            return stringsIn(JSON.parse(text) as Value);
        } catch {
            return [text];
        }
    });
}

/**
 * Resources of one type that a property, or one place in it, refers to. What is written out decides; only where nothing
 * is known there yet does the property's dependency count.
 * @param path property first, e.g. `target`, `deadLetterConfig`, `arn`
 */
export function referred(
    resource: CapturedResource,
    type: string,
    index: ResourceIndex,
    ...path: [string, ...(string | number)[]]
): CapturedResource[] {
    const reading = readPath(resource.inputs, path);
    if (reading.kind === "absent") {
        return [];
    }
    const candidates = index.ofType(type);
    if (reading.kind === "unknown" || stringsIn(reading.value).length === 0) {
        const urns = resource.propertyDependencies[path[0]] ?? [];
        return candidates.filter(({ urn }) => urns.includes(urn));
    }
    const texts = textsIn(reading.value);
    return candidates.filter((candidate) => {
        const keys = [candidate.id, textOf(candidate, "name"), textOf(candidate, "arn")];
        return texts.some((text) => keys.includes(text) || isArnOf(text, candidate));
    });
}
