import assert from "node:assert/strict";
import { fileNameOf, parseArtefactAddress, redirectTarget, textOf } from "./artefactAddress";
import { ToolError } from "./toolError";

describe("address of an artefact", () => {
    it("is https, http on this machine, or an object in S3", () => {
        for (const [text, file] of [
            ["https://example.org/v1.2.3/tool.tar.gz?signature=abc#part", "tool.tar.gz"],
            ["http://127.0.0.1:8080/tool", "tool"],
            ["http://[::1]/tool", "tool"],
            ["http://localhost/tool", "tool"],
            ["s3://tools/a/b/tool_1.2.3", "tool_1.2.3"],
        ] as const) {
            assert.equal(fileNameOf(parseArtefactAddress(text)), file);
        }
    });

    it("is shown without what a signed address carries", () => {
        assert.equal(
            textOf(parseArtefactAddress("https://example.org/a?signature=abc")),
            "https://example.org/a",
        );
        assert.equal(textOf(parseArtefactAddress("s3://tools/a/b")), "s3://tools/a/b");
    });

    for (const text of [
        "http://example.org/tool",
        "http://127.0.0.1.example.org/tool",
        "http://localhost.example.org/tool",
        "http://127.0.0.2/tool",
        "HTTP://example.org/tool",
        "ftp://127.0.0.1/tool",
        "file:///tool",
        "//example.org/tool",
        "tool",
        "",
        "s3://tools",
        "s3://tools/",
        "s3://tools//tool",
        "s3://tools/./tool",
        "s3://tools/a/../tool",
        "s3://Tools/tool",
        "https://user@example.org/tool",
        "https://:word@example.org/tool",
    ]) {
        it(`is not ${text || "nothing"}`, () =>
            assert.throws(
                () => parseArtefactAddress(text),
                (error) => error instanceof ToolError && error.kind === "refused" && !error.passing,
            ));
    }
});

describe("redirect", () => {
    const target = (from: string, location: string | null) => redirectTarget(new URL(from), location).href;

    it("leads from https to https, relative or to another host", () => {
        assert.equal(target("https://a.example.org/x/y", "z"), "https://a.example.org/x/z");
        assert.equal(target("https://a.example.org/x", "//b.example.org/z"), "https://b.example.org/z");
        assert.equal(target("http://127.0.0.1/x", "https://b.example.org/z"), "https://b.example.org/z");
        assert.equal(target("http://127.0.0.1/x", "http://localhost:1/z"), "http://localhost:1/z");
    });

    for (const location of [
        "http://a.example.org/z",
        "http://127.0.0.1/z",
        "http://localhost/z",
        "ftp://a/z",
        "file:///z",
    ]) {
        it(`never leads from https to ${location}`, () =>
            assert.throws(
                () => target("https://a.example.org/x", location),
                /which is not https; use an address/,
            ));
    }

    it("does not show what a signed address carries", () =>
        assert.throws(
            () => target("https://a.example.org/x?signature=abc", "http://b.example.org/z?signature=def"),
            (error: Error) => !error.message.includes("signature"),
        ));
});
