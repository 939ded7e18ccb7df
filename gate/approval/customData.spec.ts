import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { ApprovalSubject } from "./approvalRequest";
import { approvalQuestion, CustomDataError, parseCustomData } from "./customData";
import { digestOf, exampleSubject } from "./testing/genuineShapes";

const subject = exampleSubject();
const advice = "; release a new execution of the pipeline as this stack configures it";

/** The message without the words that begin and end each. */
function refusal(text: unknown): string {
    try {
        parseCustomData(text);
    } catch (error) {
        assert.ok(error instanceof CustomDataError, String(error));
        const begin = "the approval's custom data ";
        assert.ok(error.message.startsWith(begin) && error.message.endsWith(advice), error.message);
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        return error.message.slice(begin.length, -advice.length);
    }
    assert.fail("it was read");
}

function refusalOf(changes: Record<string, unknown>): string {
    return refusal(JSON.stringify({ ...subject, ...changes }));
}

describe("custom data of an approval", () => {
    it("is asked in JSON with the pipeline's variables, in a fixed order", () => {
        assert.equal(
            approvalQuestion("orders", {
                commit: "#{Source.CommitId}",
                execution: "#{codepipeline.PipelineExecutionId}",
                image: "#{Build.IMAGE_URI}",
                digest: "#{Build.IMAGE_DIGEST}",
            }),
            '{"application":"orders","digest":"#{Build.IMAGE_DIGEST}","image":"#{Build.IMAGE_URI}",' +
                '"execution":"#{codepipeline.PipelineExecutionId}","commit":"#{Source.CommitId}"}',
        );
    });

    it("is read as it was asked, filled in", () => {
        const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
        const anySubject = fc
            .record({
                application: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
                hash: hex(64),
                execution: fc.uuid(),
                commit: hex(40),
                repository: fc.stringMatching(/^[a-z0-9]{1,30}(-[a-z0-9]{1,30}){0,7}$/),
            })
            .map(({ application, hash, execution, commit, repository }): ApprovalSubject => ({
                application,
                digest: `sha256:${hash}`,
                image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}@sha256:${hash}`,
                execution,
                commit,
            }));
        fc.assert(
            fc.property(anySubject, (asked) => {
                assert.deepEqual(parseCustomData(approvalQuestion(asked.application, asked)), asked);
            }),
        );
    });

    it("may have white space around it, as a text block of a template leaves it", () => {
        assert.deepEqual(parseCustomData(`\n ${JSON.stringify(subject, null, 2)}\n`), subject);
    });

    it("fits with the longest names that there can be", () => {
        const repository = "r".repeat(256);
        const longest = exampleSubject({
            application: "a".repeat(63),
            image: `123456789012.dkr.ecr.ap-southeast-4.amazonaws.com.cn/${repository.slice(1)}@${digestOf("a")}`,
        });
        const text = approvalQuestion(longest.application, longest);
        assert.deepEqual(parseCustomData(text), longest);
        assert.ok(text.length < 750, String(text.length));
    });

    it("is refused when it is no text, empty, too long or no JSON", () => {
        for (const nothing of [undefined, null, 5, true, {}, [], "", " \n"]) {
            assert.equal(refusal(nothing), "is missing");
        }
        assert.equal(refusal(`{"a":"${"x".repeat(2_000)}"}`), "has 2008 characters, more than 2000");
        assert.match(
            refusal("Please approve\nwithin a week"),
            /^"Please approve\\nwithin a week" cannot be read as JSON \(/,
        );
        assert.match(refusal("[".repeat(1_999)), /cannot be read as JSON/);
        assert.equal(refusal("[]"), "is a list and not an object");
        assert.equal(refusal("null"), "is null and not an object");
        assert.equal(refusal('"x"'), 'is "x" and not an object');
    });

    it("is refused when a key stands twice, however it is written", () => {
        const text = JSON.stringify(subject);
        const twice = `${text.slice(0, -1)},"digest":"${digestOf("b")}"}`;
        assert.match(refusal(twice), /cannot be read as JSON \(key "digest" stands twice in one object\)$/);
        assert.match(
            refusal(twice.replace(/"digest":"sha256:b/, '"d\\u0069gest":"sha256:b')),
            /stands twice/,
        );
    });

    it("is refused when a key is missing, one too many, or no text", () => {
        assert.equal(refusalOf({ approved: "yes" }), 'has the key "approved", which no question of ours has');
        assert.equal(
            refusal(JSON.stringify(subject).replace("{", '{"__proto__":{"digest":"x"},')),
            'has the key "__proto__", which no question of ours has',
        );
        for (const key of Object.keys(subject)) {
            assert.equal(refusalOf({ [key]: undefined }), `says nothing as ${key}, which must be text`);
            assert.equal(refusalOf({ [key]: null }), `says null as ${key}, which must be text`);
            assert.equal(refusalOf({ [key]: ["x"] }), `says a list as ${key}, which must be text`);
            assert.equal(
                refusalOf({ [key]: { digest: "x" } }),
                `says an object as ${key}, which must be text`,
            );
            assert.equal(refusalOf({ [key]: 5 }), `says 5 as ${key}, which must be text`);
        }
    });

    it("is refused when CodePipeline left a variable unfilled, which is named", () => {
        for (const key of Object.keys(subject)) {
            assert.equal(
                refusalOf({ [key]: "#{Build.IMAGE_DIGEST}" }),
                `has the variable #{Build.IMAGE_DIGEST} as ${key}: CodePipeline left it unfilled, so the action before ` +
                    "did not export it",
            );
        }
        assert.match(
            refusalOf({ image: "host/orders@#{Build.IMAGE_DIGEST}" }),
            /variable #\{Build\.IMAGE_DIGEST\} as image/,
        );
    });

    it("is refused when a value is not of its pattern", () => {
        const hash = "a".repeat(64);
        const wrong: Record<string, unknown[]> = {
            application: ["", "Orders", "orders_1", "-orders", "orders/..", "o".repeat(64), "orders\n"],
            digest: [
                `sha256:${hash.slice(1)}`,
                `sha256:${hash}0`,
                `sha256:${"A".repeat(64)}`,
                `sha512:${hash}`,
                hash,
                `sha256:${hash}\n`,
                ` sha256:${hash}`,
            ],
            execution: [
                "",
                "unreadable",
                "5D8F3C1E-7A4B-4D6E-9F20-000000000001",
                "5d8f3c1e7a4b4d6e9f20000000000001",
                "5d8f3c1e-7a4b-4d6e-9f20-00000000000g",
                "../5d8f3c1e-7a4b-4d6e-9f20-000000000001",
            ],
            commit: ["", "main", "c0ffee", "C".repeat(40), "c".repeat(41)],
            image: [
                "",
                "orders",
                "host/orders:latest",
                `host/orders@${digestOf("a")}@${digestOf("a")}`,
                `orders@${digestOf("a")}`,
                `https://host.example/orders@${digestOf("a")}`,
            ],
        };
        for (const [key, values] of Object.entries(wrong)) {
            for (const value of values) {
                assert.match(
                    refusalOf({ [key]: value }),
                    new RegExp(`^says ${key} .* which is not `),
                    String(value),
                );
            }
        }
        assert.equal(
            refusalOf({ commit: "main" }),
            'says commit "main", which is not the full id of a commit',
        );
    });

    it("is refused when the image is another than the digest", () => {
        assert.equal(
            refusalOf({ digest: digestOf("b") }),
            `contradicts itself: its image has the digest ${digestOf("a")}, its digest is ${digestOf("b")}`,
        );
    });

    it("is shown in one line, without what could forge another", () => {
        const text = refusalOf({ commit: `x\u2028\u202e\u009b31m${"y".repeat(500)}` });
        assert.match(text, /^says commit "x\?\?\?31my{93}…", which is not the full id of a commit$/);
    });
});
