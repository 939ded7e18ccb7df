/** ECR-01 and its resource-level twin ECR-01R: every image is scanned when it is pushed. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { ResourceReader } from "../../harness/reader";
import { registryScanningType, repositoryLabel, repositoryType } from "./repository";
import { registryScanningOf, type RegistryScanning } from "./registryScanning";

const shared = {
    family: "ecr",
    rationale:
        "An image that nobody scanned carries its vulnerabilities into production unseen. AWS has moved the setting to " +
        "the registry, so a repository's own flag is neither necessary nor, under ENHANCED scanning, sufficient.",
    references: [
        "FSBP ECR.1",
        "NIST SP 800-190 4.1.1",
        "checkov CKV_AWS_163",
        "trivy AWS-0030",
        "OWASP CICD-SEC-9",
    ],
} as const;

const stackMetadata: RuleMetadata = {
    ...shared,
    references: [...shared.references],
    id: "ECR-01",
    title: "Images are scanned on push, by the repository or by a registry rule that covers it",
    severity: "critical",
    remediation:
        "Set `imageScanningConfiguration: { scanOnPush: true }` on the repository, or add a rule with `scanFrequency: " +
        "SCAN_ON_PUSH` and a filter that covers its name to the registry scanning configuration. Under `ENHANCED` only " +
        "the registry rule counts.",
    publicEquivalent: true,
};

const resourceMetadata: RuleMetadata = {
    ...shared,
    references: [...shared.references],
    id: "ECR-01R",
    title: "A repository switches scan on push on itself",
    severity: "high",
    remediation:
        "Set `imageScanningConfiguration: { scanOnPush: true }`, or declare with the setting `registryScanning` that a " +
        "registry scanning configuration does it.",
    publicEquivalent: true,
};

const flagPath = ["imageScanningConfiguration", "scanOnPush"] as const;

const repository = (name: string, props: Record<string, unknown>): ExampleResource => ({
    type: repositoryType,
    name,
    props,
});
const registry = (filter: string, scanFrequency = "SCAN_ON_PUSH", scanType = "BASIC"): ExampleResource => ({
    type: registryScanningType,
    name: "registry",
    props: { scanType, rules: [{ scanFrequency, repositoryFilters: [{ filter, filterType: "WILDCARD" }] }] },
});
const scanOn = { imageScanningConfiguration: { scanOnPush: true } };
const scanOff = { imageScanningConfiguration: { scanOnPush: false } };

export const scanOnPush: StackRule = {
    level: "stack",
    metadata: stackMetadata,
    relevantTypes: [repositoryType],
    evaluate: (graph, configuration) => {
        const registryScanning = registryScanningOf(graph, configuration);
        return graph
            .ofType(repositoryType)
            .flatMap((resource) => about(resource, judgeRepository(resource, registryScanning)));
    },
    examples: [
        {
            title: "no flag, and the registry's filter is for other repositories",
            shows: "bad",
            resources: [repository("app", { name: "team/app", ...scanOff }), registry("prod-*")],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "MANUAL scans nothing by itself",
            shows: "bad",
            resources: [repository("app", { name: "team/app" }), registry("*", "MANUAL")],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "under ENHANCED the repository's own flag has no effect",
            shows: "bad",
            resources: [
                repository("app", { name: "team/app", ...scanOn }),
                registry("prod-*", "SCAN_ON_PUSH", "ENHANCED"),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "an external ENHANCED configuration that does not cover the name",
            shows: "bad",
            configuration: {
                registryScanning: "external",
                registryScanningExternal: { scanType: "ENHANCED", filters: ["prod-*"] },
            },
            resources: [repository("app", { name: "team/app", ...scanOn })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "flag on",
            shows: "good",
            resources: [repository("app", { name: "team/app", ...scanOn })],
            expect: [],
        },
        {
            title: "registry filter for all",
            shows: "good",
            resources: [
                repository("app", { name: "team/app" }),
                registry("*", "CONTINUOUS_SCAN", "ENHANCED"),
            ],
            expect: [],
        },
        {
            title: "a filter without * covers names that contain it",
            shows: "good",
            resources: [repository("app", { name: "team/app" }), registry("am/a")],
            expect: [],
        },
        {
            title: "a name that is not known yet is covered by the filter for all",
            shows: "good",
            resources: [repository("app", { name: unknown }), registry("*")],
            expect: [],
        },
        {
            title: "nothing set anywhere",
            shows: "absent",
            resources: [repository("app", { name: "team/app", imageScanningConfiguration: null })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "an unknown name in the first repository does not hide the last",
            shows: "unknown",
            resources: [
                repository("first", { name: unknown }),
                repository("middle", { name: "team/app" }),
                repository("last", { name: "other" }),
                registry("team/*"),
            ],
            expect: [
                { resource: "first", kind: "inconclusive" },
                { resource: "last", kind: "violation" },
            ],
        },
        {
            title: "a flag that is not known yet",
            shows: "unknown",
            resources: [
                repository("app", { name: "a", imageScanningConfiguration: { scanOnPush: unknown } }),
            ],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
        {
            title: "a scan type that is not known yet leaves open whether the flag counts",
            shows: "unknown",
            resources: [
                repository("app", { name: "a", ...scanOn }),
                registry("prod-*", "SCAN_ON_PUSH", unknown),
            ],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
    ],
};

export const scanOnPushFlag: ResourceRule = {
    level: "resource",
    metadata: resourceMetadata,
    types: [repositoryType],
    evaluate: (resource, configuration) => {
        if (configuration.registryScanning !== "repository") {
            return [
                notApplicable(
                    `scan on push is declared to come from the registry (${configuration.registryScanning})`,
                ),
            ];
        }
        const flag = resource.boolean(...flagPath);
        if (is(flag, true)) return [pass];
        if (flag.kind === "unknown")
            return [inconclusive(flag, "whether images are scanned on push is not known yet")];
        return [
            violation(
                `Repository ${repositoryLabel(resource)} does not scan images on push ` +
                    `(imageScanningConfiguration.scanOnPush is ${flag.kind === "known" ? flag.value : "not set"}).`,
                'Set imageScanningConfiguration: { scanOnPush: true }, or the setting registryScanning to "stack" or "external".',
            ),
        ];
    },
    remediation: {
        when: "always",
        changes: (resource) => {
            const flag = resource.boolean(...flagPath);
            return flag.kind === "absent" || is(flag, false) ? [{ path: [...flagPath], value: true }] : [];
        },
    },
    examples: [
        {
            title: "flag off",
            shows: "bad",
            resources: [repository("app", { name: "app", ...scanOff })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "flag on",
            shows: "good",
            resources: [repository("app", { name: "app", ...scanOn })],
            expect: [],
        },
        {
            title: "declared to come from the registry",
            shows: "good",
            configuration: { registryScanning: "stack" },
            resources: [repository("app", { name: "app" })],
            expect: [],
        },
        {
            title: "block absent",
            shows: "absent",
            resources: [repository("app", { name: "app" })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "flag not known yet",
            shows: "unknown",
            resources: [
                repository("app", { name: "app", imageScanningConfiguration: { scanOnPush: unknown } }),
            ],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
    ],
};

/** Whether what is pushed to the repository is scanned. */
export function judgeRepository(
    repository: ResourceReader,
    registryScanning: RegistryScanning | undefined,
): Outcome {
    const flag = repository.boolean(...flagPath);
    const label = repositoryLabel(repository);
    if (registryScanning) {
        const covered = registryScanning.covers(repository.string("name"));
        if (covered.kind === "yes") return pass;
        const { enhanced, source } = registryScanning;
        if (enhanced.kind === "yes") {
            if (covered.kind === "undetermined") {
                return inconclusive(covered, `whether ${source} covers the repository is not known yet`);
            }
            return violation(
                `Repository ${label} is not scanned on push: scanning is ENHANCED, so only registry rules count, and ` +
                    `no rule of ${source} with SCAN_ON_PUSH or CONTINUOUS_SCAN has a filter that covers this name.`,
                `Add { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] } to its rules.`,
            );
        }
        if (is(flag, true)) {
            return enhanced.kind === "no"
                ? pass
                : inconclusive(enhanced, "whether the repository's own flag counts depends on the scan type");
        }
        if (covered.kind === "undetermined") {
            return inconclusive(covered, `whether ${source} covers the repository is not known yet`);
        }
    } else if (is(flag, true)) return pass;
    if (flag.kind === "unknown")
        return inconclusive(flag, "whether images are scanned on push is not known yet");
    return violation(
        `Repository ${label} is not scanned on push: imageScanningConfiguration.scanOnPush is not true` +
            (registryScanning ? ` and no rule of ${registryScanning.source} covers this name.` : "."),
        "Set imageScanningConfiguration: { scanOnPush: true } on the repository, or add a registry rule that covers its name.",
    );
}
