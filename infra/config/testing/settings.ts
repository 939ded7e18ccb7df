import assert from "node:assert/strict";
import { ConfigError } from "../problems";
import type { StackConfig } from "../schema";
import { validateConfig } from "../validateConfig";

export type Settings = Record<string, unknown>;

export const applications = [{ name: "demo", source: { type: "codecommit" } }];

/** As the Pulumi engine hands settings over: text; objects and lists as JSON. */
export function raw(settings: Settings): Record<string, string> {
    const entries = Object.entries(settings).map(([name, value]): [string, string] => [
        name.includes(":") ? name : `portcullis:${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return Object.fromEntries(entries);
}

export function accepted(settings: Settings): StackConfig {
    return validateConfig(raw({ applications, ...settings }), "portcullis", "dev");
}

/** Problems as `path: allowed`, in the order of the report. */
export function problems(settings: Settings, project = "portcullis", stack = "dev"): string[] {
    try {
        validateConfig(raw({ applications, ...settings }), project, stack);
    } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems.map(({ path, allowed }) => `${path}: ${allowed}`).sort();
    }
    return [];
}
