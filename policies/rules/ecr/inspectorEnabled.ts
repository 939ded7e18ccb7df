/** ECR-10: enhanced scanning has the service that does it. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, RuleExample, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { regionOf } from "./registryScanning";
import { registryScanningType } from "./repository";

const enablerType = "aws:inspector2/enabler:Enabler";

const registry = (scanType: unknown, more: object = {}, name = "registry"): ExampleResource => ({
    type: registryScanningType,
    name,
    props: { scanType, ...more },
});
const enabler = (resourceTypes: unknown, more: object = {}): ExampleResource => ({
    type: enablerType,
    name: "inspector",
    props: { accountIds: ["123456789012"], resourceTypes, ...more },
});
const bad: RuleExample["expect"] = [{ resource: "registry", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "registry", kind: "inconclusive" }];

export const inspectorEnabled: StackRule = {
    level: "stack",
    metadata: {
        id: "ECR-10",
        family: "ecr",
        title: "Enhanced scanning has Amazon Inspector switched on for Amazon ECR",
        rationale:
            "Enhanced scanning is done by Amazon Inspector: where that is not switched on for Amazon ECR, nothing is scanned, and a gate that waits for scan events waits for ever.",
        severity: "high",
        remediation:
            "Add an `aws.inspector2.Enabler` with `resourceTypes` containing `ECR`, or say with the setting `inspector: external` that another stack or the organization does it.",
        references: ["FSBP Inspector.2", "NIST SP 800-190 4.1.1"],
        publicEquivalent: true,
    },
    relevantTypes: [registryScanningType],
    evaluate: (graph, { inspector }) =>
        graph
            .ofType(registryScanningType)
            .flatMap((registryConfiguration) =>
                about(
                    registryConfiguration,
                    inspector === "external"
                        ? notApplicable("the settings say that Inspector is switched on elsewhere")
                        : judged(registryConfiguration, graph),
                ),
            ),
    examples: [
        { title: "enhanced, and no Inspector", shows: "bad", resources: [registry("ENHANCED")], expect: bad },
        {
            title: "Inspector for something else",
            shows: "bad",
            resources: [registry("ENHANCED"), enabler(["EC2", "LAMBDA"])],
            expect: bad,
        },
        {
            title: "Inspector in another region",
            shows: "bad",
            resources: [registry("ENHANCED"), enabler(["ECR"], { region: "eu-west-1" })],
            expect: bad,
        },
        {
            title: "Inspector for Amazon ECR",
            shows: "good",
            resources: [registry("ENHANCED"), enabler(["EC2", "ECR"])],
            expect: [],
        },
        { title: "basic scanning needs none", shows: "good", resources: [registry("BASIC")], expect: [] },
        {
            title: "switched on elsewhere",
            shows: "good",
            configuration: { inspector: "external" },
            resources: [registry("ENHANCED")],
            expect: [],
        },
        { title: "no types", shows: "absent", resources: [registry("ENHANCED"), enabler([])], expect: bad },
        {
            title: "unknown in the first does not hide the last",
            shows: "unknown",
            resources: [registry(unknown, { region: "eu-west-1" }, "first"), registry("ENHANCED")],
            expect: [{ resource: "first", kind: "inconclusive" }, ...bad],
        },
        {
            title: "for what Inspector is switched on is not known yet",
            shows: "unknown",
            resources: [registry("ENHANCED"), enabler(["EC2", unknown])],
            expect: open,
        },
    ],
};

function judged(registryConfiguration: ResourceReader, graph: StackGraph): Outcome {
    const type = registryConfiguration.string("scanType");
    const basic = type.kind === "known" && type.value !== "ENHANCED";
    if (basic || type.kind === "absent" || type.kind === "malformed")
        return notApplicable("scanning is not enhanced");
    const enablers = graph
        .ofType(enablerType)
        .filter((each) => regionOf(each) === regionOf(registryConfiguration))
        .map((each) => ({ each, types: each.strings("resourceTypes") }));
    if (enablers.some(({ types }) => types.kind === "known" && types.value.values.includes("ECR"))) return pass; // prettier-ignore
    if (type.kind === "unknown") return inconclusive(type, "what the registry scans with is not known yet");
    const open = enablers.find(
        ({ types }) => types.kind === "unknown" || (types.kind === "known" && types.value.unknownCount > 0),
    );
    if (open)
        return inconclusive(
            { property: `${open.each.name}.resourceTypes` },
            "for what Inspector is switched on is not known yet",
        );
    return violation(
        "scanType is ENHANCED, but no aws.inspector2.Enabler of the stack and region has ECR among its resourceTypes.",
        'Add new aws.inspector2.Enabler(…, { accountIds: [account], resourceTypes: ["ECR"] }), or set inspector: external in the settings.',
    );
}
