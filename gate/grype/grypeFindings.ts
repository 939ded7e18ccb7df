import { JsonFormatError } from "../report/jsonStream";
import type { Finding } from "../report/scanReport";
import { severities, type Severity } from "../report/severity";
import { grypeMatchSchema, type GrypeMatch } from "./grypeFormat";

/** Problems of entries that are described one by one; the others are counted. */
const describedProblems = 3;

/** Most text of findings in characters: a hundred thousand genuine ones have a third of it. */
const mostText = 64 * 1024 * 1024;

/** The findings of one document, as they come. */
export class GrypeFindings {
    readonly findings: Finding[] = [];
    private readonly described: string[] = [];
    private malformed = 0;
    private text = 0;

    /**
     * One entry of a list of matches. An entry that is not as it should be is counted all the same, as far as it can
     * be read and with severity unknown where it does not say.
     * @param source its place as a JSON pointer.
     * @throws JsonFormatError when there is more text than can be held.
     */
    add(value: unknown, source: string): void {
        const result = grypeMatchSchema.safeParse(value);
        if (!result.success) {
            const [{ path, message } = { path: [], message: "not valid" }] = result.error.issues;
            this.note(source, path, message);
            this.keep(toFinding(salvaged(value), source));
            return;
        }
        const { severity } = result.data.vulnerability;
        // What was a worse severity before it was damaged may count as a milder one: unknown is for the policy.
        if (severityOf(severity) === undefined) {
            const shown = JSON.stringify(severity.slice(0, 40));
            this.note(source, ["vulnerability", "severity"], `${shown} is none of grype's severities`);
        }
        this.keep(toFinding(result.data, source));
    }

    private note(source: string, path: readonly PropertyKey[], message: string): void {
        this.malformed += 1;
        if (this.described.length < describedProblems) {
            this.described.push(`${[source.slice(1).replaceAll("/", "."), ...path].join(".")}: ${message}`);
        }
    }

    private keep(finding: Finding): void {
        this.text += lengthOf(finding);
        if (this.text > mostText)
            throw new JsonFormatError("bound", `more than ${mostText} characters of findings`);
        this.findings.push(finding);
    }

    /** Why the entries cannot be believed; at most one line. */
    problems(): string[] {
        if (this.malformed === 0) return [];
        const more = this.malformed - this.described.length;
        return [
            `${this.malformed} of the matches in the grype report do not have grype's JSON format ` +
                `(${this.described.join("; ")}${more > 0 ? ` and ${more} more` : ""})`,
        ];
    }
}

function lengthOf({ id, package: { name, version, type, path = "" }, fixedIn, url }: Finding): number {
    return (
        id.length +
        name.length +
        version.length +
        type.length +
        path.length +
        (fixedIn ?? "").length +
        (url ?? "").length
    );
}

function toFinding({ vulnerability, artifact }: GrypeMatch, source: string): Finding {
    const { id, fix, dataSource } = vulnerability;
    const willNotFix = fix.state === "wont-fix";
    const path = artifact.locations?.[0]?.path;
    const { name, version, type } = artifact;
    return {
        id,
        severity: severityOf(vulnerability.severity) ?? "unknown",
        package: path === undefined ? { name, version, type } : { name, version, type, path },
        fixedIn: willNotFix ? null : (fix.versions?.[0] ?? fixOfState(fix.state)),
        willNotFix,
        url: dataSource === undefined || dataSource === "" ? null : dataSource,
        source,
    };
}

/** Grype's severity in our words; undefined when it has no such severity. */
function severityOf(text: string): Severity | undefined {
    const lower = text.toLowerCase();
    return severities.find((severity) => severity === lower);
}

/** States in which grype knows no version that fixes it (grype/vulnerability/fix.go); it leaves the first out. */
const unfixedStates = new Set(["", "unknown", "not-fixed", "wont-fix"]);

/** The fix of a match without versions. Not null for any other state: a policy may be milder without a fix. */
function fixOfState(state: string): string | null {
    return unfixedStates.has(state) ? null : "a version that grype does not name";
}

/** What can be told of an entry that does not have the format, e.g. one of a much older grype. */
function salvaged(value: unknown): GrypeMatch {
    const part = (from: unknown, key: string): unknown =>
        (from as Record<string, unknown> | null | undefined)?.[key];
    const text = (from: unknown, key: string, otherwise: string): string => {
        const found = part(from, key);
        return typeof found === "string" && found !== "" ? found : otherwise;
    };
    const vulnerability = part(value, "vulnerability");
    const artifact = part(value, "artifact");
    const versions = part(part(vulnerability, "fix"), "versions");
    return {
        vulnerability: {
            id: text(vulnerability, "id", "unidentified"),
            severity: text(vulnerability, "severity", "unknown"),
            dataSource: text(vulnerability, "dataSource", ""),
            fix: {
                versions: Array.isArray(versions)
                    ? versions.filter((each) => typeof each === "string")
                    : null,
                state: text(part(vulnerability, "fix"), "state", ""),
            },
        },
        matchDetails: [],
        artifact: {
            name: text(artifact, "name", "unidentified"),
            version: text(artifact, "version", ""),
            type: text(artifact, "type", ""),
            locations: null,
        },
    };
}
