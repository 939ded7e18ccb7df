/** The settings of the admission function and the continuous check, checked when a function starts. */
import * as z from "zod";
import { objectOf } from "../approval/foreignJson";
import { gatePolicySchema } from "../policy/gatePolicy";
import {
    accountSchema,
    applicationName,
    parseSettings,
    repositoryName,
    tableName,
} from "../settings/settingsFile";
import type { AdmissionSettings, AdmittedService } from "./admissionSettings";

/** Names of clusters and services (Amazon ECS API reference, `CreateCluster` and `CreateService`). */
const ecsName = z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/, "must be 1 to 255 letters, digits, hyphens and underscores");

const service = z.strictObject({
    application: applicationName,
    cluster: ecsName,
    service: ecsName,
    repositories: z.strictObject({ production: repositoryName, staging: repositoryName }),
});

export const admissionSettingsSchema = z
    .strictObject({
        version: z.literal(1),
        stack: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be 1 to 64 letters, digits and hyphens"),
        account: accountSchema,
        policy: gatePolicySchema,
        scanType: z.enum(["ENHANCED", "BASIC"]),
        table: tableName,
        breakGlassTable: tableName,
        securityHub: z.boolean(),
        services: z.array(service).min(1, "must name at least one service"),
    })
    .superRefine(
        (settings, { addIssue }) => {
            for (const { path, message } of contradictionsIn(settings)) {
                addIssue({ code: "custom", path, message });
            }
        },
        { when: ({ value }) => objectOf(value) !== null },
    );

/** What belongs to one service alone: otherwise an image of one application could run as another. */
const identities: Record<string, (service: AdmittedService) => unknown[]> = {
    service: ({ cluster, service: name }) => [cluster, name],
    application: ({ application }) => [application],
    "repositories.production": ({ repositories }) => [repositories?.production],
    "repositories.staging": ({ repositories }) => [repositories?.staging],
};

function contradictionsIn({
    table,
    breakGlassTable,
    services,
}: Partial<AdmissionSettings>): { path: PropertyKey[]; message: string }[] {
    const problems: { path: PropertyKey[]; message: string }[] = [];
    if (typeof table === "string" && table === breakGlassTable) {
        problems.push({ path: ["breakGlassTable"], message: "must not be the approval table" });
    }
    const listed = Array.isArray(services) ? services : [];
    for (const [key, identityOf] of Object.entries(identities)) {
        const seen = new Set<string>();
        for (const [index, one] of listed.entries()) {
            if (objectOf(one) === null) continue;
            const parts = identityOf(one);
            if (!parts.every((part) => typeof part === "string")) continue;
            const identity = parts.join("/");
            const path = ["services", index, ...key.split(".")];
            if (seen.has(identity)) problems.push({ path, message: `must not be that of two: ${identity}` });
            seen.add(identity);
        }
    }
    for (const [index, one] of listed.entries()) {
        const { production, staging } =
            (objectOf(one)?.["repositories"] as AdmittedService["repositories"]) ?? {};
        if (typeof production === "string" && production === staging) {
            const path = ["services", index, "repositories", "staging"];
            problems.push({ path, message: "must not be the production repository" });
        }
    }
    return problems;
}

/** Reads `settings.json`. @throws SettingsError with every problem. */
export function readAdmissionSettings(text: string): AdmissionSettings {
    return parseSettings(text, admissionSettingsSchema);
}
