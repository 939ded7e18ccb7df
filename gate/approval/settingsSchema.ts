/** The settings of the approval functions as they stand in their code archive, checked when a function starts. */
import * as z from "zod";
import { canonicalJson } from "../policy/canonicalJson";
import { gatePolicySchema, rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { applicationPattern } from "../evidence/evidencePlace";
import type { ApplicationGate, ApprovalSettings } from "./approvalSettings";
import { objectOf, parseForeignJson } from "./foreignJson";

/** The settings cannot be used; one line with every problem. The function must not start. */
export class SettingsError extends Error {
    override name = "SettingsError";
    constructor(readonly problems: string[]) {
        super(`the approval functions cannot start, deploy them again: ${problems.join("; ")}`);
    }
}

/** Names of pipelines, stages and actions (CodePipeline API reference). */
const codePipelineName = z
    .string()
    .regex(/^[A-Za-z0-9.@\-_]{1,100}$/, "must be 1 to 100 letters, digits and . @ - _");

/** A repository's name (ECR API reference, `repositoryName`). */
const repositoryName = z
    .string()
    .min(2)
    .max(256)
    .regex(
        /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
        "must be the name of a repository in Amazon ECR, without the registry",
    );

const applicationGate = z.strictObject({
    name: z.string().regex(applicationPattern, "must be the name of an application"),
    pipeline: codePipelineName,
    stage: codePipelineName,
    action: codePipelineName,
    repository: repositoryName,
});

/** Longest text about one problem, in characters: it may quote the value. */
const longestProblem = 300;

/** Longest time that CodePipeline lets an approval wait, in minutes: 60 days. */
const longestApproval = 86_400;

export const settingsSchema = z
    .strictObject({
        version: z.literal(1),
        account: z.strictObject({
            partition: z.string().regex(/^aws(-[a-z]+)*$/, "must be a partition of AWS"),
            region: z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, "must be a region of AWS"),
            accountId: z.string().regex(/^\d{12}$/, "must be 12 digits"),
        }),
        policy: gatePolicySchema,
        scanType: z.enum(["ENHANCED", "BASIC"]),
        table: z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, "must be the name of a table in DynamoDB"),
        evidenceBucket: z
            .string()
            .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket"),
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

/**
 * Reads `settings.json`. The policy must be written out in full: a value that is left out would be filled in here, and
 * nobody could have seen it.
 * @throws SettingsError with every problem.
 */
export function readSettings(text: string): ApprovalSettings {
    let value: unknown;
    try {
        value = parseForeignJson(text);
    } catch (error) {
        throw new SettingsError([`settings.json ${(error as Error).message}`]);
    }
    const result = settingsSchema.safeParse(value);
    if (!result.success) {
        throw new SettingsError(
            result.error.issues.map(({ path, message }) =>
                ["settings.json:", path.join("."), message]
                    .filter((part) => part !== "")
                    .join(" ")
                    .slice(0, longestProblem),
            ),
        );
    }
    if (canonicalJson(result.data) !== canonicalJson(value)) {
        throw new SettingsError(["settings.json: policy must be written out with all its values"]);
    }
    return result.data;
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
