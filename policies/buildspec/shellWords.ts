/** Reads words: quotes, escapes, parameters, substitutions, here-document bodies. The grammar is in `shell.ts`. */
import type { List, Word, WordPart } from "./shellSyntax";

export class ShellSyntaxError extends Error {}

const endsWord = new Set([" ", "\t", "\n", ";", "&", "|", "<", ">", "(", ")"]);
const ansiEscapes: Record<string, string> = {
    n: "\n",
    t: "\t",
    r: "\r",
    "\\": "\\",
    "'": "'",
    '"': '"',
    a: "\x07",
};

/** Nested constructs beyond this are refused: no real script needs them, and the reader must not overflow. */
const maximumDepth = 40;

export abstract class WordReader {
    protected position = 0;

    constructor(
        protected readonly text: string,
        protected depth = 0,
    ) {}

    /** Reads commands up to the closing parenthesis of a substitution; the position is behind it afterwards. */
    protected abstract substitutionBody(): List;

    /** Reads another piece of text as a whole script (back-ticks hold an escaped copy). */
    protected abstract nestedScript(text: string): List;

    protected fail(why: string): never {
        throw new ShellSyntaxError(`${why} at character ${this.position + 1}`);
    }

    protected at(token: string): boolean {
        return this.text.startsWith(token, this.position);
    }

    protected get current(): string {
        return this.text[this.position] ?? "";
    }

    protected get ended(): boolean {
        return this.position >= this.text.length;
    }

    protected nested<T>(read: () => T): T {
        this.depth++;
        if (this.depth > maximumDepth) this.fail("nested too deeply");
        try {
            return read();
        } finally {
            this.depth--;
        }
    }

    /** One word at the current position; it must not stand on a blank or an operator. */
    protected word(): Word {
        const parts: WordPart[] = [];
        while (!this.ended) {
            const character = this.current;
            if ((this.at("<(") || this.at(">(")) && parts.length === 0) {
                this.position += 2;
                parts.push({ kind: "substitution", script: this.substitutionBody(), quoted: true });
                continue;
            }
            if (endsWord.has(character)) break;
            this.part(parts);
        }
        return { parts: joined(parts) };
    }

    private part(parts: WordPart[]): void {
        const character = this.current;
        if (character === "\\") {
            if (this.at("\\\n")) {
                this.position += 2;
                return;
            }
            const escaped = this.text[this.position + 1] ?? "";
            this.position += 2;
            parts.push({ kind: "text", text: escaped, quoted: true });
        } else if (character === "'") {
            const end = this.text.indexOf("'", this.position + 1);
            if (end < 0) this.fail("single quote is not closed");
            parts.push({ kind: "text", text: this.text.slice(this.position + 1, end), quoted: true });
            this.position = end + 1;
        } else if (character === '"') {
            this.position++;
            this.doubleQuoted(parts);
        } else if (character === "$") {
            this.dollar(parts, false);
        } else if (character === "`") {
            this.backTick(parts, false);
        } else {
            this.position++;
            parts.push({ kind: "text", text: character, quoted: false });
        }
    }

    /** Behind the opening quote. */
    private doubleQuoted(parts: WordPart[]): void {
        parts.push({ kind: "text", text: "", quoted: true });
        for (;;) {
            if (this.ended) this.fail("double quote is not closed");
            const character = this.current;
            if (character === '"') {
                this.position++;
                return;
            }
            this.quotedPart(parts, '"');
        }
    }

    private quotedPart(parts: WordPart[], quote: string): void {
        const character = this.current;
        if (character === "\\") {
            const next = this.text[this.position + 1] ?? "";
            this.position += 2;
            if (next === "\n") return;
            const text = "$`\\".includes(next) || next === quote ? next : `\\${next}`;
            parts.push({ kind: "text", text, quoted: true });
        } else if (character === "$") {
            this.dollar(parts, true);
        } else if (character === "`") {
            this.backTick(parts, true);
        } else {
            this.position++;
            parts.push({ kind: "text", text: character, quoted: true });
        }
    }

    private dollar(parts: WordPart[], quoted: boolean): void {
        if (this.at("$((")) {
            const start = this.position;
            this.position += 3;
            if (this.arithmeticEnd()) {
                parts.push({ kind: "arithmetic", quoted });
                return;
            }
            this.position = start; // `$((a); b)`: a substitution that begins with a subshell
        }
        if (this.at("$(")) {
            this.position += 2;
            parts.push({ kind: "substitution", script: this.substitutionBody(), quoted });
        } else if (this.at("${")) {
            this.position += 2;
            this.nested(() => this.braced(parts, quoted));
        } else if (this.at("$'") && !quoted) {
            this.position += 2;
            parts.push({ kind: "text", text: this.ansiQuoted(), quoted: true });
        } else if (this.at('$"') && !quoted) {
            this.position += 2;
            this.doubleQuoted(parts);
        } else {
            const name = /^(?:[A-Za-z_]\w*|[0-9?@*#!$-])/.exec(
                this.text.slice(this.position + 1, this.position + 200),
            );
            if (name) {
                this.position += 1 + name[0].length;
                parts.push({ kind: "parameter", name: name[0], plain: true, quoted });
            } else {
                this.position++;
                parts.push({ kind: "text", text: "$", quoted });
            }
        }
    }

    /** Behind `$((` : true and behind `))` when it is arithmetic. Substitutions inside are refused: they run commands. */
    private arithmeticEnd(): boolean {
        let open = 0;
        for (let index = this.position; index < this.text.length; index++) {
            const character = this.text[index];
            if (character === "(") open++;
            else if (character === ")") {
                if (open > 0) open--;
                else if (this.text[index + 1] === ")") {
                    const inner = this.text.slice(this.position, index);
                    if (/\$\(|`/.test(inner)) this.fail("arithmetic that runs a command");
                    this.position = index + 2;
                    return true;
                } else return false;
            } else if (character === "\n") return false;
        }
        return false;
    }

    /** Behind `${`. */
    private braced(parts: WordPart[], quoted: boolean): void {
        const head = /^([!#]?)([A-Za-z_]\w*|[0-9]+|[?@*#!$-])/.exec(
            this.text.slice(this.position, this.position + 200),
        );
        if (!head) this.fail("parameter expansion that cannot be read");
        this.position += head[0].length;
        const plain = head[1] === "" && this.current === "}";
        parts.push({ kind: "parameter", name: head[2] ?? "", plain, quoted });
        const inner: WordPart[] = [];
        while (this.current !== "}") {
            if (this.ended) this.fail("parameter expansion is not closed");
            if (this.current === "'" && quoted) {
                this.position++;
                continue;
            }
            this.part(inner);
        }
        this.position++;
        // A default value may run a command: keep that, drop its text.
        parts.push(...inner.filter((part) => part.kind === "substitution"));
    }

    private ansiQuoted(): string {
        let result = "";
        for (;;) {
            if (this.ended) this.fail("quote is not closed");
            const character = this.current;
            if (character === "'") {
                this.position++;
                return result;
            }
            if (character === "\\") {
                const rest = this.text.slice(this.position + 1, this.position + 6);
                const coded = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3}))/.exec(rest);
                if (coded) {
                    const hexadecimal = coded[1] ?? coded[2];
                    result += String.fromCharCode(
                        hexadecimal ? parseInt(hexadecimal, 16) : parseInt(coded[3] ?? "0", 8),
                    );
                    this.position += 1 + coded[0].length;
                } else {
                    const next = rest[0] ?? "";
                    result += ansiEscapes[next] ?? `\\${next}`;
                    this.position += 2;
                }
            } else {
                result += character;
                this.position++;
            }
        }
    }

    private backTick(parts: WordPart[], quoted: boolean): void {
        let end = this.position + 1;
        let inner = "";
        while (this.text[end] !== "`") {
            if (end >= this.text.length) this.fail("back-tick is not closed");
            if (this.text[end] === "\\" && "$`\\".includes(this.text[end + 1] ?? " ")) end++;
            inner += this.text[end] ?? "";
            end++;
        }
        this.position = end + 1;
        parts.push({ kind: "substitution", script: this.nestedScript(inner), quoted });
    }

    /** The body of a here-document as a word; expansions happen unless the delimiter was quoted. */
    protected hereDocumentWord(body: string, literal: boolean): Word {
        if (literal) return { parts: [{ kind: "text", text: body, quoted: true }] };
        const reader = this.fork(body);
        const parts: WordPart[] = [{ kind: "text", text: "", quoted: true }];
        while (!reader.ended) reader.quotedPart(parts, "");
        return { parts: joined(parts) };
    }

    protected abstract fork(text: string): WordReader;
}

/** Neighbouring text pieces of the same quoting become one. */
function joined(parts: WordPart[]): WordPart[] {
    const result: WordPart[] = [];
    for (const part of parts) {
        const last = result.at(-1);
        if (part.kind === "text" && last?.kind === "text" && last.quoted === part.quoted)
            last.text += part.text;
        else result.push(part.kind === "text" ? { ...part } : part);
    }
    return result;
}
