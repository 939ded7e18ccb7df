/** ECR-07: the policy of a production repository lets nobody but the promoter change it. */
import { about, notApplicable } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, StackRule } from "../../harness/rule";
import {
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryExample,
    roleExample,
} from "../../pipeline/exampleResources";
import { repositoryGrants } from "../bypass/repositoryGrants";
import { repositoryPolicyType } from "./repository";

/** Verbs that put an image in, take one away, or change what may be done. Service Authorization Reference, Amazon ECR. */
const changingVerbs = [
    "ecr:PutImage",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:ReplicateImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:BatchDeleteImage",
    "ecr:DeleteRepository",
    "ecr:SetRepositoryPolicy",
    "ecr:DeleteRepositoryPolicy",
    "ecr:PutLifecyclePolicy",
    "ecr:PutImageTagMutability",
    "ecr:PutImageScanningConfiguration",
];

const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const policy = (
    statements: unknown,
    { of = "demo/production", name = "policy" }: { of?: unknown; name?: string } = {},
): ExampleResource => ({
    type: repositoryPolicyType,
    name,
    props: {
        repository: of,
        policy: Array.isArray(statements) ? JSON.stringify({ Statement: statements }) : statements,
    },
});
const allow = (principal: unknown, action: unknown = pushActions): object => ({
    Effect: "Allow",
    Principal: principal,
    Action: action,
});
const pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const production = repositoryExample("production", "production");
const publisher = roleExample("publish-role", [], "publisher");
const builder = roleExample("build-role", [], "builder");
const bad = [{ resource: "policy", kind: "violation" as const }];

export const productionWriters: StackRule = {
    level: "stack",
    metadata: {
        id: "ECR-07",
        family: "ecr",
        title: "Only the promoter may change a production repository by its policy",
        rationale:
            "A repository's policy gives rights past every role's own: whoever it lets write, delete or change settings puts an unscanned image into production, or takes the running one away.",
        severity: "critical",
        remediation:
            "Name nobody but the promoting role (tag `gate:role=publisher`, or `promoter`) in statements with write or admin actions; give others `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`.",
        references: ["OWASP CICD-SEC-5", "OWASP CICD-SEC-9", "NIST SP 800-190 4.2.3"],
    },
    relevantTypes: [repositoryPolicyType],
    evaluate: (graph, configuration) => {
        const outcomes = repositoryGrants(graph, configuration, changingVerbs, "write or administer");
        return outcomes.length > 0
            ? outcomes
            : about(null, notApplicable("no policy of a production repository lets anybody change it"));
    },
    examples: [
        {
            title: "the builder may push",
            shows: "bad",
            resources: [production, publisher, builder, policy([allow({ AWS: role("build-role") })])],
            expect: bad,
        },
        ...["ecr:*", "ECR:batchdelete*", "ecr:SetRepositoryPolicy", "ecr:PutImageTagMutability"].map(
            (action) => ({
                title: `the builder may ${action}`,
                shows: "bad" as const,
                resources: [
                    production,
                    publisher,
                    builder,
                    policy([allow({ AWS: role("build-role") }, action)]),
                ],
                expect: bad,
            }),
        ),
        {
            title: "the publisher, and the builder beside it",
            shows: "bad",
            resources: [
                production,
                publisher,
                builder,
                policy([allow({ AWS: [role("publish-role"), role("build-role")] })]),
            ],
            expect: bad,
        },
        {
            title: "everything but pulling",
            shows: "bad",
            resources: [
                production,
                publisher,
                policy([{ Effect: "Allow", Principal: { AWS: role("other") }, NotAction: pull }]),
            ],
            expect: bad,
        },
        {
            title: "only the promoter",
            shows: "good",
            resources: [production, publisher, policy([allow({ AWS: role("publish-role") }, "ecr:*")])],
            expect: [],
        },
        {
            title: "a role that nobody has declared, whose project only promotes by digest",
            shows: "good",
            resources: [
                production,
                projectExample("publish", publishBuildspec),
                roleExample("publish-role", []),
                policy([allow({ AWS: role("publish-role") })]),
            ],
            expect: [],
        },
        {
            title: "others may pull",
            shows: "good",
            resources: [production, builder, policy([allow({ AWS: role("build-role") }, pull)])],
            expect: [],
        },
        {
            title: "the candidate repository is the builder's",
            shows: "good",
            resources: [
                production,
                repositoryExample("candidate", "candidate"),
                builder,
                policy([allow({ AWS: role("build-role") })], { of: "demo/candidate" }),
            ],
            expect: [],
        },
        { title: "no policy", shows: "absent", resources: [production], expect: [] },
        {
            title: "a document that is not known yet does not hide the next",
            shows: "unknown",
            resources: [
                production,
                builder,
                policy(unknown, { name: "first" }),
                policy([allow({ AWS: role("build-role") })]),
            ],
            expect: [{ resource: "first", kind: "inconclusive" }, ...bad],
        },
        {
            title: "a repository that only the dependencies name",
            shows: "bad",
            resources: [
                production,
                builder,
                {
                    ...policy([allow({ AWS: role("build-role") })], { of: unknown }),
                    propertyDependencies: { repository: ["production"] },
                },
            ],
            expect: bad,
        },
        {
            title: "which of two repositories is meant is not known yet",
            shows: "unknown",
            resources: [
                production,
                repositoryExample("candidate", "candidate"),
                builder,
                {
                    ...policy([allow({ AWS: role("build-role") })], { of: unknown }),
                    propertyDependencies: { repository: ["production", "candidate"] },
                },
            ],
            expect: [{ resource: "policy", kind: "inconclusive" }],
        },
    ],
};
