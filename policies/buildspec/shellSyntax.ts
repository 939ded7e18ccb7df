/**
 * The parts of a shell script that decide which commands run and whose exit status counts. Everything else (arithmetic,
 * patterns, expansion operators) is kept only as "something we do not evaluate".
 */

/** A piece of a word. `quoted` pieces are never split at blanks. */
export type WordPart =
    | { kind: "text"; text: string; quoted: boolean }
    /** `$NAME`, `${NAME}` (plain) or `${NAME:-…}` and its kin (not plain: the value is not predictable). */
    | { kind: "parameter"; name: string; plain: boolean; quoted: boolean }
    /** `$(…)`, back-ticks, `<(…)`, `>(…)`: a script that runs while the word is built. */
    | { kind: "substitution"; script: List; quoted: boolean }
    /** `$((…))`: a number we do not compute. */
    | { kind: "arithmetic"; quoted: boolean };

export interface Word {
    parts: WordPart[];
}

export interface Assignment {
    name: string;
    value: Word;
    /** `NAME+=…` and arrays: the resulting value is not predictable. */
    plain: boolean;
}

export interface Redirect {
    /** `>`, `>>`, `<`, `<<`, `<<<`, `>&`, `&>` … without the descriptor number. */
    operator: string;
    /** Descriptor written before the operator, empty when there is none. */
    descriptor: string;
    target: Word;
    /** Text of a here-document, parsed as a word (expansions included unless its delimiter is quoted). */
    body?: Word;
}

export interface SimpleCommand {
    kind: "simple";
    assignments: Assignment[];
    words: Word[];
    redirects: Redirect[];
    /** The source text, for messages. */
    text: string;
}

export interface List {
    kind: "list";
    items: { node: Node; background: boolean }[];
}

export type Node =
    | SimpleCommand
    | List
    | { kind: "andOr"; first: Node; rest: { operator: "&&" | "||"; node: Node }[] }
    | { kind: "pipeline"; commands: Node[]; negated: boolean }
    | { kind: "subshell"; body: List; redirects: Redirect[] }
    | { kind: "group"; body: List; redirects: Redirect[] }
    | {
          kind: "if";
          clauses: { condition: List; body: List }[];
          otherwise: List | null;
          redirects: Redirect[];
      }
    | { kind: "loop"; until: boolean; condition: List; body: List; redirects: Redirect[] }
    | { kind: "for"; variable: string; words: Word[] | null; body: List; redirects: Redirect[] }
    | { kind: "case"; subject: Word; branches: { patterns: Word[]; body: List }[]; redirects: Redirect[] }
    | { kind: "function"; name: string; body: Node }
    /** `((…))` */
    | { kind: "arithmetic"; expression: string };

/** What `parseShell` answers: a script, or why it cannot be read. */
export type ShellScript = { script: List; error: null } | { script: null; error: string };
