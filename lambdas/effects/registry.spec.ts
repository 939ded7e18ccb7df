import assert from "node:assert/strict";
import { ECRClient } from "@aws-sdk/client-ecr";
import { exampleAccount } from "../../gate/approval/testing/genuineShapes";
import {
    sampleDigest as digest,
    sampleEcrAnswer,
    sampleRepository as repository,
} from "../../gate/inspector/testing/inspectorAnswer";
import { registryEffects } from "./registry";
import { clientOf, JsonService, type JsonReply } from "./testing/jsonService";

const now = new Date();

describe("what the registry says about its scan", () => {
    let service: JsonService;
    beforeEach(async () => {
        service = await JsonService.start();
    });
    afterEach(() => service.stop());

    const ask = (
        replies: JsonReply[],
        {
            maxAttempts = 1,
            account = exampleAccount,
            scanType = "ENHANCED",
        }: { maxAttempts?: number; account?: typeof exampleAccount; scanType?: "ENHANCED" | "BASIC" } = {},
    ) => {
        service.replies = { DescribeImageScanFindings: replies };
        const client = new ECRClient({ ...clientOf(service.url), maxAttempts });
        return registryEffects(client, { account, scanType }, new AbortController().signal).askRegistry({
            repository,
            digest,
        });
    };
    const status = (name: string): JsonReply => ({
        body: {
            ...sampleEcrAnswer("enhanced", [], now),
            imageScanFindings: undefined,
            imageScanStatus: { status: name },
        },
    });

    it("has ended: a report about the image of our registry, and how many findings it lists", async () => {
        const answer = await ask([{ body: sampleEcrAnswer("enhanced", [{}, { severity: "LOW" }], now) }]);
        assert.ok(answer.kind === "ended");
        assert.equal(answer.total, 2);
        assert.deepEqual([answer.report.complete, answer.report.incompleteReasons], [true, []]);
        assert.deepEqual(answer.report.subject, {
            image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}@${digest}`,
            digest,
        });
        assert.deepEqual(service.requests, [
            {
                operation: "DescribeImageScanFindings",
                input: {
                    registryId: "123456789012",
                    repositoryName: repository,
                    imageId: { imageDigest: digest },
                    maxResults: 1000,
                },
            },
        ]);
    });

    it("names the registry of its partition", async () => {
        const account = { ...exampleAccount, partition: "aws-cn", region: "cn-north-1" };
        const answer = await ask([{ body: sampleEcrAnswer("enhanced", [], now) }], { account });
        assert.ok(answer.kind === "ended");
        assert.match(
            answer.report.subject.image,
            /^123456789012\.dkr\.ecr\.cn-north-1\.amazonaws\.com\.cn\//,
        );
    });

    it("is pending while a scan on push is called COMPLETE and has no time and no findings yet", async () => {
        const early = sampleEcrAnswer("enhanced", [], now);
        const body = {
            ...early,
            imageScanFindings: { findings: [] },
            imageScanStatus: { status: "COMPLETE" },
        };
        const answer = await ask([{ body }]);
        assert.ok(answer.kind === "pending");
        assert.match(answer.why, /is COMPLETE, and has not ended$/);
    });

    for (const name of ["PENDING", "IN_PROGRESS", "ACTIVE"]) {
        it(`is pending when ${name} without findings, asked once`, async () => {
            assert.deepEqual(await ask([status(name)]), {
                kind: "pending",
                why: `ECR's scan of ${repository}@${digest} is ${name}, and has not ended`,
            });
            assert.equal(service.requests.length, 1);
        });
    }

    it("is pending when it is of basic scanning and the gate goes by enhanced scanning", async () => {
        const replies = [{ body: sampleEcrAnswer("basic", [], now) }];
        assert.deepEqual(await ask(replies), {
            kind: "pending",
            why:
                `ECR's answer about ${repository}@${digest} is one of basic scanning, and this gate is configured ` +
                "for ENHANCED scanning",
        });
        for (const of of ["basic", "enhanced"] as const) {
            const answer = await ask([{ body: sampleEcrAnswer(of, [], now) }], { scanType: "BASIC" });
            assert.ok(answer.kind === "ended" && answer.report.complete);
        }
    });

    it("is pending when there is no scan yet", async () => {
        const answer = await ask([{ error: "ScanNotFoundException" }]);
        assert.ok(answer.kind === "pending");
        assert.match(answer.why, /^ECR has no scan of orders\/candidate@sha256:/);
    });

    for (const name of ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", "NEWER_THAN_THIS_GATE"]) {
        it(`has ended when ${name}, with a report that is not complete`, async () => {
            const answer = await ask([status(name)]);
            assert.ok(answer.kind === "ended");
            assert.equal(answer.report.complete, false);
            assert.match(answer.report.incompleteReasons.join(), new RegExp(`is ${name}`));
        });
    }

    for (const error of ["ImageNotFoundException", "RepositoryNotFoundException"]) {
        it(`has ended when there is no such image (${error})`, async () => {
            const answer = await ask([{ error }]);
            assert.ok(answer.kind === "ended");
            assert.deepEqual([answer.report.complete, answer.total], [false, 0]);
            assert.match(answer.report.incompleteReasons.join(), new RegExp(error));
        });
    }

    for (const [error, status] of [
        ["ThrottlingException", 400],
        ["ServerException", 500],
        ["AccessDeniedException", 400],
        ["ExpiredTokenException", 400],
        ["ValidationException", 400],
    ] as const) {
        it(`is not known after ${error}: that throws`, async () => {
            await assert.rejects(
                ask([{ error, status }]),
                new RegExp(`^ServiceError: ECR gave no findings for .*${error}: as told.*tried again$`),
            );
        });
    }

    it("throws when nothing answers, or the answer is about another repository", async () => {
        await assert.rejects(ask([{ cut: true }]), /ServiceError: ECR gave no findings/);
        const other = { ...sampleEcrAnswer("basic", [], now), repositoryName: "orders/other" };
        await assert.rejects(ask([{ body: other }]), /about the repository orders\/other/);
    });

    it("asks throttling away", async () => {
        const replies = [{ error: "ThrottlingException" }, { body: sampleEcrAnswer("enhanced", [], now) }];
        assert.equal((await ask(replies, { maxAttempts: 4 })).kind, "ended");
        assert.equal(service.requests.length, 2);
    });
});
