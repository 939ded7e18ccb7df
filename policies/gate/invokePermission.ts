/** Whether a service may start a function on behalf of one resource (`aws:lambda/permission:Permission`). */
import { filled, valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { functionReference, resourcesOf } from "./functionStart";
import { permissionType } from "./resourceTypes";

export type PermissionAnswer =
    | { kind: "granted" }
    /** `near`: what the closest permission lacks. */
    | { kind: "missing"; near: string | null }
    | { kind: "unknown"; property: string };

export interface InvokeQuestion {
    function: ResourceReader;
    /** Alias or version that is started. */
    qualifier: string | null;
    /** e.g. `sns.amazonaws.com` */
    principal: string;
    /** Topic or rule that starts it. */
    source: ResourceReader;
}

const invokeActions = new Set(["lambda:invokefunction", "lambda:*", "*"]);

/** A permission counts only when it names function, service and source: one without source lets in every account. */
export function invokePermission(question: InvokeQuestion, graph: StackGraph): PermissionAnswer {
    let unclear: PermissionAnswer | null = null;
    let near: string | null = null;
    for (const permission of graph.ofType(permissionType)) {
        const answer = judged(permission, question, graph);
        if (answer === null) continue;
        if (answer.kind === "granted") return answer;
        if (answer.kind === "unknown") unclear ??= answer;
        else near ??= answer.near;
    }
    return unclear ?? { kind: "missing", near };
}

/** Null when the permission is about something else. */
function judged(
    permission: ResourceReader,
    question: InvokeQuestion,
    graph: StackGraph,
): PermissionAnswer | null {
    const { name } = permission;
    const missing = (near: string): PermissionAnswer => ({ kind: "missing", near: `${name} ${near}` });
    const unknown = (property: string): PermissionAnswer => ({
        kind: "unknown",
        property: `${name}.${property}`,
    });
    const { reference, qualifier } = functionReference(graph, permission, ["function"]);
    const certain = reference.kind === "exact";
    if (certain && reference.resource !== question.function) return null;
    if (!certain && reference.kind !== "unknown" && !resourcesOf(reference).includes(question.function))
        return null;

    const principal = permission.string("principal");
    const action = permission.string("action");
    const source = filled(permission.string("sourceArn"));
    // What says for certain that it is about something else comes before what is not known.
    if (principal.kind === "known" && principal.value !== question.principal)
        return principal.value === "*" ? missing("lets everybody in (principal *)") : null;
    if (action.kind === "known" && !invokeActions.has(action.value.toLowerCase())) return null;
    if (!certain) return unknown(reference.property);

    const own = filled(permission.string("qualifier"));
    if (own.kind === "unknown") return unknown(own.property);
    const granted = valueOf(own) ?? qualifier;
    if (granted !== question.qualifier)
        return missing(
            `is for ${granted === null ? "the function itself" : `its version ${granted}`}, not for ${question.qualifier === null ? "the function itself" : `its version ${question.qualifier}`}`,
        );
    if (principal.kind !== "known") return unknown(principal.property);
    if (action.kind !== "known") return unknown(action.property);
    if (source.kind === "absent") return missing("has no sourceArn, so it lets in every account");
    if (source.kind === "known" && /[*?]/.test(source.value))
        return missing(`has the pattern ${source.value} for its sourceArn, which names more than one source`);
    const target = graph.reference(permission, ["sourceArn"], [question.source.type]);
    if (target.kind === "exact")
        return target.resource === question.source
            ? { kind: "granted" }
            : missing(`is for ${target.resource.name}`);
    if (target.kind === "candidates" && !target.resources.includes(question.source))
        return missing("is for another source");
    if (target.kind === "unknown" || target.kind === "candidates") return unknown(target.property);
    return missing(`is for ${source.kind === "known" ? source.value : "something else"}`);
}
