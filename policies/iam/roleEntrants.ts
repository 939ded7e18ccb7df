/** Who may become a role, as its trust policy says. */
import type { ResourceReader } from "../harness/reader";
import { conditionValues, readPolicyDocument, type Conditions, type Statement } from "./document";
import { actionPattern } from "./effectivePermissions";
import { intersects } from "./matcher";

const entrances = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/** One who may assume the role. */
export interface Entrant {
    kind: "service" | "principal" | "identityProvider" | "everybody";
    /** Service, ARN or pattern; where the statement is bound to `aws:PrincipalArn`, each of those. */
    name: string;
    /** Only with a second factor (`aws:MultiFactorAuthPresent` or `aws:MultiFactorAuthAge`). */
    secondFactor: boolean;
    /** For which resources the service comes (`aws:SourceArn`); null where the statement does not say. */
    sources: string[] | null;
    /** Sid or number of the statement. */
    statement: string;
}

export type Entrants =
    | { kind: "known"; entrants: Entrant[]; property: string }
    | { kind: "unknown"; why: string; property: string };

/** A role without a trust policy cannot be created: the provider refuses it, so nobody enters here. */
export function roleEntrants(role: ResourceReader): Entrants {
    const value = role.get("assumeRolePolicy");
    const { property } = value;
    if (value.kind === "absent") return { kind: "known", entrants: [], property };
    const document = value.kind === "known" ? readPolicyDocument(value.value) : { kind: "unknown" as const };
    if (document.kind === "unknown") return { kind: "unknown", why: "is not known yet", property };
    if (document.kind === "malformed")
        return { kind: "unknown", why: `cannot be read: the policy ${document.why}`, property };
    return { kind: "known", entrants: document.statements.flatMap(entrantsOf), property };
}

function entrantsOf(statement: Statement): Entrant[] {
    const { effect, principals, conditions, sid, index } = statement;
    if (effect !== "Allow" || !entrances.some((action) => actionPattern(statement, action) !== null))
        return [];
    const more = {
        secondFactor: wantsSecondFactor(conditions),
        sources: conditionValues(conditions, "aws:SourceArn"),
        statement: sid ?? String(index),
    };
    if (!principals || principals.not) return [{ kind: "everybody", name: "everybody but a few", ...more }];
    const bound = conditionValues(conditions, "aws:PrincipalArn");
    return Object.entries(principals.byKind).flatMap(([kind, names]): Entrant[] => {
        if (kind === "Service") return names.map((name) => ({ kind: "service", name, ...more }));
        if (kind === "Federated") return names.map((name) => ({ kind: "identityProvider", name, ...more }));
        const entering = bound ?? names;
        return entering.map((name) => ({
            kind: isAnybody(name) ? "everybody" : "principal",
            name,
            ...more,
        }));
    });
}

/** The account itself, by its number or root, stands for whoever in it may call `sts:AssumeRole`. */
function isAnybody(name: string): boolean {
    return name === "*" || /^\d{12}$/.test(name) || /^arn:[\w-]+:iam::[\d*]+:root$/.test(name);
}

function wantsSecondFactor(conditions: Conditions): boolean {
    return Object.entries(conditions).some(([operator, keys]) =>
        Object.entries(keys).some(([key, values]) => {
            // With …IfExists a session that says nothing about a second factor gets in as well.
            if (/IfExists$/i.test(operator)) return false;
            const name = key.toLowerCase();
            if (name === "aws:multifactorauthpresent")
                return /^Bool$/i.test(operator) && values.length > 0 && values.every((each) => each === "true"); // prettier-ignore
            return name === "aws:multifactorauthage" && /^NumericLessThan(?:Equals)?$/i.test(operator);
        }),
    );
}

/** Whether the entrant is the role of this ARN or pattern and nothing else. */
export function isEntrant({ kind, name }: Entrant, roleArn: string): boolean {
    return kind === "principal" && !/[*?]/.test(name) && intersects(roleArn, name);
}
