/** The settings of the approval functions as they stand in their code archive, checked when a function starts. */
import * as z from "zod";
import {
    accountSchema,
    applicationName,
    bucketName,
    codePipelineName,
    parseSettings,
    repositoryName,
    tableName,
} from "../settings/settingsFile";
import { gatePolicySchema, rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import type { ApplicationGate, ApprovalSettings } from "./approvalSettings";
import { objectOf } from "./foreignJson";

const applicationGate = z.strictObject({
    name: applicationName,
    pipeline: codePipelineName,
    stage: codePipelineName,
    action: codePipelineName,
    repository: repositoryName,
});

/** Longest time that CodePipeline lets an approval wait, in minutes: 60 days. */
const longestApproval = 86_400;

export const settingsSchema = z
    .strictObject({
        version: z.literal(1),
        account: accountSchema,
        policy: gatePolicySchema,
        scanType: z.enum(["ENHANCED", "BASIC"]),
        table: tableName,
        evidenceBucket: bucketName,
        topicArn: z
            .string()
            .regex(/^arn:[^:]+:sns:[^:]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, "must be a topic's ARN"),
        scanTimeoutMinutes: z.int().min(5).max(longestApproval),
        functionTimeoutSeconds: z.int().min(1).max(900),
        applications: z.array(applicationGate).min(1, "must name at least one application"),
    })
    .superRefine(
        (settings, { addIssue }) => {
            for (const { path, message } of contradictionsIn(settings)) {
                addIssue({ code: "custom", path, message });
            }
        },
        { when: ({ value }) => objectOf(value) !== null },
    );

/** What makes two gates one; no two may have it. */
const identities: Record<string, (gate: ApplicationGate) => string[]> = {
    name: ({ name }) => [name],
    repository: ({ repository }) => [repository],
    action: ({ pipeline, stage, action }) => [pipeline, stage, action],
};

/** Rules that need several values. Values may be missing or of another type: that is told where they stand. */
function contradictionsIn({
    account,
    topicArn,
    policy,
    scanTimeoutMinutes,
    functionTimeoutSeconds,
    applications,
}: Partial<ApprovalSettings>): { path: PropertyKey[]; message: string }[] {
    const problems: { path: PropertyKey[]; message: string }[] = [];
    const prefix = `arn:${account?.partition}:sns:${account?.region}:${account?.accountId}:`;
    if (typeof topicArn === "string" && !topicArn.startsWith(prefix)) {
        problems.push({ path: ["topicArn"], message: `must begin with ${prefix}` });
    }
    const minutes = Number(scanTimeoutMinutes);
    if (minutes > Number(policy?.maximumReportAgeHours) * 60) {
        const message =
            "must not be longer than policy.maximumReportAgeHours: reports would be too old by then";
        problems.push({ path: ["scanTimeoutMinutes"], message });
    }
    if (minutes * 60 <= Number(functionTimeoutSeconds)) {
        const message = "must be longer than functionTimeoutSeconds: nothing could be decided in time";
        problems.push({ path: ["scanTimeoutMinutes"], message });
    }
    const gates = Array.isArray(applications) ? applications.filter((gate) => objectOf(gate) !== null) : [];
    for (const [key, identityOf] of Object.entries(identities)) {
        const seen = new Set<string>();
        for (const gate of gates) {
            const parts = identityOf(gate);
            if (!parts.every((part) => typeof part === "string")) continue;
            const identity = parts.join("/");
            const path = ["applications", applications?.indexOf(gate) ?? 0, key];
            if (seen.has(identity)) problems.push({ path, message: `must not be that of two: ${identity}` });
            seen.add(identity);
        }
    }
    return problems;
}

/** Reads `settings.json`. @throws SettingsError with every problem. */
export function readSettings(text: string): ApprovalSettings {
    return parseSettings(text, settingsSchema);
}

/** Name of the environment variable that shows a limit of the policy. */
export function limitVariable(severity: (typeof rankedSeverities)[number]): string {
    return `${severity.toUpperCase()}_LIMIT`;
}

/** The variables that show the policy's limits: `CRITICAL_LIMIT` and so on, a number or `unlimited`. */
export function limitEnvironment({ limits }: Pick<GatePolicy, "limits">): Record<string, string> {
    return Object.fromEntries(rankedSeverities.map((name) => [limitVariable(name), String(limits[name])]));
}

/**
 * Where the environment shows other limits than those of the policy by which the function judges; empty when it shows
 * the same. Previews, consoles and rules look at the environment, so a function that judges otherwise must not start.
 */
export function limitProblems(
    policy: Pick<GatePolicy, "limits">,
    environment: Record<string, string | undefined>,
): string[] {
    const expected = limitEnvironment(policy);
    return Object.entries(expected)
        .filter(([name, value]) => environment[name] !== value)
        .map(
            ([name, value]) =>
                `${name} is ${environment[name] === undefined ? "not set" : JSON.stringify(environment[name])} and ` +
                `the policy in the code says ${value}`,
        );
}
