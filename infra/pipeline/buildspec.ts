import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(__dirname, "..", "..", "buildspecs");

const token = /\{\{([a-z][A-Za-z0-9]*)\}\}/g;

/**
 * Characters that mean nothing to YAML inside quotes or within a word, nor to a shell inside double quotes: a value
 * made of them cannot become a second command, a variable or another YAML node, wherever its token stands.
 */
const plainValue = /^[A-Za-z0-9._/:@+][A-Za-z0-9._/:@+=-]*$/;

/** Text of `buildspecs/<name>.yml`. The path is taken from this file, so the working directory does not matter. */
export function readBuildspec(name: string): string {
    return readFileSync(join(folder, `${name}.yml`), "utf8");
}

/**
 * Puts values into the `{{token}}` placeholders of a buildspec.
 *
 * Strict, because whatever goes wrong here would go wrong inside a gate: every token needs a value, every value needs
 * a token, and a value must be a non-empty string of plain characters. All problems are reported together.
 *
 * @param name what the text is called in messages
 * @param text template
 * @param values one value for each token
 * @throws Error that lists every problem
 */
export function renderBuildspec(
    name: string,
    text: string,
    values: Readonly<Record<string, string>>,
): string {
    const problems: string[] = [];
    const used = new Set<string>();
    const rendered = text.replaceAll(token, (placeholder, key: string) => {
        used.add(key);
        const value: unknown = Object.hasOwn(values, key) ? values[key] : undefined;
        if (value === undefined) {
            problems.push(`{{${key}}} has no value`);
        } else if (typeof value !== "string") {
            problems.push(`{{${key}}} must be a string known before the deployment, not ${typeof value}`);
        } else if (!plainValue.test(value)) {
            problems.push(
                `{{${key}}} must be letters, digits and . _ / : @ + = - and not begin with = or -, ` +
                    `but is ${JSON.stringify(value)}`,
            );
        } else {
            return value;
        }
        return placeholder;
    });
    for (const key of Object.keys(values)) {
        if (!used.has(key)) problems.push(`value ${key} has no {{${key}}}`);
    }
    const rest = text.replaceAll(token, "");
    if (rest.includes("{{") || rest.includes("}}")) {
        problems.push("there are braces that are no token: write {{name}}, a letter first, without blanks");
    }
    if (problems.length > 0) throw new Error(`buildspec ${name}: ${[...new Set(problems)].join("; ")}`);
    return rendered;
}
