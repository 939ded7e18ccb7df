/** LT-06, resource half: instances are watched each minute, and nobody has a key to them. */
import { isDisposable } from "../../harness/stackName";
import { expectValue } from "../../harness/expectation";
import { nested } from "../../harness/nested";
import { pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { PackConfiguration } from "../../harness/configuration";
import { launchTemplateType, templateExample } from "./launchTemplate";

export const leanInstancesMetadata: RuleMetadata = {
    id: "LT-06",
    family: "launchtemplate",
    title: "Instances are watched each minute, without a key, and may do little",
    rationale:
        "A key pair is shared, copied and never changed, and who used it stands nowhere; an instance that may do more than its agents need gives that to every container that breaks out.",
    severity: "medium",
    remediation:
        "Set `monitoring: { enabled: true }` (not asked for in the stacks of the setting `disposableStacks`). Leave out `keyName` and use AWS Systems Manager. Give the instance profile the policies of Systems Manager and Amazon ECS only.",
    references: ["checkov CKV_AWS_126", "cdk-nag AwsSolutions-EC28"],
};

const watched = { monitoring: { enabled: true } };

export const reachableInstances: ResourceRule = {
    level: "resource",
    metadata: leanInstancesMetadata,
    types: [launchTemplateType],
    evaluate: (resource, configuration) => [judgeMonitoring(resource, configuration), judgeKey(resource)],
    examples: [
        badExample("a key pair", [templateExample({ ...watched, keyName: "ops" })], "instances"),
        badExample("a key pair that is not known yet", [templateExample({ ...watched, keyName: unknown })], "instances"), // prettier-ignore
        badExample("watched every five minutes", [templateExample({ monitoring: { enabled: false } })], "instances"), // prettier-ignore
        goodExample("watched, without a key", [templateExample(watched)]),
        {
            ...goodExample("a stack that may be thrown away", [templateExample()]),
            configuration: { disposableStacks: ["example"] },
        },
        absentExample("monitoring not set", [templateExample()], "instances"),
        openExample("monitoring not known yet", [templateExample({ monitoring: unknown })], "instances"),
    ],
};

function judgeMonitoring(resource: ResourceReader, configuration: PackConfiguration): Outcome {
    const enabled = nested(resource, "monitoring", (block) => block.boolean("enabled"));
    // One-minute metrics are charged per instance.
    const dispensable = enabled.kind === "absent" || is(enabled, false);
    if (dispensable && isDisposable(resource.urn, configuration)) return pass;
    return expectValue(enabled, {
        accepts: (on) => on,
        consequence: "trouble of an instance shows after five minutes",
        fix: "Set monitoring: { enabled: true }.",
        findingId: "monitoring",
    });
}

/** The name of a key pair is an output: not known yet is enough to see that one is set. */
function judgeKey(resource: ResourceReader): Outcome {
    if (filled(resource.string("keyName")).kind === "absent") return pass;
    return violation(
        `Instances of ${resource.name} can be entered with a key pair (keyName is set).`,
        "Remove keyName; enter instances with AWS Systems Manager, Session Manager.",
        { findingId: "keyName" },
    );
}
