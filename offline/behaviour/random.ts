/** `@pulumi/random`: real values of the right length and alphabet, from a seed that is the resource's URN. */
import { createHash } from "node:crypto";
import { hex, uuid } from "./behaviour";
import type { BehaviourContext, BehaviourTable } from "./behaviour";
import type { WireObject } from "../engine/wire";

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
/** Default special characters of hashicorp/random. */
const special = "!@#$%&*()-_=+[]{}<>:?";

/** An endless, deterministic stream of bytes. */
function* bytes(seed: string): Generator<number> {
    for (let block = 0; ; block += 1) {
        yield* createHash("sha256").update(`${seed}|${block}`).digest();
    }
}

function flag(inputs: WireObject, name: string): boolean {
    return inputs[name] !== false;
}

function count(inputs: WireObject, name: string): number {
    const value = inputs[name];
    return typeof value === "number" ? value : 0;
}

/** Honours length, the four alphabets, their minima and `overrideSpecial`, as the provider does. */
export function randomText(context: BehaviourContext): string {
    const { inputs } = context;
    const length = count(inputs, "length");
    const override = inputs["overrideSpecial"];
    const alphabets: [string, boolean, number][] = [
        [lower, flag(inputs, "lower"), count(inputs, "minLower")],
        [upper, flag(inputs, "upper"), count(inputs, "minUpper")],
        [digits, flag(inputs, "numeric") && flag(inputs, "number"), count(inputs, "minNumeric")],
        [
            typeof override === "string" && override !== "" ? override : special,
            flag(inputs, "special"),
            count(inputs, "minSpecial"),
        ],
    ];
    const all = alphabets
        .filter(([, used]) => used)
        .map(([alphabet]) => alphabet)
        .join("");
    const minimum = alphabets.reduce((sum, [, , least]) => sum + least, 0);
    if (all === "" || length < Math.max(1, minimum)) {
        throw new Error(
            `${context.type} "${context.name}": length ${length} cannot hold the minimum of ${minimum} characters, or every alphabet is switched off`,
        );
    }
    const stream = bytes(context.urn);
    const pick = (alphabet: string) => alphabet[stream.next().value % alphabet.length]!;
    const characters = alphabets.flatMap(([alphabet, , least]) =>
        Array.from({ length: least }, () => pick(alphabet)),
    );
    while (characters.length < length) {
        characters.push(pick(all));
    }
    // Fisher-Yates, so that the required characters are not always in front.
    for (let last = characters.length - 1; last > 0; last -= 1) {
        const other = stream.next().value % (last + 1);
        [characters[last], characters[other]] = [characters[other]!, characters[last]!];
    }
    return characters.join("");
}

function textDefaults(inputs: WireObject): WireObject {
    const numeric = flag(inputs, "numeric") && flag(inputs, "number");
    return {
        lower: flag(inputs, "lower"),
        upper: flag(inputs, "upper"),
        numeric,
        number: numeric,
        special: flag(inputs, "special"),
        minLower: count(inputs, "minLower"),
        minUpper: count(inputs, "minUpper"),
        minNumeric: count(inputs, "minNumeric"),
        minSpecial: count(inputs, "minSpecial"),
    };
}

function randomBytes(context: BehaviourContext, length: number): Buffer {
    const stream = bytes(context.urn);
    return Buffer.from(Array.from({ length }, () => stream.next().value as number));
}

export const random: BehaviourTable = {
    "random:index/randomPassword:RandomPassword": {
        // The provider's id carries no part of the password.
        id: () => "none",
        outputs: (context) => ({
            ...textDefaults(context.inputs),
            result: randomText(context),
            bcryptHash: `$2a$10$${randomBytes(context, 40).toString("base64").replaceAll("+", ".").slice(0, 53)}`,
        }),
    },
    "random:index/randomString:RandomString": {
        id: randomText,
        outputs: (context, id) => ({ ...textDefaults(context.inputs), result: id }),
    },
    "random:index/randomId:RandomId": {
        id: (context) => randomBytes(context, count(context.inputs, "byteLength")).toString("base64url"),
        outputs: (context, id) => {
            const value = randomBytes(context, count(context.inputs, "byteLength"));
            const prefix = typeof context.inputs["prefix"] === "string" ? context.inputs["prefix"] : "";
            return {
                b64Url: prefix + id,
                b64Std: prefix + value.toString("base64"),
                hex: prefix + value.toString("hex"),
                dec: prefix + (value.length === 0 ? "0" : BigInt(`0x${value.toString("hex")}`).toString()),
            };
        },
    },
    "random:index/randomBytes:RandomBytes": {
        id: () => "none",
        outputs: (context) => {
            const value = randomBytes(context, count(context.inputs, "length"));
            return { base64: value.toString("base64"), hex: value.toString("hex") };
        },
    },
    "random:index/randomUuid:RandomUuid": {
        id: (context) => uuid(context),
        outputs: (_context, id) => ({ result: id }),
    },
    "random:index/randomInteger:RandomInteger": {
        id: (context) => String(integer(context)),
        outputs: (context) => ({ result: integer(context) }),
    },
    "random:index/randomPet:RandomPet": {
        id: (context) => `sample-${hex(context, 8)}`,
        outputs: () => ({ length: 2, separator: "-" }),
    },
};

function integer(context: BehaviourContext): number {
    const minimum = count(context.inputs, "min");
    const span = count(context.inputs, "max") - minimum + 1;
    return minimum + (parseInt(hex(context, 12), 16) % Math.max(1, span));
}
