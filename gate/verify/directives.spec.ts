import assert from "node:assert/strict";
import { directiveFindings, withoutDirectives } from "./directives";

const found = (...lines: string[]) =>
    directiveFindings({ path: "Dockerfile", text: lines.join("\n") }).map(
        ({ rule, level, line }) => `${line} ${rule} ${level}`,
    );

describe("directives in a Dockerfile", () => {
    it("reports every way to switch rules of hadolint off", () => {
        for (const comment of [
            "# hadolint ignore=DL3007",
            "# hadolint global ignore=DL3007,DL3008",
            "# hadolint stage ignore = DL3007",
            "#hadolint ignore=DL3007 # because",
            "  #\thadolint\tignore\t=\tSC2086",
            "# hadolint shell=powershell",
            "# Hadolint Ignore=DL3007",
            "## hadolint ignore=DL3007\r",
        ]) {
            assert.deepEqual(found("FROM debian:13", comment, "USER app"), ["2 pragma warning"], comment);
        }
    });

    it("reports those of ShellCheck, wherever in the file", () => {
        assert.deepEqual(
            found(
                "FROM debian:13",
                "RUN <<EOF",
                "  # shellcheck disable=SC2086",
                "EOF",
                "RUN x # shellcheck shell=sh",
            ),
            ["3 pragma warning", "5 pragma warning"],
        );
    });

    it("reports BuildKit's checks only where BuildKit reads them", () => {
        assert.deepEqual(found("# check=skip=all", "FROM debian:13", "# check=skip=all"), [
            "1 pragma warning",
        ]);
        assert.deepEqual(found("#CHECK = skip=JSONArgsRecommended;error=true", "FROM x"), [
            "1 pragma warning",
        ]);
    });

    it("tells Docker's own frontend from any other", () => {
        for (const own of [
            "docker/dockerfile:1",
            "docker.io/docker/dockerfile:1.7",
            "docker/dockerfile",
            "docker/dockerfile@sha256:0",
        ])
            assert.deepEqual(found(`# syntax=${own}`, "FROM debian:13"), ["1 frontend info"], own);
        for (const other of [
            "evil/dockerfile:1",
            "docker/dockerfile.evil.example/x",
            "evil.example/docker/dockerfile:1",
        ])
            assert.deepEqual(found(`# syntax=${other}`, "FROM debian:13"), ["1 frontend error"], other);
    });

    it("knows BuildKit's other spellings of syntax", () => {
        assert.deepEqual(found("#!/usr/bin/env docker", "// syntax = evil/x", "FROM x"), [
            "2 frontend error",
        ]);
        assert.deepEqual(found('{"syntax": "evil/x"}'), ["1 frontend error"]);
        assert.deepEqual(found("FROM debian:13", "# syntax=evil/x"), []);
    });

    it("finds nothing in ordinary comments", () => {
        assert.deepEqual(
            found(
                "# linted with hadolint",
                "FROM debian:13",
                "# ignore=DL3007",
                "RUN echo hadolint ignore=1",
                "# shell=bash",
            ),
            [],
        );
    });

    it("says what, where and what to do", () => {
        const [finding] = directiveFindings({
            path: "a/Dockerfile",
            text: "FROM x\n# hadolint ignore=DL3007\n",
        });
        assert.deepEqual(finding, {
            rule: "pragma",
            level: "warning",
            message:
                '"# hadolint ignore=DL3007" asks for rules to be switched off; they stay on: ' +
                "remove it, exceptions belong to the pipeline's configuration",
            file: "a/Dockerfile",
            line: 2,
            column: 1,
            url: "https://github.com/hadolint/hadolint#inline-ignores",
            source: "file:2",
        });
    });

    it("takes out what no option of hadolint switches off, and nothing else", () => {
        const text = [
            "FROM debian:13",
            "# hadolint shell=powershell",
            "# hadolint ignore=DL3007",
            "RUN <<EOF",
            "# shellcheck disable=SC2086,SC2154",
            "shellcheck disable=1",
            "EOF",
        ].join("\n");
        assert.deepEqual(withoutDirectives(text).split("\n"), [
            "FROM debian:13",
            "#",
            "# hadolint ignore=DL3007",
            "RUN <<EOF",
            "# shell_check disable=SC2086,SC2154",
            "shellcheck disable=1",
            "EOF",
        ]);
    });
});
