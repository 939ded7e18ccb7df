/** EVB-01: a rule is switched on, and its pattern says whose events it is for. */
import { eventRuleType } from "../../gate/resourceTypes";
import { enabled } from "../../gate/scanRuleDelivery";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isPlainObject, isUnknown } from "../../harness/unknownValue";
import { ruleExample } from "./eventRule";

const pattern = (eventPattern: unknown) => [ruleExample({ eventPattern })];
const json = (value: unknown) => pattern(JSON.stringify(value));

export const workingRule: ResourceRule = {
    level: "resource",
    metadata: {
        id: "EVB-01",
        family: "eventbridge",
        title: "Rules are switched on and name the source of their events",
        rationale:
            "A rule that is switched off starts nothing while everything looks in place; a pattern without a source is met by events that anybody in the account writes with the same words.",
        severity: "high",
        remediation:
            'Set `state: "ENABLED"`, write the pattern with `JSON.stringify`, and name `source`, in each branch of a `$or`. A rule with a schedule needs no pattern.',
        references: ["OWASP CICD-SEC-10", "NIST SP 800-53 r5 SI-4"],
    },
    types: [eventRuleType],
    evaluate: (resource) => [
        enabled(resource, "nothing that it is for is ever started"),
        judgePattern(resource),
    ],
    examples: [
        badExample("switched off", [ruleExample({ state: "DISABLED" })], "scans"),
        badExample("switched off the old way", [ruleExample({ isEnabled: false })], "scans"),
        badExample("no source", json({ "detail-type": ["Inspector2 Scan"] }), "scans"),
        badExample("an empty list of sources", json({ source: [] }), "scans"),
        badExample("a branch without a source", json({ $or: [{ source: ["a"] }, { region: ["b"] }] }), "scans"), // prettier-ignore
        badExample("no JSON", pattern("{source: aws.ecr}"), "scans"),
        badExample("a list", pattern("[]"), "scans"),
        goodExample("switched on, with a source", [ruleExample({ state: "ENABLED" })]),
        goodExample("events of CloudTrail, too", [
            ruleExample({ state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }),
        ]),
        goodExample("a source in every branch", json({ $or: [{ source: ["a"] }, { source: ["b"] }] })),
        goodExample("a schedule", [
            ruleExample({ eventPattern: undefined, scheduleExpression: "rate(5 minutes)" }),
        ]),
        absentExample("neither pattern nor schedule", pattern(undefined), "scans"),
        openExample("pattern not known yet", pattern(unknown), "scans"),
        openExample("sources not known yet", pattern({ source: [unknown] }), "scans"),
        openExample("state not known yet", [ruleExample({ state: unknown })], "scans"),
    ],
};

function judgePattern(resource: ResourceReader): Outcome {
    const reading = resource.json("eventPattern");
    const fix = 'Name the source: eventPattern: JSON.stringify({ source: ["aws.ecr"], … }).';
    if (reading.kind === "unknown")
        return inconclusive(reading, `which events ${resource.name} is for is not known yet`);
    const isSet = reading.kind === "malformed" ? resource.get("eventPattern") : reading;
    if (reading.kind === "absent" || (isSet.kind === "known" && isSet.value === "")) {
        const schedule = resource.string("scheduleExpression");
        if (schedule.kind === "known" && schedule.value !== "") return pass;
        if (schedule.kind === "unknown")
            return inconclusive(schedule, `whether ${resource.name} has a schedule is not known yet`);
        return violation(`${resource.name} has neither an eventPattern nor a scheduleExpression.`, fix);
    }
    if (reading.kind === "malformed")
        return violation(`The pattern of ${resource.name} cannot be read: eventPattern ${reading.why}.`, fix);
    switch (namesSource(reading.value.raw)) {
        case "yes":
            return pass;
        case "unknown":
            return inconclusive(reading, `whose events ${resource.name} is for is not known yet`);
        case "no":
            return violation(
                `The pattern of ${resource.name} names no source (eventPattern.source), so whoever may put events can start what it starts.`,
                fix,
            );
        case "malformed":
            return violation(`The pattern of ${resource.name} is no object of fields (eventPattern).`, fix);
    }
}

/** Every branch of a `$or` has to name one; nothing says which of them an event takes. */
function namesSource(pattern: unknown): "yes" | "no" | "unknown" | "malformed" {
    if (isUnknown(pattern)) return "unknown";
    if (!isPlainObject(pattern)) return "malformed";
    const { source, $or: branches } = pattern;
    if (isUnknown(source)) return "unknown";
    if (Array.isArray(source) && source.length > 0) return source.every(isUnknown) ? "unknown" : "yes";
    if (source !== undefined) return "no";
    if (isUnknown(branches)) return "unknown";
    if (!Array.isArray(branches) || branches.length === 0) return "no";
    const answers = branches.map(namesSource);
    for (const answer of ["malformed", "no", "unknown"] as const) if (answers.includes(answer)) return answer;
    return "yes";
}
