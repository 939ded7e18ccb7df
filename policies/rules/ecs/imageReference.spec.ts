import { deepEqual, equal } from "node:assert/strict";
import { isAllowedRepository, parseImageReference } from "./imageReference";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("image references", () => {
    const readable: [text: string, expected: object][] = [
        ["postgres", { repository: "docker.io/library/postgres" }],
        ["anchore/engine:v1", { repository: "docker.io/anchore/engine", tag: "v1" }],
        ["index.docker.io/anchore/engine", { repository: "docker.io/anchore/engine" }],
        ["localhost/app:1", { repository: "localhost/app", tag: "1" }],
        ["registry.internal:5000/team/app", { repository: "registry.internal:5000/team/app" }],
        ["registry.internal:5000/app:1", { repository: "registry.internal:5000/app", tag: "1" }],
        [`app@${digest}`, { repository: "docker.io/library/app", digest }],
        [`quay.io/a/b:1.2@${digest}`, { repository: "quay.io/a/b", tag: "1.2", digest }],
    ];
    for (const [text, expected] of readable) {
        it(`reads ${text}`, () => deepEqual(parseImageReference(text), expected));
    }

    const unreadable = [
        "",
        "app@sha256:1234",
        `app@${digest}@${digest}`,
        "a b",
        "app:",
        "app:tag:tag",
        `app@${digest.toUpperCase()}`,
    ];
    for (const text of unreadable) {
        it(`does not read "${text}"`, () => equal(parseImageReference(text), undefined));
    }
});

describe("allowed registries", () => {
    const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app";
    const cases: [repository: string, allowed: string[], expected: boolean][] = [
        ["docker.io/anchore/engine", ["docker.io/anchore"], true],
        ["docker.io/anchore-evil/engine", ["docker.io/anchore"], false],
        ["docker.io/anchore", ["docker.io/anchore/engine"], false],
        ["evil.io/docker.io/anchore/engine", ["docker.io/anchore"], false],
        [ecr, ["*.dkr.ecr.*.amazonaws.com"], true],
        ["123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.io/app", ["*.dkr.ecr.*.amazonaws.com"], false],
        ["evil.io/x.dkr.ecr.y.amazonaws.com/app", ["*.dkr.ecr.*.amazonaws.com"], false],
        ["quay.io/a", [], false],
    ];
    for (const [repository, allowed, expected] of cases) {
        it(`${repository} in [${allowed.join()}]: ${expected}`, () => {
            equal(isAllowedRepository(repository, allowed), expected);
        });
    }
});
