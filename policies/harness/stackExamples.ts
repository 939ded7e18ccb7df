/** Examples of stack rules in one line each: a stack, and the one resource that the rule must speak of, if any. */
import type { ExampleResource, RuleExample } from "./rule";

/** The rule must refuse the stack, at this resource. */
export function badExample(title: string, resources: ExampleResource[], resource: string): RuleExample {
    return { title, shows: "bad", resources, expect: [{ resource, kind: "violation" }] };
}

/** The rule must say nothing. */
export function goodExample(title: string, resources: ExampleResource[]): RuleExample {
    return { title, shows: "good", resources, expect: [] };
}

/** The rule must say that it cannot know, at this resource. */
export function openExample(title: string, resources: ExampleResource[], resource: string): RuleExample {
    return { title, shows: "unknown", resources, expect: [{ resource, kind: "inconclusive" }] };
}

/** Something is not set: the rule must refuse it at this resource, or say nothing when no resource is named. */
export function absentExample(title: string, resources: ExampleResource[], resource?: string): RuleExample {
    return {
        title,
        shows: "absent",
        resources,
        expect: resource === undefined ? [] : [{ resource, kind: "violation" }],
    };
}
