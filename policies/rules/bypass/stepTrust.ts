/** BYP-06: nothing but CodeBuild, for the step's own project, becomes the role of a step that judges or releases. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, notApplicable, pass } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, StackRule } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import type { Entrant } from "../../iam/roleEntrants";
import { intersects } from "../../iam/matcher";
import { trustedRole, trustOf } from "../../delivery/exampleDelivery";
import {
    allow,
    projectExample,
    publishBuildspec,
    pushActions,
    repositoryArnExample,
    scanBuildspec,
} from "../../pipeline/exampleResources";
import { declaredRole, isPublisher } from "../../pipeline/identities";
import { gateRole, projectBuildspec, projectType, roleType } from "../../pipeline/project";
import { projectsOf } from "../../pipeline/projectsOfRole";
import { arnOf } from "../../pipeline/resourceArn";
import { roleTrust } from "./roleTrust";

const codeBuild = /^codebuild\.amazonaws\.com(?:\.cn)?$/;

function isPipeline({ kind, name }: Entrant): boolean {
    return kind === "service" && /^codepipeline\.amazonaws\.com(?:\.cn)?$/.test(name);
}

/** Whether the entrant is CodeBuild, and for no other project of the stack than those that run as the role. */
function isOwnBuild({ kind, name, sources }: Entrant, role: ResourceReader, graph: StackGraph): boolean {
    if (kind !== "service" || !codeBuild.test(name)) return false;
    const own = projectsOf(role, graph);
    if (sources === null || own.length === 0) return true;
    return sources.every((source) => {
        if (!own.some((project) => intersects(source, arnOf(project)))) return false;
        // A pattern may name other projects besides; a literal ARN names one.
        return !/[*?]/.test(source) || !namesAnother(source, own, graph);
    });
}

function namesAnother(source: string, own: readonly ResourceReader[], graph: StackGraph): boolean {
    return graph
        .ofType(projectType)
        .some(
            (project) =>
                !own.includes(project) &&
                project.string("name").kind === "known" &&
                intersects(source, arnOf(project)),
        );
}

/** Scans, by their tag or commands: what they say decides. */
function scans(role: ResourceReader, graph: StackGraph): boolean {
    if (["scanner", "scan"].includes(gateRole(role) ?? "")) return true;
    return projectsOf(role, graph).some((project) => {
        if (["scanner", "scan"].includes(gateRole(project) ?? "")) return true;
        const buildspec = projectBuildspec(project);
        return buildspec.kind === "inline" && buildspec.analysis.scanners.length > 0;
    });
}

/** Fills staging or production, by tag or commands. */
function releases(role: ResourceReader, graph: StackGraph, configuration: PackConfiguration): boolean {
    if (isPublisher(role, graph, configuration)) return true;
    if (["publisher", "promoter"].includes(declaredRole(role, graph) ?? "")) return true;
    return projectsOf(role, graph).some((project) => {
        const buildspec = projectBuildspec(project);
        return (
            buildspec.kind === "inline" && buildspec.analysis.deliveries.some(({ kind }) => kind === "copy")
        );
    });
}

const fix =
    "Let only the service codebuild.amazonaws.com assume the role, with aws:SourceArn of the step's own project.";

const push = [allow(pushActions, repositoryArnExample("production"))];
const project = (name: string): string => `arn:aws:codebuild:eu-central-1:123456789012:project/${name}`;
const forProject = (name: string) => ({ ArnLike: { "aws:SourceArn": project(name) } });
const publisher = (principal: unknown, condition?: Record<string, unknown>): ExampleResource[] => [
    projectExample("publish", publishBuildspec, "publisher"),
    projectExample("docs", undefined),
    trustedRole("publish-role", principal === unknown ? unknown : trustOf(principal, condition), push, "publisher"), // prettier-ignore
];
const scanner = (principal: unknown): ExampleResource[] => [
    projectExample("scan", scanBuildspec, "scanner"),
    trustedRole("scan-role", trustOf(principal), [allow("ecr:BatchGetImage", repositoryArnExample("candidate"))], "scanner"), // prettier-ignore
];
const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const service = (name: string) => ({ Service: `${name}.amazonaws.com` });

export const stepTrust: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-06",
        family: "bypass",
        title: "Only CodeBuild, for the step's own project, becomes the role of a step that judges or releases",
        rationale:
            "Who can assume the promoting role pushes to production without a pipeline, and who can assume a scanner's role says what it would have said. An instance, a function or another account is enough.",
        severity: "critical",
        remediation: fix,
        references: ["OWASP CICD-SEC-2", "OWASP CICD-SEC-5"],
        neverExempt: true,
    },
    relevantTypes: [roleType],
    evaluate: (graph, configuration) => {
        const roles = graph.ofType(roleType);
        const releasing = roles.filter((each) => releases(each, graph, configuration));
        const scanning = roles.filter((each) => !releasing.includes(each) && scans(each, graph));
        if (releasing.length + scanning.length === 0)
            return about(null, notApplicable("no role of the stack judges or releases"));
        const outcomes = [
            ...releasing.flatMap((each) =>
                roleTrust({
                    role: each,
                    who: "the role of a step that releases",
                    way: "a way to production without the gate",
                    fix,
                    admits: (entrant) => isOwnBuild(entrant, each, graph),
                }),
            ),
            ...scanning.flatMap((each) =>
                roleTrust({
                    role: each,
                    who: "the role of a step that judges images",
                    way: "a way to say what the scanner would have said",
                    fix,
                    // One role for the pipeline and its scans is PIPE-16's finding.
                    admits: (entrant) => isPipeline(entrant) || isOwnBuild(entrant, each, graph),
                }),
            ),
        ];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples: [
        badExample("the whole account", publisher({ AWS: "arn:aws:iam::123456789012:root" }), "publish-role"),
        badExample("another role", publisher({ AWS: role("ops") }), "publish-role"),
        badExample("everybody", publisher("*"), "publish-role"),
        badExample("a service and a role", publisher({ ...service("codebuild"), AWS: [role("ops")] }), "publish-role"), // prettier-ignore
        badExample("a function", publisher(service("lambda")), "publish-role"),
        badExample("CodeBuild for another project", publisher(service("codebuild"), forProject("docs")), "publish-role"), // prettier-ignore
        badExample("CodeBuild for every project", publisher(service("codebuild"), forProject("*")), "publish-role"), // prettier-ignore
        badExample("instances say what the scanner would have said", scanner(service("ec2")), "scan-role"),
        badExample(
            "another account says what the scanner would have said",
            scanner({ AWS: "arn:aws:iam::111111111111:root" }),
            "scan-role",
        ),
        goodExample("CodeBuild for the publishing project", publisher(service("codebuild"), forProject("publish"))), // prettier-ignore
        goodExample("CodeBuild, whatever project (IAM-06 asks for one)", publisher(service("codebuild"))),
        goodExample("a scanner's role that is the pipeline's too (PIPE-16)", scanner({ Service: ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"] })), // prettier-ignore
        goodExample("a scanner that builds run", scanner(service("codebuild"))),
        goodExample("others may become what neither judges nor releases", [
            trustedRole("ops", trustOf({ AWS: role("people") }), [allow("ecs:ListTasks", "*")]),
        ]),
        {
            title: "a role without a trust policy",
            shows: "absent",
            resources: publisher(service("codebuild")).map((each) =>
                each.name === "publish-role"
                    ? { ...each, props: { ...each.props, assumeRolePolicy: undefined } }
                    : each,
            ),
            expect: [],
        },
        openExample("who may become it is not known yet", publisher(unknown), "publish-role"),
    ],
};
