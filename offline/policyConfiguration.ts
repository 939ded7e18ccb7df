/**
 * Levels and settings of policies, as `pulumi preview --policy-pack-config FILE` takes them. Put together as the engine
 * does (pkg/resource/analyzer/config.go): defaults of the schemas, then the pack's own configuration, then the file;
 * then checked against the schemas. Beyond the engine, names that the pack does not have are refused: the engine
 * passes over them in silence, and a mistyped rule id would leave a rule at the wrong level.
 */
import { readFileSync } from "node:fs";
import { didYouMean } from "../gate/policy/didYouMean";
import { checkPolicyConfiguration } from "../policies/harness/policyConfiguration";
import type { analyzerMessages, Struct } from "./engine/protocol";
import type { EnforcementLevel } from "./model";
import { enforcementLevels } from "./policyMessages";

/** One entry of the file. */
export interface GivenPolicy {
    level?: EnforcementLevel;
    properties: Record<string, unknown>;
}

/** The file, and what its entries mean. */
export interface GivenConfiguration {
    document: Record<string, unknown>;
    policies: ReadonlyMap<string, GivenPolicy>;
}

export const noConfiguration: GivenConfiguration = { document: {}, policies: new Map() };

/** Name under which our own pack announces itself. */
export const ownPack = "portcullis";

/** By policy name: what the pack is configured with. */
export type ReconciledConfiguration = Map<
    string,
    { level: EnforcementLevel; properties: Record<string, unknown> }
>;

/** A policy configuration that cannot be used; one line per problem. */
export class PolicyConfigurationError extends Error {
    constructor(readonly lines: string[]) {
        super(lines.join("\n"));
    }
}

/** Reads the file; throws `PolicyConfigurationError`. */
export function readPolicyConfiguration(file: string): GivenConfiguration {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        throw new PolicyConfigurationError([
            `--policy-config ${file} cannot be read: ${(error as Error).message}`,
        ]);
    }
    try {
        return parsePolicyConfiguration(text);
    } catch (error) {
        throw error instanceof PolicyConfigurationError
            ? new PolicyConfigurationError(error.lines.map((line) => `${file}: ${line}`))
            : error;
    }
}

/** Pure: the text of a configuration file; throws `PolicyConfigurationError` with every problem. */
export function parsePolicyConfiguration(text: string): GivenConfiguration {
    if (text.trim() === "") {
        return noConfiguration;
    }
    let document: unknown;
    try {
        document = JSON.parse(text);
    } catch (error) {
        throw new PolicyConfigurationError([`not JSON: ${(error as Error).message.split("\n")[0] ?? ""}`]);
    }
    if (!isObject(document)) {
        throw new PolicyConfigurationError(["must be a JSON object of policy names"]);
    }
    const problems: string[] = [];
    const policies = new Map<string, GivenPolicy>();
    for (const [name, value] of Object.entries(document)) {
        if (name === "environments") {
            problems.push(
                "environments: Pulumi ESC is not asked offline; put the values that the rules need into the file",
            );
        } else if (typeof value === "string") {
            policies.set(name, { ...levelOf(name, value, problems), properties: {} });
        } else if (isObject(value)) {
            const { enforcementLevel, ...properties } = value;
            const level = enforcementLevel === undefined ? {} : levelOf(name, enforcementLevel, problems);
            policies.set(name, { ...level, properties });
        } else {
            problems.push(`${name}: must be a level or an object with enforcementLevel and settings`);
        }
    }
    if (problems.length > 0) {
        throw new PolicyConfigurationError(problems);
    }
    return { document, policies };
}

/** What every policy of the pack is configured with; throws `PolicyConfigurationError` with every problem. */
export async function reconcile(
    info: analyzerMessages.AnalyzerInfo,
    given: GivenConfiguration,
): Promise<ReconciledConfiguration> {
    const policies = info.getPoliciesList();
    const schemas = new Map(
        policies.map((policy) => [policy.getName(), propertiesOf(policy.getConfigschema()?.getProperties())]),
    );
    const result: ReconciledConfiguration = new Map(
        policies.map((policy) => [
            policy.getName(),
            {
                level: enforcementLevels[policy.getEnforcementlevel()] ?? "advisory",
                properties: defaultsOf(schemas.get(policy.getName()) ?? {}),
            },
        ]),
    );
    apply(result, initialConfiguration(info));
    // Our own pack knows more about its settings than a schema can say.
    const own = info.getName() === ownPack;
    const problems = own ? checkPolicyConfiguration(given.document) : unknownNames(given.policies, schemas);
    apply(result, given.policies);
    // Defaults of a pack are its own business; only what a person wrote is worth a refusal.
    for (const policy of own ? [] : policies) {
        if (Object.keys(given.policies.get(policy.getName())?.properties ?? {}).length > 0) {
            const required = policy.getConfigschema()?.getRequiredList() ?? [];
            const schema = { type: "object", properties: schemas.get(policy.getName()) ?? {}, required };
            const properties = result.get(policy.getName())?.properties ?? {};
            problems.push(...(await schemaProblems(policy.getName(), schema, properties)));
        }
    }
    if (problems.length > 0) {
        throw new PolicyConfigurationError(problems.map((problem) => `policy configuration: ${problem}`));
    }
    return result;
}

type Schema = Record<string, Record<string, unknown>>;

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function levelOf(name: string, level: unknown, problems: string[]): { level?: EnforcementLevel } {
    const known = enforcementLevels.find((each) => each === level);
    if (known === undefined) {
        problems.push(
            `${name}: ${JSON.stringify(level)} is no enforcement level; ${[...enforcementLevels].sort().join(", ")} are`,
        );
        return {};
    }
    return { level: known };
}

function propertiesOf(struct: Struct | undefined): Schema {
    return (struct?.toJavaScript() ?? {}) as Schema;
}

function defaultsOf(schema: Schema): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(schema)
            .filter(([, property]) => property["default"] !== undefined)
            .map(([key, property]) => [key, property["default"]]),
    );
}

function initialConfiguration(info: analyzerMessages.AnalyzerInfo): ReadonlyMap<string, GivenPolicy> {
    return new Map(
        [...info.getInitialconfigMap().entries()].map(([name, config]) => [
            name,
            {
                level: enforcementLevels[config.getEnforcementlevel()] ?? "advisory",
                properties: (config.getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>,
            },
        ]),
    );
}

function apply(result: ReconciledConfiguration, given: ReadonlyMap<string, GivenPolicy>): void {
    const all = given.get("all")?.level;
    for (const [name, current] of result) {
        const own = given.get(name);
        result.set(name, {
            level: own?.level ?? all ?? current.level,
            properties: { ...current.properties, ...own?.properties },
        });
    }
}

function unknownNames(
    given: ReadonlyMap<string, GivenPolicy>,
    schemas: ReadonlyMap<string, Schema>,
): string[] {
    return [...given].flatMap(([name, { properties }]) => {
        if (name === "all") {
            return Object.keys(properties).length > 0
                ? ["all: takes a level only; settings belong to one policy"]
                : [];
        }
        const schema = schemas.get(name);
        if (schema === undefined) {
            return [`the pack has no policy "${name}"${didYouMean(name, [...schemas.keys()])}`];
        }
        return Object.keys(properties)
            .filter((key) => !Object.hasOwn(schema, key))
            .map((key) =>
                Object.keys(schema).length === 0
                    ? `${name}: takes no settings, so not "${key}" either`
                    : `${name}: has no setting "${key}"${didYouMean(key, Object.keys(schema))}`,
            );
    });
}

async function schemaProblems(
    policy: string,
    schema: Record<string, unknown>,
    properties: Record<string, unknown>,
): Promise<string[]> {
    // Loaded only by who gives settings; the command starts faster without it.
    const { z } = await import("zod");
    const parsed = z.fromJSONSchema(schema).safeParse(properties);
    return parsed.success
        ? []
        : parsed.error.issues.map(
              ({ path, message }) => `${[policy, ...path.map(String)].join(".")}: ${message}`,
          );
}
