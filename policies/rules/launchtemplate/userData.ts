/** LT-05: what instances do at their first boot holds no secret and runs nothing that was just fetched. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { launchTemplateType, templateExample } from "./launchTemplate";
import { decodedUserData, missingAgentSettings, runsWhatItFetches, secretsIn } from "./userDataText";

const agent = "ECS_CLUSTER=anchore\nECS_AWSVPC_BLOCK_IMDS=true\nECS_DISABLE_PRIVILEGED=true\n";
const script = (text: string) => [
    templateExample({ userData: Buffer.from(`#!/bin/bash\n${text}`).toString("base64") }),
];

export const userData: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LT-05",
        family: "launchtemplate",
        title: "User data holds no secret and runs nothing fetched unchecked",
        rationale:
            "Every process of an instance and everybody who may describe templates reads the user data; and whoever owns the address of a script that is piped into a shell owns the instance.",
        severity: "critical",
        remediation:
            "Let the instance read secrets with its role when it starts. Fetch a file, compare its checksum, then run it. For Amazon ECS set `ECS_AWSVPC_BLOCK_IMDS=true` and `ECS_DISABLE_PRIVILEGED=true` (advice).",
        references: ["checkov CKV_AWS_46", "trivy AWS-0129", "OWASP CICD-SEC-6"],
    },
    types: [launchTemplateType],
    evaluate: (resource, configuration) => {
        const reading = filled(resource.string("userData"));
        if (reading.kind === "absent") return [pass];
        if (reading.kind === "unknown")
            return [inconclusive(reading, "what instances do at their first boot is not known yet")];
        if (reading.kind === "malformed") return [violation(`userData ${reading.why}.`, "Give base64 text.")];
        const text = decodedUserData(reading.value);
        const outcomes: Outcome[] = secretsIn(text, configuration).map(({ what }) =>
            violation(
                `The user data holds a secret in plain text: ${what}.`,
                "Take it out, change it, and let the instance read it from AWS Secrets Manager or a SecureString parameter.",
                { findingId: what },
            ),
        );
        if (runsWhatItFetches(text))
            outcomes.push(
                violation(
                    "The user data pipes what it fetches into a shell, so whoever serves that address runs commands on the instance.",
                    "Fetch into a file, compare its checksum with one that stands in the user data, then run it.",
                    { findingId: "fetched" },
                ),
            );
        for (const name of missingAgentSettings(text))
            outcomes.push(
                violation(
                    `The ECS agent is not told ${name}=true, so containers reach more of the instance than they need.`,
                    `Write ${name}=true into /etc/ecs/ecs.config.`,
                    { findingId: name, severity: "low" },
                ),
            );
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        badExample("a password", script(`${agent}export DB_PASSWORD=hunter2`), "instances"),
        badExample("a script from the internet", script("curl -s https://get.example.com | sh"), "instances"),
        badExample("no base64, and a password", [templateExample({ userData: "PASSWORD=hunter2" })], "instances"), // prettier-ignore
        {
            title: "an agent that is not hardened",
            shows: "bad",
            resources: script("echo ECS_CLUSTER=anchore >> /etc/ecs/ecs.config"),
            expect: [
                { resource: "instances", kind: "violation" },
                { resource: "instances", kind: "violation" },
            ],
        },
        goodExample("settings of the agent only", script(agent)),
        goodExample("a password that the instance reads itself", script('PASSWORD="$(aws ssm get-parameter --name /db/password)"')), // prettier-ignore
        absentExample("none", [templateExample()]),
        openExample("not known yet", [templateExample({ userData: unknown })], "instances"),
    ],
};
