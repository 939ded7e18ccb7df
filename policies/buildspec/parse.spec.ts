import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { parseBuildspec } from "./parse";

const errorsOf = (text: string): string[] => parseBuildspec(text).errors;

describe("the buildspec reader", () => {
    it("reads every part that the rules use", () => {
        const { buildspec, errors } = parseBuildspec(`
version: 0.2
env:
  shell: bash
  variables: { MODE: "on", COUNT: 3 }
  exported-variables: [IMAGE_DIGEST]
  secrets-manager: { TOKEN: "app:token" }
  parameter-store: { PASSWORD: /app/password }
phases:
  post_build:
    commands: echo done
  build:
    on-failure: ABORT
    run-as: root
    commands:
      - |
        a
        b
      - >-
        c
        d
    finally: [e]
artifacts: { files: [image.json], secondary-artifacts: { report: { files: [r] } } }
reports: { tests: { files: [t] } }
`);
        deepEqual(errors, []);
        deepEqual(buildspec, {
            version: "0.2",
            env: {
                shell: "bash",
                variables: { MODE: "on", COUNT: "3" },
                exportedVariables: ["IMAGE_DIGEST"],
                secrets: { TOKEN: "app:token", PASSWORD: "/app/password" },
                fromSecretsManager: ["TOKEN"],
            },
            phases: [
                {
                    name: "build",
                    commands: ["a\nb\n", "c d"],
                    finally: ["e"],
                    onFailure: "ABORT",
                    runAs: "root",
                },
                { name: "post_build", commands: ["echo done"], finally: [], onFailure: null, runAs: null },
            ],
            batch: false,
            artifacts: { files: ["image.json"], names: ["report"] },
            reports: ["tests"],
        });
    });

    const refused: [string, string, RegExp][] = [
        ["a tab", "version: 0.2\nphases:\n\tbuild:", /^YAML: /],
        ["a key twice", "version: 0.2\nversion: 0.2\nphases: {build: {commands: [a]}}", /^YAML: /],
        [
            "a misspelt phase",
            "version: 0.2\nphases: {biuld: {commands: [a]}}",
            /^phases\.biuld: unknown phase/,
        ],
        [
            "a misspelt field",
            "version: 0.2\nphases: {build: {comands: [a]}}",
            /^phases\.build\.comands: unknown field/,
        ],
        ["version 0.1", "version: 0.1\nphases: {build: {commands: [a]}}", /^version is 0\.1/],
        ["no version", "phases: {build: {commands: [a]}}", /^version is missing/],
        ["no phase", "version: 0.2", /^phases: no phase/],
        [
            "an unknown failure mode",
            "version: 0.2\nphases: {build: {on-failure: IGNORE, commands: [a]}}",
            /^phases\.build\.on-failure is IGNORE/,
        ],
        [
            "a command that is a mapping",
            "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b",
            /^phases\.build\.commands\[0\] is not text/,
        ],
        ["text", "just text", /^is not a mapping/],
        ["nothing", "", /^is not a mapping/],
    ];
    for (const [title, text, expected] of refused) {
        it(`refuses ${title}`, () => {
            const errors = errorsOf(text);
            equal(errors.length, 1, errors.join(" | "));
            equal(expected.test(errors[0] ?? ""), true, errors[0]);
        });
    }

    it("reports all problems together", () => {
        equal(errorsOf("version: 1\nphase: {}\nphases: {biuld: {commands: [a]}}").length, 3);
    });

    it("never throws", () => {
        fc.assert(
            fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
                const result = parseBuildspec(text);
                equal((result.buildspec === null) !== (result.errors.length === 0), true);
            }),
        );
    });
});
