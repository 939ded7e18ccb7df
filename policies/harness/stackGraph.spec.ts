import { deepEqual, equal } from "node:assert/strict";
import { unknown, type ResourceDescription } from "./reader";
import { arnNames, StackGraph, type Reference } from "./stackGraph";

const urn = (name: string) => `urn:${name}`;
const resource = (
    name: string,
    type: string,
    properties: Record<string, unknown>,
    dependencies: Record<string, string[]> = {},
): ResourceDescription => ({
    name,
    type,
    urn: urn(name),
    properties,
    propertyDependencies: Object.fromEntries(
        Object.entries(dependencies).map(([key, names]) => [key, names.map(urn)]),
    ),
});

/** A reference with names in place of readers. */
function inWords(reference: Reference): unknown {
    if (reference.kind === "exact") return `exact ${reference.resource.name}`;
    if (reference.kind === "candidates")
        return `candidates ${reference.resources.map(({ name }) => name).join(" ")}`;
    if (reference.kind === "external" || reference.kind === "dangling")
        return `${reference.kind} ${reference.value}`;
    return `${reference.kind} ${reference.property}`;
}

function referenceOf(
    properties: Record<string, unknown>,
    dependencies: Record<string, string[]> = {},
    externalReferences: string[] = [],
): unknown {
    const graph = StackGraph.of(
        [
            resource("role-a", "role", { name: "build", arn: unknown }),
            resource("role-b", "role", { name: "deploy", arn: "arn:aws:iam::123456789012:role/deploy" }),
            resource("topic", "topic", { name: "build" }),
            resource("from", "project", properties, dependencies),
        ],
        { externalReferences },
    );
    const from = graph.byUrn(urn("from"));
    return from && inWords(graph.reference(from, ["role"], ["role"]));
}

describe("references between resources", () => {
    it("by name, among the wanted types only", () => {
        equal(referenceOf({ role: "build" }), "exact role-a");
    });

    it("by ARN, and by the name in an ARN while the resource's own ARN is not known", () => {
        equal(referenceOf({ role: "arn:aws:iam::123456789012:role/deploy" }), "exact role-b");
        equal(referenceOf({ role: "arn:aws:iam::123456789012:role/service/build" }), "exact role-a");
    });

    it("another account's ARN with the same name is another resource when the own ARN is known", () => {
        const other = "arn:aws:iam::123456789012:role/other/deploy";
        equal(referenceOf({ role: other }), `dangling ${other}`);
    });

    it("a known value wins over dependencies", () => {
        equal(referenceOf({ role: "build" }, { role: ["role-b"] }), "exact role-a");
    });

    it("an unknown value by its only dependency of the type", () => {
        equal(referenceOf({ role: unknown }, { role: ["topic", "role-b"] }), "exact role-b");
    });

    it("an unknown value with several dependencies of the type", () => {
        equal(
            referenceOf({ role: unknown }, { role: ["role-a", "role-b", "role-a"] }),
            "candidates role-a role-b",
        );
    });

    it("an unknown value without a trace", () => {
        equal(referenceOf({ role: unknown }, { other: ["role-a"], role: ["topic"] }), "unknown role");
    });

    it("external by configuration, dangling, absent", () => {
        equal(referenceOf({ role: "shared-1" }, {}, ["shared-*"]), "external shared-1");
        equal(referenceOf({ role: "typo" }, {}, ["shared-*"]), "dangling typo");
        equal(referenceOf({ role: null }), "absent role");
    });

    it("elements of a list, known and unknown ones", () => {
        const graph = (subnets: unknown, dependencies: string[]) => {
            const built = StackGraph.of([
                resource("a", "subnet", { id: "subnet-a" }),
                resource("b", "subnet", {}),
                resource("c", "subnet", {}),
                resource("from", "service", { subnets }, { subnets: dependencies }),
            ]);
            const from = built.byUrn(urn("from"));
            return from && built.references(from, ["subnets"], ["subnet"]).map(inWords);
        };
        deepEqual(graph(["subnet-a", unknown], ["a", "b"]), ["exact a", "exact b"]);
        deepEqual(graph([unknown, unknown], ["b", "c"]), ["exact b", "exact c"]);
        deepEqual(graph([unknown], ["b", "c"]), ["candidates b c"]);
        deepEqual(graph(unknown, ["b", "c"]), ["candidates b c"]);
        deepEqual(graph([unknown], []), ["unknown subnets"]);
        deepEqual(graph(["subnet-x"], []), ["dangling subnet-x"]);
        deepEqual(graph(undefined, []), []);
    });

    it("referrers: certain ones and possible ones", () => {
        const graph = StackGraph.of([
            resource("a", "table", {}),
            resource("b", "table", {}),
            resource("sure", "route", { table: unknown }, { table: ["a"] }),
            resource("maybe", "route", { table: unknown }, { table: ["a", "b"] }),
            resource("open", "route", { table: unknown }),
            resource("other", "route", { table: unknown }, { table: ["b"] }),
        ]);
        const target = graph.byUrn(urn("a"));
        const found = target && graph.referrers(target, ["route"], "table");
        deepEqual(
            found?.certain.map(({ name }) => name),
            ["sure"],
        );
        deepEqual(
            found?.possible.map(({ name }) => name),
            ["maybe", "open"],
        );
    });

    it("ancestors end at a loop", () => {
        const graph = StackGraph.of([
            { ...resource("a", "t", {}), parent: urn("b") },
            { ...resource("b", "t", {}), parent: urn("a") },
        ]);
        const start = graph.byUrn(urn("a"));
        deepEqual(start && graph.ancestors(start).map(({ name }) => name), ["b", "a"]);
    });

    it("names in ARNs", () => {
        deepEqual(arnNames("arn:aws:ecr:eu-west-1:123456789012:repository/team/app"), [
            "repository/team/app",
            "team/app",
        ]);
        deepEqual(arnNames("arn:aws:iam::123456789012:role/service/build"), [
            "role/service/build",
            "service/build",
            "build",
        ]);
        deepEqual(arnNames("arn:aws:sns:eu-west-1:123456789012:topic"), ["topic"]);
        deepEqual(arnNames("arn:aws:logs:eu-west-1:123456789012:log-group:/a/b"), ["log-group:/a/b", "/a/b"]);
        deepEqual(arnNames("no arn"), []);
    });
});
