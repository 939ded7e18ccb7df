/** BYP-01: only the publisher can write the production repository. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import {
    allow,
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryArnExample,
    repositoryExample,
    roleExample,
} from "../../pipeline/exampleResources";
import { isPublisher } from "../../pipeline/identities";
import { roleType } from "../../pipeline/project";
import { repositoryArn } from "../../pipeline/resourceArn";
import { repositoryLabel, repositoryPolicyType, repositoryTier, repositoryType } from "../ecr/repository";
import { productionAccessExamples } from "./productionAccess.examples";
import { pushVerbs, registryVerbs } from "./productionVerbs";
import { repositoryGrants } from "./repositoryGrants";
import { permissionPath } from "./permissionPath";

export { pushVerbs };

const anyRepository = "arn:*:ecr:*:*:repository/*";

const production = repositoryExample("production", "production");
const publisher = roleExample(
    "publish-role",
    [allow(pushActions, repositoryArnExample("production"))],
    "publisher",
);

export const productionPush: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-01",
        family: "bypass",
        title: "Only the publisher can push to production",
        rationale:
            "A role that can push to the production repository by itself needs no scan and no approval: the pipeline becomes a suggestion.",
        severity: "critical",
        remediation:
            "Grant the push actions on production repositories to the publishing role alone (tag `gate:role=publisher`), and to nobody by `*`.",
        references: ["OWASP CICD-SEC-5", "OWASP CICD-SEC-9", "NIST SP 800-190 4.2.3"],
        neverExempt: true,
    },
    relevantTypes: [repositoryType, repositoryPolicyType],
    evaluate: (graph, configuration) => {
        const repositories = graph.ofType(repositoryType).flatMap((repository) => {
            const tier = repositoryTier(repository, configuration);
            if (tier.kind === "unknown") return [{ repository, certain: false }];
            const isProduction =
                tier.kind === "tier"
                    ? tier.tier === "production"
                    : tier.kind === "several" && tier.tiers.includes("production");
            return isProduction ? [{ repository, certain: true }] : [];
        });
        const byPolicy = repositoryGrants(graph, configuration, pushVerbs);
        if (repositories.length === 0)
            return byPolicy.length > 0
                ? byPolicy
                : about(null, notApplicable("the stack has no production repository"));
        const outcomes = effectivePermissions(graph)
            // Most principals may push nowhere: ask that first.
            .filter((entry) => pushVerbs.some((verb) => mayDo(entry, verb, anyRepository).kind !== "no"))
            .flatMap((entry) =>
                repositories.flatMap(({ repository, certain }) =>
                    judged(entry, repository, certain, graph, configuration),
                ),
            );
        outcomes.push(...byPolicy);
        const accused = new Set(outcomes.map(({ resource }) => resource));
        if (repositories.some(({ certain }) => certain))
            outcomes.push(
                ...effectivePermissions(graph)
                    .filter(({ principal }) => !accused.has(principal))
                    .flatMap(registryOutcomes),
            );
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
        ...productionAccessExamples,
        {
            title: "the builder may push anywhere",
            shows: "bad",
            resources: [
                production,
                publisher,
                roleExample("build-role", [allow("ecr:PutImage", "*")], "builder"),
            ],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "the builder may have the registry copy images",
            shows: "bad",
            resources: [
                production,
                publisher,
                roleExample("build-role", [allow("ecr:PutReplicationConfiguration", "*")], "builder"),
            ],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "everything of another service, or of a repository of candidates: the registry has no ARN",
            shows: "good",
            resources: [
                production,
                publisher,
                roleExample(
                    "build-role",
                    [
                        {
                            Effect: "Allow",
                            NotAction: "iam:*",
                            Resource: "arn:aws:sqs:us-east-1:123456789012:q",
                        },
                        allow("ecr:*", repositoryArnExample("candidate")),
                    ],
                    "builder",
                ),
            ],
            expect: [],
        },
        {
            title: "by wildcards in the action and the name",
            shows: "bad",
            resources: [
                production,
                roleExample(
                    "build-role",
                    [allow("ecr:P?t*", "arn:aws:ecr:*:123456789012:repository/demo/*")],
                    "builder",
                ),
            ],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "everything but something harmless",
            shows: "bad",
            resources: [
                production,
                roleExample(
                    "build-role",
                    [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }],
                    "builder",
                ),
            ],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "by an attached AWS managed policy",
            shows: "bad",
            resources: [
                production,
                {
                    type: roleType,
                    name: "build-role",
                    props: {
                        name: "build-role",
                        managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"],
                    },
                },
            ],
            expect: [{ resource: "build-role", kind: "violation" }],
        },
        {
            title: "the promoter to staging may also write production",
            shows: "bad",
            resources: [
                production,
                publisher,
                roleExample(
                    "stage-role",
                    [allow(pushActions, repositoryArnExample("production"))],
                    "promoter",
                ),
            ],
            expect: [{ resource: "stage-role", kind: "violation" }],
        },
        {
            title: "a user of the stack",
            shows: "bad",
            resources: [
                production,
                { type: "aws:iam/user:User", name: "ci", props: { name: "ci" } },
                {
                    type: "aws:iam/userPolicy:UserPolicy",
                    name: "ci-policy",
                    props: { user: "ci", policy: { Statement: [allow("ecr:PutImage", "*")] } },
                },
            ],
            expect: [{ resource: "ci", kind: "violation" }],
        },
        {
            title: "only the publisher",
            shows: "good",
            resources: [
                production,
                publisher,
                roleExample("build-role", [allow(pushActions, repositoryArnExample("candidate"))], "builder"),
            ],
            expect: [],
        },
        {
            title: "what is denied is not granted",
            shows: "good",
            resources: [
                production,
                roleExample(
                    "build-role",
                    [
                        allow("ecr:PutImage", "*"),
                        {
                            Effect: "Deny",
                            Action: "ecr:*",
                            Resource: "arn:*:ecr:*:*:repository/demo/production",
                        },
                    ],
                    "builder",
                ),
            ],
            expect: [],
        },
        {
            title: "the publisher told by what its project does",
            shows: "good",
            resources: [
                production,
                projectExample("publish", publishBuildspec),
                roleExample("publish-role", [allow(pushActions, repositoryArnExample("production"))]),
            ],
            expect: [],
        },
        {
            title: "no production repository",
            shows: "absent",
            resources: [roleExample("build-role", [allow("ecr:PutImage", "*")])],
            expect: [],
        },
        {
            title: "a policy that is not known yet",
            shows: "unknown",
            resources: [
                production,
                {
                    type: roleType,
                    name: "build-role",
                    props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
                },
            ],
            expect: [{ resource: "build-role", kind: "inconclusive" }],
        },
        {
            title: "a managed policy that is not on record",
            shows: "unknown",
            resources: [
                production,
                {
                    type: roleType,
                    name: "build-role",
                    props: {
                        name: "build-role",
                        managedPolicyArns: ["arn:aws:iam::aws:policy/SomethingNew"],
                    },
                },
            ],
            expect: [{ resource: "build-role", kind: "inconclusive" }],
        },
        {
            title: "an unknown policy of the first role does not hide the second",
            shows: "unknown",
            resources: [
                production,
                {
                    type: roleType,
                    name: "first",
                    props: { name: "first", inlinePolicies: [{ policy: unknown }] },
                },
                roleExample("second", [allow("ecr:PutImage", "*")]),
            ],
            expect: [
                { resource: "first", kind: "inconclusive" },
                { resource: "second", kind: "violation" },
            ],
        },
    ],
};

function judged(
    entry: PrincipalPermissions,
    repository: ResourceReader,
    certain: boolean,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const { principal } = entry;
    const name = repositoryLabel(repository);
    for (const verb of pushVerbs) {
        const answer = mayDo(entry, verb, repositoryArn(repository));
        if (answer.kind === "no") continue;
        if (principal.type === roleType && isPublisher(principal, graph, configuration)) return [];
        if (answer.kind === "unknown") {
            const [doubt] = answer.doubts;
            return about(
                principal,
                inconclusive(
                    { property: doubt?.property ?? "policy" },
                    `whether it can push to ${name} is not known: ${doubt?.source.name ?? ""}: ${doubt?.why ?? ""}`,
                ),
            );
        }
        if (!certain)
            return about(
                principal,
                inconclusive({ property: "tags" }, `it can push to ${name}, whose tier is not known yet`),
            );
        const [permission] = answer.permissions;
        const path = permission ? permissionPath(principal.name, verb, permission) : principal.name;
        return about(
            principal,
            violation(
                `${principal.name} can push to the production repository ${name} without the gate: ${path}.`,
                "Limit the statement to candidate or staging repositories, or remove it.",
                {
                    findingId: `${name}|${principal.name}|${verb}`,
                },
            ),
        );
    }
    return [];
}

/** Stands for "no resource": actions without one are allowed by a Resource that matches anything, and by no ARN. */
const noResource = "registry";

/** What the registry does for itself reaches production too; who may not push has no use for it. */
function registryOutcomes(entry: PrincipalPermissions): StackOutcome[] {
    const { principal } = entry;
    for (const verb of registryVerbs) {
        const answer = mayDo(entry, verb, noResource);
        // A policy that is not known is said of the repositories above.
        if (answer.kind !== "yes") continue;
        const [permission] = answer.permissions;
        const path = permission ? permissionPath(principal.name, verb, permission) : principal.name;
        return about(
            principal,
            violation(
                `${principal.name} may ${verb}, by which the registry itself brings images into production repositories: ${path}.`,
                "Take the action away; the stack sets up its registry, and nothing in it does.",
                { findingId: `registry|${principal.name}|${verb}` },
            ),
        );
    }
    return [];
}
