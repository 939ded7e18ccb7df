import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseShell } from "./shell";
import type { Node, Word } from "./shellSyntax";

const text = (word: Word): string =>
    word.parts.map((part) => (part.kind === "text" ? part.text : `<${part.kind}>`)).join("");

/** The tree in a form that is short enough to compare by eye. */
function shape(node: Node): unknown {
    switch (node.kind) {
        case "simple":
            return [
                ...node.assignments.map((each) => `${each.name}=${text(each.value)}`),
                ...node.words.map(text),
            ].join(" ");
        case "list":
            return node.items.map((item) =>
                item.background ? { background: shape(item.node) } : shape(item.node),
            );
        case "andOr":
            return {
                first: shape(node.first),
                rest: node.rest.map((each) => [each.operator, shape(each.node)]),
            };
        case "pipeline":
            return { pipe: node.commands.map(shape), ...(node.negated ? { negated: true } : {}) };
        case "subshell":
        case "group":
            return { [node.kind]: shape(node.body) };
        case "if":
            return {
                if: node.clauses.map((each) => [shape(each.condition), shape(each.body)]),
                else: node.otherwise && shape(node.otherwise),
            };
        case "loop":
            return { [node.until ? "until" : "while"]: shape(node.condition), do: shape(node.body) };
        case "for":
            return { for: node.variable, in: node.words?.map(text) ?? null, do: shape(node.body) };
        case "case":
            return {
                case: text(node.subject),
                branches: node.branches.map((each) => [each.patterns.map(text), shape(each.body)]),
            };
        case "function":
            return { function: node.name, body: shape(node.body) };
        case "arithmetic":
            return { arithmetic: node.expression };
    }
}

function parsed(script: string): unknown {
    const result = parseShell(script);
    equal(result.error, null, script);
    return result.script && shape(result.script);
}

describe("the shell reader", () => {
    const cases: [string, unknown][] = [
        ["a b; c & d", ["a b", { background: "c" }, "d"]],
        ["a||:", [{ first: "a", rest: [["||", ":"]] }]],
        ["a && b ||\n c", [{ first: "a", rest: [["&&", "b"], ["||", "c"]] }]], // prettier-ignore
        ["! a | b |& c", [{ pipe: ["a", "b", "c"], negated: true }]],
        ["(a; b) && { c; }", [{ first: { subshell: ["a", "b"] }, rest: [["&&", { group: ["c"] }]] }]],
        [
            "if a; then b; elif c; then d; else e; fi",
            [
                {
                    if: [
                        [["a"], ["b"]],
                        [["c"], ["d"]],
                    ],
                    else: ["e"],
                },
            ],
        ],
        [
            "while a; do b; done; until c\ndo d\ndone",
            [
                { while: ["a"], do: ["b"] },
                { until: ["c"], do: ["d"] },
            ],
        ],
        ["for i in 1 2; do a; done", [{ for: "i", in: ["1", "2"], do: ["a"] }]],
        [
            "case $x in a|b) c;; *) d;; esac",
            [
                {
                    case: "<parameter>",
                    branches: [
                        [["a", "b"], ["c"]],
                        [["*"], ["d"]],
                    ],
                },
            ],
        ],
        [
            "f() { a; }\nfunction g { b; }",
            [
                { function: "f", body: { group: ["a"] } },
                { function: "g", body: { group: ["b"] } },
            ],
        ],
        ["A=1 B='x y' c \"d e\" f\\ g", ["A=1 B=x y c d e f g"]],
        ["a \\\n  b # not c\nd", ["a b", "d"]],
        ["a#b c", ["a#b c"]],
        ["a > f 2>&1 < g", ["a"]],
        ["(( n > 0 )) || a", [{ first: { arithmetic: " n > 0 " }, rest: [["||", "a"]] }]],
        [
            "[[ $a == b* && -n $c ]] && d",
            [{ first: "[[ <parameter> == b* && -n <parameter> ]]", rest: [["&&", "d"]] }],
        ],
        ['a "$(b "c")" `d` $((1 + 2))', ["a <substitution> <substitution> <arithmetic>"]],
        ["echo ${A:-$(b)}", ["echo <parameter><substitution>"]],
        ["a $'x\\ny' \"\\$b\"", ["a x\ny $b"]],
        ["cat <<EOF | sh\nx\nEOF\ny", [{ pipe: ["cat", "sh"] }, "y"]],
        ["time -p a", ["a"]],
    ];
    for (const [script, expected] of cases) {
        it(`reads ${JSON.stringify(script)}`, () => {
            deepEqual(parsed(script), expected);
        });
    }

    it("keeps the body of a here-document, with and without expansion", () => {
        const result = parseShell("sh <<'E'\na $b\nE\nsh <<-E\n\tc $d\n\tE\n");
        const bodies = result.script?.items.map(({ node }) =>
            node.kind === "simple" && node.redirects[0]?.body ? text(node.redirects[0].body) : null,
        );
        deepEqual(bodies, ["a $b\n", "c <parameter>\n"]);
    });

    for (const broken of [
        "a |",
        "a && ",
        "a $(",
        "a 'b",
        'a "b',
        "if a; then b",
        "a; fi",
        "( a",
        "a )",
        "{ a;",
        "case x in a",
        "<<E\nx",
        "a ;; b",
        "coproc a",
        "for i in; do",
        "${",
        "a() ",
        "echo `b",
    ]) {
        it(`refuses ${JSON.stringify(broken)}`, () => {
            notEqual(parseShell(broken).error, null);
        });
    }

    it("refuses what is too long or nested too deeply instead of overflowing", () => {
        notEqual(parseShell("a;".repeat(40_000)).error, null);
        notEqual(parseShell(`${"(".repeat(5_000)}a`).error, null);
        notEqual(parseShell('"$('.repeat(3_000)).error, null);
    });

    it("never throws, whatever it is given", () => {
        const pieces = fc.constantFrom(
            "a",
            "if ",
            "then ",
            "fi",
            "'",
            '"',
            "$(",
            ")",
            "`",
            "||",
            "&",
            ";",
            "|",
            "\n",
            "<<E",
            "E\n",
            "{ ",
            "}",
            "\\",
            "${",
            "case ",
            "in ",
            ";;",
            "#",
            "((",
            "[[ ",
            " ]]",
            "()",
            "=",
            " ",
        );
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.string(),
                    fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
                ),
                (script) => {
                    const result = parseShell(script);
                    equal((result.script === null) !== (result.error === null), true);
                },
            ),
            { numRuns: 2_000 },
        );
    });

    it("gives back the words of quoted commands", () => {
        const word = fc.stringMatching(/^[A-Za-z0-9 $"`\\;|&<>(){}#*?!'\n-]{1,12}$/);
        fc.assert(
            fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
                const script = words.map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(" ");
                const result = parseShell(script);
                const node = result.script?.items[0]?.node;
                deepEqual(node?.kind === "simple" ? node.words.map(text) : result.error, words);
            }),
        );
    });

    it("splits a line of simple commands where the separators are", () => {
        const command = fc.constantFrom("a", "b c", "d 'e f'", 'g "h;i"');
        const separator = fc.constantFrom(";", "\n", " ; ", "\n\n");
        fc.assert(
            fc.property(fc.array(fc.tuple(command, separator), { minLength: 1, maxLength: 8 }), (parts) => {
                const result = parseShell(parts.map(([each, end]) => each + end).join(""));
                deepEqual(
                    result.script?.items.map(({ node }) => (node.kind === "simple" ? node.text : node.kind)),
                    parts.map(([each]) => each),
                );
            }),
        );
    });

    it("keeps the tree of a script that is asked for again and again", () => {
        const first = parseShell("kept command").script;
        for (let index = 0; index < 9_000; index++) {
            parseShell(`other ${index}`);
            if (index % 1_500 === 0) equal(parseShell("kept command").script, first);
        }
    });
});
