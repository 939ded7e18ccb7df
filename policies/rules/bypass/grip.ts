/** Taking hold of something: which of these verbs a principal may use on which of these resources. */
import { about, inconclusive, violation } from "../../harness/outcome";
import type { StackOutcome } from "../../harness/rule";
import {
    mayDo,
    type Doubt,
    type Permission,
    type PrincipalPermissions,
} from "../../iam/effectivePermissions";
import { intersects } from "../../iam/matcher";
import { permissionPath } from "./permissionPath";

/** Verbs that change what a role may do, or who may use it (Service Authorization Reference, AWS IAM). */
export const roleVerbs = [
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
] as const;

/** Something that has to be kept, and the verbs that take hold of it. */
export interface Grip {
    what: string;
    /** Every ARN by which it can be named, or patterns for it. */
    arns: readonly string[];
    verbs: readonly string[];
    /** False when its name is not known yet. */
    certain: boolean;
    /** True for a permission whose conditions keep it away from this resource. */
    spared?: (verb: string, permission: Permission) => boolean;
}

export interface Hold {
    what: string;
    verb: string;
    /** Null where it is not known whether the principal may, or what the resource is called. */
    permission: Permission | null;
    doubt: Doubt | null;
}

/**
 * Segment by segment, as IAM compares ARNs: a star for the account does not reach into the name (IAM User Guide, "IAM JSON
 * policy elements: Resource"). `mayDo` lets it, so a question with stars would meet statements about others' things.
 */
function reaches({ grant }: Permission, arn: string): boolean {
    const { resources } = grant.statement;
    if (!resources || resources.not) return true;
    const wanted = segments(arn);
    return resources.values.some((pattern) => {
        const given = segments(pattern.replace(/\$\{[^}]*\}/g, "*"));
        // A short pattern such as `arn:aws:sns:*` ends in a star that stands for all that follows.
        if (given.length < wanted.length || wanted.length < 6) return intersects(pattern, arn);
        return given.every((segment, index) => intersects(segment, wanted[index] ?? ""));
    });
}

function segments(arn: string): string[] {
    const parts = arn.split(":");
    return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

/** Whether the permission's condition on the key (in small letters) lets one of the values through; true where it has none. */
export function keyAllows({ conditions }: Permission, key: string, values: readonly string[]): boolean {
    return Object.entries(conditions).every(([operator, keys]) => {
        if (!/^(?:ForAnyValue:)?(?:String|Arn)(?:Equals|Like)(?:IgnoreCase)?$/.test(operator)) return true;
        return Object.entries(keys).every(
            ([name, allowed]) =>
                name.toLowerCase() !== key ||
                allowed.some((pattern) => values.some((value) => intersects(pattern, value))),
        );
    });
}

/** The first certain hold, else the first possible one: one way is enough for a finding. */
export function firstHold(entry: PrincipalPermissions, grips: readonly Grip[]): Hold | null {
    let possible: Hold | null = null;
    for (const { what, arns, verbs, certain, spared } of grips) {
        for (const verb of verbs) {
            for (const arn of arns) {
                const answer = mayDo(entry, verb, arn);
                if (answer.kind === "no") continue;
                if (answer.kind === "unknown") {
                    possible ??= { what, verb, permission: null, doubt: answer.doubts[0] ?? null };
                    continue;
                }
                const permission = answer.permissions.find(
                    (each) => reaches(each, arn) && !spared?.(verb, each),
                );
                if (!permission) continue;
                if (certain) return { what, verb, permission, doubt: null };
                possible ??= { what, verb, permission: null, doubt: null };
            }
        }
    }
    return possible;
}

/** @param sentence what is wrong with it, given the verb, the thing and the way in which it is granted */
export function holdOutcomes(
    entry: PrincipalPermissions,
    grips: readonly Grip[],
    sentence: (hold: Hold, path: string) => string,
    fix: string,
): StackOutcome[] {
    const { principal } = entry;
    const hold = firstHold(entry, grips);
    if (!hold) return [];
    const { what, verb, permission, doubt } = hold;
    if (!permission)
        return about(
            principal,
            inconclusive(
                { property: doubt?.property ?? "policy" },
                `whether it may ${verb} on ${what} is not known: ${doubt?.why ?? "its name is not known yet"}`,
            ),
        );
    return about(
        principal,
        violation(sentence(hold, permissionPath(principal.name, verb, permission)), fix, {
            findingId: `${principal.name}|${verb}|${what}`,
        }),
    );
}
