/** BYP-08, for records that let a digest run without an approval: named people write them, with a second factor. */
import { breakGlassRoles, isNamed, isWorkRole, itemVerbs, tableArn } from "../../gate/gateTables";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import type { PrincipalPermissions } from "../../iam/effectivePermissions";
import { roleType } from "../../pipeline/project";
import { holdOutcomes } from "./grip";
import { roleTrust } from "./roleTrust";

/** Who but the people's role may write the tables. */
export function overrideOutcomes(
    entry: PrincipalPermissions,
    tables: readonly ResourceReader[],
    graph: StackGraph,
): StackOutcome[] {
    if (tables.length === 0 || breakGlassRoles(graph).has(entry.principal)) return [];
    return holdOutcomes(
        entry,
        tables.map((table) => ({
            what: table.name,
            arns: [tableArn(table)],
            verbs: itemVerbs,
            certain: isNamed(table),
        })),
        ({ verb, what }, path) =>
            `It may ${verb} on ${what}, whose records let images run that nobody approved (${path}).`,
        "Take the action away; only people write such a record, as the role with the tag gate:role=break-glass.",
    );
}

/** Who may become that role. */
export function overrideTrust(graph: StackGraph): StackOutcome[] {
    const works = (arn: string): boolean => {
        const reference = graph.referenceOfValue(arn, "assumeRolePolicy", [roleType]);
        return reference.kind === "exact" && isWorkRole(reference.resource, graph);
    };
    return [...breakGlassRoles(graph)].flatMap((role) =>
        roleTrust({
            role,
            who: "the role that lets images run without an approval",
            way: "a way into production that no named person answers for with a second factor",
            fix: "Name the people's own roles or users (ARNs as principals or in aws:PrincipalArn), and ask for a second factor: Bool aws:MultiFactorAuthPresent true.",
            admits: ({ kind, name, secondFactor }) => kind === "principal" && secondFactor && !works(name),
        }),
    );
}
