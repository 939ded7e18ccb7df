/** The tables in which an automatic gate keeps its requests and decisions, and the verbs that change them. */
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { mayDo } from "../iam/effectivePermissions";
import { mappingSource, resourcesOf } from "./functionStart";
import { gateFunctions } from "./gateFunctions";
import { tableType } from "./resourceTypes";

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
