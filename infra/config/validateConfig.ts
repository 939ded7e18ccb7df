/** From the raw settings of the Pulumi engine to a checked configuration. Pure. */
import { z } from "zod";
import { crossProblems } from "./crossRules";
import { didYouMean } from "../../gate/policy/didYouMean";
import { valueAt } from "../../gate/policy/policyProblems";
import { ConfigError, problemsOf, type ConfigProblem } from "./problems";
import { withoutFaults } from "./remainder";
import { stackConfigSchema, type StackConfig } from "./schema";

/** Our namespace in the stack file. Fixed, so that the files stay valid if someone renames the project. */
export const configNamespace = "portcullis";

const shape = stackConfigSchema.shape;
const settingNames = Object.keys(shape);

/** The key whose value is a plain word; all others are objects or lists, which Pulumi hands over as JSON. */
const plainSettings = new Set(["protection"]);

/** Takes wrappers (default, optional, …) off a schema. */
function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
    let inner = schema;
    for (;;) {
        const def = inner?._zod.def as { innerType?: z.core.$ZodType; type?: string } | undefined;
        if (def?.innerType === undefined) return inner;
        inner = def.innerType;
    }
}

/**
 * Members of a union; of one told apart by a property only those that the value can be, if it says so.
 * @param value what the document holds there.
 */
function membersOf(schema: z.core.$ZodType | undefined, value: unknown): (z.core.$ZodType | undefined)[] {
    if (!(schema instanceof z.ZodUnion)) return [schema];
    const members = schema.options as z.core.$ZodType[];
    const { discriminator } = schema._zod.def as { discriminator?: string };
    if (discriminator === undefined) return members;
    const said = valueAt(value, [discriminator]);
    const meant = members.filter((member) => {
        const literal =
            member instanceof z.ZodObject
                ? unwrap((member.shape as Record<string, z.core.$ZodType>)[discriminator])
                : undefined;
        return literal instanceof z.ZodLiteral && literal.values.has(said as string);
    });
    return meant.length > 0 ? meant : members;
}

/** Keys that the schema knows at a path of a document; for a union those of all members that can be meant. */
export function keysAt(path: readonly PropertyKey[], document?: unknown): string[] {
    let options: (z.core.$ZodType | undefined)[] = [stackConfigSchema];
    path.forEach((part, at) => {
        const value = valueAt(document, path.slice(0, at));
        options = options.flatMap((option) => {
            const schema = unwrap(option);
            if (schema instanceof z.ZodArray) return [unwrap(schema.element as z.core.$ZodType)];
            return membersOf(schema, value).map((member) =>
                member instanceof z.ZodObject
                    ? unwrap((member.shape as Record<PropertyKey, z.core.$ZodType>)[part])
                    : undefined,
            );
        });
    });
    const keys = options
        .flatMap((option) => membersOf(option, valueAt(document, path)))
        .flatMap((member) => (member instanceof z.ZodObject ? Object.keys(member.shape) : []));
    return [...new Set(keys)].sort();
}

/** Whether one path is the other, or lies in it. */
function isAbout(a: string, b: string): boolean {
    const [short, long] = a.length < b.length ? [a, b] : [b, a];
    return long.startsWith(short) && ["", ".", "["].includes(long.charAt(short.length));
}

function readRaw(raw: Record<string, string>): {
    document: Record<string, unknown>;
    problems: ConfigProblem[];
} {
    const document: Record<string, unknown> = {};
    const problems: ConfigProblem[] = [];
    for (const [key, text] of Object.entries(raw)) {
        const [namespace, ...rest] = key.split(":");
        const name = rest.join(":");
        if (namespace !== configNamespace) continue;
        if (!settingNames.includes(name)) {
            problems.push({
                path: name,
                value: text,
                allowed: `is not a setting; known: ${settingNames.join(", ")}${didYouMean(name, settingNames)}`,
            });
            continue;
        }
        if (plainSettings.has(name)) {
            document[name] = text;
            continue;
        }
        try {
            document[name] = JSON.parse(text) as unknown;
        } catch {
            problems.push({
                path: name,
                value: text,
                allowed: "must be an object or a list, and is not valid JSON",
            });
        }
    }
    return { document, problems };
}

/**
 * Checks the raw settings (`namespace:key` to text, as `pulumi.runtime.allConfig()` gives them; other namespaces are
 * ignored) and fills in the defaults.
 *
 * Values that are wrong by themselves do not hide the others: the rules between values are applied to those that are
 * right.
 *
 * @throws ConfigError with every problem found: unknown settings at any depth, text that is not JSON, wrong types and
 * values, contradictions, and a project or stack name that AWS would refuse.
 */
export function validateConfig(raw: Record<string, string>, project: string, stack: string): StackConfig {
    const { document, problems } = readRaw(raw);
    const unreadable = new Set(problems.map(({ path }) => path));
    const parsed = stackConfigSchema.safeParse(document);
    const issues = parsed.error?.issues ?? [];
    for (const issue of issues) {
        // A setting that could not be read has been told already.
        if (!unreadable.has(String(issue.path[0])))
            problems.push(...problemsOf(issue, document, (path) => keysAt(path, document)));
    }
    const remainder = parsed.success ? parsed : stackConfigSchema.safeParse(withoutFaults(document, issues));
    if (remainder.success) {
        const faulty = problems.map(({ path }) => path);
        problems.push(
            ...crossProblems(remainder.data, project, stack).filter(({ path, involves }) =>
                [path, ...(involves ?? [])].every(
                    (involved) => !faulty.some((fault) => isAbout(fault, involved)),
                ),
            ),
        );
    }
    if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
    return parsed.data;
}
