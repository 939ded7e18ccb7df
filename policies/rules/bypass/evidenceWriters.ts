/** BYP-08, for evidence and the records of an automatic gate: they are written by those who make them. */
import { gateDeciders, gateFunctionRoles } from "../../gate/gateFunctions";
import { guardFunctionRoles } from "../../gate/guardFunctions";
import { breakGlassTables, gateTables, isNamed, itemVerbs, tableArn } from "../../gate/gateTables";
import { tableType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { pipelineType } from "../../pipeline/pipelineModel";
import { projectBuildspec, projectType, roleType } from "../../pipeline/project";
import { projectsOf } from "../../pipeline/projectsOfRole";
import { bucketVerbs, deliveryBucketOutcomes, deliveryObjects } from "./deliveryBuckets";
import { examples } from "./evidenceWriters.examples";
import { holdOutcomes, type Grip, type Hold } from "./grip";
import { overrideOutcomes, overrideTrust } from "./overrideWriters";
import { permissionPath } from "./permissionPath";
import { roleTrust } from "./roleTrust";

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
    "s3:ReplicateDelete",
];

/** Verbs by which evidence comes in. */
const bringing = ["s3:PutObject", "s3:ReplicateObject"];

/** Verbs on the bucket by which all of it may go, or come from elsewhere. */
const takingBucket = [
    ...bucketVerbs,
    "s3:DeleteBucket",
    "s3:PutBucketVersioning",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutLifecycleConfiguration",
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

/** ARNs of the evidence that a project's commands record, one object of each kind. */
export function evidenceOf(project: ResourceReader): string[] {
    return recordedBy(project).records.map(objectArn);
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
    // Most principals may write no bucket, or only with one of the verbs: that is asked first.
    const held = new Set(
        [...bringing, ...takingAway].filter((verb) => mayDo(entry, verb, "*").kind !== "no"),
    );
    if (held.size === 0) return [];
    const projects = principal.type === roleType ? projectsOf(principal, graph) : [];
    const recorded = projects.map(recordedBy);
    const own = new Set(recorded.flatMap(({ records }) => records.map(objectArn)));
    const certain = recorded.every((each) => each.certain);
    for (const each of evidence) {
        const writes = own.has(objectArn(each)) ? ["s3:ReplicateObject"] : bringing;
        for (const verb of [...writes, ...takingAway].filter((each) => held.has(each))) {
            const answer = mayDo(entry, verb, objectArn(each));
            if (answer.kind === "no") continue;
            if (answer.kind === "unknown" || (bringing.includes(verb) && projects.length > 0 && !certain)) {
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
            const why = bringing.includes(verb)
                ? "which another step records: it can say what that scanner would have said"
                : "so that a bad report can go away";
            return about(
                principal,
                violation(
                    `It may ${verb} on the evidence ${text(each)}, ${why} (${path}).`,
                    bringing.includes(verb)
                        ? "Limit s3:PutObject to BUCKET/APPLICATION/sha256-*/SCANNER/*/STAGE/*, with the scanner and stage of its own command."
                        : "Take the action away; nobody deletes evidence, its retention does.",
                    { findingId: `${principal.name}|${verb}` },
                ),
            );
        }
    }
    return [];
}

/** Who may become a role that writes the gate's table says what it would say; the decider's is BYP-02's, a step's BYP-06's. */
function trustOutcomes(graph: StackGraph): StackOutcome[] {
    const deciders = new Set(gateDeciders(graph).flatMap(({ role }) => (role.kind === "exact" ? [role.resource] : []))); // prettier-ignore
    const writing = [...gateFunctionRoles(graph), ...guardFunctionRoles(graph)].filter(
        (role) => !deciders.has(role),
    );
    return [
        ...writing.flatMap((role) =>
            roleTrust({
                role,
                who: "a role of the gate's functions",
                way: "a way to say what they would have said",
                fix: "Let only the service lambda.amazonaws.com assume the role of a function of the gate.",
            }),
        ),
    ];
}

/** Records of an automatic gate: who asked, what was scanned, what was decided. GATE-12 asks the same of the table's keeper. */
function recordGrips(graph: StackGraph): Grip[] {
    const overrides = new Set(breakGlassTables(graph));
    return gateTables(graph)
        .filter((table) => !overrides.has(table))
        .map((table) => ({
            what: table.name,
            arns: [tableArn(table)],
            verbs: itemVerbs,
            certain: isNamed(table),
        }));
}

/** The buckets of the evidence, each once. */
function evidenceBuckets(evidence: readonly Evidence[]): Grip[] {
    return [...new Set(evidence.map(({ bucket }) => bucket))].map((bucket) => ({
        what: `the bucket of evidence ${bucket}`,
        arns: [`arn:*:s3:::${bucket}`],
        verbs: takingBucket,
        certain: true,
    }));
}

const bucketSentence = ({ verb, what }: Hold, path: string): string =>
    `It may ${verb} on ${what}: reports can then come from elsewhere, or go away (${path}).`;
const bucketFix = "Take the action away; the stack sets up its buckets, and nothing in it changes them.";

const recordSentence = ({ verb, what }: Hold, path: string): string =>
    `It may ${verb} on ${what}, in which the gate keeps requests and scans: it can invent both (${path}).`;
const recordFix = "Take the action away; only the gate's functions write its table.";

/** The same unknown policy leaves each question open; it is said once. */
function oneDoubt(outcomes: StackOutcome[]): StackOutcome[] {
    const doubts = outcomes.filter(({ outcome }) => outcome.kind === "inconclusive");
    return outcomes.filter(({ outcome }) => outcome.kind !== "inconclusive").concat(doubts.slice(0, 1));
}

export const evidenceWriters: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-08",
        family: "bypass",
        title: "Evidence, artifacts and the gate's records are written by those who make them",
        rationale:
            "A verdict believes the stored reports. Who can write another scanner's or another stage's report can say what it should have found, and who can delete one can try again until it suits. An automatic approval believes its table in the same way, and a step that releases its artifact, its buildspec and its cache.",
        severity: "critical",
        remediation:
            "Give each scan step a role of its own that only CodeBuild may assume and that may add objects under its own scanner and stage only, and give nobody the right to delete evidence. Let only the gate's functions write its table, and only Lambda assume their roles. Leave the artifacts to the pipeline and its steps, and buildspecs in buckets to nobody of the stack. Records that let a digest run without an approval are written by one role (`gate:role=break-glass`) that named people assume with a second factor.",
        references: ["OWASP CICD-SEC-9", "OWASP CICD-SEC-5"],
        neverExempt: true,
    },
    relevantTypes: [projectType, tableType, pipelineType],
    evaluate: (graph, configuration) => {
        const objects = deliveryObjects(graph, configuration);
        const evidence = counting(graph.ofType(projectType));
        const buckets = evidenceBuckets(evidence);
        const records = recordGrips(graph);
        const overrides = breakGlassTables(graph);
        if (evidence.length + records.length + overrides.length + objects.length === 0)
            return about(
                null,
                notApplicable("the stack delivers nothing, records no evidence and keeps no table"),
            );
        const own = gateFunctionRoles(graph);
        const outcomes = effectivePermissions(graph).flatMap((entry) =>
            oneDoubt([
                ...judged(entry, evidence, graph),
                ...holdOutcomes(entry, buckets, bucketSentence, bucketFix),
                ...(own.has(entry.principal) ? [] : holdOutcomes(entry, records, recordSentence, recordFix)),
                ...overrideOutcomes(entry, overrides, graph),
                ...deliveryBucketOutcomes(entry, objects),
            ]),
        );
        outcomes.push(...trustOutcomes(graph), ...overrideTrust(graph));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
