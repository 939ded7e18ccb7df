/** Tells secrets in plain variables of containers and build projects. */
import type { PackConfiguration } from "./configuration";

/** Names that say what the variable is about a secret, not the secret itself: a place, a length, a lifetime. */
const harmlessSuffix =
    /(?:_|^)(?:FILE|PATH|DIR|ARN|NAME|URL|URI|ENDPOINT|HOST|EXPIRATION|EXPIRY|TTL|TIMEOUT|AGE|SECONDS|MINUTES|HOURS|DAYS|LENGTH|SIZE|COUNT|LIMIT|ENABLED|TYPE|KIND|FORMAT|ALGORITHM|PARAMETER|POLICY|HEADER|PREFIX|ISSUER|AUDIENCE|PARALLELISM)$/i;

/** Language models count tokens. */
const isAmount = (name: string, value: string): boolean => /TOKENS$/i.test(name) && /^\d{1,9}$/.test(value);

/** Shapes of credentials that need no telling name. */
const credentialShapes: [RegExp, string][] = [
    [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, "an AWS access key id"],
    [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, "a private key"],
    [/\bgh[pousr]_[A-Za-z0-9]{30,}/, "a GitHub token"],
    [/\bglpat-[A-Za-z0-9_-]{20,}/, "a GitLab token"],
    [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, "a Slack token"],
    [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./, "a JSON web token"],
    [/^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:[^/\s@$]+@/i, "an address with a password"],
];

/** Values that cannot be a secret: switches, references that somebody else fills in, nothing. */
const harmlessValue = /^(?:|true|false|yes|no|on|off|\$\{\w+\}|\$\w+|#\{[\w.]+\})$/i;

/**
 * Why the variable looks like a plain secret, in words, or undefined when it does not. `value` is undefined when it is
 * not known; then the name alone decides.
 */
export function plainSecretReason(
    name: string,
    value: string | undefined,
    configuration: PackConfiguration,
): string | undefined {
    if (value !== undefined) {
        const shape = credentialShapes.find(([pattern]) => pattern.test(value));
        if (shape) return `its value has the shape of ${shape[1]}`;
        if (harmlessValue.test(value) || isAmount(name, value)) return undefined;
    }
    if (configuration.plainVariableNames.includes(name) || harmlessSuffix.test(name)) return undefined;
    return secretName(configuration).test(name) ? "its name is that of a secret" : undefined;
}

const patternBySource = new Map<string, RegExp>();

function secretName(configuration: PackConfiguration): RegExp {
    const source = configuration.secretNamePattern;
    let pattern = patternBySource.get(source);
    if (!pattern) {
        pattern = new RegExp(source, "i");
        patternBySource.set(source, pattern);
    }
    return pattern;
}
