/** ECR-13: no repository is public by accident. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { matchesAny } from "../../harness/wildcard";

const publicRepositoryType = "aws:ecrpublic/repository:Repository";

const repository = (repositoryName: unknown, name = "public"): ExampleResource => ({
    type: publicRepositoryType,
    name,
    props: { repositoryName },
});

export const publicRepositories: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-13",
        family: "ecr",
        title: "Public repositories are declared",
        rationale:
            "Everything in a repository of Amazon ECR Public is given to everybody, with whatever secret or unfixed vulnerability is in it.",
        severity: "high",
        remediation:
            "Use `aws.ecr.Repository`, or name the repository in the setting `publicRepositories` when it is public on purpose.",
        references: ["NIST SP 800-190 4.2.3"],
    },
    types: [publicRepositoryType],
    evaluate: (resource, { publicRepositories: declared }) => {
        const name = resource.string("repositoryName");
        if (declared.some((pattern) => /^\*+$/.test(pattern))) return [pass];
        if (name.kind === "unknown" && declared.length > 0)
            return [inconclusive(name, "whether this public repository is declared is not known yet")];
        if (name.kind === "known" && matchesAny(declared, name.value)) return [pass];
        const label = name.kind === "known" ? name.value : resource.name;
        return [
            violation(
                `repositoryName: ${label} is a repository of Amazon ECR Public, and nobody has declared that it may be public.`,
                "Use aws.ecr.Repository, or add the name to the setting publicRepositories.",
            ),
        ];
    },
    examples: [
        {
            title: "public",
            shows: "bad",
            resources: [repository("app")],
            expect: [{ resource: "public", kind: "violation" }],
        },
        {
            title: "another one is declared",
            shows: "bad",
            configuration: { publicRepositories: ["tools/*"] },
            resources: [repository("app")],
            expect: [{ resource: "public", kind: "violation" }],
        },
        {
            title: "declared",
            shows: "good",
            configuration: { publicRepositories: ["tools/*"] },
            resources: [repository("tools/lint")],
            expect: [],
        },
        {
            title: "not all are declared",
            shows: "unknown",
            configuration: { publicRepositories: ["*-tools"] },
            resources: [repository(unknown)],
            expect: [{ resource: "public", kind: "inconclusive" }],
        },
        { title: "no public repository", shows: "good", resources: [], expect: [] },
        {
            title: "no name",
            shows: "absent",
            resources: [repository(undefined)],
            expect: [{ resource: "public", kind: "violation" }],
        },
        {
            title: "a name that is not known yet, where some are declared",
            shows: "unknown",
            configuration: { publicRepositories: ["tools/*"] },
            resources: [repository(unknown, "first"), repository("app")],
            expect: [
                { resource: "first", kind: "inconclusive" },
                { resource: "public", kind: "violation" },
            ],
        },
        {
            title: "a name that is not known yet, where none is declared",
            shows: "unknown",
            resources: [repository(unknown)],
            expect: [{ resource: "public", kind: "violation" }],
        },
    ],
};
