/** PIPE-25: nobody brings a change to a delivered branch alone. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, RuleExample, StackOutcome, StackRule } from "../../harness/rule";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { matchesAny } from "../../harness/wildcard";
import { actionExample, pipelineExample, sourceAction, stageExample } from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, readPipeline, type PipelineAction } from "../../pipeline/pipelineModel";

const sourceRepositoryType = "aws:codecommit/repository:Repository";
const templateType = "aws:codecommit/approvalRuleTemplate:ApprovalRuleTemplate";
const associationType = "aws:codecommit/approvalRuleTemplateAssociation:ApprovalRuleTemplateAssociation";

const pipeline = pipelineExample([stageExample("Source", sourceAction)]);
const repository: ExampleResource = {
    type: sourceRepositoryType,
    name: "source",
    props: { repositoryName: "demo" },
};
const content = (approvals: number, branches?: string[]): string =>
    JSON.stringify({
        Version: "2018-11-08",
        ...(branches ? { DestinationReferences: branches.map((branch) => `refs/heads/${branch}`) } : {}),
        Statements: [{ Type: "Approvers", NumberOfApprovalsNeeded: approvals }],
    });
const template = (text: unknown): ExampleResource => ({
    type: templateType,
    name: "template",
    props: { name: "two-people", content: text },
});
const association = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: associationType,
    name: "association",
    props: { approvalRuleTemplateName: "two-people", repositoryName: "demo", ...props },
});
const bad: RuleExample["expect"] = [{ resource: "source", kind: "violation" }];
const open: RuleExample["expect"] = [{ resource: "source", kind: "inconclusive" }];
const connected = pipelineExample([
    stageExample(
        "Source",
        actionExample("Source", "Source", "CodeStarSourceConnection", {
            FullRepositoryId: "team/app",
            BranchName: "main",
        }),
    ),
]);

export const twoPersonReview: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-25",
        family: "codepipeline",
        title: "Changes to delivered branches need two approvals",
        rationale:
            "The pipeline delivers what is in the branch. Where one person can put something there, one stolen laptop is enough.",
        severity: "medium",
        remediation:
            "Associate the repository with an `aws.codecommit.ApprovalRuleTemplate` that asks for two approvals. Repositories of other hosts whose branch protection does so are named in the setting `reviewedSources`.",
        references: [
            "checkov CKV_AWS_257",
            "checkov CKV2_AWS_37",
            "OWASP CICD-SEC-1",
            "CIS Software Supply Chain 1.0 1.1.3",
            "SLSA 1.2 Source L4",
        ],
        publicEquivalent: true,
    },
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const judgedSources = new Set<string>();
        const outcomes = graph.ofType(pipelineType).flatMap((each): StackOutcome[] => {
            const model = readPipeline(each);
            if (model.kind !== "known")
                return model.kind === "unknown"
                    ? about(each, inconclusive(model, "what the pipeline delivers is not known yet"))
                    : [];
            return model.value.actions
                .filter(({ category }) => category === "Source")
                .flatMap((action) => sourceOutcomes(action, each, judgedSources, graph, configuration));
        });
        return outcomes.length > 0
            ? outcomes
            : about(null, notApplicable("no pipeline takes its source from a repository of code"));
    },
    examples: [
        { title: "no template", shows: "absent", resources: [pipeline, repository], expect: bad },
        {
            title: "one approval",
            shows: "bad",
            resources: [pipeline, repository, template(content(1)), association()],
            expect: bad,
        },
        {
            title: "a template for another branch",
            shows: "bad",
            resources: [pipeline, repository, template(content(2, ["next"])), association()],
            expect: bad,
        },
        {
            title: "a template for another repository",
            shows: "bad",
            resources: [pipeline, repository, template(content(2)), association({ repositoryName: "other" })],
            expect: bad,
        },
        { title: "text that is no template", shows: "bad", resources: [pipeline, repository, template("two"), association()], expect: bad }, // prettier-ignore
        {
            title: "two approvals",
            shows: "good",
            resources: [pipeline, repository, template(content(2)), association()],
            expect: [],
        },
        {
            title: "two approvals for the branch that is delivered, told by dependencies",
            shows: "good",
            resources: [
                pipeline,
                repository,
                template(content(2, ["main"])),
                {
                    ...association({ approvalRuleTemplateName: unknown, repositoryName: unknown }),
                    propertyDependencies: {
                        approvalRuleTemplateName: ["template"],
                        repositoryName: ["source"],
                    },
                },
            ],
            expect: [],
        },
        {
            title: "one approval more is asked for",
            shows: "bad",
            configuration: { minimumSourceApprovals: 3 },
            resources: [pipeline, repository, template(content(2)), association()],
            expect: bad,
        },
        {
            title: "declared to be protected by its host",
            shows: "good",
            configuration: { reviewedSources: ["team/*"] },
            resources: [connected],
            expect: [],
        },
        {
            title: "what another host asks for is not seen from here",
            shows: "unknown",
            resources: [connected],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "a template that is not known yet",
            shows: "unknown",
            resources: [pipeline, repository, template(unknown), association()],
            expect: open,
        },
        {
            title: "a repository that is not in the stack",
            shows: "unknown",
            resources: [pipeline],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "a template that is not in the stack",
            shows: "unknown",
            resources: [pipeline, repository, association()],
            expect: open,
        },
        { title: "no source of code", shows: "good", resources: [pipelineExample([stageExample("Source", actionExample("Base", "Source", "ECR", { RepositoryName: "base" }))])], expect: [] }, // prettier-ignore
    ],
};

/** Each repository is judged once, whichever pipelines take it. */
function sourceOutcomes(
    action: PipelineAction,
    owner: ResourceReader,
    judgedSources: Set<string>,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const label = actionLabel(action);
    const key = action.provider === "CodeCommit" ? "RepositoryName" : "FullRepositoryId";
    if (action.provider !== "CodeCommit" && action.provider !== "CodeStarSourceConnection") return [];
    const name = action.configuration.string(key);
    const given = valueOf(name);
    const branch = valueOf(action.configuration.string("BranchName"));
    const identity = `${given ?? owner.urn}|${branch ?? ""}`;
    if (judgedSources.has(identity)) return [];
    judgedSources.add(identity);
    if (given !== undefined && matchesAny(configuration.reviewedSources, given)) return about(owner, pass);
    if (action.provider !== "CodeCommit")
        return about(
            owner,
            inconclusive(
                name,
                `whether the host of ${given ?? label} asks for two approvals is not seen from here; the setting reviewedSources can say so`,
            ),
        );
    const reference: Reference =
        given === undefined
            ? traced(owner, name.property, graph)
            : graph.referenceOfValue(given, name.property, [sourceRepositoryType]);
    if (reference.kind === "external") return about(owner, pass);
    const resource = reference.kind === "exact" ? reference.resource : null;
    if (resource === null && given === undefined)
        return about(owner, inconclusive(name, `which repository ${label} takes is not known yet`));
    return about(resource ?? owner, judged(resource, given, branch, graph, configuration));
}

function traced(owner: ResourceReader, property: string, graph: StackGraph): Reference {
    const [only, ...others] = graph.dependencies(owner, "stages", [sourceRepositoryType]);
    return only && others.length === 0
        ? { kind: "exact", resource: only, property }
        : { kind: "unknown", property };
}

function judged(
    repository: ResourceReader | null,
    name: string | undefined,
    branch: string | undefined,
    graph: StackGraph,
    { minimumSourceApprovals }: PackConfiguration,
): Outcome {
    const open: string[] = [];
    for (const { association, of } of associations(graph)) {
        const same = repository ? of.kind === "exact" && of.resource === repository : valueOf(association.string("repositoryName")) === name; // prettier-ignore
        if (of.kind === "unknown" || of.kind === "candidates")
            open.push(`${association.name}.repositoryName`);
        if (!same) continue;
        const template = graph.reference(association, ["approvalRuleTemplateName"], [templateType]);
        if (template.kind === "external") return pass;
        if (template.kind !== "exact") {
            open.push(`${association.name}.${template.property}`);
            continue;
        }
        const approvals = approvalsOf(template.resource, branch);
        if (approvals === null) open.push(`${template.resource.name}.content`);
        else if (approvals >= minimumSourceApprovals) return pass;
    }
    const [property] = open;
    if (property !== undefined)
        return inconclusive({ property }, "how many approvals a change needs is not known yet");
    // Its templates may live where the repository lives.
    if (repository === null)
        return inconclusive(
            { property: "stages" },
            `whether changes to ${name ?? "the repository"}, which is not in the stack, need ${minimumSourceApprovals} approvals is not seen from here; the setting reviewedSources can say so`,
        );
    return violation(
        `Repository ${name ?? repository.name} has no approval rule template that asks for ${minimumSourceApprovals} approvals of changes to ${branch ?? "the delivered branch"}.`,
        `Add an aws.codecommit.ApprovalRuleTemplate with NumberOfApprovalsNeeded ${minimumSourceApprovals} and an ApprovalRuleTemplateAssociation.`,
    );
}

const associationsByGraph = new WeakMap<StackGraph, { association: ResourceReader; of: Reference }[]>();

/** Associations with the repositories that they name. Worked out once per graph. */
function associations(graph: StackGraph): readonly { association: ResourceReader; of: Reference }[] {
    let found = associationsByGraph.get(graph);
    if (!found) {
        found = graph.ofType(associationType).map((association) => ({
            association,
            of: graph.reference(association, ["repositoryName"], [sourceRepositoryType]),
        }));
        associationsByGraph.set(graph, found);
    }
    return found;
}

/** Approvals that the template asks for of the branch; null when not known yet. AWS CodeCommit User Guide, approval rule templates. */
function approvalsOf(template: ResourceReader, branch: string | undefined): number | null {
    const document = template.json("content");
    if (document.kind === "unknown") return null;
    if (document.kind !== "known") return 0;
    const rules: PropertyReader = document.value;
    const branches = rules.strings("DestinationReferences");
    if (branches.kind === "unknown") return null;
    if (branches.kind === "known" && !branches.value.values.includes(`refs/heads/${branch ?? ""}`))
        return branches.value.unknownCount > 0 ? null : 0;
    const statements = valueOf(rules.list("Statements")) ?? [];
    return Math.max(0, ...statements.map((each) => valueOf(each.number("NumberOfApprovalsNeeded")) ?? 0));
}
