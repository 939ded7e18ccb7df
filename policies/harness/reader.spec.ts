import { deepEqual, equal } from "node:assert/strict";
import { unknownCheckingProxy } from "@pulumi/policy";
import * as fc from "fast-check";
import { PropertyReader, rawProperties, ResourceReader, type PathSegment } from "./reader";
import { containsUnknown, unknown, unknownSentinels } from "./unknownValue";

const reader = (properties: Record<string, unknown>) => new PropertyReader(properties);

describe("reading properties", () => {
    it("tells known, unknown, absent and malformed apart", () => {
        const properties = reader({ a: { b: [true, unknown, null] }, text: "x", number: 0, empty: "" });
        deepEqual(properties.boolean("a", "b", 0), { kind: "known", value: true, property: "a.b[0]" });
        deepEqual(properties.boolean("a", "b", 1), { kind: "unknown", property: "a.b[1]" });
        deepEqual(properties.boolean("a", "b", 2), { kind: "absent", property: "a.b[2]" });
        deepEqual(properties.get("a", "c", "d"), { kind: "absent", property: "a.c.d" });
        deepEqual(properties.boolean("text"), {
            kind: "malformed",
            property: "text",
            why: "is not true or false",
        });
        deepEqual(properties.number("number"), { kind: "known", value: 0, property: "number" });
        deepEqual(properties.string("empty"), { kind: "known", value: "", property: "empty" });
        deepEqual(properties.get("text", "length"), { kind: "absent", property: "text.length" });
        deepEqual(properties.get("a", "b", "length").kind, "known");
    });

    it("stops at the first unknown value of a path and names it", () => {
        deepEqual(reader({ a: unknown }).get("a", "b", 3), { kind: "unknown", property: "a" });
    });

    it("takes an undecryptable secret for unknown", () => {
        equal(reader({ password: "[secret]" }).string("password").kind, "unknown");
    });

    it("does not see the keys of the provider bridge", () => {
        const properties = reader({ block: { __defaults: ["size"], size: 1 } });
        equal(properties.get("block", "__defaults").kind, "absent");
        const block = properties.object("block");
        deepEqual(block.kind === "known" ? block.value.keys() : block, ["size"]);
    });

    it("does not see what objects inherit", () => {
        equal(reader({}).get("constructor").kind, "absent");
        equal(reader({ a: {} }).get("a", "toString").kind, "absent");
        equal(
            reader(JSON.parse('{"a":{"__proto__":{"b":1}}}') as Record<string, unknown>).get("a", "b").kind,
            "absent",
        );
    });

    it("counts unknown elements of a list of texts instead of losing the others", () => {
        const list = reader({ ids: ["a", unknown, "b"] }).strings("ids");
        deepEqual(list, { kind: "known", value: { values: ["a", "b"], unknownCount: 1 }, property: "ids" });
        deepEqual(reader({ ids: "a" }).strings("ids"), {
            kind: "known",
            value: { values: ["a"], unknownCount: 0 },
            property: "ids",
        });
        equal(reader({ ids: [{}] }).strings("ids").kind, "malformed");
    });

    it("reads JSON given as text or as object, and names what does not parse", () => {
        const asText = reader({ policy: '{"a":[1]}' }).json("policy");
        deepEqual(asText.kind === "known" ? asText.value.number("a", 0) : asText, {
            kind: "known",
            value: 1,
            property: "policy.a[0]",
        });
        const asObject = reader({ policy: { a: unknown } }).json("policy");
        equal(asObject.kind === "known" ? asObject.value.get("a").kind : asObject.kind, "unknown");
        equal(reader({ policy: "{" }).json("policy").kind, "malformed");
        equal(reader({ policy: unknown }).json("policy").kind, "unknown");
        equal(reader({ policy: null }).json("policy").kind, "absent");
    });

    it("shows keys that are no identifiers in quotes", () => {
        equal(reader({}).get("tags", "gate:role").property, 'tags["gate:role"]');
    });

    it("reads a vanished property as unknown, at preview and only when it has dependencies", () => {
        const description = {
            type: "t",
            name: "n",
            urn: "u",
            properties: { present: null },
            propertyDependencies: { gone: ["x"], present: ["x"], empty: [] },
        };
        const preview = new ResourceReader({ ...description, preview: true });
        equal(preview.get("gone", "inner").kind, "unknown");
        equal(preview.get("empty").kind, "absent");
        equal(preview.get("other").kind, "absent");
        equal(new ResourceReader({ ...description, preview: false }).get("gone").kind, "absent");
    });

    it("steps behind the SDK's proxy, and leaves other objects alone", () => {
        const target = { a: unknown, b: { c: 1 } };
        equal(rawProperties(unknownCheckingProxy(target) as Record<string, unknown>), target);
        equal(rawProperties(target), target);
    });

    it("knows the same marks for unknown values as the installed SDK", () => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- internal modules without useful types
        const proxy = require("@pulumi/policy/proxy") as Record<string, string>;
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const rpc = require("@pulumi/pulumi/runtime/rpc") as { unknownValue: string };
        equal(rpc.unknownValue, unknown);
        const marks = Object.entries(proxy).filter(([key]) => /^unknown\w+Value$/.test(key));
        deepEqual(marks.map(([, mark]) => mark).sort(), Object.values(unknownSentinels).sort());
    });
});

/** What the reading must be, by walking step by step. */
function oracle(value: unknown, path: PathSegment[]): string {
    if (value === unknown) return "unknown";
    if (value === null || value === undefined) return "absent";
    const [segment, ...rest] = path;
    if (segment === undefined) return "known";
    if (typeof value !== "object") return "absent";
    return oracle((value as Record<string | number, unknown>)[segment], rest);
}

const key = fc.constantFrom("a", "b", "c");
const anyValue = fc.letrec((tie) => ({
    value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(unknown, null, "x", 1, true),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(key, tie("value"), { maxKeys: 3 }),
    ),
})).value;
const path = fc.array(fc.oneof(key, fc.nat(2)), { maxLength: 4 });

describe("what the provider only answers with", () => {
    it("is told from inputs, where these are known", () => {
        const description = { type: "a:b:C", name: "c", urn: "urn:c", properties: { set: 1, computed: 2 } };
        const inputs = new Set(["set"]);
        const told = new ResourceReader({ ...description, inputs });
        equal(told.isInput("set"), true);
        equal(told.isInput("computed"), false);
        equal(new ResourceReader(description).isInput("computed"), true);
    });
});

describe("reading properties, in general", () => {
    it("agrees with a walk step by step", () => {
        fc.assert(
            fc.property(fc.dictionary(key, anyValue), path, (properties, steps) => {
                equal(reader(properties).get(...steps).kind, oracle(properties, steps));
            }),
        );
    });

    it("finds every unknown inside, and only those", () => {
        fc.assert(
            fc.property(anyValue, (value) => {
                equal(containsUnknown(value), JSON.stringify(value).includes(unknown));
            }),
        );
    });

    it("never throws, through the SDK's proxy and for any path", () => {
        fc.assert(
            fc.property(fc.dictionary(key, anyValue), path, (properties, steps) => {
                const proxied = unknownCheckingProxy(properties) as Record<string, unknown>;
                const behind = reader(rawProperties(proxied));
                for (const method of [
                    "get",
                    "string",
                    "boolean",
                    "number",
                    "list",
                    "strings",
                    "object",
                    "json",
                ] as const) {
                    equal(typeof behind[method](...steps).kind, "string");
                }
            }),
        );
    });
});
