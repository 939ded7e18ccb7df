/** Every simple command that stands in a script, whether it can run or not. */
import { parseShell } from "./shell";
import type { Node, SimpleCommand, Word } from "./shellSyntax";

/** @param script a part of one, or the text of a build command; text that cannot be read has no commands */
export function simpleCommands(script: Node | string): SimpleCommand[] {
    if (typeof script !== "string") return commandsOf(script);
    const parsed = parseShell(script);
    return parsed.script ? commandsOf(parsed.script) : [];
}

function commandsOf(node: Node): SimpleCommand[] {
    switch (node.kind) {
        case "simple":
            return [node, ...substituted([...node.words, ...node.assignments.map(({ value }) => value)])];
        case "list":
            return node.items.flatMap((item) => commandsOf(item.node));
        case "andOr":
            return [node.first, ...node.rest.map((each) => each.node)].flatMap(commandsOf);
        case "pipeline":
            return node.commands.flatMap(commandsOf);
        case "subshell":
        case "group":
            return commandsOf(node.body);
        case "if":
            return [
                ...node.clauses.flatMap(({ condition, body }) => [condition, body]),
                ...(node.otherwise ? [node.otherwise] : []),
            ].flatMap(commandsOf);
        case "loop":
            return [node.condition, node.body].flatMap(commandsOf);
        case "for":
            return [...substituted(node.words ?? []), ...commandsOf(node.body)];
        case "case":
            return [...substituted([node.subject]), ...node.branches.flatMap(({ body }) => commandsOf(body))];
        case "function":
            return commandsOf(node.body);
        case "arithmetic":
            return [];
    }
}

function substituted(words: readonly Word[]): SimpleCommand[] {
    return words.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === "substitution" ? commandsOf(part.script) : [])),
    );
}
