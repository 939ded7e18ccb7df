import { deepEqual } from "node:assert/strict";
import { exampleArns, gateStack, permissionExample } from "../../gate/exampleGate";
import { findingsOf, runExample } from "../../harness/examples";
import type { ExampleResource } from "../../harness/rule";
import { allow, roleExample } from "../../pipeline/exampleResources";
import { onlyPipelinesAnnounce } from "./onlyPipelinesAnnounce";

function found(...added: ExampleResource[]): string[] {
    const example = { title: "", shows: "bad" as const, resources: gateStack(...added), expect: [] };
    return findingsOf(runExample(onlyPipelinesAnnounce, example)).map(
        ({ kind, resource }) => `${kind} ${resource ?? ""}`,
    );
}

const builderMay = (...[actions, resource]: [string, string]) => roleExample("build-role", [allow(actions, resource)]); // prettier-ignore

describe("Announcing an approval past the topic (GATE-02)", () => {
    it("a role that may start the recorder", () => {
        deepEqual(found(builderMay("lambda:InvokeFunction", exampleArns.recorder)), ["violation build-role"]);
    });

    it("a role that may start any version of it", () => {
        deepEqual(found(builderMay("lambda:Invoke*", `${exampleArns.recorder}:*`)), ["violation build-role"]);
    });

    it("a role that may start another function is fine", () => {
        deepEqual(found(builderMay("lambda:InvokeFunction", `${exampleArns.recorder}2`)), []);
    });

    for (const who of ["s3", "apigateway"])
        it(`a permission for ${who}`, () => {
            deepEqual(found(permissionExample("added", "recorder", who, undefined)), ["violation added"]);
        });

    it("a permission for a rule is fine", () => {
        deepEqual(found(permissionExample("added", "recorder", "events", exampleArns.rule)), []);
    });

    it("a permission for another function is none for the recorder", () => {
        deepEqual(found(permissionExample("added", "recorder2", "s3", undefined)), []);
    });
});
