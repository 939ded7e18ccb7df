/** CB-11: each project has a role of its own, which CodeBuild may use for this account only. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, RuleExample, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { actionPattern } from "../../iam/effectivePermissions";
import { conditionValues, readPolicyDocument, type Statement } from "../../iam/document";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { projectRole, projectType, roleType } from "../../pipeline/project";

const service = "codebuild.amazonaws.com";

const trust = (principal: unknown, condition?: unknown): string =>
    JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", Condition: condition },
        ],
    });
const bound = { StringEquals: { "aws:SourceAccount": "123456789012" } };
const good = trust({ Service: service }, bound);
const role = (name: string, assumeRolePolicy: unknown = good): ExampleResource => ({
    type: roleType,
    name: `${name}-role`,
    props: { name: `${name}-role`, assumeRolePolicy },
});
const project = (name: string, serviceRole?: unknown, dependencies?: string[]): ExampleResource => ({
    ...projectExample(name, scanBuildspec, undefined, serviceRole === undefined ? {} : { serviceRole }),
    ...(dependencies ? { propertyDependencies: { serviceRole: dependencies } } : {}),
});
const stack = (assumeRolePolicy?: unknown): ExampleResource[] => [
    project("scan"),
    role("scan", assumeRolePolicy),
];

const examples: RuleExample[] = [
    {
        title: "two projects share a role",
        shows: "bad",
        resources: [
            project("scan", "arn:aws:iam::123456789012:role/build-role"),
            project("build", "arn:aws:iam::123456789012:role/build-role"),
            role("build"),
        ],
        expect: [
            { resource: "scan", kind: "violation" },
            { resource: "build", kind: "violation" },
        ],
    },
    {
        title: "two projects share a role whose ARN is not known yet",
        shows: "bad",
        resources: [project("scan", unknown, ["x-role"]), project("build", unknown, ["x-role"]), role("x")],
        expect: [
            { resource: "scan", kind: "violation" },
            { resource: "build", kind: "violation" },
        ],
    },
    badExample("CodeBuild may use the role for anybody", stack(trust({ Service: service })), "scan"),
    badExample(
        "another service may use it too",
        stack(trust({ Service: [service, "codepipeline.amazonaws.com"] }, bound)),
        "scan",
    ),
    badExample(
        "people of the account may become it",
        stack(trust({ Service: service, AWS: "arn:aws:iam::123456789012:root" }, bound)),
        "scan",
    ),
    badExample(
        "the account is compared only if it is sent",
        stack(trust({ Service: service }, { StringEqualsIfExists: { "aws:SourceAccount": "123456789012" } })),
        "scan",
    ),
    badExample(
        "any account will do",
        stack(trust({ Service: service }, { StringLike: { "aws:SourceAccount": "*" } })),
        "scan",
    ),
    badExample("a trust policy that cannot be read", stack("{"), "scan"),
    badExample("no trust policy", stack(null), "scan"),
    goodExample("a role for each, for this account", [...stack(), project("build"), role("build")]),
    goodExample(
        "for the project itself",
        stack(
            trust(
                { Service: service },
                {
                    ArnEquals: {
                        "aws:SourceArn": "arn:aws:codebuild:eu-central-1:123456789012:project/scan",
                    },
                },
            ),
        ),
    ),
    goodExample("a trust policy given as an object", stack(JSON.parse(good))),
    { title: "no projects", shows: "absent", resources: [role("scan", trust("*"))], expect: [] },
    {
        title: "the role is declared to live outside",
        shows: "good",
        resources: [project("scan", "arn:aws:iam::123456789012:role/elsewhere")],
        configuration: { externalReferences: ["arn:aws:iam::123456789012:role/*"] },
        expect: [],
    },
    openExample("the role is not in the stack", [project("scan", "arn:aws:iam::123456789012:role/other")], "scan"), // prettier-ignore
    openExample("the trust policy is not known yet", stack(unknown), "scan"),
    {
        title: "a role that is not known in the first project does not hide the last",
        shows: "unknown",
        resources: [project("first", unknown), ...stack(trust({ Service: service }))],
        expect: [
            { resource: "first", kind: "inconclusive" },
            { resource: "scan", kind: "violation" },
        ],
    },
];

export const projectRoles: StackRule = {
    level: "stack",
    metadata: {
        id: "CB-11",
        family: "codebuild",
        title: "Each project has a role of its own that only CodeBuild may use, for this account",
        rationale:
            "A shared role gives the build, which runs the application's own code, whatever the scan and the release may do. And a role that CodeBuild may use without a condition can be used by somebody else's project.",
        severity: "high",
        remediation:
            "Give every project its own role, with a trust policy for `codebuild.amazonaws.com` alone and the condition `aws:SourceAccount` or `aws:SourceArn`.",
        references: [
            "OWASP CICD-SEC-2",
            "AWS CodeBuild User Guide: cross-service confused deputy prevention",
        ],
    },
    relevantTypes: [projectType],
    evaluate: (graph) => {
        const projects = graph.ofType(projectType);
        const sharers = projectsByRole(projects, graph);
        return projects.flatMap((each) => about(each, ...judged(each, graph, sharers)));
    },
    examples,
};

/** What says that two projects have the same role: the resource, or the ARN where it lives elsewhere. */
function roleKey(each: ResourceReader, graph: StackGraph): ResourceReader | string | null {
    return projectRole(each, graph) ?? valueOf(filled(each.string("serviceRole"))) ?? null;
}

function projectsByRole(
    projects: readonly ResourceReader[],
    graph: StackGraph,
): Map<ResourceReader | string, ResourceReader[]> {
    const table = new Map<ResourceReader | string, ResourceReader[]>();
    for (const each of projects) {
        const key = roleKey(each, graph);
        if (key === null) continue;
        const same = table.get(key);
        if (same) same.push(each);
        else table.set(key, [each]);
    }
    return table;
}

function judged(
    each: ResourceReader,
    graph: StackGraph,
    sharers: ReadonlyMap<ResourceReader | string, ResourceReader[]>,
): Outcome[] {
    const key = roleKey(each, graph);
    const others = (key === null ? [] : (sharers.get(key) ?? [])).filter((other) => other !== each);
    const shared = others[0]
        ? [
              violation(
                  `serviceRole is shared with ${others[0].name}${others.length > 1 ? ` and ${others.length - 1} more` : ""}: each of them may do what any of them needs.`,
                  "Create a role for this project alone.",
                  { findingId: "shared" },
              ),
          ]
        : [];
    const reference = graph.reference(each, ["serviceRole"], [roleType]);
    if (reference.kind === "exact") return [...shared, ...trusted(reference.resource)];
    if (reference.kind === "external")
        return [...shared, notApplicable("the role is declared to live outside the stack")];
    return shared.length > 0
        ? shared
        : [inconclusive(reference, "who may use the role of the project cannot be told")];
}

function trusted(owner: ResourceReader): Outcome[] {
    const value = owner.get("assumeRolePolicy");
    const place = `${owner.name}.${value.property}`;
    const fix = `Let the policy allow sts:AssumeRole to ${service} alone, with StringEquals aws:SourceAccount or ArnEquals aws:SourceArn.`;
    const document = value.kind === "known" ? readPolicyDocument(value.value) : null;
    if (value.kind === "unknown" || document?.kind === "unknown")
        return [inconclusive({ property: place }, "who may use the role is not known yet")];
    if (document?.kind !== "known")
        return [
            violation(`${place} ${document ? document.why : "is not set"}.`, fix, { findingId: "trust" }),
        ];
    const problems = document.statements.flatMap((statement) => {
        const problem = problemOf(statement);
        return problem === null ? [] : [violation(`${place}: ${problem}.`, fix, { findingId: "trust" })];
    });
    return problems.length > 0 ? problems.slice(0, 1) : [pass];
}

function problemOf(statement: Statement): string | null {
    const { effect, principals, conditions } = statement;
    if (effect !== "Allow" || actionPattern(statement, "sts:AssumeRole") === null) return null;
    const names = principals && !principals.not ? Object.entries(principals.byKind) : [];
    const strangers = names.flatMap(([kind, values]) =>
        values.filter((value) => kind !== "Service" || !/^codebuild\.amazonaws\.com(?:\.cn)?$/.test(value)),
    );
    if (names.length === 0) return "a statement lets everybody but a few use the role";
    if (strangers[0] !== undefined) return `${strangers[0]} may use the role too`;
    const account = conditionValues(conditions, "aws:SourceAccount");
    const source = conditionValues(conditions, "aws:SourceArn");
    const named = (values: string[] | null, pattern: RegExp): boolean =>
        values !== null && values.length > 0 && values.every((each) => pattern.test(each));
    // An ARN binds the role where its account is written out.
    if (named(account, /^\d{12}$/) || named(source, /^arn:[^:]*:[^:]*:[^:]*:\d{12}:/)) return null;
    return "CodeBuild may use the role for anybody's project: no condition compares aws:SourceAccount or aws:SourceArn";
}
