/** BYP-08, for evidence and the records of an automatic gate: they are written by those who make them. */
import { exampleArns, gateStack } from "../../gate/exampleGate";
import { gateFunctionRoles } from "../../gate/gateFunctions";
import { gateTables, isNamed, itemVerbs, tableArn } from "../../gate/gateTables";
import { tableType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, RuleExample, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { allow, buildspecOf, projectExample, roleExample } from "../../pipeline/exampleResources";
import { projectBuildspec, projectType, roleType } from "../../pipeline/project";
import { projectsOf } from "../../pipeline/projectsOfRole";
import { holdOutcomes, type Grip, type Hold } from "./grip";
import { permissionPath } from "./permissionPath";

/** One kind of evidence: who says it, about which application, for which stage. */
interface Evidence {
    bucket: string;
    application: string;
    producer: string;
    /** `verify` for what is said about a commit. */
    stage: string;
}

/** Verbs by which evidence that is there goes away or may be replaced. */
const takingAway = [
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:BypassGovernanceRetention",
    "s3:PutObjectRetention",
    "s3:PutObjectLegalHold",
];

const execution = "00000000-0000-4000-8000-000000000000";

/** ARN of an object as the gate writes it: `<application>/<about>/<producer>/<execution>/<stage>/report.json`. */
function objectArn({ bucket, application, producer, stage }: Evidence): string {
    const about = stage === "verify" ? `git-${"0".repeat(40)}` : `sha256-${"0".repeat(64)}`;
    return `arn:aws:s3:::${bucket}/${application}/${about}/${producer}/${execution}/${stage}/report.json`;
}

const text = ({ application, producer, stage }: Evidence): string => `${application}/${producer}/${stage}`;

/** What a project's commands record and judge; `certain` false when some of it is in a variable. */
function recordedBy(project: ResourceReader): { records: Evidence[]; judges: Evidence[]; certain: boolean } {
    const records: Evidence[] = [];
    const judges: Evidence[] = [];
    let certain = true;
    const buildspec = projectBuildspec(project);
    if (buildspec.kind !== "inline") return { records, judges, certain: false };
    for (const { gate } of buildspec.analysis.scanners) {
        const bucket = /^s3:\/\/([^/]+)\/?$/.exec(gate?.evidence ?? "")?.[1];
        if (!gate || gate.evidence === null) continue;
        const parts = { application: gate.application ?? "", producer: gate.scanner ?? "", stage: gate.stage ?? "verify" }; // prettier-ignore
        if (bucket === undefined || [bucket, ...Object.values(parts)].some((part) => part.includes("$")))
            certain = false;
        else (gate.command === "verdict" ? judges : records).push({ bucket, ...parts });
    }
    return { records, judges, certain };
}

/** Every kind of evidence that counts: each scanner that records, in each stage that is recorded or judged. */
function counting(projects: readonly ResourceReader[]): Evidence[] {
    const all = projects.map(recordedBy);
    const records = all.flatMap((each) => each.records);
    const judged = [
        ...records.filter(({ stage }) => stage !== "verify"),
        ...all.flatMap((each) => each.judges),
    ];
    const found = new Map<string, Evidence>();
    for (const record of records) {
        const stages = record.stage === "verify" ? ["verify"] : judged.filter(({ bucket, application }) => bucket === record.bucket && application === record.application).map(({ stage }) => stage); // prettier-ignore
        for (const stage of stages) found.set(objectArn({ ...record, stage }), { ...record, stage });
    }
    return [...found.values()];
}

function judged(
    entry: PrincipalPermissions,
    evidence: readonly Evidence[],
    graph: StackGraph,
): StackOutcome[] {
    const { principal } = entry;
    const projects = principal.type === roleType ? projectsOf(principal, graph) : [];
    const recorded = projects.map(recordedBy);
    const own = new Set(recorded.flatMap(({ records }) => records.map(objectArn)));
    const certain = recorded.every((each) => each.certain);
    for (const each of evidence) {
        const writes = own.has(objectArn(each)) ? [] : ["s3:PutObject"];
        for (const verb of [...writes, ...takingAway]) {
            const answer = mayDo(entry, verb, objectArn(each));
            if (answer.kind === "no") continue;
            if (answer.kind === "unknown" || (verb === "s3:PutObject" && projects.length > 0 && !certain)) {
                const doubt = answer.kind === "unknown" ? answer.doubts[0] : undefined;
                return about(
                    principal,
                    inconclusive(
                        { property: doubt?.property ?? "policy" },
                        `whether it can write evidence ${text(each)} that is not its own is not known: ${doubt?.why ?? "what its commands record is in variables"}`,
                    ),
                );
            }
            const [permission] = answer.permissions;
            const path = permission ? permissionPath(principal.name, verb, permission) : principal.name;
            const why =
                verb === "s3:PutObject"
                    ? "which another step records: it can say what that scanner would have said"
                    : "so that a bad report can go away";
            return about(
                principal,
                violation(
                    `It may ${verb} on the evidence ${text(each)}, ${why} (${path}).`,
                    verb === "s3:PutObject"
                        ? "Limit s3:PutObject to BUCKET/APPLICATION/sha256-*/SCANNER/*/STAGE/*, with the scanner and stage of its own command."
                        : "Take the action away; nobody deletes evidence, its retention does.",
                    { findingId: `${principal.name}|${verb}` },
                ),
            );
        }
    }
    return [];
}

/** Records of an automatic gate: who asked, what was scanned, what was decided. GATE-12 asks the same of the table's keeper. */
function recordGrips(graph: StackGraph): Grip[] {
    return gateTables(graph).map((table) => ({
        what: table.name,
        arns: [tableArn(table)],
        verbs: itemVerbs,
        certain: isNamed(table),
    }));
}

const recordSentence = ({ verb, what }: Hold, path: string): string =>
    `It may ${verb} on ${what}, in which the gate keeps requests and scans: it can invent both (${path}).`;
const recordFix = "Take the action away; only the gate's functions write its table.";

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

const refused: [title: string, resources: ExampleResource[], found: string][] = [
    ["every scanner's evidence", [...grype, ...anchore("demo/sha256-*/*")], "anchore-test-role"],
    ["the whole bucket", [...grype, ...anchore("*")], "anchore-test-role"],
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

const examples: RuleExample[] = [
    ...refused.map(([title, resources, found]): RuleExample => ({
        title: `may write: ${title}`,
        shows: "bad",
        resources,
        expect: [{ resource: found, kind: "violation" }],
    })),
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

export const evidenceWriters: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-08",
        family: "bypass",
        title: "Evidence and the gate's records are written by those who make them",
        rationale:
            "A verdict believes the stored reports. Who can write another scanner's or another stage's report can say what it should have found, and who can delete one can try again until it suits. An automatic approval believes its table in the same way.",
        severity: "critical",
        remediation:
            "Give each scan step a role of its own that may add objects under its own scanner and stage only, and give nobody the right to delete evidence. Let only the gate's functions write its table.",
        references: ["OWASP CICD-SEC-9", "OWASP CICD-SEC-5"],
        profiles: ["gate"],
        neverExempt: true,
    },
    relevantTypes: [projectType, tableType],
    evaluate: (graph) => {
        const evidence = counting(graph.ofType(projectType));
        const records = recordGrips(graph);
        if (evidence.length + records.length === 0)
            return about(null, notApplicable("no command records evidence, and no gate keeps a table"));
        const own = gateFunctionRoles(graph);
        const outcomes = effectivePermissions(graph).flatMap((entry) => [
            ...judged(entry, evidence, graph),
            ...(own.has(entry.principal) ? [] : holdOutcomes(entry, records, recordSentence, recordFix)),
        ]);
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
