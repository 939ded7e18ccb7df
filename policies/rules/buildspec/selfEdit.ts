/** BS-20: a build does not change what judges it. */
import { awsCall } from "../../buildspec/awsCall";
import { inconclusive, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample, scanCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onCommands } from "./onBuildspec";

/** Calls that change the pipeline, its steps or what the registry asks, by service. */
const changing: Readonly<Record<string, ReadonlySet<string>>> = {
    codepipeline: new Set([
        "update-pipeline",
        "delete-pipeline",
        "put-approval-result",
        "override-stage-condition",
        "enable-stage-transition",
        "put-job-success-result",
        "put-third-party-job-success-result",
    ]),
    codebuild: new Set([
        "update-project",
        "delete-project",
        "update-project-visibility",
        "update-webhook",
        "import-source-credentials",
        "put-resource-policy",
    ]),
    ecr: new Set([
        "put-image-scanning-configuration",
        "put-registry-scanning-configuration",
        "put-image-tag-mutability",
        "set-repository-policy",
        "delete-repository-policy",
        "put-registry-policy",
        "delete-registry-policy",
        "put-account-setting",
        "delete-repository",
    ]),
};

/** What `aws iam` may be asked. */
const readingIam = /^(?:get|list|generate|simulate)-|^(?:help|wait)$/;

const scan = (...commands: string[]) => projectExample("scan", buildspecOf(commands), "scanner");
const examples = (
    shows: RuleExample["shows"],
    kind: "violation" | "inconclusive" | null,
    cases: [title: string, ...commands: string[]][],
): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: kind === null ? [] : [{ resource: "scan", kind }],
    }));

export const selfEdit: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-20",
        family: "buildspec",
        title: "Builds do not change the pipeline, its answers or the settings of the registry",
        rationale:
            "A step that answers the approval, rewrites the pipeline or switches scanning off has the last word about itself, and whoever can change the step has it too.",
        severity: "critical",
        remediation:
            "Take the command out of the buildspec, and the permission away from its role; such changes belong into the program that owns the pipeline.",
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-5"],
    },
    types: [projectType],
    evaluate: (project) =>
        onCommands(project, (analysis, property) =>
            analysis.commands.flatMap((command): Outcome[] => {
                const call = awsCall(command.words);
                if (!call) return [];
                const label = commandLabel(command);
                const { service, command: action } = call;
                const what = `${service.text} ${action.text}`;
                const services = service.known ? [service.text] : [...Object.keys(changing), "iam"];
                const hit = services.some((name) =>
                    name === "iam" ? !readingIam.test(action.text) : changing[name]?.has(action.text),
                );
                const open = !action.known && services.some((name) => name === "iam" || name in changing);
                if (open || (hit && !service.known))
                    return [inconclusive({ property }, `${label}: which call it makes cannot be told`)];
                if (!hit) return [];
                return [
                    violation(
                        `${property}, ${label}: aws ${what} changes what judges this build.`,
                        "Remove the command, and the permission that it needs from the role of the project.",
                        { findingId: `${label}|${what}` },
                    ),
                ];
            }),
        ),
    examples: [
        ...examples("bad", "violation", [
            [
                "answers the approval",
                "aws codepipeline put-approval-result --pipeline-name p --stage-name s --action-name a --token t --result summary=ok,status=Approved",
            ],
            ["rewrites the pipeline", "aws codepipeline update-pipeline --cli-input-json file://p.json"],
            [
                "overrides a condition, with options before it",
                "aws --region eu-central-1 codepipeline override-stage-condition --pipeline-name p",
            ],
            [
                "rewrites a project",
                'sh -c "aws codebuild update-project --name scan --source type=NO_SOURCE"',
            ],
            [
                "switches scanning off",
                "if true; then aws ecr put-image-scanning-configuration --repository-name r --image-scanning-configuration scanOnPush=false; fi",
            ],
            [
                "makes tags mutable",
                "f() { aws ecr put-image-tag-mutability --repository-name r --image-tag-mutability MUTABLE; }",
                "f",
            ],
            ["gives itself rights", "aws iam attach-role-policy --role-name r --policy-arn a || true"],
            ["the program in a variable of its own", "TOOL=aws; $TOOL iam put-role-policy --role-name r"],
            ["in a branch that is never taken", "if false; then aws iam create-access-key; fi"],
        ]),
        ...examples("good", null, [
            ["looks at the pipeline", "aws codepipeline get-pipeline-state --name p"],
            ["looks at a role", "aws iam get-role --role-name r"],
            ["says it only", 'echo "aws iam create-user"'],
            ["an image is scanned", "aws ecr start-image-scan --repository-name r --image-id imageTag=1"],
            ["a scan", scanCommand],
            ["signs in the old way", "$(aws ecr get-login --no-include-email)"],
        ]),
        { title: "no call of AWS", shows: "absent", resources: [scan("make")], expect: [] },
        ...examples("unknown", "inconclusive", [
            ["the call is in a variable", 'aws codepipeline "$ACTION" --name p'],
            ["the program is in a variable", "$TOOL codepipeline update-pipeline"],
            ["a text that is no shell", "aws $("],
        ]),
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
