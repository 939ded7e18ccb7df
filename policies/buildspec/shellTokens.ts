/** The small parts of shell grammar between words and commands: blanks, line ends, keywords, assignments, redirections. */
import type { Assignment, Redirect, Word } from "./shellSyntax";
import { WordReader } from "./shellWords";

export abstract class TokenReader extends WordReader {
    protected pending: { redirect: Redirect; delimiter: string; literal: boolean; indented: boolean }[] = [];

    protected assignment(head: RegExpExecArray): Assignment {
        this.position += head[0].length;
        const name = head[1] as string;
        const plain = !head[2] && head[3] === "";
        if (this.current !== "(") return { name, value: this.word(), plain };
        this.position++;
        const value: Word = { parts: [] };
        for (;;) {
            this.blanksAndNewlines();
            if (this.ended) this.fail("array is not closed");
            if (this.at(")")) break;
            value.parts.push(...this.wordOrFail().parts);
        }
        this.position++;
        return { name, value, plain: false };
    }

    protected redirects(): Redirect[] {
        const result: Redirect[] = [];
        for (;;) {
            this.blanks();
            const redirect = this.redirect();
            if (!redirect) return result;
            result.push(redirect);
        }
    }

    protected redirect(): Redirect | null {
        const head = /^(\d*|\{\w+\})(<<<|<<-|<<|<>|>>|>\||>&|<&|&>>|&>|<(?!\()|>(?!\())/.exec(
            this.text.slice(this.position, this.position + 40),
        );
        if (!head) return null;
        this.position += head[0].length;
        const operator = head[2] as string;
        this.blanks();
        const start = this.position;
        const target = this.wordOrFail();
        const redirect: Redirect = { operator, descriptor: head[1] ?? "", target };
        if (operator === "<<" || operator === "<<-") {
            const literal = /['"\\]/.test(this.text.slice(start, this.position));
            const delimiter = target.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
            this.pending.push({ redirect, delimiter, literal, indented: operator === "<<-" });
        }
        return redirect;
    }

    /** Consumes a line end, and with it the bodies of here-documents announced on that line. */
    protected newline(): void {
        this.position++;
        for (const { redirect, delimiter, literal, indented } of this.pending.splice(0)) {
            const lines: string[] = [];
            for (;;) {
                if (this.ended) this.fail(`here-document ${JSON.stringify(delimiter)} is not closed`);
                const end = this.text.indexOf("\n", this.position);
                const raw = this.text.slice(this.position, end < 0 ? undefined : end);
                this.position = end < 0 ? this.text.length : end + 1;
                const line = indented ? raw.replace(/^\t+/, "") : raw;
                if (line === delimiter) break;
                lines.push(line);
            }
            redirect.body = this.hereDocumentWord(lines.length > 0 ? lines.join("\n") + "\n" : "", literal);
        }
    }

    protected blanks(): void {
        for (;;) {
            if (this.current === " " || this.current === "\t" || this.current === "\r") this.position++;
            else if (this.at("\\\n")) this.position += 2;
            else if (this.current === "#") {
                const end = this.text.indexOf("\n", this.position);
                this.position = end < 0 ? this.text.length : end;
            } else return;
        }
    }

    protected blanksAndNewlines(): void {
        for (;;) {
            this.blanks();
            if (this.current !== "\n") return;
            this.newline();
        }
    }

    /** The unquoted word at the position, empty when there is none: what the reserved words are compared with. */
    protected peekWord(): string {
        const word =
            /^[^\s;&|<>()'"\\$`]+/.exec(this.text.slice(this.position, this.position + 100))?.[0] ?? "";
        const next = this.text[this.position + word.length] ?? " ";
        return "'\"\\$`".includes(next) ? "" : word;
    }

    protected keyword(word: string): void {
        this.blanksAndNewlines();
        if (this.peekWord() !== word) this.fail(`expected ${JSON.stringify(word)}`);
        this.position += word.length;
    }

    protected expect(character: string): void {
        this.blanksAndNewlines();
        if (this.current !== character) this.fail(`expected ${JSON.stringify(character)}`);
        this.position++;
    }

    protected wordOrFail(): Word {
        const start = this.position;
        const word = this.word();
        if (this.position === start) this.fail(`unexpected ${JSON.stringify(this.current)}`);
        return word;
    }
}
