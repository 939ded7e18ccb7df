/** Explains a permission: who, by which document, by which statement, may do what on what. */
import type { Permission } from "../../iam/effectivePermissions";

export function permissionPath(principal: string, action: string, permission: Permission): string {
    const { grant, resource, conditions } = permission;
    const statement = grant.statement.sid ?? `statement ${grant.statement.index}`;
    const condition = Object.keys(conditions).length > 0 ? " (under a condition)" : "";
    return `${principal} → ${grant.source.name}.${grant.property} → ${statement} → ${action} on ${resource}${condition}`;
}
