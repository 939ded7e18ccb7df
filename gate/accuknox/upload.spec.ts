import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSignedCertificate } from "../anchore/testing/certificate";
import type { ConsoleAccess } from "./console";
import { expectedAccess, json, startConsole, type ConsoleBehaviour } from "./testing/consoleServer";
import { uploadReport, type JudgedFile, type UploadPatience } from "./upload";

describe("upload to the AccuKnox console", () => {
    let folder = "";
    before(async () => void (folder = await mkdtemp(join(tmpdir(), "upload-"))));
    after(() => rm(folder, { recursive: true }));

    async function fileOf(content: Buffer, name = "trivy.json"): Promise<JudgedFile> {
        const path = join(folder, name);
        await writeFile(path, content);
        return { path, sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
    }

    /** Uploads to a console that behaves so, and tells what came of it; pauses are noted and not waited for. */
    async function upload(
        behaviour: ConsoleBehaviour = {},
        {
            content = Buffer.from('{"SchemaVersion":2}'),
            access = {},
            patience = {},
            change,
        }: {
            content?: Buffer;
            access?: Partial<ConsoleAccess>;
            patience?: Partial<UploadPatience>;
            change?: (file: JudgedFile) => Promise<void>;
        } = {},
    ) {
        const server = await startConsole(behaviour);
        const pauses: number[] = [];
        try {
            const file = await fileOf(content);
            await change?.(file);
            const problem = await uploadReport(
                file,
                { origin: server.origin, ...expectedAccess, ...access },
                {
                    whole: 30_000,
                    idle: 10_000,
                    attempts: 4,
                    sleep: async (milliseconds) => void pauses.push(milliseconds),
                    ...patience,
                },
            );
            if (problem !== null) {
                assert.ok(problem.startsWith(`the report was not uploaded to ${server.origin}: `), problem);
                assert.ok(!problem.includes(expectedAccess.token.slice(0, 8)), problem);
                assert.ok(!problem.includes("\n"), problem);
            }
            const said = problem?.slice(problem.indexOf(": ") + 2) ?? null;
            return { ...server, problem: said, pauses };
        } finally {
            await server.stop();
        }
    }

    it("sends exactly the judged bytes, once", async () => {
        const content = Buffer.from(`{"SchemaVersion":2,"x":"${"\u00e4\r\n--".repeat(1_000)}"}`);
        const { problem, received, attempts } = await upload({}, { content });
        assert.deepEqual([problem, attempts, received.length], [null, 1, 1]);
        assert.ok(received[0]?.equals(content));
    });

    it("streams what does not fit one piece", async () => {
        const content = Buffer.alloc(5_000_001, "portcullis ");
        const { problem, received } = await upload({}, { content });
        assert.equal(problem, null);
        assert.ok(received[0]?.equals(content));
    });

    for (const [name, access, expected] of [
        ["another token", { token: "eyJ9.other" }, "it answered 401 (not allowed)"],
        ["another tenant", { tenant: "4712" }, "it answered 400"],
        ["another label", { label: "" }, "it answered 400"],
    ] as const) {
        it(`does not try again with ${name}`, async () => {
            const { problem, attempts } = await upload({}, { access });
            assert.ok(problem?.startsWith(expected.slice(0, 15)), problem ?? "uploaded");
            assert.equal(attempts, 1);
        });
    }

    const answers: [string, NonNullable<ConsoleBehaviour["answer"]>, string][] = [
        [
            "a page",
            (response) => response.end("<html>login</html>"),
            "it answered 200 without JSON (<html>login</html>); check --console-url",
        ],
        [
            "nothing",
            (response) => response.end(),
            "it answered 200 without JSON with nothing; check --console-url",
        ],
        [
            "no content",
            (response) => response.writeHead(204).end(),
            "it answered 204 without JSON with nothing; check --console-url",
        ],
        [
            "null",
            (response) => json(response, 200, null),
            "it answered 200 and did not confirm the report (null)",
        ],
        [
            "a list",
            (response) => json(response, 200, ["File received successfully"]),
            'it answered 200 and did not confirm the report (["File received successfully"])',
        ],
        [
            "another detail",
            (response) => json(response, 200, { detail: "File queued" }),
            'it answered 200 and did not confirm the report ({"detail":"File queued"})',
        ],
        [
            "two details",
            (response) => response.end('{"detail":"Failed","detail":"File received successfully"}'),
            "it answered 200 without JSON",
        ],
        [
            "UTF-16",
            (response) => response.end(Buffer.from('{"detail":"File received successfully"}', "utf16le")),
            "it answered 200 without JSON",
        ],
        [
            "a huge page",
            (response) => response.end("x".repeat(200_000)),
            "it answered 200 without JSON with more than 65536 bytes; check --console-url",
        ],
        [
            "a redirect",
            (response) => response.writeHead(307, { location: "/login" }).end(),
            "it answered 307 with nothing; redirects are not followed: check --console-url",
        ],
        [
            "not found",
            (response) => json(response, 404, { detail: "Not found." }),
            'it answered 404 ({"detail":"Not found."})',
        ],
        ["too large", (response) => response.writeHead(413).end(), "it answered 413 with nothing"],
        [
            "the token",
            (response) => json(response, 403, { detail: `Bearer ${expectedAccess.token} expired` }),
            "it answered 403 (the answer repeats the token and is not shown); check ACCUKNOX_TOKEN and --tenant",
        ],
        [
            "a piece of the token",
            (response) => response.end(`bad ${expectedAccess.token.slice(9, 21)}`),
            "it answered 200 without JSON (the answer repeats the token and is not shown)",
        ],
    ];
    for (const [name, answer, expected] of answers) {
        it(`takes no other answer for a confirmation, and does not try again: ${name}`, async () => {
            const { problem, attempts, pauses } = await upload({ answer });
            assert.ok(problem?.startsWith(expected), problem ?? "uploaded");
            assert.deepEqual([attempts, pauses], [1, []]);
        });
    }

    it("tries again while the console is busy or broken, and no longer than that", async () => {
        const statuses = [503, 429, 500];
        const { problem, received, attempts, pauses } = await upload({
            intercept: (request, response, attempt) => {
                const status = statuses[attempt - 1];
                if (status === undefined) return false;
                request.resume();
                request.on("end", () => json(response, status, { detail: "later" }));
                return true;
            },
        });
        assert.deepEqual([problem, received.length, attempts, pauses], [null, 1, 4, [1_000, 4_000, 16_000]]);
    });

    it("gives up after four attempts", async () => {
        const { problem, attempts } = await upload({ answer: (response) => response.writeHead(502).end() });
        assert.deepEqual([problem, attempts], ["it answered 502 with nothing (tried 4 times)", 4]);
    });

    it("waits as long as the console asks for, but not for hours", async () => {
        const answer: ConsoleBehaviour["answer"] = (response, attempt) =>
            response.writeHead(429, { "retry-after": attempt === 1 ? "7" : "86400" }).end();
        const { pauses } = await upload({ answer }, { patience: { attempts: 3, whole: 900_000 } });
        assert.deepEqual(pauses, [7_000, 60_000]);
    });

    it("does not wait beyond its own time", async () => {
        const answer: ConsoleBehaviour["answer"] = (response) =>
            response.writeHead(429, { "retry-after": "50" }).end();
        const { attempts, pauses } = await upload({ answer }, { patience: { whole: 20_000 } });
        assert.deepEqual([attempts, pauses], [1, []]);
    });

    it("tries again when the connection breaks, also within the answer", async () => {
        const { problem, received, attempts } = await upload({
            intercept: (request, response, attempt) => {
                if (attempt === 1) request.destroy();
                if (attempt === 2) {
                    response.writeHead(200, { "content-length": "41" });
                    response.write('{"detail":"File rec');
                    request.resume();
                    request.on("end", () => response.destroy());
                }
                return attempt <= 2;
            },
        });
        assert.deepEqual([problem, received.length, attempts], [null, 1, 3]);
    });

    it("takes no confirmation of a report that was not yet sent", async () => {
        const { problem } = await upload(
            {
                intercept: (request, response) => {
                    request.pause();
                    // Ended neither by the console nor by its connection: what is not yet sent stays on its way.
                    const body = JSON.stringify({ detail: "File received successfully" });
                    response.writeHead(200, { "content-length": body.length });
                    response.write(body);
                    return true;
                },
            },
            { content: Buffer.alloc(50_000_000, " ") },
        );
        assert.equal(problem, "it answered 200 before it had the whole report");
    });

    it("does not wait for a console that is silent", async () => {
        const { problem, attempts } = await upload(
            { intercept: (request) => Boolean(request.resume()) },
            { patience: { idle: 50, attempts: 2 } },
        );
        assert.deepEqual([problem, attempts], ["no answer (ETIMEDOUT) (tried 2 times)", 2]);
    });

    it("says that there is no console", async () => {
        const { origin, stop } = await startConsole();
        await stop();
        const patience = { whole: 30_000, idle: 10_000, attempts: 4, sleep: async () => {} };
        const file = await fileOf(Buffer.from("{}"));
        assert.equal(
            await uploadReport(file, { origin, ...expectedAccess }, patience),
            `the report was not uploaded to ${origin}: no answer (ECONNREFUSED) (tried 4 times)`,
        );
    });

    it("uploads no other file than the one that was judged", async () => {
        const changes: ((file: JudgedFile) => Promise<void>)[] = [
            ({ path }) => appendFile(path, " "),
            ({ path }) => writeFile(path, ""),
            ({ path, bytes }) => writeFile(path, "x".repeat(bytes)),
            ({ path }) => rm(path),
        ];
        const problems: (string | null)[] = [];
        for (const change of changes) {
            const { problem, received } = await upload({}, { change });
            assert.deepEqual(received, []);
            problems.push(problem?.replace(folder, "") ?? null);
        }
        const changed = "/trivy.json has changed since it was judged; scan again";
        assert.deepEqual(problems, [changed, changed, changed, "the file cannot be read (ENOENT)"]);
    });

    describe("over TLS", () => {
        const tls = selfSignedCertificate();

        it("trusts a CA that is given", async () => {
            const { problem, received } = await upload({ tls }, { access: { caPem: tls.cert } });
            assert.deepEqual([problem, received.length], [null, 1]);
        });

        for (const [name, caPem] of [
            ["a CA of no public trust", undefined],
            ["another CA", selfSignedCertificate().cert],
        ] as const) {
            it(`sends nothing to a console with ${name}, whatever the environment says`, async () => {
                const { emitWarning } = process;
                // Node.js warns of the variable, which is the point of this test.
                process.emitWarning = () => {};
                process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
                try {
                    const { problem, attempts } = await upload(
                        { tls },
                        { access: caPem === undefined ? {} : { caPem } },
                    );
                    assert.match(problem ?? "", /^no answer \(.*certificate/i);
                    assert.equal(attempts, 0);
                } finally {
                    process.emitWarning = emitWarning;
                    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
                }
            });
        }
    });
});
