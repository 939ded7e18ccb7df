/** Reference pages that go into the package: what the repository shows in docs/ has to be at hand there, too. */
import { configurationProperties, settingsPolicyName } from "./harness/configuration";
import { enforcementOf, groupRules, type RuleGroup } from "./harness/judgement";
import { profilesOf } from "./harness/profiles";
import type { RuleFamily } from "./harness/rule";
import { rules } from "./registry";

/** What each family looks at, in the order of the pages. */
export const families: Readonly<Record<RuleFamily, string>> = {
    ecr: "ECR: repositories, scanning of the registry, immutable tags, lifecycle, who may pull and push",
    codepipeline: "CodePipeline: order of stages, approvals, where source and images come from",
    gate: "The gate: what answers approvals, on which events, and that it fails closed",
    codebuild: "CodeBuild: projects, their sources, privileges, secrets and logs",
    buildspec: "Buildspecs: parsed, not searched; whether a failed scan really stops the build",
    bypass: "Ways past the gate, on effective permissions",
    iam: "IAM: trust, wildcards, who may pass roles and change policies",
    pulumi: "The stack itself: what it declares, its exemptions and unknown values",
    ecs: "ECS: task definitions and services",
    alb: "Load balancers: listeners, certificates, logs, who is let in",
    vpc: "Networks: security groups, subnets, flow logs, endpoints",
    rds: "RDS: encryption, backups, access",
    efs: "EFS: encryption, access points, backups",
    launchtemplate: "Launch templates: metadata service, volumes, addresses",
    autoscaling: "Auto Scaling groups",
    lambda: "Lambda: permissions, runtimes, URLs, concurrency",
    sns: "SNS topics",
    sqs: "SQS queues",
    eventbridge: "EventBridge rules, buses and targets",
    dynamodb: "DynamoDB tables",
    s3: "S3: public access, encryption, TLS, logs, life cycle",
    kms: "KMS keys",
    secrets: "Secrets Manager and Parameter Store",
    logs: "CloudWatch Logs",
};

/** Every rule: what it asks, why, how to mend it. Markdown. */
export function rulesPage(): string {
    const groups = groupRules(rules);
    const sections = (Object.keys(families) as RuleFamily[]).flatMap((family) => {
        const own = groups.filter(({ metadata }) => metadata.family === family);
        return own.length === 0 ? [] : [`## ${families[family]}`, ...own.map(ruleSection)];
    });
    return `${["# Rules", ...sections].join("\n\n")}\n`;
}

/** Every setting of the policy `portcullis`, with its default. Markdown. */
export function settingsPage(): string {
    const settings = Object.entries(configurationProperties()).map(([name, schema]) => {
        const initial = "default" in schema ? `Default: \`${JSON.stringify(schema["default"])}\`.` : "";
        const words = schema["enum"] ? `One of \`${JSON.stringify(schema["enum"])}\`.` : "";
        const text = typeof schema["description"] === "string" ? schema["description"] : "";
        return `## ${name}\n\n${[text, words, initial].filter(Boolean).join(" ")}`;
    });
    const head = `# Settings\n\nThey stand under \`${settingsPolicyName}\` in the policy-pack configuration file.`;
    return `${[head, ...settings].join("\n\n")}\n`;
}

function ruleSection({ metadata, resourceRules, stackRules }: RuleGroup): string {
    const { id, title, rationale, severity, remediation, references } = metadata;
    const judges = [
        ...(resourceRules.length > 0 ? ["the resource before it is created"] : []),
        ...(stackRules.length > 0 ? ["the whole stack"] : []),
    ];
    const mends = resourceRules.flatMap((rule) => rule.remediation?.when ?? []);
    return [
        `### ${id} ${title}`,
        rationale,
        `- Severity ${severity}, ${enforcementOf(severity)} unless configured; profiles ${profilesOf(metadata).join(", ")}`,
        `- Judges ${judges.join(" and ")}`,
        `- Fix: ${remediation}`,
        ...(mends.length === 0
            ? []
            : [
                  `- Level \`remediate\`: ${mends.includes("always") ? "mends it" : "mends it on creation, with remediateOnCreation"}`,
              ]),
        ...(references.length === 0 ? [] : [`- References: ${references.join("; ")}`]),
        ...(metadata.neverExempt ? ["- Can never be exempted"] : []),
    ]
        .join("\n")
        .replace(/\n/, "\n\n")
        .replace(/\n- /, "\n\n- ");
}
