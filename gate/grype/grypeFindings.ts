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
        if (result.success) {
            this.keep(toFinding(result.data, source));
            return;
        }
        this.malformed += 1;
        if (this.described.length < describedProblems) {
            const [{ path, message } = { path: [], message: "not valid" }] = result.error.issues;
            this.described.push(`${[source.slice(1).replaceAll("/", "."), ...path].join(".")}: ${message}`);
        }
        this.keep(toFinding(salvaged(value), source));
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
        severity: toSeverity(vulnerability.severity),
        package: path === undefined ? { name, version, type } : { name, version, type, path },
        fixedIn: willNotFix ? null : (fix.versions?.[0] ?? null),
        willNotFix,
        url: dataSource === undefined || dataSource === "" ? null : dataSource,
        source,
    };
}

/** A severity that this list does not know is unknown, and so counts as the gate policy says. */
function toSeverity(text: string): Severity {
    const lower = text.toLowerCase();
    return severities.find((severity) => severity === lower) ?? "unknown";
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
