/** The keys with which releases are signed, and who may use them. */
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import type { Permission } from "../iam/effectivePermissions";
import { isSubset } from "../iam/matcher";

export const keyType = "aws:kms/key:Key";
const aliasType = "aws:kms/alias:Alias";

/** Verbs by which something is signed, or somebody else may sign. Service Authorization Reference, AWS KMS. */
export const signVerbs = ["kms:Sign", "kms:CreateGrant"] as const;

/** Verbs by which the key itself is given away or lost. */
export const keyVerbs = [
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
    "kms:ReplicateKey",
    "kms:DeleteImportedKeyMaterial",
] as const;

export interface SigningKey {
    key: ResourceReader;
    /** For messages: its alias where it has one. */
    name: string;
    /** The real ARN, else that of any key. */
    arn: string;
    /** `alias/…` by which permissions may be bound to it. */
    aliases: string[];
}

/** Keys of the stack that sign. A key whose usage is not known yet is none: no stack computes it. */
export function signingKeys(graph: StackGraph): SigningKey[] {
    return graph
        .ofType(keyType)
        .filter((key) => valueOf(key.string("keyUsage")) === "SIGN_VERIFY")
        .map((key) => {
            const aliases = graph
                .referrers(key, [aliasType], "targetKeyId")
                .certain.flatMap((alias) => valueOf(alias.string("name")) ?? []);
            const arn = valueOf(key.string("arn")) ?? "arn:*:kms:*:*:key/*";
            return { key, name: aliases[0] ?? key.name, arn, aliases };
        });
}

/**
 * Whether the permission is for the key: `no` when a condition binds it to other aliases, `open` when it names one key
 * by its ARN and that of this key is not known yet.
 */
export function reachesKey({ resource, conditions }: Permission, key: SigningKey): "yes" | "no" | "open" {
    const bound = Object.entries(conditions).flatMap(([operator, keys]) =>
        /^(?:For(?:Any|All)Values?:)?String(?:Equals|Like)$/i.test(operator)
            ? Object.entries(keys).filter(([name]) => /^kms:(?:resourcealiases|requestalias)$/i.test(name))
            : [],
    );
    if (bound.length > 0 && key.aliases.length === 0) return "open";
    if (
        bound.some(([, values]) => !values.some((value) => key.aliases.some((each) => isSubset(each, value))))
    )
        return "no";
    // A star for the key's id names every key of an account, whichever that is.
    const every = /(?:^|:key\/)\*$/.test(resource) || resource.startsWith("everything but");
    return every || isSubset(key.arn, resource) ? "yes" : "open";
}
