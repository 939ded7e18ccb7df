/** Tells secrets by the name of a variable or the look of a value. */
import type { PackConfiguration } from "../harness/configuration";

/**
 * Values that are credentials whatever they are called: AWS access keys (IAM user guide, unique identifiers), private keys,
 * tokens of GitHub, GitLab, Slack, npm and JSON web tokens by their published prefixes.
 */
const secretValues = [
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b/,
    /\bglpat-[A-Za-z0-9_-]{20,}\b/,
    /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/,
    /\bnpm_[A-Za-z0-9]{36}\b/,
    /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
    /:\/\/[^/\s:@]+:[^/\s@$#]+@/,
];

/** A name that says secret, unless it names where the secret is or the configuration excuses it. */
export function isSecretName(name: string, configuration: PackConfiguration): boolean {
    if (configuration.plainVariableNames.includes(name)) return false;
    if (/_(?:FILE|PATH|ARN|NAME|URL)$/i.test(name)) return false;
    return new RegExp(configuration.secretNamePattern, "i").test(name);
}

/** A value that is a credential by its form. */
export function isSecretValue(value: string): boolean {
    return secretValues.some((pattern) => pattern.test(value));
}

/** Types of build variables whose value is a reference, not the secret itself. */
export const referenceTypes: ReadonlySet<string> = new Set(["PARAMETER_STORE", "SECRETS_MANAGER"]);
