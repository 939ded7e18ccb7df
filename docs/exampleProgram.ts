/** Shows a rule's example, which is data, as the Pulumi program that would declare it. */
import { format } from "prettier";
import { isUnknown } from "../policies/harness/reader";
import type { ExampleResource, RuleExample } from "../policies/harness/rule";

/** Stands for an output that a preview does not know. */
const unknownName = "knownAfterUpdate";

/** `aws:ecr/repository:Repository` → `aws.ecr.Repository`; the stack itself is declared by nobody. */
function className(type: string): string | undefined {
    const parts = /^(?<package>[\w-]+):(?<module>[\w-]*)(?:\/[\w-]*)?:(?<class>\w+)$/.exec(type)?.groups;
    if (parts === undefined || type === "pulumi:pulumi:Stack") return undefined;
    const { package: provider = "", module = "", class: name = "" } = parts;
    if (provider === "pulumi") return `${name}.Provider`;
    const path = [provider.replaceAll("-", ""), ...(module === "" || module === "index" ? [] : [module])];
    return [...path, name].join(".");
}

function isJsonDocument(text: string): boolean {
    if (!/^\s*[[{]/.test(text)) return false;
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

/** The value as an expression. JSON texts are shown as the objects that they are made of, long texts line by line. */
function expression(value: unknown): string {
    if (isUnknown(value)) return unknownName;
    if (typeof value === "string") {
        if (isJsonDocument(value)) return `JSON.stringify(${expression(JSON.parse(value))})`;
        if (value.includes("\n"))
            return `\`${value.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${")}\``;
        return JSON.stringify(value);
    }
    if (Array.isArray(value)) return `[${value.map(expression).join(", ")}]`;
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value).filter(([, each]) => each !== undefined);
        return `{${entries.map(([key, each]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${expression(each)}`).join(", ")}}`;
    }
    return String(value);
}

function declaration(resource: ExampleResource): string {
    const type = className(resource.type);
    if (type === undefined) return "";
    const options = {
        ...(resource.protect === true ? { protect: true } : {}),
        ...(resource.ignoreChanges === undefined ? {} : { ignoreChanges: resource.ignoreChanges }),
    };
    const given = [
        JSON.stringify(resource.name),
        expression(resource.props),
        ...(Object.keys(options).length > 0 ? [expression(options)] : []),
    ];
    const references = Object.entries(resource.propertyDependencies ?? {}).map(
        ([property, names]) => `// ${property} is made of outputs of ${names.join(", ")}.`,
    );
    return [...references, `new ${type}(${given.join(", ")});`].join("\n");
}

/** The example as TypeScript; an empty text when it declares nothing. */
export async function exampleProgram(example: RuleExample): Promise<string> {
    const program = example.resources.map(declaration).filter((text) => text !== "");
    if (program.length === 0) return "";
    const text = program.join("\n\n");
    const note = text.includes(unknownName)
        ? `// ${unknownName}: an output that a preview does not know.\n`
        : "";
    return (await format(note + text, { parser: "typescript", printWidth: 100 })).trimEnd();
}
