import { trustedRole, trustOf } from "../../delivery/exampleDelivery";
import { exampleArns, exampleOf, gateStack } from "../../gate/exampleGate";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample } from "../../harness/stackExamples";
import { allow, buildspecOf, projectExample, roleExample } from "../../pipeline/exampleResources";
import { roleType } from "../../pipeline/project";
import { deliveryBucketExamples } from "./deliveryBuckets.examples";

const command = (
    scanner: string,
    stage: string,
    place = "--evidence s3://evidence --application demo",
): string =>
    `gate scan --scanner ${scanner} --image "$IMAGE" --policy p.json --stage ${stage} ${place} --execution "$EXECUTION_ID"`;
const project = (scanner: string, stage = "test"): ExampleResource =>
    projectExample(`${scanner}-${stage}`, buildspecOf([command(scanner, stage)]), "scanner");
const role = (
    scanner: string,
    pattern: string,
    actions: string | string[] = "s3:PutObject",
    stage = "test",
) => roleExample(`${scanner}-${stage}-role`, [allow(actions, `arn:aws:s3:::evidence/${pattern}`)], "scanner");
const grype = [project("grype"), role("grype", "demo/sha256-*/grype/*/test/*")];
const anchore = (pattern: string, actions?: string | string[]) => [project("anchore"), role("anchore", pattern, actions)]; // prettier-ignore
const publish = projectExample(
    "publish",
    buildspecOf([
        'gate verdict --image "$IMAGE" --policy p.json --stage scanStagingImage --evidence s3://evidence --application demo --execution "$EXECUTION_ID"',
    ]),
    "publisher",
);

/** The same role with those who may assume it. */
function trusting(given: ExampleResource, principal: unknown): ExampleResource {
    const statement = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" };
    const assumeRolePolicy = principal === unknown ? unknown : JSON.stringify({ Statement: [statement] });
    return { ...given, props: { ...given.props, assumeRolePolicy } };
}
const recorderAssumed = (principal: unknown): ExampleResource[] => gateStack(trusting(roleExample("recorder-role", [allow("dynamodb:PutItem", exampleArns.table)], "recorder"), principal)); // prettier-ignore
const service = (name: string) => ({ Service: `${name}.amazonaws.com` });

const overridesArn = exampleArns.table.replace("approvals", "break-glass");
const engineer = "arn:aws:iam::123456789012:role/on-call";
const secondFactor = { Bool: { "aws:MultiFactorAuthPresent": "true" } };
/** Records that let digests run, the role that writes them and who may become it. */
const overrides = (
    principal: unknown,
    condition: Record<string, unknown>,
    ...more: ExampleResource[]
): ExampleResource[] => [
    // prettier-ignore
    exampleOf("aws:dynamodb/table:Table", "demo-break-glass", { tags: { "gate:role": "break-glass" } }),
    trustedRole(
        "people",
        trustOf(principal, condition),
        [allow("dynamodb:PutItem", overridesArn)],
        "break-glass",
    ),
    ...more,
];

/** A scan for a pull request: by the application's policy, with evidence of its own. */
const review = (pattern: string): ExampleResource[] => [
    projectExample("review-grype", buildspecOf([command("grype", "test", "--evidence s3://evidence --application demo --evidence-application demo--review")]), "scanner"), // prettier-ignore
    roleExample("review-grype-role", [allow("s3:PutObject", `arn:aws:s3:::evidence/${pattern}`)], "scanner"),
];

const refused: [title: string, resources: ExampleResource[], found: string][] = [
    ["every scanner's evidence", [...grype, ...anchore("demo/sha256-*/*")], "anchore-test-role"],
    ["the whole bucket", [...grype, ...anchore("*")], "anchore-test-role"],
    ["evidence of a release, for a pull request", [...grype, ...review("demo*/sha256-*/grype/*/test/*")], "review-grype-role"], // prettier-ignore
    [
        "the other scanner's evidence too",
        [...grype, ...anchore("demo/sha256-*/grype/*")],
        "anchore-test-role",
    ],
    [
        "another stage's evidence",
        [...grype, publish, ...anchore("demo/sha256-*/anchore/*")],
        "anchore-test-role",
    ],
    [
        "the evidence of the same scanner's other step",
        [
            project("grype"),
            role("grype", "demo/sha256-*/grype/*"),
            project("grype", "scanStagingImage"),
            role("grype", "demo/sha256-*/grype/*/scanStagingImage/*", "s3:PutObject", "scanStagingImage"),
        ],
        "grype-test-role",
    ],
    ["delete what it wrote", anchore("demo/sha256-*/anchore/*/test/*", ["s3:PutObject", "s3:DeleteObject"]), "anchore-test-role"], // prettier-ignore
    [
        "a role that scans nothing",
        [...grype, roleExample("build-role", [allow("s3:PutObject", "*")], "builder")],
        "build-role",
    ],
    [
        "what the search for secrets says",
        [
            projectExample("secrets", buildspecOf(['gate secrets --repository . --tool gitleaks --evidence s3://evidence --application demo --execution "$E"'])), // prettier-ignore
            roleExample("secrets-role", [allow("s3:PutObject", "arn:aws:s3:::evidence/demo/git-*/gitleaks/*/verify/*")]), // prettier-ignore
            roleExample("build-role", [allow("s3:PutObject", "arn:aws:s3:::evidence/demo/git-*")], "builder"),
        ],
        "build-role",
    ],
];

export const examples: RuleExample[] = [
    ...refused.map(([title, resources, found]): RuleExample => ({
        title: `may write: ${title}`,
        shows: "bad",
        resources,
        expect: [{ resource: found, kind: "violation" }],
    })),
    {
        title: "the account may become what records requests",
        shows: "bad",
        resources: recorderAssumed({ AWS: "arn:aws:iam::123456789012:root" }),
        expect: [{ resource: "recorder-role", kind: "violation" }],
    },
    {
        title: "only a function may become what records requests",
        shows: "good",
        resources: recorderAssumed(service("lambda")),
        expect: [],
    },
    badExample(
        "the builder writes overrides",
        overrides({ AWS: engineer }, secondFactor, roleExample("build-role", [allow("dynamodb:*", overridesArn)])), // prettier-ignore
        "build-role",
    ),
    badExample("anybody in the account writes overrides", overrides({ AWS: "arn:aws:iam::123456789012:root" }, secondFactor), "people"), // prettier-ignore
    badExample("overrides without a second factor", overrides({ AWS: engineer }, {}), "people"),
    badExample(
        "a second factor only where the session has one",
        overrides({ AWS: engineer }, { BoolIfExists: secondFactor.Bool }),
        "people",
    ),
    badExample("a service writes overrides", overrides(service("lambda"), secondFactor), "people"),
    badExample(
        "a build may become the role of the overrides",
        overrides(
            { AWS: "arn:aws:iam::123456789012:role/docs-role" },
            secondFactor,
            projectExample("docs", undefined),
            roleExample("docs-role", [allow("s3:GetObject", "*")]),
        ),
        "people",
    ),
    goodExample(
        "named people write overrides, with a second factor",
        overrides({ AWS: engineer }, secondFactor),
    ),
    goodExample(
        "named by a condition",
        overrides(
            { AWS: "arn:aws:iam::123456789012:root" },
            { ...secondFactor, ArnEquals: { "aws:PrincipalArn": [engineer] } },
        ),
    ),
    {
        title: "who may become what records requests is not known yet",
        shows: "unknown",
        resources: recorderAssumed(unknown),
        expect: [{ resource: "recorder-role", kind: "inconclusive" }],
    },
    ...deliveryBucketExamples,
    goodExample("scans of pull requests their own evidence", [...grype, ...review("demo--review/sha256-*/grype/*/test/*")]), // prettier-ignore
    {
        title: "each scan step its own evidence",
        shows: "good",
        resources: [...grype, ...anchore("demo/sha256-*/anchore/*/test/*"), publish],
        expect: [],
    },
    ...["dynamodb:PutItem", "dynamodb:*"].map((action): RuleExample => ({
        title: `may write the gate's table: ${action}`,
        shows: "bad",
        resources: [...gateStack(), roleExample("build-role", [allow(action, exampleArns.table)], "builder")],
        expect: [{ resource: "build-role", kind: "violation" }],
    })),
    {
        title: "the gate's functions write its table, others read it",
        shows: "good",
        resources: [
            ...gateStack(),
            roleExample("build-role", [allow("dynamodb:GetItem", exampleArns.table)], "builder"),
        ],
        expect: [],
    },
    {
        title: "another bucket",
        shows: "good",
        resources: [...grype, roleExample("build-role", [allow("s3:PutObject", "arn:aws:s3:::artifacts/*")])],
        expect: [],
    },
    {
        title: "no evidence is recorded",
        shows: "absent",
        resources: [projectExample("scan", buildspecOf([command("grype", "test", "")])), role("grype", "*")],
        expect: [],
    },
    {
        title: "the stage is in a variable",
        shows: "unknown",
        resources: [...grype, projectExample("anchore-test", buildspecOf([command("anchore", "$STAGE")])), role("anchore", "*")], // prettier-ignore
        expect: [{ resource: "anchore-test-role", kind: "inconclusive" }],
    },
    {
        title: "a policy that is not known yet",
        shows: "unknown",
        resources: [
            ...grype,
            {
                type: roleType,
                name: "build-role",
                props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
            },
        ],
        expect: [{ resource: "build-role", kind: "inconclusive" }],
    },
];
