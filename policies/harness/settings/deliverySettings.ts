/** What is delivered, from where and through which repositories and pipelines. */
import { z } from "zod";

const tierPatterns = (patterns: string[], tier: string) =>
    z
        .array(z.string())
        .default(patterns)
        .describe(
            `Names of ${tier} repositories, for repositories without a tier tag. "*" stands for any text.`,
        );

export const deliverySettings = {
    externalReferences: z
        .array(z.string())
        .default([])
        .describe('Names, ids or ARNs that live outside the stack on purpose. "*" stands for any text.'),

    repositoryTierTag: z.string().default("tier").describe("Tag of an ECR repository that names its tier."),
    repositoryTiers: z
        .strictObject({
            candidate: tierPatterns(["*candidate*"], "candidate"),
            staging: tierPatterns(["*staging*", "*-stg", "*/stg", "stg-*", "stg/*"], "staging"),
            production: tierPatterns(["*production*", "*-prod", "*/prod", "prod/*", "prod-*"], "production"),
            tooling: tierPatterns(["*tooling*"], "tooling"),
        })
        .prefault({}),
    registryScanning: z
        .enum(["repository", "stack", "external"])
        .default("repository")
        .describe(
            "Where scan on push is switched on: repository = each repository's own flag (ECR-01R insists), stack = by a " +
                "registry scanning configuration in the stack, external = by one outside it.",
        ),
    registryScanningExternal: z
        .strictObject({
            scanType: z.enum(["BASIC", "ENHANCED"]).default("ENHANCED"),
            filters: z.array(z.string()).default(["*"]),
        })
        .prefault({})
        .describe(
            "The registry scanning configuration outside the stack, used when registryScanning is external.",
        ),
    immutabilityExclusions: z
        .array(z.string())
        .default(["sha256-*"])
        .describe(
            "Tag filters that ECR-02 accepts under IMMUTABLE_WITH_EXCLUSION; signature tags by default.",
        ),
    retainedReleaseImages: z
        .number()
        .int()
        .min(1)
        .default(10)
        .describe("Images that a lifecycle policy of a production repository must keep at least."),

    trustedAccounts: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe(
            "Accounts beside the stack's own that policies of repositories (ECR-06) and topics (SNS-02) may name.",
        ),
    productionRegistries: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe(
            "Accounts whose registry holds production images (ECR-12). When none is named, the registry of every other " +
                "account counts.",
        ),
    publicRepositories: z
        .array(z.string())
        .default([])
        .describe('Names of repositories that are public on purpose (ECR-13). "*" stands for any text.'),
    inspector: z
        .enum(["stack", "external"])
        .default("stack")
        .describe(
            "Where Amazon Inspector is switched on for Amazon ECR: in the stack, or outside it (ECR-10).",
        ),
    pullThroughUpstreams: z
        .array(z.string())
        .default(["public.ecr.aws", "*.dkr.ecr.*.amazonaws.com", "*.dkr.ecr.*.amazonaws.com.cn"])
        .describe('Registries that a pull-through cache may fetch from (ECR-11). "*" stands for any text.'),
    actionRegions: z
        .array(z.string())
        .default([])
        .describe("Regions beside its own that a pipeline may act in (PIPE-21)."),
    actionAccounts: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe("Accounts beside its own whose roles a pipeline's actions may use (PIPE-21)."),
    minimumSourceApprovals: z
        .number()
        .int()
        .min(1)
        .default(2)
        .describe("Approvals that a pull request to a delivered repository needs at least (PIPE-25)."),
    reviewedSources: z
        .array(z.string())
        .default([])
        .describe(
            "Repositories of other hosts whose branch protection asks for those approvals, by their full name (PIPE-25). " +
                '"*" stands for any text.',
        ),
};
