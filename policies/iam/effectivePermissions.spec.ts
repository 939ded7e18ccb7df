import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { unknown, type ResourceDescription } from "../harness/reader";
import { StackGraph } from "../harness/stackGraph";
import { readPolicyDocument, type Statement } from "./document";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "./effectivePermissions";
import { matches, matchesAction } from "./matcher";

const urn = (type: string, name: string) => `urn:pulumi:test::test::${type}::${name}`;
const resource = (
    type: string,
    name: string,
    properties: Record<string, unknown>,
    more: Partial<ResourceDescription> = {},
): ResourceDescription => ({ type, name, urn: urn(type, name), properties, preview: true, ...more });
const allow = (Action: unknown, Resource: unknown = "*") => ({
    Statement: [{ Effect: "Allow", Action, Resource }],
});
const role = (name: string, more: Record<string, unknown> = {}) =>
    resource("aws:iam/role:Role", name, { name, ...more });

function of(name: string, ...resources: ResourceDescription[]): PrincipalPermissions {
    const found = effectivePermissions(StackGraph.of(resources)).find(
        ({ principal }) => principal.name === name,
    );
    if (!found) throw new Error(`no principal ${name}`);
    return found;
}
const ask = (
    permissions: PrincipalPermissions,
    action = "ecr:PutImage",
    target = "arn:aws:ecr:r:1:repository/p",
) => mayDo(permissions, action, target).kind;

describe("effective permissions", () => {
    it("unite every form of attachment", () => {
        const own = resource("aws:iam/policy:Policy", "own", {
            name: "own",
            arn: "arn:aws:iam::1:policy/own",
            policy: allow("ecr:PutImage"),
        });
        equal(
            ask(of("r", role("r", { inlinePolicies: [{ policy: JSON.stringify(allow("ecr:*")) }] }))),
            "yes",
        );
        equal(ask(of("r", role("r", { managedPolicyArns: ["arn:aws:iam::1:policy/own"] }), own)), "yes");
        equal(
            ask(
                of(
                    "r",
                    role("r"),
                    resource("aws:iam/rolePolicy:RolePolicy", "x", { role: "r", policy: allow("ecr:Put*") }),
                ),
            ),
            "yes",
        );
        const exclusive = (policyArns: unknown) =>
            resource("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "x", {
                roleName: "r",
                policyArns,
            });
        equal(ask(of("r", role("r"), own, exclusive(["arn:aws:iam::1:policy/own"]))), "yes");
        equal(ask(of("r", role("r"), exclusive(["arn:aws:iam::aws:policy/AdministratorAccess"]))), "yes");
        equal(ask(of("r", role("r"), exclusive([]))), "no");
        equal(ask(of("r", role("r"), exclusive(unknown))), "unknown");
        equal(
            ask(of("other", role("r"), role("other"), own, exclusive(["arn:aws:iam::1:policy/own"]))),
            "no",
        );
        for (const kind of ["user", "group"]) {
            const title = kind === "user" ? "User" : "Group";
            const attached = resource(
                `aws:iam/${kind}PolicyAttachmentsExclusive:${title}PolicyAttachmentsExclusive`,
                "x",
                { [`${kind}Name`]: "p", policyArns: ["arn:aws:iam::1:policy/own"] },
            );
            equal(
                ask(of("p", resource(`aws:iam/${kind}:${title}`, "p", { name: "p" }), own, attached)),
                "yes",
            );
        }
        equal(
            ask(
                of(
                    "r",
                    role("r"),
                    own,
                    resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "x", {
                        role: "r",
                        policyArn: "arn:aws:iam::1:policy/own",
                    }),
                ),
            ),
            "yes",
        );
        equal(
            ask(
                of(
                    "r",
                    role("r"),
                    own,
                    resource("aws:iam/policyAttachment:PolicyAttachment", "x", {
                        roles: ["q", "r"],
                        policyArn: "arn:aws:iam::1:policy/own",
                    }),
                ),
            ),
            "yes",
        );
        equal(
            ask(
                of(
                    "r",
                    role("r"),
                    resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "x", {
                        role: "r",
                        policyArn: "arn:aws:iam::aws:policy/PowerUserAccess",
                    }),
                ),
            ),
            "yes",
        );
        equal(
            ask(
                of(
                    "r",
                    role("r"),
                    resource("aws:iam/rolePolicy:RolePolicy", "x", { role: "other", policy: allow("*") }),
                ),
            ),
            "no",
        );
    });

    it("users hold what their groups hold", () => {
        const group = resource("aws:iam/group:Group", "g", { name: "g" });
        const user = resource("aws:iam/user:User", "u", { name: "u" });
        const policy = resource("aws:iam/groupPolicy:GroupPolicy", "p", {
            group: "g",
            policy: allow("ecr:PutImage"),
        });
        equal(ask(of("u", group, user, policy)), "no");
        equal(
            ask(
                of(
                    "u",
                    group,
                    user,
                    policy,
                    resource("aws:iam/userGroupMembership:UserGroupMembership", "m", {
                        user: "u",
                        groups: ["g"],
                    }),
                ),
            ),
            "yes",
        );
        equal(
            ask(
                of(
                    "u",
                    group,
                    user,
                    policy,
                    resource("aws:iam/groupMembership:GroupMembership", "m", { group: "g", users: ["u"] }),
                ),
            ),
            "yes",
        );
    });

    it("are unknown, not absent, where something cannot be read", () => {
        equal(ask(of("r", role("r", { inlinePolicies: unknown }))), "unknown");
        equal(ask(of("r", role("r", { inlinePolicies: [{ policy: "{" }] }))), "unknown");
        equal(
            ask(of("r", role("r", { managedPolicyArns: ["arn:aws:iam::aws:policy/NeverHeardOf"] }))),
            "unknown",
        );
        equal(ask(of("r", role("r", { managedPolicyArns: ["arn:aws:iam::1:policy/elsewhere"] }))), "unknown");
        equal(
            ask(
                of(
                    "r",
                    role("r"),
                    resource("aws:iam/rolePolicy:RolePolicy", "x", { role: unknown, policy: allow("*") }),
                ),
            ),
            "unknown",
        );
    });

    it("follow the dependency where the role's name is not known yet", () => {
        const attached = resource(
            "aws:iam/rolePolicy:RolePolicy",
            "x",
            { role: unknown, policy: allow("ecr:PutImage") },
            { propertyDependencies: { role: [urn("aws:iam/role:Role", "r")] } },
        );
        equal(ask(of("r", role("r"), role("q"), attached)), "yes");
        equal(ask(of("q", role("r"), role("q"), attached)), "no");
    });

    it("a doubt does not hide a certain permission", () => {
        equal(
            ask(
                of(
                    "r",
                    role("r", { inlinePolicies: [{ policy: unknown }, { policy: allow("ecr:PutImage") }] }),
                ),
            ),
            "yes",
        );
    });

    it("carry the condition and the way to the permission", () => {
        const policy = {
            Statement: [
                {
                    Effect: "Allow",
                    Action: "ecr:Put*",
                    Resource: "arn:aws:ecr:*",
                    Condition: { StringEquals: { "aws:PrincipalTag/a": "b" } },
                },
            ],
        };
        const answer = mayDo(
            of("r", role("r", { inlinePolicies: [{ policy }] })),
            "ecr:PutImage",
            "arn:aws:ecr:r:1:repository/p",
        );
        deepEqual(
            answer.kind === "yes"
                ? answer.permissions.map(({ action, resource: target, conditions, grant }) => ({
                      action,
                      target,
                      conditions,
                      property: grant.property,
                  }))
                : answer,
            [
                {
                    action: "ecr:Put*",
                    target: "arn:aws:ecr:*",
                    conditions: { StringEquals: { "aws:PrincipalTag/a": ["b"] } },
                    property: "inlinePolicies[0].policy",
                },
            ],
        );
    });

    it("a deny under a condition takes nothing away", () => {
        const deny = { Effect: "Deny", Action: "ecr:*", Resource: "*" };
        const inline = (...statements: unknown[]) =>
            of("r", role("r", { inlinePolicies: [{ policy: { Statement: statements } }] }));
        const grant = { Effect: "Allow", Action: "ecr:PutImage", Resource: "*" };
        equal(ask(inline(grant, deny)), "no");
        equal(
            ask(inline(grant, { ...deny, Condition: { Bool: { "aws:SecureTransport": "false" } } })),
            "yes",
        );
        equal(ask(inline(grant, { Effect: "Deny", NotAction: "s3:*", Resource: "*" })), "no");
        equal(ask(inline(grant, { Effect: "Deny", NotAction: "ecr:Put*", Resource: "*" })), "yes");
        equal(ask(inline(grant, { ...deny, Resource: "arn:aws:ecr:r:1:repository/other" })), "yes");
    });
});

describe("permission questions, against an oracle", () => {
    const action = fc.constantFrom("s:a", "s:b", "s:*", "s:?", "*", "t:a", "S:A");
    const target = fc.constantFrom("r/a", "r/b", "r/*", "*", "q/a", "?/a");
    const statement = fc.record({
        Effect: fc.constantFrom("Allow", "Deny"),
        Action: fc.array(action, { minLength: 1, maxLength: 2 }),
        Resource: fc.array(target, { minLength: 1, maxLength: 2 }),
    });
    const negated = fc.record({
        Effect: fc.constantFrom("Allow", "Deny"),
        NotAction: fc.array(action, { minLength: 1, maxLength: 2 }),
        NotResource: fc.array(target, { minLength: 1, maxLength: 2 }),
    });
    const statements = fc.array(fc.oneof(statement, negated), { minLength: 1, maxLength: 5 });
    const questions = ["s:a", "s:b", "t:a"].flatMap((a) => ["r/a", "r/b", "q/a"].map((r) => [a, r] as const));

    const read = (list: unknown[]): Statement[] => {
        const document = readPolicyDocument({ Statement: list });
        return document.kind === "known" ? document.statements : [];
    };
    const may = (list: unknown[], a: string, r: string): boolean =>
        mayDo(
            {
                grants: read(list).map((each) => ({
                    statement: each,
                    source: null as never,
                    property: "policy",
                })),
                doubts: [],
            },
            a,
            r,
        ).kind === "yes";

    const hit = (patterns: Statement["actions"], test: (pattern: string) => boolean) =>
        patterns.values.some(test) !== patterns.not;
    const covers = (each: Statement, a: string, r: string) =>
        hit(each.actions, (p) => matchesAction(p, a)) &&
        (each.resources === null || hit(each.resources, (p) => matches(p, r)));
    const oracle = (list: unknown[], a: string, r: string): boolean => {
        const all = read(list).filter((each) => covers(each, a, r));
        return all.some((each) => each.effect === "Allow") && !all.some((each) => each.effect === "Deny");
    };

    it("answer exactly for literal questions", () => {
        fc.assert(fc.property(statements, (list) => { for (const [a, r] of questions) equal(may(list, a, r), oracle(list, a, r), `${a} ${r}`); }), { numRuns: 1_000 }); // prettier-ignore
    });

    it("a further deny never adds a permission", () => {
        fc.assert(
            fc.property(statements, statement, (list, more) => {
                for (const [a, r] of questions)
                    if (may([...list, { ...more, Effect: "Deny" }], a, r)) equal(may(list, a, r), true);
            }),
        );
    });

    it("a further allow, or a wider one, never removes a permission", () => {
        fc.assert(
            fc.property(statements, statement, (list, more) => {
                const wider = list.map((each) =>
                    "Action" in each && each.Effect === "Allow" ? { ...each, Resource: ["*"] } : each,
                );
                for (const [a, r] of questions) {
                    if (!may(list, a, r)) continue;
                    equal(may([...list, { ...more, Effect: "Allow" }], a, r), true);
                    equal(may(wider, a, r), true);
                }
            }),
        );
    });

    it("a question about a pattern is never answered no when a text of it is allowed", () => {
        fc.assert(
            fc.property(statements, (list) => {
                for (const [a, r] of questions)
                    if (oracle(list, a, r)) equal(may(list, a, r.replace(/^\w/, "*")), true);
            }),
        );
    });
});
