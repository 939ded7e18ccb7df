/** The permission documents of IAM resources, one by one. */
import { inconclusive, notApplicable, pass } from "../../harness/outcome";
import type { Reading, ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome } from "../../harness/rule";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { roleType } from "../../pipeline/project";

/** Resources that carry permission documents. Trust policies and resource policies are other rules' matter. */
export const documentTypes = [
    "aws:iam/role:Role",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
];

/**
 * Runs the judgement on every Allow statement of every document of the resource. A document that is not known or cannot be
 * read is inconclusive; it does not hide the others.
 */
export function onAllowStatements(
    resource: ResourceReader,
    judge: (statement: Statement, where: string) => Outcome[],
): Outcome[] {
    const outcomes: Outcome[] = [];
    let documents = 0;
    const read = (value: unknown, property: string): void => {
        documents++;
        const document = readPolicyDocument(value);
        if (document.kind === "unknown")
            outcomes.push(inconclusive({ property }, "the policy document is not known yet"));
        else if (document.kind === "malformed")
            outcomes.push(inconclusive({ property }, `the policy document ${document.why}`));
        else {
            for (const statement of document.statements) {
                if (statement.effect !== "Allow") continue;
                const name =
                    statement.sid === null ? String(statement.index) : `${statement.index}, ${statement.sid}`;
                outcomes.push(...judge(statement, `${property}, statement ${name}`));
            }
        }
    };
    if (resource.type === "aws:iam/role:Role") {
        const inline = resource.list("inlinePolicies");
        if (inline.kind === "unknown" || inline.kind === "malformed")
            return [inconclusive(inline, "the inline policies are not known yet")];
        for (const policy of inline.kind === "known" ? inline.value : []) {
            const value = policy.get("policy");
            if (value.kind === "known") read(value.value, value.property);
            else if (value.kind === "unknown")
                outcomes.push(inconclusive(value, "the policy document is not known yet"));
        }
    } else {
        const value = resource.get("policy");
        if (value.kind === "unknown") return [inconclusive(value, "the policy document is not known yet")];
        if (value.kind === "known") read(value.value, value.property);
    }
    if (outcomes.length > 0) return outcomes;
    return [documents > 0 ? pass : notApplicable("the resource carries no permission document")];
}

/** A document of a resource, text or object, that is set: its value as it is, and where it stands. */
export interface DocumentValue {
    value: unknown;
    property: string;
}

/** A place where a document belongs and of which cannot be said what is there. */
export type MissingDocument = Extract<Reading<unknown>, { kind: "unknown" | "malformed" }>;

/** Every document of the resource: permissions, and the trust policy of a role. */
export function documentsOf(resource: ResourceReader): (DocumentValue | MissingDocument)[] {
    const readings =
        resource.type === roleType
            ? [resource.get("assumeRolePolicy"), ...inlineDocuments(resource)]
            : [resource.get("policy")];
    return readings.flatMap((reading) => (reading.kind === "absent" ? [] : [reading]));
}

function inlineDocuments(role: ResourceReader): Reading<unknown>[] {
    const inline = role.list("inlinePolicies");
    if (inline.kind === "absent") return [];
    if (inline.kind !== "known") return [inline];
    return inline.value.map((policy) => policy.get("policy"));
}

/** A policy with these statements, for examples. */
export function policyExample(...statements: unknown[]): ExampleResource {
    return {
        type: "aws:iam/policy:Policy",
        name: "policy",
        props: { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
    };
}

export const allow = (Action: unknown, Resource: unknown, Condition?: unknown) => ({
    Effect: "Allow",
    Action,
    Resource,
    ...(Condition === undefined ? {} : { Condition }),
});
export const repository = "arn:aws:ecr:eu-central-1:123456789012:repository/demo/candidate";
