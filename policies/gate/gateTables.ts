/** The tables in which an automatic gate keeps its requests and decisions, and the verbs that change them. */
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { mayDo } from "../iam/effectivePermissions";
import { mappingSource, resourcesOf } from "./functionStart";
import { pipelinesOf } from "../pipeline/identities";
import { gateRole, roleType } from "../pipeline/project";
import { projectsOf } from "../pipeline/projectsOfRole";
import { gateFunctions } from "./gateFunctions";
import { guardsOf } from "./guardFunctions";
import { functionType, tableType } from "./resourceTypes";

/** Verbs that add, change or take away items. Service Authorization Reference, Amazon DynamoDB. */
export const itemVerbs = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:TransactWriteItems",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
] as const;

/** Verbs that replace, empty, copy or open the table as a whole; no function needs them. */
export const tableVerbs = [
    "dynamodb:DeleteTable",
    "dynamodb:UpdateTable",
    "dynamodb:CreateTableReplica",
    "dynamodb:DeleteTableReplica",
    "dynamodb:CreateGlobalTable",
    "dynamodb:UpdateGlobalTable",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:UpdateKinesisStreamingDestination",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:ImportTable",
    "dynamodb:RestoreTableFromBackup",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
] as const;

export function tableArn(table: ResourceReader): string {
    return valueOf(table.string("arn")) ?? `arn:*:dynamodb:*:*:table/${valueOf(table.string("name")) ?? "*"}`;
}

/** Whether the table's name or ARN is known. */
export function isNamed(table: ResourceReader): boolean {
    return valueOf(table.string("arn")) !== undefined || valueOf(table.string("name")) !== undefined;
}

/** Tables whose stream starts a function of the gate, and those that one of its functions may write. */
export function gateTables(graph: StackGraph): ResourceReader[] {
    const functions = gateFunctions(graph);
    return graph
        .ofType(tableType)
        .filter((table) =>
            functions.some(
                ({ starts, permissions }) =>
                    starts.some(
                        ({ kind, source }) =>
                            kind === "mapping" && resourcesOf(mappingSource(graph, source)).includes(table),
                    ) ||
                    (permissions !== null &&
                        isNamed(table) &&
                        itemVerbs.some((verb) => mayDo(permissions, verb, tableArn(table)).kind === "yes")),
            ),
        );
}

/** Verbs that read items. */
const readItemVerbs = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem"];

/** Roles by which people let a digest run without an approval: tag `gate:role=break-glass`. */
export const breakGlassRole = "break-glass";

/**
 * Tables with records that let a digest run without an approval: by their tag, and those that the admission function reads
 * and no function of the gate writes.
 */
export function breakGlassTables(graph: StackGraph): ResourceReader[] {
    const own = new Set(gateTables(graph));
    const readers = guardsOf(graph, "admission");
    return graph.ofType(tableType).filter(
        (table) =>
            gateRole(table) === breakGlassRole ||
            (!own.has(table) &&
                isNamed(table) &&
                readers.some(
                    ({ permissions }) =>
                            permissions !== null &&
                            readItemVerbs.some((verb) => mayDo(permissions, verb, tableArn(table)).kind === "yes"), // prettier-ignore
                )),
    );
}

/** Roles that may write them: declared so, and nothing of the stack runs as one. */
export function breakGlassRoles(graph: StackGraph): Set<ResourceReader> {
    return new Set(
        graph
            .ofType(roleType)
            .filter((role) => gateRole(role) === breakGlassRole && !isWorkRole(role, graph)),
    );
}

/** Whether a function, build or pipeline of the stack runs as the role. */
export function isWorkRole(role: ResourceReader, graph: StackGraph): boolean {
    return (
        projectsOf(role, graph).length > 0 ||
        pipelinesOf(role, graph).length > 0 ||
        graph.ofType(functionType).some((each) => {
            const own = graph.reference(each, ["role"], [roleType]);
            return own.kind === "exact" && own.resource === role;
        })
    );
}
