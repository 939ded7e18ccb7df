import assert from "node:assert/strict";
import { askEcr, askEcrOnce, type EcrAnswer } from "./askEcr";
import { inspectorReport } from "./inspectorReport";
import { judgeAnswer } from "./judgeAnswer";
import { EcrServer, type EcrReply } from "./testing/ecrServer";
import { sampleDigest, sampleEcrAnswer, sampleImage, sampleRepository } from "./testing/inspectorAnswer";

const start = new Date("2026-03-04T12:00:00Z");
const subject = { image: sampleImage, digest: sampleDigest, now: start };

describe("asking ECR for findings", () => {
    let server: EcrServer;
    /** Every pause, in seconds. The clock stands still in between. */
    let pauses: number[];

    beforeEach(async () => {
        server = await EcrServer.start();
        pauses = [];
    });
    afterEach(() => server.stop());

    async function ask(replies: EcrReply[], timeoutSeconds = 60): Promise<EcrAnswer> {
        server.replies = replies;
        let time = start.getTime();
        const answer = await askEcr({
            registryId: "123456789012",
            repositoryName: sampleRepository,
            digest: sampleDigest,
            timeoutSeconds,
            client: server.client(),
            now: () => new Date(time),
            sleep: async (milliseconds) => {
                pauses.push(milliseconds / 1000);
                time += milliseconds;
            },
        });
        assert.deepEqual(server.refused, []);
        return answer;
    }

    const waiting = (status: string): EcrReply => ({
        body: {
            ...sampleEcrAnswer("enhanced", [], start),
            imageScanFindings: undefined,
            imageScanStatus: { status },
        },
    });

    it("asks for all pages, and what is stored is judged the same again", async () => {
        const counts = { CRITICAL: 2, LOW: 1 };
        const pages = [[{}], [{ severity: "LOW" }, {}]].map((findings, at) => {
            const answer = sampleEcrAnswer("enhanced", findings, start);
            answer.imageScanFindings["findingSeverityCounts"] = counts;
            return { body: { ...answer, ...(at === 0 ? { nextToken: "dG9rZW4" } : {}) } };
        });
        const answer = await ask(pages);
        const question = {
            registryId: "123456789012",
            repositoryName: sampleRepository,
            imageId: { imageDigest: sampleDigest },
            maxResults: 1000,
        };
        assert.deepEqual(server.requests, [question, { ...question, nextToken: "dG9rZW4" }]);
        const { report, raw } = judgeAnswer(answer, subject);
        assert.deepEqual(
            [report.complete, report.findings.map(({ severity }) => severity)],
            [true, ["critical", "low", "critical"]],
        );
        assert.deepEqual(
            [report.finishedAt, report.dataBuiltAt],
            ["2026-03-04T11:00:00.000Z", "2026-03-04T05:00:00.000Z"],
        );
        assert.ok(raw instanceof Uint8Array);
        assert.deepEqual(inspectorReport([raw], subject), report);
        assert.deepEqual(pauses, []);
    });

    it("waits for a scan that is not there yet, pending, in progress, or active without a first result", async () => {
        const early = sampleEcrAnswer("enhanced", [], start);
        const answer = await ask(
            [
                { error: "ScanNotFoundException", status: 400 },
                waiting("PENDING"),
                waiting("IN_PROGRESS"),
                { body: { ...early, imageScanFindings: { findings: [] } } },
                { body: sampleEcrAnswer("enhanced", [{}], start) },
            ],
            600,
        );
        assert.deepEqual(pauses, [5, 10, 20, 30]);
        const { report } = judgeAnswer(answer, subject);
        assert.deepEqual([report.complete, report.findings.length], [true, 1]);
    });

    it("gives up when the time is over, and says what the state was", async () => {
        const { report, raw } = judgeAnswer(await ask([waiting("PENDING")], 12), subject);
        assert.deepEqual(pauses, [5, 7]);
        assert.match(report.incompleteReasons.join("; "), /is PENDING: .*; gave up after 12 seconds$/);
        assert.notEqual(raw, null);
        const none = judgeAnswer(await ask([{ error: "ScanNotFoundException", status: 400 }], 12), subject);
        assert.match(
            none.report.incompleteReasons.join(),
            /has no scan of orders\/candidate@sha256.*gave up/,
        );
        assert.equal(none.raw, null);
    });

    it("asks once and says what the answer is worth, for who does not wait", async () => {
        const once = async (reply: EcrReply) => {
            server.replies = [reply];
            const question = {
                registryId: "123456789012",
                repositoryName: sampleRepository,
                digest: sampleDigest,
            };
            const { answer, state, error } = await askEcrOnce({ ...question, client: server.client() }, () =>
                AbortSignal.timeout(10_000),
            );
            return [state, error, answer.pages.length, answer.problems.length];
        };
        assert.deepEqual(await once({ body: sampleEcrAnswer("basic", [], start) }), ["final", null, 1, 0]);
        assert.deepEqual(await once(waiting("PENDING")), ["waiting", null, 1, 0]);
        const none = { error: "ScanNotFoundException", status: 400 };
        assert.deepEqual(await once(none), ["waiting", "ScanNotFoundException", 0, 1]);
        const busy = { error: "ThrottlingException", status: 400 };
        assert.deepEqual(await once(busy), ["failed", "ThrottlingException", 0, 1]);
        assert.equal(server.requests.length, 4);
    });

    it("asks again when the image was scanned again between two pages", async () => {
        const first = sampleEcrAnswer("enhanced", [{}], start);
        first.imageScanFindings["findingSeverityCounts"] = { CRITICAL: 2 };
        const second = structuredClone(first);
        second.imageScanFindings["imageScanCompletedAt"] = start.getTime() / 1000;
        const answer = await ask([
            { body: { ...first, nextToken: "a" } },
            { body: second },
            { body: { ...second, nextToken: "b" } },
            { body: second },
        ]);
        const { report } = judgeAnswer(answer, subject);
        assert.deepEqual([report.complete, report.findings.length, pauses], [true, 2, [5]]);
    });

    for (const [error, status, reason] of [
        ["ImageNotFoundException", 400, /ImageNotFoundException: about/],
        ["RepositoryNotFoundException", 400, /RepositoryNotFoundException/],
        ["AccessDeniedException", 400, /the role needs ecr:DescribeImageScanFindings/],
        ["ExpiredTokenException", 400, /ExpiredTokenException/],
        ["ValidationException", 400, /ValidationException/],
    ] as const) {
        it(`does not ask again after ${error}`, async () => {
            const { report } = judgeAnswer(await ask([{ error, status }]), subject);
            assert.match(report.incompleteReasons.join(), reason);
            assert.deepEqual([report.complete, server.requests.length, pauses], [false, 1, []]);
        });
    }

    for (const [error, status] of [
        ["ThrottlingException", 400],
        ["ServerException", 500],
        ["Anything", 503],
    ] as const) {
        it(`asks ${error} away, five times at most`, async () => {
            const good = judgeAnswer(
                await ask([
                    { error, status },
                    { error, status },
                    { body: sampleEcrAnswer("basic", [], start) },
                ]),
                subject,
            );
            assert.deepEqual([good.report.complete, good.report.findings], [true, []]);
            pauses.length = 0;
            const { report } = judgeAnswer(await ask([{ error, status }], 3_600), subject);
            assert.match(report.incompleteReasons.join(), new RegExp(`${error}: about`));
            assert.deepEqual(pauses, [5, 10, 20, 30]);
        });
    }

    it("believes neither a token that comes again nor another repository", async () => {
        const loop = { body: { ...sampleEcrAnswer("basic", [{}], start), nextToken: "again" } };
        assert.match((await ask([loop])).problems.join(), /nextToken repeats/);
        const other = {
            body: { ...sampleEcrAnswer("basic", [{}], start), repositoryName: "orders/staging" },
        };
        assert.match((await ask([other])).problems.join(), /about the repository orders\/staging/);
        assert.deepEqual(pauses, []);
    });

    it("stops after a hundred pages, and the report says that there are more", async () => {
        const body = sampleEcrAnswer("basic", [{}], start);
        const many = Array.from({ length: 101 }, (_, at) => ({ body: { ...body, nextToken: `token${at}` } }));
        const { report } = judgeAnswer(await ask(many), subject);
        assert.equal(server.requests.length, 100);
        assert.match(report.incompleteReasons.join("; "), /further findings that are not here \(nextToken\)/);
    });

    it("says what is wrong when nothing answers", async () => {
        await server.stop();
        const { report } = judgeAnswer(await ask([]), subject);
        assert.match(report.incompleteReasons.join(), /ECR gave no findings .*ECONNREFUSED/);
        server = await EcrServer.start();
    });
});
