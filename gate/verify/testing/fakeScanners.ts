import { writeFakeTool } from "./fakeTool";

/** The made-up token of `madeUpToken`, as these programs look for it. */
const token = String.raw`/gh${"p"}_[A-Za-z0-9]{36}/`;

/**
 * A program with the options, output and exit codes of gitleaks 8.30, that finds made-up tokens. Its rules file has
 * to hold the word `tokens`.
 * @param sabotage JavaScript that runs before it answers and can change `list`, `log` (`commits`, `bytes`, `leaks`),
 *     `lines`, `code` and `text`; `source` is `git` or `stdin`.
 */
export function writeFakeGitleaks(path: string, sabotage = ""): string {
    return writeFakeTool(
        path,
        `
if (args[0] === "version") { console.log("8.99.0"); process.exit(0); }
const source = args[0];
const rules = fs.readFileSync(args[args.indexOf("--config") + 1], "utf8");
let list = [];
let lines = [];
const commits = new Set();
const log = { commits: null, bytes: 0, leaks: 0 };
const look = (line, number, File, Commit) => {
    const [Secret] = ${token}.exec(line) ?? [];
    if (Secret === undefined || !rules.includes("tokens")) return;
    const place = { StartLine: number, EndLine: number, StartColumn: 1, EndColumn: 40, File, SymlinkFile: "", Commit };
    const rest = { Match: line, Secret, Entropy: 4, Author: "", Email: "", Date: "", Message: Secret, Tags: [], Fingerprint: "" };
    list.push({ RuleID: "token", Description: "a made-up token", ...place, ...rest });
};
if (source === "stdin") {
    const text = stdin();
    log.bytes = text.length;
    text.split("\\n").forEach((line, at) => look(line, at + 1, "", ""));
} else {
    const options = args.find((each) => each.startsWith("--log-opts=")).slice("--log-opts=".length).split(" ");
    let commit, file, deleted, minus = 0, plus = 0, number;
    for (const line of run("git", "-C", args[1], "log", "-p", "-U0", ...options).split("\\n")) {
        if (minus + plus > 0) {
            if (line[0] === "-") minus -= 1;
            if (line[0] !== "+") continue;
            plus -= 1;
            if (deleted) continue;
            log.bytes += line.length;
            look(line.slice(1), number, file, commit);
            number += 1;
            continue;
        }
        if (line.startsWith("\\\\ ")) log.bytes -= 1;
        const [, id] = /^commit ([0-9a-f]{40})/.exec(line) ?? [];
        if (id) commit = id;
        if (line.startsWith("diff --git ")) deleted = false;
        if (line.startsWith("deleted file")) deleted = true;
        if (line.startsWith("+++ b/")) file = line.slice(6);
        const hunk = /^@@ -\\d+(?:,(\\d+))? \\+(\\d+)(?:,(\\d+))? @@/.exec(line);
        if (hunk === null) continue;
        minus = Number(hunk[1] ?? 1);
        number = Number(hunk[2]);
        plus = Number(hunk[3] ?? 1);
        if (!deleted) commits.add(commit);
    }
    log.commits = commits.size;
}
log.leaks = list.length;
let code = list.length > 0 ? Number(args.find((each) => each.startsWith("--exit-code=")).slice(12)) : 0;
let text;
${sabotage}
if (log.commits !== null) lines.push("INF " + log.commits + " commits scanned.");
if (log.bytes !== null) lines.push("INF scanned ~" + log.bytes + " bytes (x) in 1ms");
lines.push(log.leaks > 0 ? "WRN leaks found: " + log.leaks : "INF no leaks found");
for (const line of lines) process.stderr.write("6:06PM " + line + "\\n");
process.stdout.write(text ?? JSON.stringify(list));
process.exitCode = code;
`,
    );
}

/**
 * A program with the options, output and exit codes of trufflehog 3, that finds made-up tokens in a folder.
 * @param sabotage JavaScript that runs before it answers and can change `results`, `logs`, `code` and `text`.
 */
export function writeFakeTrufflehog(path: string, sabotage = ""): string {
    return writeFakeTool(
        path,
        `
if (args[0] === "--version") { console.error("trufflehog 3.99.0"); process.exit(0); }
let results = [];
const folder = args.at(-1);
for (const name of fs.readdirSync(folder)) {
    fs.readFileSync(folder + "/" + name, "latin1").split("\\n").forEach((text, at) => {
        const [Raw] = ${token}.exec(text) ?? [];
        if (Raw === undefined || text.includes("trufflehog:ignore")) return;
        const place = { Filesystem: { file: folder + "/" + name, line: at + 1 } };
        results.push({ SourceMetadata: { Data: place }, DetectorType: 8, DetectorName: "Token", Verified: false, Raw, RawV2: "" });
    });
}
const entry = { level: "info-0", ts: "2026-01-01T00:00:00Z", logger: "trufflehog" };
let logs = [{ ...entry, msg: "running source" }];
const finish = { ...entry, msg: "finished scanning", chunks: 1, bytes: 1, verified_secrets: 0, unverified_secrets: results.length };
let code = results.length > 0 ? 183 : 0;
let text;
${sabotage}
logs.push(finish);
for (const each of logs) process.stderr.write(JSON.stringify(each) + "\\n");
process.stdout.write(text ?? results.map((each) => JSON.stringify(each) + "\\n").join(""));
process.exitCode = code;
`,
    );
}
