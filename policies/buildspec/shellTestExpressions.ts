/** Evaluates `[ … ]`, `test`, `[[ … ]]` and `((…))` where the operands are certain; `undefined` = may be either. */
import { nonZero } from "./shellState";

/** An operand; `known` is false when a part of it is not certain. */
export interface Operand {
    text: string;
    known: boolean;
}

type Truth = boolean | undefined;

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const and = (a: Truth, b: Truth): Truth => (a === false || b === false ? false : a && b);
const or = (a: Truth, b: Truth): Truth => (a === true || b === true ? true : a === undefined ? undefined : b);

/** Operands without the brackets. */
export function evaluateTest(operands: Operand[]): Truth {
    for (const [words, combine] of [
        [["||", "-o"], or],
        [["&&", "-a"], and],
    ] as const) {
        const index = operands.findIndex(
            (operand, position) =>
                position > 0 && operand.known && (words as readonly string[]).includes(operand.text),
        );
        if (index > 0)
            return combine(evaluateTest(operands.slice(0, index)), evaluateTest(operands.slice(index + 1)));
    }
    const [first, second, third] = operands;
    if (!first) return false;
    if (first.known && first.text === "!") return not(evaluateTest(operands.slice(1)));
    if (operands.length === 1) return first.known ? first.text !== "" : undefined;
    if (second && operands.length === 2) {
        if (first.text === "-n") return second.known ? second.text !== "" : undefined;
        if (first.text === "-z") return second.known ? second.text === "" : undefined;
        return undefined;
    }
    if (second && third && operands.length === 3) return compare(first, second.text, third);
    return undefined;
}

function compare(left: Operand, operator: string, right: Operand): Truth {
    if (!left.known || !right.known) return undefined;
    switch (operator) {
        case "=":
        case "==":
            if (/[*?[]/.test(right.text)) return undefined;
            return equal(left.text, right.text);
        case "!=":
            if (/[*?[]/.test(right.text)) return undefined;
            return not(equal(left.text, right.text));
        case "-eq":
            return equal(left.text, right.text);
        case "-ne":
            return not(equal(left.text, right.text));
        case "-gt":
            return greater(left.text, right.text);
        case "-le":
            return not(greater(left.text, right.text));
        case "-lt":
            return greater(right.text, left.text);
        case "-ge":
            return not(greater(right.text, left.text));
        default:
            return undefined;
    }
}

function equal(left: string, right: string): Truth {
    if (left === nonZero || right === nonZero) {
        const other = left === nonZero ? right : left;
        return /^\d+$/.test(other) && Number(other) !== 0 ? undefined : false;
    }
    return left === right;
}

/** Exit statuses are 1 to 255 when they are not zero. */
function greater(left: string, right: string): Truth {
    if (left === nonZero) return Number(right) === 0 || right.startsWith("-") ? true : undefined;
    if (right === nonZero) return Number(left) <= 1 ? false : undefined;
    const [a, b] = [Number(left), Number(right)];
    return left === "" || right === "" || Number.isNaN(a) || Number.isNaN(b) ? undefined : a > b;
}

/** `rc`, `$rc`, `rc != 0`, `$? > 0` over the certain variables; everything else may be either. */
export function evaluateArithmetic(expression: string, value: (name: string) => string | undefined): Truth {
    const match = /^\s*(!?)\s*\$?\{?(\w+|\?)\}?\s*(?:(==|!=|>=|<=|>|<)\s*(\d+))?\s*$/.exec(expression);
    if (!match) return undefined;
    const name = match[2] as string;
    const text = /^\d+$/.test(name) ? name : value(name);
    if (text === undefined) return undefined;
    const operators: Record<string, string> = {
        "==": "-eq",
        "!=": "-ne",
        ">": "-gt",
        "<": "-lt",
        ">=": "-ge",
        "<=": "-le",
    };
    const result = compare({ text, known: true }, operators[match[3] ?? "!="] ?? "", {
        text: match[4] ?? "0",
        known: true,
    });
    return match[1] ? not(result) : result;
}
