/**
 * Does a resource policy admit everybody? Reads statement by statement, so that one that is not known yet does not hide
 * the next.
 */
import { inconclusive, pass, violation } from "../harness/outcome";
import type { PathSegment, PropertyReader, Reading, ResourceReader } from "../harness/reader";
import type { Outcome } from "../harness/rule";

/**
 * Condition keys that name who may come; with one of them a statement for everybody is not for everybody. Only in a
 * positive operator that fails when the key is missing, and not with a value that matches anything.
 */
const boundingKeys = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];
const boundingOperator =
    /^(?:ForAnyValue:)?(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)$/i;

export interface PublicPolicyText {
    /** What is open when the policy is, as a clause: `anybody can publish to the topic`. */
    consequence: string;
    /** The exact change. */
    fix: string;
    /** A resource without a policy admits nobody but its account; `accepted` unless the resource is the policy. */
    absent: "accepted" | "refused";
    /** Further condition keys that bound a statement for everybody, e.g. `kms:CallerAccount`. */
    boundingKeys?: readonly string[];
}

/** Judges the policy document at the path: one violation for each statement that allows everybody. */
export function publicPolicyOutcomes(
    resource: ResourceReader,
    path: readonly PathSegment[],
    text: PublicPolicyText,
): Outcome[] {
    const document = resource.json(...path);
    const unknownWhy = "whom the policy admits is not known yet";
    if (document.kind === "unknown") return [inconclusive(document, unknownWhy)];
    if (document.kind === "absent" && text.absent === "accepted") return [pass];
    if (document.kind !== "known") {
        const why = document.kind === "malformed" ? document.why : "is not set";
        return [
            violation(
                `The policy cannot be read: ${document.property} ${why}.`,
                "Give a policy document as JSON.",
            ),
        ];
    }
    const statements = statementReaders(document.value);
    if (statements.kind === "unknown") return [inconclusive(statements, unknownWhy)];
    if (statements.kind !== "known")
        return [
            violation(`The policy has no statements at ${statements.property}.`, "Give a Statement list."),
        ];
    const outcomes = statements.value.flatMap((statement) => statementOutcomes(statement, text));
    return outcomes.length > 0 ? outcomes : [pass];
}

/** The statements of a document; `Statement` may be one object instead of a list. */
export function statementReaders(document: PropertyReader): Reading<PropertyReader[]> {
    const single = document.object("Statement");
    if (single.kind === "known") return { ...single, value: [single.value] };
    return document.list("Statement");
}

function statementOutcomes(statement: PropertyReader, text: PublicPolicyText): Outcome[] {
    const effect = statement.string("Effect");
    if (effect.kind === "known" && effect.value === "Deny") return [];
    const own = { findingId: statement.property };
    if (statement.get("NotPrincipal").kind !== "absent")
        return [
            violation(
                `${statement.property} allows everybody except NotPrincipal: ${text.consequence}.`,
                text.fix,
                own,
            ),
        ];
    const principals = principalTexts(statement);
    const everybody = principals.texts.find(isEverybody);
    if (everybody === undefined)
        return principals.unknown
            ? [inconclusive(statement, "a principal of the statement is not known yet")]
            : [];
    const bounded = isBounded(statement, [...boundingKeys, ...(text.boundingKeys ?? [])]);
    if (bounded === "yes") return [];
    if (bounded === "unknown")
        return [inconclusive(statement, "the condition of a statement for everybody is not known yet")];
    return [
        violation(
            `${statement.property} allows everybody (Principal "${everybody}", no condition on account or organization): ${text.consequence}.`,
            text.fix,
            own,
        ),
    ];
}

/** Principals of a statement that may be accounts or people: services and federations are never everybody. */
export function principalTexts(statement: PropertyReader): { texts: string[]; unknown: boolean } {
    const whole = statement.strings("Principal");
    if (whole.kind === "known") return { texts: whole.value.values, unknown: whole.value.unknownCount > 0 };
    if (whole.kind === "unknown") return { texts: [], unknown: true };
    const found = { texts: [] as string[], unknown: false };
    for (const key of ["AWS", "*"]) {
        const principals = statement.strings("Principal", key);
        if (principals.kind === "unknown") found.unknown = true;
        if (principals.kind !== "known") continue;
        found.texts.push(...principals.value.values);
        found.unknown ||= principals.value.unknownCount > 0;
    }
    return found;
}

/** `*`, or an ARN of any account. */
export function isEverybody(principal: string): boolean {
    return principal === "*" || /^arn:[^:]*:(?:iam|sts)::[^:]*\*[^:]*:/.test(principal);
}

/** Whether a condition of the statement names who may come, by one of the keys. */
export function isBounded(
    statement: PropertyReader,
    keys: readonly string[] = boundingKeys,
): "yes" | "no" | "unknown" {
    const condition = statement.object("Condition");
    if (condition.kind === "unknown") return "unknown";
    if (condition.kind !== "known") return "no";
    const wanted = new Set(keys.map((key) => key.toLowerCase()));
    let open: "no" | "unknown" = "no";
    for (const operator of condition.value.keys()) {
        if (!boundingOperator.test(operator)) continue;
        const named = condition.value.object(operator);
        if (named.kind !== "known") continue;
        for (const key of named.value.keys()) {
            if (!wanted.has(key.toLowerCase())) continue;
            const values = named.value.strings(key);
            if (values.kind === "unknown" || (values.kind === "known" && values.value.unknownCount > 0))
                open = "unknown";
            else if (values.kind === "known" && values.value.values.every((value) => !/^[*?]*$/.test(value)))
                return "yes";
        }
    }
    return open;
}
