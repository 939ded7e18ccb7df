/** PUL-08: somebody watches the account. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { pipelineType } from "../../pipeline/pipelineModel";
import { repositoryType } from "../ecr/repository";

type Service = keyof PackConfiguration["externalDetectiveServices"];

interface Detector {
    name: string;
    types: string[];
    /** What is wrong with one; null when it watches. */
    fault(resource: ResourceReader): string | null | { open: string };
}

/** A flag that has to be true; text where it is not, or not known yet. */
function wanted(
    resource: ResourceReader,
    property: string,
    absent: boolean,
): string | null | { open: string } {
    const flag = resource.boolean(property);
    if (flag.kind === "unknown") return { open: property };
    if (flag.kind === "absent") return absent ? null : `${property} is not set`;
    return is(flag, true) ? null : `${property} is not true`;
}

/** @returns the first fault, else the first that is not known yet */
function firstOf(...faults: (string | null | { open: string })[]): string | null | { open: string } {
    return faults.find((each) => typeof each === "string") ?? faults.find((each) => each !== null) ?? null;
}

const trailType = "aws:cloudtrail/trail:Trail";
const detectorType = "aws:guardduty/detector:Detector";
const hubType = "aws:securityhub/account:Account";
const inspectorType = "aws:inspector2/enabler:Enabler";

const detectors: Readonly<Record<Service, Detector>> = {
    cloudTrail: {
        name: "AWS CloudTrail",
        types: [trailType],
        fault: (trail) => {
            const key = trail.get("kmsKeyId").kind;
            return firstOf(
                wanted(trail, "isMultiRegionTrail", false),
                wanted(trail, "enableLogFileValidation", false),
                wanted(trail, "enableLogging", true),
                key === "absent" ? "kmsKeyId is not set" : null,
            );
        },
    },
    guardDuty: {
        name: "Amazon GuardDuty",
        types: [detectorType],
        fault: (detector) => wanted(detector, "enable", true),
    },
    securityHub: { name: "AWS Security Hub", types: [hubType, "aws:securityhub/accountV2:AccountV2"], fault: () => null },
    inspector: { name: "Amazon Inspector", types: [inspectorType], fault: () => null },
}; // prettier-ignore

function judged(service: Service, graph: StackGraph, configuration: PackConfiguration): Outcome {
    const { name, types, fault } = detectors[service];
    // Inspector has a setting of its own, which ECR-10 reads too.
    const external =
        configuration.externalDetectiveServices[service] !== "" ||
        (service === "inspector" && configuration.inspector === "external");
    if (external) return pass;
    const found = graph.ofType(...types).map((resource) => ({ resource, fault: fault(resource) }));
    if (found.some((each) => each.fault === null)) return pass;
    const open = found.find((each) => each.fault !== null && typeof each.fault === "object");
    if (open?.fault && typeof open.fault === "object")
        return inconclusive(
            { property: `${open.resource.name}.${open.fault.open}` },
            `whether ${name} watches the account is not known yet`,
        );
    const [first] = found;
    const why = first && typeof first.fault === "string" ? `${first.resource.name}: ${first.fault}` : "the stack does not declare it"; // prettier-ignore
    return violation(
        `${name} does not watch the account as far as the stack says (${why}): what gets past the gate is seen by nobody.`,
        `Declare it, or name who keeps it in the setting externalDetectiveServices.${service}.`,
        { findingId: service },
    );
}

const pipeline: ExampleResource = { type: pipelineType, name: "pipeline", props: {} };
const trail = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: trailType,
    name: "trail",
    props: { isMultiRegionTrail: true, enableLogFileValidation: true, kmsKeyId: "alias/trail", ...props },
});
const all = (...trails: ExampleResource[]): ExampleResource[] => [
    pipeline,
    ...trails,
    { type: detectorType, name: "threats", props: {} },
    { type: hubType, name: "hub", props: {} },
    { type: inspectorType, name: "inspector", props: { accountIds: ["123456789012"], resourceTypes: ["ECR"] } }, // prettier-ignore
];
const missing = { resource: null, kind: "violation" as const };

export const detectiveServices: StackRule = {
    level: "stack",
    metadata: {
        id: "PUL-08",
        family: "pulumi",
        title: "CloudTrail, GuardDuty, Security Hub and Inspector watch the account",
        rationale:
            "A gate that somebody got past is found by what the account records and by nothing else. Without a trail nobody can even say who answered an approval.",
        severity: "low",
        remediation:
            "Declare a multi-region trail with log file validation and a key, a GuardDuty detector, Security Hub and Inspector, or name who keeps them in the setting `externalDetectiveServices`.",
        references: ["CIS AWS 5.0.0 3.1", "FSBP CloudTrail.1", "FSBP GuardDuty.1", "OWASP CICD-SEC-10"],
        publicEquivalent: true,
    },
    relevantTypes: [pipelineType, repositoryType],
    evaluate: (graph, configuration) => {
        return (Object.keys(detectors) as Service[]).flatMap((service) =>
            about(null, judged(service, graph, configuration)),
        );
    },
    examples: [
        {
            title: "a trail of one region",
            shows: "bad",
            resources: all(trail({ isMultiRegionTrail: false })),
            expect: [missing],
        },
        {
            title: "a trail without validation, and one without a key",
            shows: "bad",
            resources: all(trail({ enableLogFileValidation: undefined }), { ...trail({ kmsKeyId: undefined }), name: "second" }), // prettier-ignore
            expect: [missing],
        },
        {
            title: "threat detection is switched off",
            shows: "bad",
            resources: all(trail()).map((each) =>
                each.type === detectorType ? { ...each, props: { enable: false } } : each,
            ),
            expect: [missing],
        },
        { title: "all of them", shows: "good", resources: all(trail()), expect: [] },
        {
            title: "others keep them",
            shows: "good",
            resources: [pipeline],
            configuration: {
                externalDetectiveServices: {
                    cloudTrail: "security team",
                    guardDuty: "security team",
                    securityHub: "security team",
                    inspector: "security team",
                },
            },
            expect: [],
        },
        { title: "a stack that delivers nothing", shows: "good", resources: [], expect: [] },
        { title: "none of them", shows: "absent", resources: [pipeline], expect: [missing, missing, missing, missing] }, // prettier-ignore
        {
            title: "whether the trail is of all regions is not known yet",
            shows: "unknown",
            resources: all(trail({ isMultiRegionTrail: unknown })),
            expect: [{ resource: null, kind: "inconclusive" }],
        },
    ],
};
