import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { jsonBounds } from "../report/jsonStream";
import { readReportFile, unusableReport, type ReportOrigin } from "../report/reportFile";
import type { Scan } from "../commands/scanner";
import { readAnswerHead } from "./answerHead";
import { laceworkReport } from "./laceworkReport";
import { runCli } from "./runCli";

/** Before this version `container scan` ignored what it was asked to fail on (lacework/go-sdk pull request 1363). */
const oldestCli = [1, 30, 1] as const;

/** Exit code of the CLI when it found what it was told to fail on; the report is printed all the same. */
const violationCode = 9;

/** Answers of the search are of 5,000 rows, so this is more than any image has. */
const mostPages = 60;

/** What Lacework is asked, and with what. */
export interface LaceworkQuestion {
    /** Path of the `lacework` command. */
    cli: string;
    /** Registry as Lacework's integration names it. */
    registry: string;
    repository: string;
    image: string;
    digest: string;
    timeoutSeconds: number;
    /** LW_ACCOUNT, LW_API_KEY, LW_API_SECRET and whatever else is set. */
    environment: Readonly<Record<string, string | undefined>>;
    /** Gets what the CLI prints. */
    folder: string;
    now: () => Date;
}

/** Variables that the CLI gets. Others of its own (LW_PROFILE, LW_API_SERVER_URL …) could have it ask somebody else. */
const passedVariables = [
    ...["LW_ACCOUNT", "LW_SUBACCOUNT", "LW_API_KEY", "LW_API_SECRET"],
    ...["PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"],
];

/** Something went wrong on the way; one line with what to do. */
class AskError extends Error {
    override name = "AskError";
}

/**
 * Has Lacework scan an image and judges all rows of that evaluation.
 *
 * `lacework vulnerability container scan --poll` starts the scan and waits for it; it polls without an end, so it is
 * stopped when the time is up. What it prints cannot be proven whole (see `laceworkReport`), so the rows are then
 * fetched page by page with `lacework api`, which hands on Lacework's own answer with its number of rows. If that fails,
 * what the scan printed is judged, and is not complete. Never throws.
 */
export async function askLacework(question: LaceworkQuestion): Promise<Scan> {
    const { image, digest, now, environment } = question;
    const origin: ReportOrigin = { scanner: "lacework", image, digest, now: now() };
    const hidden = ["LW_API_KEY", "LW_API_SECRET"].map((name) => environment[name] ?? "");
    const clean = (line: string): string =>
        hidden
            .filter((secret) => secret !== "")
            .reduce((text, secret) => text.replaceAll(secret, "***"), line);
    const home = await mkdtemp(join(tmpdir(), "gate-lacework-"));
    try {
        await mkdir(question.folder, { recursive: true });
        return await new Conversation(question, home, clean).scan();
    } catch (error) {
        return { report: unusableReport(clean((error as Error).message), origin), raw: null };
    } finally {
        await rm(home, { recursive: true, force: true });
    }
}

class Conversation {
    private readonly startedAt: Date;
    private readonly deadline: number;

    constructor(
        private readonly question: LaceworkQuestion,
        /** Home of the CLI: empty, so that no profile or cache of the machine decides what it asks. */
        private readonly home: string,
        private readonly clean: (line: string) => string,
    ) {
        this.startedAt = question.now();
        this.deadline = this.startedAt.getTime() + question.timeoutSeconds * 1000;
    }

    async scan(): Promise<Scan> {
        await this.demandVersion();
        const { registry, repository, digest } = this.question;
        const printed = await this.run(
            "scan.json",
            ["vulnerability", "container", "scan", registry, repository, digest, "--poll", "--json"],
            [0, violationCode],
        );
        let pages: string;
        try {
            pages = await this.fetchRows(printed);
        } catch (error) {
            return this.judge(printed, [this.clean((error as Error).message)]);
        }
        const scan = this.judge(pages, []);
        const rows = this.judge(printed, []).report.findings.length;
        const found = scan.report.findings.length;
        if (rows <= found) return scan;
        return this.judge(pages, [
            `the scan printed ${rows} vulnerable rows and the search has ${found}; scan again`,
        ]);
    }

    private judge(path: string, problems: readonly string[]): Scan {
        const { image, digest, now } = this.question;
        const subject = { image, digest, now: now() };
        const { report, raw } = readReportFile(
            path,
            { ...subject, scanner: "lacework", what: "lacework answer" },
            (chunks) => laceworkReport(chunks, subject),
        );
        const reasons = [...problems, ...report.incompleteReasons];
        return { report: { ...report, complete: reasons.length === 0, incompleteReasons: reasons }, raw };
    }

    private async demandVersion(): Promise<void> {
        const path = await this.run("version.json", ["version", "--json"], [0]);
        const text = await readFile(path, "utf8");
        const [, ...parts] = /"version":\s*"v?(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
        const version = parts.map(Number);
        const at = oldestCli.findIndex((part, index) => part !== version[index]);
        const oldEnough = version.length === 3 && (at < 0 || (version[at] ?? 0) > (oldestCli[at] ?? 0));
        if (!oldEnough) {
            const said = version.length === 3 ? version.join(".") : "nothing that is a version";
            throw new AskError(
                `${this.question.cli} says that it is version ${said}; ${oldestCli.join(".")} or later is needed`,
            );
        }
    }

    /** Fetches all rows of the evaluation, and writes the answers into one file. */
    private async fetchRows(printed: string): Promise<string> {
        const body = JSON.stringify(this.search(readAnswerHead(printed).evaluations));
        const paths: string[] = [];
        let bytes = 0;
        let call: string[] | null = [
            "api",
            "post",
            "/api/v2/Vulnerabilities/Containers/search",
            "--data",
            body,
        ];
        while (call !== null) {
            if (paths.length === mostPages)
                throw new AskError(`Lacework has more than ${mostPages} pages of rows`);
            const path = await this.run(`page-${paths.length}.json`, call, [0]);
            paths.push(path);
            bytes += (await stat(path)).size;
            if (bytes > jsonBounds.largestBytes) {
                throw new AskError(`Lacework's rows are more than ${jsonBounds.largestBytes} bytes`);
            }
            const { nextPage } = readAnswerHead(path);
            call = nextPage === null ? null : ["api", "get", pathOf(nextPage)];
        }
        const joined = join(this.question.folder, "pages.json");
        const output = createWriteStream(joined, { mode: 0o600 });
        for (const [at, path] of paths.entries()) {
            output.write(at === 0 ? '{"pages":[' : ",");
            await pipeline(createReadStream(path), output, { end: false });
        }
        await new Promise<void>((resolve, reject) => {
            output.on("error", reject);
            output.end("]}\n", resolve);
        });
        return joined;
    }

    /**
     * The search that the CLI itself makes. A scan that printed no row does not say which evaluation it was; then it
     * is any that was made of this digest since it began, as long as it is no repetition of an older one.
     */
    private search(evaluations: readonly string[]): unknown {
        const eq = (field: string, value: string) => ({ expression: "eq", field, value });
        const since = new Date(this.startedAt.getTime() - (evaluations.length > 0 ? 24 * 60 : 5) * 60_000);
        return {
            timeFilter: { startTime: since.toISOString(), endTime: this.question.now().toISOString() },
            filters: [
                eq("evalCtx.image_info.digest", this.question.digest),
                ...evaluations.map((evaluation) => eq("evalGuid", evaluation)),
                ...(evaluations.length > 0 ? [] : [eq("evalCtx.is_reeval", "false")]),
            ],
        };
    }

    /** @returns the path of what was printed. @throws AskError when the exit code is not one of `codes`. */
    private async run(name: string, args: readonly string[], codes: readonly number[]): Promise<string> {
        const { cli, folder, environment } = this.question;
        const outputPath = join(folder, name);
        const variables = passedVariables.flatMap((variable) => {
            const value = environment[variable] ?? "";
            return value === "" ? [] : [[variable, value] as const];
        });
        const left = this.deadline - this.question.now().getTime();
        const what = `lacework ${args.slice(0, args[0] === "vulnerability" ? 3 : 2).join(" ")}`;
        if (left <= 0) throw new AskError(`the time was up before ${what} (--timeout)`);
        const { code, problem, lastError } = await runCli({
            command: cli,
            args: [...args, "--noninteractive", "--nocolor", "--nocache"],
            environment: {
                ...Object.fromEntries(variables),
                HOME: this.home,
                LW_UPDATES_DISABLE: "1",
                LW_TELEMETRY_DISABLE: "1",
            },
            outputPath,
            largestOutputBytes: jsonBounds.largestBytes,
            limitMilliseconds: left,
        });
        if (problem === null && code !== null && codes.includes(code)) return outputPath;
        const said = lastError === "" ? "" : `: ${lastError}`;
        throw new AskError(this.clean(`${what} ${problem ?? `ended with exit code ${code}`}${said}`));
    }
}

/** Path and query of the next page. The host is the account's, whatever the answer says. */
function pathOf(nextPage: string): string {
    const { pathname, search } = new URL(nextPage, "https://account.invalid");
    if (!pathname.startsWith("/api/v2/"))
        throw new AskError(`Lacework's next page is not of its API (${pathname})`);
    return `${pathname}${search}`;
}
