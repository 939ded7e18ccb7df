/** LAM-09: gate functions run signed code only, and functions have the time and memory that they need, not more. */
import { functionType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { expectValue } from "../../harness/expectation";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { gateRoleTag } from "../../pipeline/project";
import { codeSigningConfigType, exampleArn, workerExample } from "./function";

const sized = { memorySize: 512, timeout: 60, architectures: ["arm64"] };
const gate = { ...sized, tags: { [gateRoleTag]: "decider" } };
const signing = exampleArn("lambda", "code-signing-config:csc-1111");
const config = (untrustedArtifactOnDeployment: unknown): ExampleResource[] => [
    { type: codeSigningConfigType, name: "signing", props: { policies: { untrustedArtifactOnDeployment } } },
];
/** What Lambda gives a function that does not say (AWS Lambda API, MemorySize). */
const defaultMemory = 128;

export const sizedFunction: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-09",
        family: "lambda",
        title: "Gate functions take signed code only, and functions are sized on purpose",
        rationale:
            "Whoever can upload code to a function that guards the gate is the gate; and a function with the longest possible time, or the least memory, hides what is wrong with it.",
        severity: "medium",
        remediation:
            'Set `codeSigningConfigArn` on functions with the tag `gate:role`, to a configuration with `untrustedArtifactOnDeployment: "Enforce"`. Set `memorySize`, and a `timeout` within the setting `maximumFunctionTimeoutSeconds`.',
        references: [
            "checkov CKV_AWS_272",
            "cdk-nag LambdaDefaultTimeout",
            "cdk-nag LambdaDefaultMemorySize",
        ],
    },
    types: [functionType, codeSigningConfigType],
    evaluate: (resource, configuration) => {
        if (resource.type === codeSigningConfigType) return [judgeEnforcement(resource)];
        const outcomes = [
            ...judgeSigning(resource),
            judgeTimeout(resource, configuration),
            judgeMemory(resource),
            judgeArchitectures(resource),
        ].filter(({ kind }) => kind !== "pass");
        return outcomes.length > 0 ? outcomes : [pass];
    },
    remediation: {
        when: "always",
        // Signing needs a profile, and a shorter time needs somebody who knows what the function does.
        changes: (resource) =>
            resource.type === functionType && resource.get("memorySize").kind === "absent"
                ? [{ path: ["memorySize"], value: 256 }]
                : [],
    },
    examples: [
        badExample("a gate function takes any code", [workerExample(gate)], "worker"),
        badExample("the longest time", [workerExample({ ...sized, timeout: 900 })], "worker"),
        badExample("the least memory", [workerExample({ ...sized, memorySize: 128 })], "worker"),
        badExample("no processor of AWS", [workerExample({ ...sized, architectures: ["riscv"] })], "worker"),
        badExample("unsigned code is only reported", config("Warn"), "signing"),
        goodExample("a gate function takes signed code", [
            workerExample({ ...gate, codeSigningConfigArn: signing }),
        ]),
        goodExample("another function, sized", [workerExample(sized)]),
        goodExample("a gate function from a container image, which is signed in the registry", [
            workerExample({ ...gate, packageType: "Image", imageUri: unknown }),
        ]),
        goodExample("unsigned code is refused", config("Enforce")),
        absentExample("memory by default", [workerExample()], "worker"),
        absentExample("unsigned code is reported by default", config(undefined), "signing"),
        openExample("time not known yet", [workerExample({ ...sized, timeout: unknown })], "worker"),
        openExample("whether it is a gate function is not known yet", [workerExample({ ...sized, tags: unknown })], "worker"), // prettier-ignore
    ],
};

function judgeEnforcement(resource: ResourceReader): Outcome {
    return expectValue(resource.string("policies", "untrustedArtifactOnDeployment"), {
        accepts: (policy) => policy === "Enforce",
        consequence: "code that nobody signed is deployed all the same",
        fix: 'Set policies: { untrustedArtifactOnDeployment: "Enforce" }.',
    });
}

/** Container images cannot be signed this way (AWS Lambda Developer Guide, «Using code signing»). */
function judgeSigning(resource: ResourceReader): Outcome[] {
    const role = resource.string("tags", gateRoleTag);
    if (is(resource.string("packageType"), "Image")) return [];
    const given = filled(resource.string("codeSigningConfigArn"));
    if (given.kind === "known" || given.kind === "unknown" || role.kind === "absent") return [];
    if (role.kind === "unknown")
        return [inconclusive(role, "whether the function is part of the gate is not known yet")];
    return [
        violation(
            `${resource.name} is part of the gate (tag ${gateRoleTag}) and takes code that nobody signed (codeSigningConfigArn is not set).`,
            "Sign the package with AWS Signer and set codeSigningConfigArn.",
            { findingId: "signing" },
        ),
    ];
}

function judgeTimeout(
    resource: ResourceReader,
    { maximumFunctionTimeoutSeconds: most }: PackConfiguration,
): Outcome {
    return expectValue(resource.number("timeout"), {
        accepts: (seconds) => seconds > 0 && seconds <= most,
        // Three seconds are the service's own.
        absent: "accepted",
        consequence: `a run that hangs is noticed after more than ${most} seconds`,
        fix: `Set timeout to ${most} or less, or raise the setting maximumFunctionTimeoutSeconds.`,
        findingId: "timeout",
    });
}

function judgeMemory(resource: ResourceReader): Outcome {
    return expectValue(resource.number("memorySize"), {
        accepts: (megabytes) => megabytes !== defaultMemory,
        consequence:
            "the function has the least memory and processor time that there is, because nobody chose",
        fix: "Set memorySize to what the function needs, e.g. 256.",
        findingId: "memorySize",
    });
}

function judgeArchitectures(resource: ResourceReader): Outcome {
    const names = resource.strings("architectures");
    if (names.kind === "absent") return pass;
    if (names.kind === "unknown" || (names.kind === "known" && names.value.unknownCount > 0))
        return inconclusive(names, "for which processor the function is, is not known yet");
    const [name, ...others] = names.kind === "known" ? names.value.values : [];
    if ((name === "arm64" || name === "x86_64") && others.length === 0) return pass;
    return violation(
        `${names.property} names no processor of AWS Lambda.`,
        'Set architectures: ["arm64"] or ["x86_64"].',
        { findingId: "architectures" },
    );
}
