/** What PUL-05 says about files of exemptions. Today is 2026-03-01. */
import type { ExampleResource, ExampleRun, RuleExample } from "../../harness/rule";

const repository: ExampleResource = {
    type: "aws:ecr/repository:Repository",
    name: "tools",
    props: { name: "tools" },
};
const buckets: ExampleResource[] = ["logs-a", "logs-b"].map((name) => ({
    type: "aws:s3/bucket:Bucket",
    name,
    props: {},
}));

const found = (more: Partial<NonNullable<ExampleRun["others"]>[number]> = {}): ExampleRun["others"] => [
    { rule: "ECR-02", severity: "high", resource: "tools", kind: "violation", ...more },
];

const entry = (lines: Partial<Record<string, string>> = {}): string =>
    Object.entries({
        id: "EX-1",
        finding: "ECR-02",
        target: "{ type: aws:ecr/repository:Repository, name: tools }",
        reason: "The tool images move their tag weekly; pinned by digest where they are used.",
        ticket: "SEC-101",
        owner: "Ada Example",
        approver: "Grace Example",
        created: "2026-02-20",
        expires: "2026-03-20",
        ...lines,
    })
        .map(([key, value], index) => `${index === 0 ? "  - " : "    "}${key}: ${value}`)
        .join("\n");

const file = (...entries: string[]): string => ["version: 1", "exemptions:", ...entries, ""].join("\n");

const bad = (
    title: string,
    exemptions: string,
    run: ExampleRun = {},
    resources = [repository],
): RuleExample => ({
    title,
    shows: "bad",
    resources,
    run: { exemptions, others: found(), ...run },
    expect: [{ resource: null, kind: "violation" }],
});

export const exemptionExamples: RuleExample[] = [
    bad("expired yesterday", file(entry({ created: "2026-02-01", expires: "2026-02-28" }))),
    bad("nothing needs it any more", file(entry()), { others: found({ kind: "pass" }) }),
    bad("the resource is gone", file(entry()), {}, buckets),
    bad("announced: it expires in three days", file(entry({ expires: "2026-03-04" }))),
    bad("the owner agreed to it", file(entry({ approver: "ada example" }))),
    bad("created in the future", file(entry({ created: "2026-03-02" }))),
    bad(
        "lasts longer than a finding of this severity may be exempted",
        file(entry({ created: "2026-02-01", expires: "2026-03-20" })),
    ),
    bad("no such rule", file(entry({ finding: "ECR-99" }))),
    bad(
        "a rule that can never be exempted",
        file(entry({ finding: "BYP-01", expires: "2026-03-09", created: "2026-02-25" })),
        {
            others: [
                {
                    rule: "BYP-01",
                    severity: "critical",
                    neverExempt: true,
                    resource: "tools",
                    kind: "violation",
                },
            ],
        },
    ),
    bad(
        "everything of a type",
        file(entry({ target: '{ type: aws:ecr/repository:Repository, name: "*", maximumMatches: 5 }' })),
    ),
    bad("everywhere: no target", file(entry({ target: "{}" }))),
    bad(
        "matches more resources than were agreed to",
        file(
            entry({
                finding: "S3-05",
                target: '{ type: aws:s3/bucket:Bucket, name: "logs-*", maximumMatches: 1 }',
            }),
        ),
        { others: [{ rule: "S3-05", severity: "low", resource: "logs-a", kind: "violation" }] },
        buckets,
    ),
    bad("twice for the same finding", file(entry(), entry({ id: "EX-2" }))),
    bad("a misspelt key", file(entry({ tickets: "SEC-101" }))),
    bad("text that is no YAML", "exemptions: [\n"),
    {
        title: "agreed to, unexpired and needed",
        shows: "good",
        resources: [repository],
        run: { exemptions: file(entry()), others: found() },
        expect: [],
    },
    {
        title: "one finding of several is named",
        shows: "good",
        resources: [repository],
        run: {
            exemptions: file(entry({ finding: '"ECR-02[tools|latest]"' })),
            others: found({ findingId: "tools|latest" }),
        },
        expect: [],
    },
    {
        title: "for another stack",
        shows: "good",
        resources: [repository],
        run: {
            exemptions: file(
                entry({
                    target: "{ urn: 'urn:pulumi:prod::example::aws:ecr/repository:Repository::tools' }",
                }),
            ),
            others: found({ kind: "pass" }),
        },
        expect: [],
    },
    { title: "no file is configured", shows: "good", resources: [repository], expect: [] },
    {
        title: "the file is missing",
        shows: "absent",
        resources: [repository],
        configuration: { exemptions: "exemptions.yaml" },
        expect: [{ resource: null, kind: "violation" }],
    },
    {
        title: "the rule cannot tell yet whether the exemption is needed",
        shows: "unknown",
        resources: [repository],
        run: { exemptions: file(entry()), others: found({ kind: "inconclusive" }) },
        expect: [{ resource: null, kind: "inconclusive" }],
    },
];
