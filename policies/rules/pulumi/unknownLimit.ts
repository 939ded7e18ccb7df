/** PUL-07: what could not be judged is counted, and limited where that was asked for. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { ExampleRun, RuleExample, StackRule } from "../../harness/rule";
import type { RunSummary } from "../../exemptions/runSummary";

/** The message names so many; the others stand in findings of their own. */
const named = 5;

const repositories = ["first", "second"].map((name) => ({
    type: "aws:ecr/repository:Repository",
    name,
    props: {},
}));
const open = (...severities: ("critical" | "low")[]): ExampleRun => ({
    others: severities.map((severity, index) => ({
        rule: `ECR-0${index + 1}`,
        severity,
        resource: "first",
        kind: "inconclusive",
    })),
});
const example = (
    title: string,
    shows: RuleExample["shows"],
    kind: "violation" | "inconclusive" | undefined,
    run: ExampleRun,
    configuration: RuleExample["configuration"] = {},
): RuleExample => ({
    title,
    shows,
    resources: repositories,
    configuration,
    run,
    expect: kind === undefined ? [] : [{ resource: null, kind }],
});

export const unknownLimit: StackRule = {
    level: "stack",
    metadata: {
        id: "PUL-07",
        family: "pulumi",
        title: "Mandatory rules stay inconclusive no more often than allowed",
        rationale:
            "A value that is not known before the update can hide any violation. A preview that leaves much open proves " +
            "little, and only a count that can fail keeps it from growing unseen.",
        severity: "medium",
        remediation:
            "Give the properties that the inconclusive findings name values that are known before the update: explicit " +
            "names, and ARNs built from names, account and region instead of outputs. Raise `inconclusiveLimit` " +
            "only for what cannot be known earlier.",
        references: ["OWASP CICD-SEC-1", "pulumi-policy issue 352"],
        everyProfile: true,
    },
    afterOthers: true,
    evaluate: (_graph, { strictUnknowns, inconclusiveLimit }, run) => {
        const limit = inconclusiveLimit ?? (strictUnknowns ? 0 : undefined);
        if (!run || limit === undefined)
            return about(null, notApplicable("neither strictUnknowns nor inconclusiveLimit sets a limit"));
        const count = run.inconclusive.length;
        if (count === 0) return about(null, pass);
        const what = `${count} ${count === 1 ? "judgement" : "judgements"} of mandatory rules ${count === 1 ? "is" : "are"} inconclusive`;
        if (count <= limit) {
            const why = `${what} and ${limit} may be: ${listed(run.inconclusive)}`;
            return about(null, inconclusive({ property: "inconclusiveLimit" }, why));
        }
        return about(
            null,
            violation(
                `${what} and ${limit} may be (${inconclusiveLimit === undefined ? "strictUnknowns" : "inconclusiveLimit"}): ${listed(run.inconclusive)}.`,
                "Give the properties that the inconclusive findings name values that are known before the update.",
                { severity: "high" },
            ),
        );
    },
    examples: [
        example("strict: one critical rule could not judge", "bad", "violation", open("critical"), {
            strictUnknowns: true,
        }),
        example("more than the limit", "bad", "violation", open("critical", "critical"), {
            inconclusiveLimit: 1,
        }),
        example("strict, and advisory rules alone could not judge", "good", undefined, open("low"), {
            strictUnknowns: true,
        }),
        example("nothing is unknown", "absent", undefined, {}, { strictUnknowns: true }),
        example("no limit is set", "good", undefined, open("critical", "critical")),
        example("within the limit: counted all the same", "unknown", "inconclusive", open("critical"), {
            strictUnknowns: true,
            inconclusiveLimit: 1,
        }),
    ],
};

function listed(inconclusive: RunSummary["inconclusive"]): string {
    const texts = inconclusive.slice(0, named).map(({ rule, resource }) => `${rule} on ${resource}`);
    const more = inconclusive.length - texts.length;
    return texts.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
