/** A rule beside gitleaks' own. */
export interface SecretRule {
    /** Lower-case letters, digits and hyphens; unique. */
    id: string;
    description: string;
    /** Regular expression in Go's syntax (RE2). */
    regex: string;
    /** Capture group that is the secret; the whole match, or the first group, unless given. */
    secretGroup?: number;
    /** Words of which one must be near for the rule to be tried; compared without case. Empty: always tried. */
    keywords?: readonly string[];
    /** Least Shannon entropy of the secret. */
    entropy?: number;
}

/** Something that is no secret. Where several criteria are given, all of them must hold. */
export interface AllowedSecret {
    /** Why it is no secret; at least 20 characters. */
    reason: string;
    /** Regular expressions (RE2) of paths in the repository. */
    paths?: readonly string[];
    /** Regular expressions (RE2) of the secret itself. */
    regexes?: readonly string[];
    /** Full ids of commits. */
    commits?: readonly string[];
    /** Words whose presence in the secret shows that it is none. */
    stopwords?: readonly string[];
}

/** How the pipeline wants secrets to be found. */
export interface SecretSettings {
    extraRules: readonly SecretRule[];
    allowed: readonly AllowedSecret[];
}

/** As for a waiver of the gate policy: an exception says why it is there. */
const shortestReason = 20;

/**
 * The text of a gitleaks configuration file (TOML; format of gitleaks 8.25 and later): gitleaks' own rules, the
 * extra ones, and what is allowed.
 * @throws RangeError naming a setting that gitleaks would refuse, or that would allow everything.
 */
export function gitleaksConfiguration({ extraRules, allowed }: SecretSettings): string {
    const ids = new Set<string>();
    const lines = ['title = "secret rules of the delivery pipeline"', "", "[extend]", "useDefault = true"];
    for (const rule of extraRules) {
        if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(rule.id))
            throw new RangeError(
                `extraRules: "${rule.id}" is not an id of lower-case letters, digits and hyphens`,
            );
        if (ids.has(rule.id)) throw new RangeError(`extraRules: ${rule.id} stands twice`);
        ids.add(rule.id);
        lines.push("", "[[rules]]", ...ruleLines(rule));
    }
    for (const [at, entry] of allowed.entries()) lines.push("", "[[allowlists]]", ...allowedLines(entry, at));
    return `${lines.join("\n")}\n`;
}

function ruleLines({ id, description, regex, secretGroup, keywords = [], entropy }: SecretRule): string[] {
    if (regex === "") throw new RangeError(`extraRules: ${id} has no regex`);
    if (secretGroup !== undefined && !(Number.isInteger(secretGroup) && secretGroup >= 0))
        throw new RangeError(`extraRules: secretGroup of ${id} is not a whole number from 0`);
    if (entropy !== undefined && !(entropy >= 0 && entropy <= 8))
        throw new RangeError(`extraRules: entropy of ${id} is not a number from 0 to 8`);
    return [
        `id = ${quoted(id)}`,
        `description = ${quoted(description)}`,
        `regex = ${quoted(regex)}`,
        ...(secretGroup === undefined ? [] : [`secretGroup = ${secretGroup}`]),
        // TOML tells floating point from whole numbers by the point.
        ...(entropy === undefined
            ? []
            : [`entropy = ${Number.isInteger(entropy) ? `${entropy}.0` : entropy}`]),
        ...(keywords.length === 0 ? [] : [`keywords = ${list(keywords)}`]),
    ];
}

function allowedLines({ reason, ...criteria }: AllowedSecret, at: number): string[] {
    const place = `allowed[${at}]`;
    if (reason.trim().length < shortestReason)
        throw new RangeError(`${place}: the reason has less than ${shortestReason} characters`);
    const { paths = [], regexes = [], commits = [], stopwords = [] } = criteria;
    if (paths.length + regexes.length + commits.length + stopwords.length === 0)
        throw new RangeError(`${place}: none of paths, regexes, commits and stopwords is given`);
    for (const pattern of [...paths, ...regexes]) {
        if (allowsEverything(pattern)) throw new RangeError(`${place}: "${pattern}" allows everything`);
    }
    for (const commit of commits) {
        if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
            throw new RangeError(`${place}: "${commit}" is not the full id of a commit`);
    }
    if (stopwords.some((word) => word.length < 3))
        throw new RangeError(`${place}: a stopword of less than 3 characters stands in too many secrets`);
    const given = Object.entries({ paths, regexes, commits, stopwords }).filter(
        ([, values]) => values.length > 0,
    );
    return [
        `description = ${quoted(reason)}`,
        'condition = "AND"',
        ...given.map(([name, values]) => `${name} = ${list(values)}`),
    ];
}

/** A pattern that is found in the empty text is found in every text. Syntax that only Go knows is left to gitleaks. */
function allowsEverything(pattern: string): boolean {
    try {
        return new RegExp(pattern.replace(/^\(\?[a-z]+\)/, "")).test("");
    } catch {
        return false;
    }
}

function list(values: readonly string[]): string {
    return `[${values.map(quoted).join(", ")}]`;
}

/** A TOML basic string (TOML 1.0, "String"): JSON's escapes are among its own, and DEL must be escaped too. */
function quoted(text: string): string {
    if (/\p{Surrogate}/u.test(text))
        throw new RangeError("a text has half of a surrogate pair, which TOML cannot say");
    return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
