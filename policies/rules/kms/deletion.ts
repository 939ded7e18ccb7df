/** KMS-03: a key that goes takes everything that it encrypted with it. */
import { expectValue } from "../../harness/expectation";
import { notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, goodExample, openExample } from "../../harness/stackExamples";
import { isDisposable } from "../../harness/stackName";
import { keyType, keyWith } from "./key";

/** Days in which somebody notices; AWS waits 30 when nothing is said, and 7 at least. */
const leastWindow = 14;

const kept = (props: Record<string, unknown>): ExampleResource => ({ ...keyWith(props), protect: true });
const bad = { resource: "key", kind: "violation" as const };

export const deletion: ResourceRule = {
    level: "resource",
    metadata: {
        id: "KMS-03",
        family: "kms",
        title: "Keys are enabled and cannot be deleted in a hurry",
        rationale:
            "A deleted key makes evidence, images and backups unreadable for ever; the waiting time is the only way back.",
        severity: "medium",
        remediation:
            "Set `deletionWindowInDays` to 14 or more (30 is AWS's default), the resource option `protect: true`, and leave `isEnabled` true. Stacks that may be thrown away are named in the setting `disposableStacks`.",
        references: ["FSBP KMS.3"],
    },
    types: [keyType],
    evaluate: (key, configuration) => {
        const outcomes: Outcome[] = [
            expectValue(key.boolean("isEnabled"), {
                accepts: (enabled) => enabled,
                absent: "accepted",
                consequence: "whatever the key encrypted cannot be read",
                fix: "Leave isEnabled out or set it to true.",
                findingId: "isEnabled",
            }),
        ];
        if (isDisposable(key.urn, configuration))
            return outcomes[0]?.kind === "pass"
                ? [notApplicable("the settings allow this stack to be destroyed")]
                : outcomes;
        outcomes.push(
            expectValue(key.number("deletionWindowInDays"), {
                accepts: (days) => days >= leastWindow,
                absent: "accepted",
                consequence: "a key that is deleted by mistake is gone before somebody notices",
                fix: "Set deletionWindowInDays: 30.",
                findingId: "deletionWindowInDays",
            }),
            key.protect
                ? pass
                : violation(
                      "The key is not protected against deletion by Pulumi.",
                      "Add the resource option protect: true.",
                      { findingId: "protect" },
                  ),
        );
        return outcomes;
    },
    remediation: {
        when: "always",
        changes: (key) => {
            const days = key.number("deletionWindowInDays");
            return days.kind === "known" && days.value < leastWindow
                ? [{ path: ["deletionWindowInDays"], value: 30 }]
                : [];
        },
    },
    examples: [
        { title: "a week", shows: "bad", resources: [kept({ deletionWindowInDays: 7 })], expect: [bad] },
        { title: "switched off", shows: "bad", resources: [kept({ isEnabled: false })], expect: [bad] },
        { title: "not protected", shows: "bad", resources: [keyWith({})], expect: [bad] },
        {
            title: "switched off, in a stack that may be thrown away",
            shows: "bad",
            resources: [keyWith({ isEnabled: false })],
            configuration: { disposableStacks: ["example"] },
            expect: [bad],
        },
        goodExample("enabled, two weeks", [kept({ isEnabled: true, deletionWindowInDays: 14 })]),
        goodExample("a month", [kept({ deletionWindowInDays: 30 })]),
        {
            ...goodExample("a stack that may be thrown away", [keyWith({ deletionWindowInDays: 7 })]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("AWS waits 30 days by default", [kept({})]),
        openExample("not known yet", [kept({ deletionWindowInDays: unknown })], "key"),
    ],
};
