/**
 * Settings of the pack: one object for all rules, given as the configuration of the policy `portcullis` (Pulumi shows
 * every policy only its own configuration, so the pack's settings need a policy of their own):
 *
 *     { "portcullis": { "coverage": "pipeline", "allowedRegistries": ["docker.io/anchore"] }, "ECR-03": "mandatory" }
 *
 * To add a setting: add a field with a default and a description to `packSettings`. The JSON schema that the Pulumi
 * engine checks a configuration file against, the type that rules see and the generated documentation follow from it.
 */
import { z } from "zod";
import { didYouMean } from "../../gate/policy/didYouMean";
import { settingsRead } from "../settingsRead";
import { checkRuleSettings, settingProblems, type SettingsRead } from "./ruleSettings";

const tierPatterns = (patterns: string[], tier: string) =>
    z
        .array(z.string())
        .default(patterns)
        .describe(
            `Names of ${tier} repositories, for repositories without a tier tag. "*" stands for any text.`,
        );

const severities = ["critical", "high", "medium", "low", "negligible"] as const;
const limitVariable = (name: string) => z.string().default(name);
const maximumLimit = z.number().int().min(0).optional();

const ruleLevels = ["mandatory", "advisory", "disabled"] as const;

/** What the settings can say about how much the findings of a rule weigh. */
export type RuleLevel = (typeof ruleLevels)[number];

/** Settings of one rule, as they are given or checked; see ruleSettings.ts. */
export type RuleOverrides = { level?: RuleLevel | undefined; [setting: string]: unknown };

const ruleOverrides: z.ZodType<RuleOverrides> = z.looseObject({ level: z.enum(ruleLevels).optional() });
const tierLevel = z.enum(ruleLevels).optional();
const exemptionDays = (days: number) => z.number().int().min(0).max(366).default(days);

const packSettings = z.strictObject({
    profile: z
        .enum(["gate", "baseline", "strict"])
        .default("strict")
        .describe(
            "Which rules run: gate = the promise, baseline = what public rule sets also ask, strict = all.",
        ),
    coverage: z
        .array(z.enum(["pipeline"]))
        .default([])
        .describe(
            "What the stack declares to contain. With pipeline, PUL-06 asks for a staging repository, a production " +
                "repository, a pipeline, an approval and a scanning configuration. A stack with the tag " +
                "portcullis:coverage=pipeline declares the same.",
        ),
    coverageProjects: z
        .array(z.string())
        .default(["portcullis"])
        .describe("Pulumi projects all of whose stacks declare the coverage pipeline."),
    strictUnknowns: z
        .boolean()
        .default(false)
        .describe(
            "Whether a critical or high rule that stays inconclusive is reported at mandatory level. With " +
                "inconclusiveLimit the single findings stay advisory and PUL-07 counts them.",
        ),
    remediateOnCreation: z
        .boolean()
        .default(false)
        .describe(
            "Whether rules at level remediate also set properties that can only be set while a resource is created. Only " +
                "for stacks that are created for the first time: a resource that exists would be replaced.",
        ),
    inconclusiveLimit: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe(
            "How many times mandatory rules may stay inconclusive (each rule and resource counts once) before PUL-07 " +
                "fails. None unless given with strictUnknowns, any number without.",
        ),
    exemptions: z
        .string()
        .min(1)
        .optional()
        .describe(
            "Path of the file of exemptions. A relative path starts at the Pulumi project that the pack lies in (the " +
                "nearest folder above it with a Pulumi.yaml), else at the pack's folder. No exemptions unless given.",
        ),
    exemptionMaximumDays: z
        .strictObject({
            critical: exemptionDays(14),
            high: exemptionDays(30),
            medium: exemptionDays(90),
            low: exemptionDays(180),
        })
        .prefault({})
        .describe(
            "The most days from created to expires of an exemption, by the severity of what it covers.",
        ),
    levels: z
        .strictObject({ gate: tierLevel, baseline: tierLevel, "strict-only": tierLevel })
        .default({})
        .describe(
            "Level of all rules of a tier, the smallest profile that a rule is in. It goes over the level that " +
                "CrossGuard has for the rule; a level under rules goes over both.",
        ),
    rules: z
        .record(z.string(), ruleOverrides)
        .default({})
        .describe(
            "By rule id: level, and settings of this list that hold for that rule only. A rule takes only settings that it reads.",
        ),
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

    allowedRegistries: z
        .array(z.string())
        .default([
            "docker.io/anchore",
            "public.ecr.aws",
            "*.dkr.ecr.*.amazonaws.com",
            "*.dkr.ecr.*.amazonaws.com.cn",
        ])
        .describe(
            'Registries, with an optional path, that containers may come from. "*" stands for any text without a slash.',
        ),
    secretNamePattern: z
        .string()
        .default(
            "(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|CONNECTION_?STRING)",
        )
        .describe("Regular expression, without case, for names of variables that carry a secret."),
    plainVariableNames: z
        .array(z.string())
        .default([])
        .describe("Names that match secretNamePattern but carry no secret."),

    allowedCapabilities: z
        .array(z.string())
        .default(["NET_BIND_SERVICE"])
        .describe("Linux capabilities that a container may add (ECS-08)."),

    edgeSecurityGroups: z
        .array(z.string())
        .default([])
        .describe(
            'Names of the security groups that may accept port 443 from anywhere. "*" stands for any text.',
        ),
    edgeSecurityGroupTag: z
        .string()
        .default("gate:edge")
        .describe("Tag whose value true declares a security group to be such an edge group."),
    adminPorts: z
        .array(z.number().int().min(0).max(65_535))
        .default([
            20, 21, 22, 23, 25, 135, 445, 1433, 2375, 2376, 3306, 3389, 5432, 5601, 5985, 5986, 6379, 9200,
            27017,
        ])
        .describe("Ports that no security group may open to anyone, for messages of VPC-03."),
    disposableStacks: z
        .array(z.string())
        .default(["dev", "dev-*", "test", "test-*", "sandbox*", "review-*", "pr-*"])
        .describe(
            "Names of stacks that may be destroyed with all they hold. ECR-08 does not protect their repositories and " +
                'VPC-07 does not ask for a NAT gateway per zone. "*" stands for any text.',
        ),
    internetFacingLoadBalancers: z
        .array(z.string())
        .default([])
        .describe(
            "Names of load balancers that face the internet on purpose; ALB-07 then asks for a web ACL, a list of " +
                'source addresses and authentication. "*" stands for any text.',
        ),
    scannerGroupTags: z
        .array(z.string())
        .default(["scanner", "anchore"])
        .describe(
            "Values of the tag gate:role, or words in the name, that mark the scanner's security groups.",
        ),

    scannerNames: z
        .array(z.string())
        .default(["anchore", "grype", "trivy", "lacework", "accuknox", "inspector"])
        .describe("Names of scanners, for messages and for declared scan projects."),
    trustedServices: z
        .array(z.string())
        .default(
            [
                ...["access-analyzer", "amplify", "apigateway", "appmesh", "apprunner", "appsync", "athena"],
                ...[
                    "application-autoscaling",
                    "autoscaling",
                    "backup",
                    "batch",
                    "bedrock",
                    "build.apprunner",
                ],
                ...["chatbot", "cloudformation", "cloudtrail", "cloudwatch", "codebuild", "codedeploy"],
                ...["codepipeline", "cognito-idp", "config", "datasync", "delivery.logs", "dlm", "dms", "ds"],
                ...[
                    "ec2",
                    "ecr",
                    "ecs",
                    "ecs-tasks",
                    "edgelambda",
                    "eks",
                    "eks-fargate-pods",
                    "elasticbeanstalk",
                ],
                ...[
                    "elasticfilesystem",
                    "elasticloadbalancing",
                    "elasticmapreduce",
                    "emr-serverless",
                    "events",
                ],
                ...[
                    "export.rds",
                    "firehose",
                    "fis",
                    "glue",
                    "grafana",
                    "guardduty",
                    "imagebuilder",
                    "inspector2",
                ],
                ...[
                    "iot",
                    "kinesisanalytics",
                    "lakeformation",
                    "lambda",
                    "logs",
                    "mediaconvert",
                    "monitoring.rds",
                ],
                ...[
                    "opensearchservice",
                    "osis",
                    "pipes",
                    "pods.eks",
                    "ram",
                    "rds",
                    "redshift",
                    "resources.cloudformation",
                ],
                ...[
                    "s3",
                    "batchoperations.s3",
                    "sagemaker",
                    "scheduler",
                    "secretsmanager",
                    "securityhub",
                    "ses",
                ],
                ...[
                    "servicecatalog",
                    "sns",
                    "spotfleet",
                    "sqs",
                    "ssm",
                    "states",
                    "storagegateway",
                    "synthetics",
                ],
                ...[
                    "tasks.apprunner",
                    "textract",
                    "transfer",
                    "vpc-flow-logs",
                    "vpc-lattice",
                    "wafv2",
                    "workspaces",
                ],
                ...["xray"],
            ].map((service) => `${service}.amazonaws.com`),
        )
        .describe('Services that may become roles (IAM-06). "*" stands for any text.'),
    ciRolePaths: z
        .array(z.string())
        .default(["/ci/*", "/cicd/*", "/pipeline/*", "/pipelines/*", "/deploy/*"])
        .describe(
            'Paths of roles that CI creates or changes; IAM-09 asks for a boundary there. "*" stands for any text.',
        ),
    permissionsBoundaries: z
        .array(z.string())
        .default(["arn:*:iam::*:policy/*boundary*", "arn:*:iam::*:policy/*Boundary*"])
        .describe('ARNs of the permissions boundaries that IAM-09 takes. "*" stands for any text.'),
    allowedRegions: z
        .array(z.string())
        .default([])
        .describe('Regions that a provider may name; any when empty (PUL-03). "*" stands for any text.'),
    allowedAccounts: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe("Accounts that a provider has to list in allowedAccountIds; any when empty (PUL-03)."),
    requiredDefaultTags: z
        .array(z.string())
        .default([])
        .describe("Tags that a provider's defaultTags have to contain (PUL-03)."),
    requiredTags: z
        .array(z.string())
        .default(["owner"])
        .describe(
            "Tags that every taggable resource has, of its own or by its provider (PUL-04). Neither case nor hyphens, " +
                'underscores and colons count, and "*" stands for any text.',
        ),
    externalDetectiveServices: z
        .strictObject({
            cloudTrail: z.string().default(""),
            guardDuty: z.string().default(""),
            securityHub: z.string().default(""),
            inspector: z.string().default(""),
        })
        .prefault({})
        .describe("Who keeps the services that watch the account, where it is another stack (PUL-08)."),
    gateAdministrators: z
        .array(z.string())
        .default([])
        .describe(
            'Names or ARNs of people\'s roles that may change the gate (BYP-03). "*" stands for any text.',
        ),
    approverRoles: z
        .array(z.string())
        .default([])
        .describe('Names or ARNs of the roles that may answer an approval. "*" stands for any text.'),
    logRetentionDays: z
        .number()
        .int()
        .min(1)
        .max(3_653)
        .default(365)
        .describe(
            "Days that log groups keep their entries at least (LOG-01). In disposable stacks any limit will do.",
        ),
    maximumApprovalTimeoutMinutes: z
        .number()
        .int()
        .min(5)
        .max(86_400)
        .default(1_440)
        .describe("Longest time an approval may wait, in minutes. The service's own default is seven days."),
    gateLimitVariables: z
        .strictObject({
            critical: limitVariable("CRITICAL_LIMIT"),
            high: limitVariable("HIGH_LIMIT"),
            medium: limitVariable("MEDIUM_LIMIT"),
            low: limitVariable("LOW_LIMIT"),
            negligible: limitVariable("NEGLIGIBLE_LIMIT"),
        })
        .prefault({})
        .describe(
            "Variables of the function that answers approvals, by the severity that each limits. An empty name: the gate " +
                "does not tell this severity apart.",
        ),
    gateUnlimitedSeverities: z
        .array(z.enum(severities))
        .default(["medium", "low", "negligible"])
        .describe('Severities whose limit may be the word "unlimited".'),
    gateMaximumLimits: z
        .strictObject({
            critical: maximumLimit,
            high: maximumLimit,
            medium: maximumLimit,
            low: maximumLimit,
            negligible: maximumLimit,
        })
        .default({ critical: 0 })
        .describe(
            "The most findings of a severity that a limit may let through; any number where none is given.",
        ),
    failOpenVariables: z
        .array(z.string())
        .default([
            "FAIL_OPEN",
            "*_FAIL_OPEN",
            "FAIL_MODE",
            "*_FAIL_MODE",
            "DEFAULT_DECISION",
            "DEFAULT_RESULT",
            "DEFAULT_APPROVAL",
            "APPROVE_ON_*",
            "ON_ERROR",
            "ON_TIMEOUT",
            "SKIP_GATE",
            "BYPASS_GATE",
            "GATE_DISABLED",
        ])
        .describe(
            "Names of variables that say what the gate does when it cannot judge, in capitals. Their value has to refuse: " +
                'false, 0, no, off, reject, deny, fail, block … "*" stands for any text.',
        ),
    maximumFunctionTimeoutSeconds: z
        .number()
        .int()
        .min(1)
        .max(900)
        .default(300)
        .describe("Longest time that a run of a function may take, in seconds (LAM-09)."),
    trustedLayerAccounts: z
        .array(z.string().regex(/^\d{12}$/, "is the number of an account, twelve digits"))
        .default([])
        .describe("Accounts beside the function's own whose layers it may have (LAM-11)."),
    humanApprovals: z
        .array(z.string())
        .default(["Human*", "*HumanApproval"])
        .describe('Names of approval actions that a person has to answer. "*" stands for any text.'),
});

/** Settings as rules see them: every field is filled. */
export type PackConfiguration = z.output<typeof packSettings>;

/** The settings of a stack that configures nothing. */
export const defaultConfiguration: PackConfiguration = packSettings.parse({});

/** Name of the policy that carries the settings. */
export const settingsPolicyName = "portcullis";

export type ConfigurationResult =
    { ok: true; configuration: PackConfiguration } | { ok: false; problems: string[] };

/**
 * Fills in defaults and checks. Never throws: problems name path and expectation, one line each.
 * @param read which settings each rule reads; that of the pack's own rules unless given.
 */
export function readConfiguration(given: unknown, read: SettingsRead = settingsRead): ConfigurationResult {
    const parsed = packSettings.safeParse(given ?? {});
    if (!parsed.success) {
        const problems = parsed.error.issues.flatMap((issue) =>
            issue.code === "unrecognized_keys" && issue.path.length === 0
                ? issue.keys.map((key) => `${key}: ${unknownSetting(key, read)}`)
                : settingProblems(new z.ZodError([issue]), given, packSettings),
        );
        const others = checkRuleSettings(readableRules(given), packSettings.shape, read).problems;
        return { ok: false, problems: [...problems, ...others] };
    }
    const { rules, problems } = checkRuleSettings(parsed.data.rules, packSettings.shape, read);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, configuration: { ...parsed.data, rules } };
}

/** Settings of rules in something that is wrong elsewhere: all problems are to be told at once. */
function readableRules(given: unknown): Record<string, RuleOverrides> {
    const settings = z.object({ rules: z.record(z.string(), z.unknown()) }).safeParse(given);
    const entries = Object.entries(settings.data?.rules ?? {});
    return Object.fromEntries(
        entries.filter(
            (entry): entry is [string, RuleOverrides] => z.looseObject({}).safeParse(entry[1]).success,
        ),
    );
}

/** There are too many settings to list them all. */
function unknownSetting(key: string, read: SettingsRead): string {
    if (Object.hasOwn(read, key)) return `settings of a rule belong under rules.${key}`;
    return `is not a setting${didYouMean(key, Object.keys(packSettings.shape))}`;
}

/** JSON schema of the settings' properties (draft 7), as a policy's `configSchema` wants it. */
export function configurationProperties(): Record<string, Record<string, unknown>> {
    const schema = z.toJSONSchema(packSettings, { target: "draft-7", io: "input" });
    return schema.properties as Record<string, Record<string, unknown>>;
}
