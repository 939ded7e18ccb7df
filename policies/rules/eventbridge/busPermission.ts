/** EVB-05: a permission to put events names an account or an organization. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { eventPermissionType } from "./eventRule";

const permission = (principal: unknown, condition?: unknown): ExampleResource[] => [
    { type: eventPermissionType, name: "permission", props: { statementId: "others", principal, condition } },
];
const organization = { key: "aws:PrincipalOrgID", type: "StringEquals", value: "o-a1b2c3d4e5" };
const fix =
    'Name an account as principal, or set condition: { key: "aws:PrincipalOrgID", type: "StringEquals", value: <organization> }.';

export const busPermission: ResourceRule = {
    level: "resource",
    metadata: {
        id: "EVB-05",
        family: "eventbridge",
        title: "Permissions to put events name an account or an organization",
        rationale:
            "Whoever may put events on the bus can pretend that a scan has ended or that an alarm was raised, and starts what listens for it.",
        severity: "high",
        remediation: "Name the account in `principal`; with `*` add a `condition` on `aws:PrincipalOrgID`.",
        references: ["cdk-nag AwsSolutions-EVB1"],
    },
    types: [eventPermissionType],
    evaluate: (resource) => {
        const principal = filled(resource.string("principal"));
        if (principal.kind === "unknown")
            return [inconclusive(principal, "who may put events is not known yet")];
        if (principal.kind === "known" && !/[*?]/.test(principal.value)) return [pass];
        if (principal.kind !== "known")
            return [violation("The permission names no principal that can be read.", fix)];
        const condition = resource.object("condition");
        const why = "for which organization the permission is, is not known yet";
        if (condition.kind === "unknown") return [inconclusive(condition, why)];
        if (condition.kind === "known") {
            const [key, type, value] = (["key", "type", "value"] as const).map((field) =>
                condition.value.string(field),
            );
            for (const reading of [key, type, value])
                if (reading?.kind === "unknown") return [inconclusive(reading, why)];
            const bounds =
                key?.kind === "known" &&
                key.value.toLowerCase() === "aws:principalorgid" &&
                type?.kind === "known" &&
                type.value === "StringEquals" &&
                value?.kind === "known" &&
                /^o-[a-z0-9]+$/.test(value.value);
            if (bounds) return [pass];
        }
        return [
            violation(
                `Everybody may put events on the bus (principal is "${principal.value}" and condition names no organization).`,
                fix,
            ),
        ];
    },
    examples: [
        badExample("everybody", permission("*"), "permission"),
        badExample(
            "a condition that bounds nothing",
            permission("*", { ...organization, value: "*" }),
            "permission",
        ),
        goodExample("an organization", permission("*", organization)),
        goodExample("an account", permission("123456789012")),
        absentExample("no principal", permission(undefined), "permission"),
        openExample("not known yet", permission(unknown), "permission"),
        openExample("an organization that is not known yet", permission("*", { ...organization, value: unknown }), "permission"), // prettier-ignore
    ],
};
