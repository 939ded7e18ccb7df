/** What a role that trusts an OpenID Connect provider has to ask of its tokens. */
import { conditionValues, type Conditions } from "../../iam/document";

/** Hosts whose subjects are `repo:<owner>/<repository>:<what runs>` (GitHub's documentation of OpenID Connect). */
const gitHub = /^token\.actions\.githubusercontent\.com(?:\/|$)/;
/** Amazon Cognito has no `sub` that a policy could name: identity pools are told by `aud`. */
const cognito = "cognito-identity.amazonaws.com";

/** Host and path of a provider, as its condition keys begin; null for providers of another kind (SAML). */
function providerName(principal: string): string | null {
    const arn = /^arn:[^:]*:iam::[^:]*:(?<kind>[^/]+)\/(?<name>.+)$/.exec(principal)?.groups;
    if (arn) return arn["kind"] === "oidc-provider" ? (arn["name"] ?? null) : null;
    return principal;
}

/** What is wrong with the statement's conditions for this provider. */
export function identityFaults(principal: string, conditions: Conditions): string[] {
    if (/^[*?]+$/.test(principal)) return ["every identity provider"];
    const provider = providerName(principal);
    if (provider === null) return [];
    const faults: string[] = [];
    const audience = conditionValues(conditions, `${provider}:aud`);
    if (!audience || audience.length === 0 || audience.some((value) => /[*?]/.test(value)))
        faults.push(`tokens of ${provider} for any audience (no ${provider}:aud)`);
    if (provider === cognito) return faults;
    const subjects = conditionValues(conditions, `${provider}:sub`);
    if (!subjects || subjects.length === 0)
        return [...faults, `everybody to whom ${provider} gives a token (no ${provider}:sub)`];
    const wide = subjects.find(
        (subject) =>
        gitHub.test(provider) ? isWideRepository(subject) : /^[*?]/.test(subject) || /^[^*?]*:[*?]+:[*?]+$/.test(subject), // prettier-ignore
    );
    return wide === undefined
        ? faults
        : [...faults, `${provider}:sub ${wide}, which pins no repository and ref`];
}

/** A wildcard in owner or repository, or nothing but one for what runs there: any branch, any pull request. */
function isWideRepository(subject: string): boolean {
    const [kind, repository = "", ...rest] = subject.split(":");
    if (kind !== "repo") return /[*?]/.test(subject);
    const what = rest.join(":");
    if (!/^[^*?/]+\/[^*?/]+$/.test(repository)) return true;
    return /^(?:ref:|environment:)?(?:refs\/)?(?:heads\/|tags\/)?[*?]/.test(what) || what === "";
}
