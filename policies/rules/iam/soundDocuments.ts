/** IAM-12: AWS takes the document as it is. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { parseJsonText } from "../../harness/jsonText";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { isPlainObject } from "../../harness/unknownValue";
import { readPolicyDocument } from "../../iam/document";
import { roleType } from "../../pipeline/project";
import { allow, documentsOf, documentTypes, repository, type DocumentValue } from "./documents";

/** Characters without white space that IAM takes (IAM User Guide, "IAM and AWS STS quotas"). */
const limits: Readonly<Record<string, number>> = {
    [roleType]: 10_240,
    "aws:iam/policy:Policy": 6_144,
    "aws:iam/rolePolicy:RolePolicy": 10_240,
    "aws:iam/userPolicy:UserPolicy": 2_048,
    "aws:iam/groupPolicy:GroupPolicy": 5_120,
};
/** Of a trust policy; AWS raises it to 4,096 on request. */
const trustLimit = 2_048;
const version = "2012-10-17";

function faults({ value, property }: DocumentValue, type: string): string[] {
    const document = readPolicyDocument(value);
    if (document.kind === "unknown") return [];
    if (document.kind === "malformed") return [document.why];
    const parsed = typeof value === "string" ? parseJsonText(value) : { kind: "parsed" as const, value };
    const given = parsed.kind === "parsed" && isPlainObject(parsed.value) ? parsed.value : {};
    const found: string[] = [];
    if (given["Version"] !== version)
        found.push(
            given["Version"] === undefined
                ? `has no Version, so policy variables in it are plain text`
                : `has a Version other than ${version}`,
        );
    const sids = document.statements.flatMap(({ sid }) => (sid === null || sid === "" ? [] : [sid]));
    const double = sids.find((sid, index) => sids.indexOf(sid) !== index);
    if (double !== undefined) found.push(`has the Sid ${double} twice`);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const length = text.replace(/\s/g, "").length;
    const limit = property === "assumeRolePolicy" ? trustLimit : (limits[type] ?? 6_144);
    if (length > limit) found.push(`has ${length} characters, and IAM takes ${limit}`);
    return found;
}

const fix = `Give one valid document: {"Version":"${version}","Statement":[…]} with Sids that differ.`;

const policy = (value: unknown): ExampleResource => ({
    type: "aws:iam/policy:Policy",
    name: "policy",
    props: { policy: value },
});
const text = (more: object): string =>
    JSON.stringify({ Version: version, Statement: [allow("ecr:PutImage", repository)], ...more });
const twice = { Sid: "Push", ...allow("ecr:PutImage", repository) };
const bad = (title: string, value: unknown) => ({
    title,
    shows: "bad" as const,
    resources: [policy(value)],
    expect: [{ resource: "policy", kind: "violation" as const }],
});

export const soundDocuments: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-12",
        family: "iam",
        title: "Policy documents parse, with the current version and distinct Sids",
        rationale:
            "A document that IAM refuses stops an update half way, and one of the old version takes policy variables for plain text, so that a statement which was to narrow does not.",
        severity: "low",
        remediation: `Build documents with JSON.stringify, with \`Version\` ${version} and a \`Sid\` of its own for each statement; split what is too long.`,
        references: ["NIST SP 800-53 Rev. 5 CM-6"],
    },
    types: documentTypes,
    evaluate: (resource) => {
        const documents = documentsOf(resource);
        if (documents.length === 0) return [notApplicable("the resource carries no document")];
        return documents.flatMap((reading): Outcome[] => {
            const { property } = reading;
            if (!("value" in reading))
                return reading.kind === "malformed"
                    ? [violation(`${property} ${reading.why}.`, fix, { findingId: property })]
                    : [inconclusive(reading, "the policy document is not known yet")];
            if (readPolicyDocument(reading.value).kind === "unknown")
                return [inconclusive(reading, "the policy document is not known yet")];
            const [first] = faults(reading, resource.type);
            return [
                first === undefined
                    ? pass
                    : violation(`${property}: the document ${first}.`, fix, { findingId: property }),
            ];
        });
    },
    examples: [
        bad("no JSON", '{"Version":'),
        bad("no version", JSON.stringify({ Statement: [allow("ecr:PutImage", repository)] })),
        bad("the old version", text({ Version: "2008-10-17" })),
        bad("one Sid twice", text({ Statement: [twice, twice] })),
        bad("too long", text({ Statement: [allow("ecr:PutImage", Array.from({ length: 200 }, (_, index) => `${repository}-${index}`))] })), // prettier-ignore
        bad("no statement", text({ Statement: [] })),
        bad("an object without a version", { Statement: [allow("ecr:PutImage", repository)] }),
        bad("an object that is too long", { Version: version, Statement: [allow("ecr:PutImage", Array.from({ length: 200 }, (_, index) => `${repository}-${index}`))] }), // prettier-ignore
        {
            title: "a trust policy that does not parse, and a sound in-line policy",
            shows: "bad",
            resources: [
                {
                    type: roleType,
                    name: "policy",
                    props: { assumeRolePolicy: "{", inlinePolicies: [{ name: "a", policy: text({}) }] },
                },
            ],
            expect: [{ resource: "policy", kind: "violation" }],
        },
        {
            title: "a trust policy that fits a permission policy only, and in-line policies that are no list",
            shows: "bad",
            resources: [
                {
                    type: roleType,
                    name: "policy",
                    props: {
                        assumeRolePolicy: text({ Statement: [allow("sts:AssumeRole", "x".repeat(3_000))] }),
                        inlinePolicies: "none",
                    },
                },
            ],
            expect: [
                { resource: "policy", kind: "violation" },
                { resource: "policy", kind: "violation" },
            ],
        },
        { title: "sound", shows: "good", resources: [policy(text({}))], expect: [] },
        {
            title: "two statements without a Sid, and two that differ",
            shows: "good",
            resources: [
                policy(
                    text({
                        Statement: [
                            allow("ecr:PutImage", repository),
                            allow("ecr:BatchGetImage", repository),
                            { ...twice, Sid: "" },
                            { ...twice, Sid: "" },
                            twice,
                            { ...twice, Sid: "Again" },
                        ],
                    }),
                ),
            ],
            expect: [],
        },
        {
            title: "a sound object",
            shows: "good",
            resources: [policy({ Version: version, Statement: [allow("ecr:PutImage", repository)] })],
            expect: [],
        },
        {
            title: "a sound object, with white space that does not count",
            shows: "good",
            resources: [policy(JSON.stringify(JSON.parse(text({})), null, 40))],
            expect: [],
        },
        {
            title: "a role without documents",
            shows: "absent",
            resources: [{ type: roleType, name: "role", props: {} }],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [
                policy(unknown),
                { ...policy({ Version: version, Statement: unknown }), name: "second" },
            ],
            expect: [
                { resource: "policy", kind: "inconclusive" },
                { resource: "second", kind: "inconclusive" },
            ],
        },
    ],
};
