/** What Amazon DynamoDB refuses. Limits: DynamoDB API reference, CreateTable, PutResourcePolicy; the AWS provider. */
import { containsUnknown, isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import type { InputRules } from "../valueRules";
import { arnOf, fields, isKnown, listOf, oneOf, policyDocument, text, whole } from "../valueRules";

const name = text(3, 255, /^[a-zA-Z0-9_.-]+$/, "letters, digits, _ - and .");
const attributeName = text(1, 255);

function objects(value: Wire | undefined): WireObject[] {
    return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Attribute names that are part of a key: of the table, of a global and of a local index. */
function keyNames(inputs: WireObject): string[] {
    const indexes = [
        ...objects(inputs["globalSecondaryIndexes"]),
        ...objects(inputs["localSecondaryIndexes"]),
    ];
    const keys = [inputs, ...indexes].flatMap((owner) => [
        owner["hashKey"],
        owner["rangeKey"],
        ...objects(owner["keySchemas"]).map((key) => key["attributeName"]),
    ]);
    return keys.filter((key): key is string => isKnown(key) && typeof key === "string");
}

/** True when none of the properties is a value that is only known later. */
function allKnown(inputs: WireObject, ...properties: string[]): boolean {
    return properties.every((property) => !containsUnknown(inputs[property] ?? null));
}

function keyProblems(inputs: WireObject): string[] {
    const owners = ["hashKey", "rangeKey", "globalSecondaryIndexes", "localSecondaryIndexes"];
    if (!allKnown(inputs, "attributes", ...owners)) {
        return [];
    }
    const declared = objects(inputs["attributes"]).map((attribute) => String(attribute["name"]));
    const keys = new Set(keyNames(inputs));
    return [
        ...(inputs["hashKey"] !== undefined && inputs["hashKey"] === inputs["rangeKey"]
            ? ["hashKey and rangeKey are the same attribute"]
            : []),
        ...[...keys]
            .filter((key) => !declared.includes(key))
            .map((key) => `the key attribute ${key} is not declared in attributes`),
        ...declared
            .filter((attribute) => !keys.has(attribute))
            .map(
                (attribute) =>
                    `attributes declares ${attribute}, which is in no key: only key attributes are declared`,
            ),
        ...declared
            .filter((attribute, position) => declared.indexOf(attribute) !== position)
            .map((attribute) => `attributes declares ${attribute} twice`),
    ];
}

function streamProblems(inputs: WireObject): string[] {
    const { streamViewType } = inputs;
    const streams = inputs["streamEnabled"] === true;
    const copies = Array.isArray(inputs["replicas"]) && inputs["replicas"].length > 0;
    if (!allKnown(inputs, "streamEnabled", "streamViewType", "replicas")) {
        return [];
    }
    return [
        ...(streams && !streamViewType ? ["streamViewType is needed for a stream"] : []),
        ...(!streams && !copies && streamViewType ? ["streamViewType needs streamEnabled"] : []),
    ];
}

function tableProblems(inputs: WireObject): string[] {
    const onDemand = inputs["billingMode"] === "PAY_PER_REQUEST";
    const restored = ["restoreSourceName", "restoreSourceTableArn", "restoreBackupArn", "importTable"].some(
        (property) => inputs[property] !== undefined,
    );
    const paid = allKnown(inputs, "billingMode", "readCapacity", "writeCapacity");
    return [
        ...(inputs["hashKey"] === undefined && !restored ? ["hashKey is needed"] : []),
        ...keyProblems(inputs),
        ...streamProblems(inputs),
        ...(paid && onDemand && (inputs["readCapacity"] || inputs["writeCapacity"])
            ? ["readCapacity and writeCapacity are not for PAY_PER_REQUEST"]
            : []),
        ...(paid && !onDemand && !restored && !(inputs["readCapacity"] && inputs["writeCapacity"])
            ? ["readCapacity and writeCapacity are needed unless billingMode is PAY_PER_REQUEST"]
            : []),
    ];
}

const index = fields({ name, projectionType: oneOf("ALL", "KEYS_ONLY", "INCLUDE") }, (value, where) => {
    const some = Array.isArray(value["nonKeyAttributes"]) && value["nonKeyAttributes"].length > 0;
    return [
        ...(value["projectionType"] === "INCLUDE" && !some
            ? [`${where}: projectionType INCLUDE needs nonKeyAttributes`]
            : []),
        ...(value["projectionType"] !== "INCLUDE" && some
            ? [`${where}: nonKeyAttributes are only for projectionType INCLUDE`]
            : []),
    ];
});

export const tableRules: Record<string, InputRules> = {
    "aws:dynamodb/table:Table": {
        properties: {
            name,
            hashKey: attributeName,
            rangeKey: attributeName,
            attributes: listOf(fields({ name: attributeName, type: oneOf("S", "N", "B") })),
            billingMode: oneOf("PAY_PER_REQUEST", "PROVISIONED"),
            streamViewType: oneOf("", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
            tableClass: oneOf("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
            globalSecondaryIndexes: listOf(index, 0, 20),
            localSecondaryIndexes: listOf(index, 0, 5),
            pointInTimeRecovery: fields({ recoveryPeriodInDays: whole(1, 35, "days") }),
            serverSideEncryption: fields({ kmsKeyArn: arnOf("kms") }, (value, where) =>
                isKnown(value["kmsKeyArn"]) && value["enabled"] !== true
                    ? [`${where}: kmsKeyArn needs enabled`]
                    : [],
            ),
            ttl: fields({ attributeName: text(0, 255) }, (value, where) =>
                value["enabled"] === true && !value["attributeName"]
                    ? [`${where}: attributeName is needed`]
                    : [],
            ),
        },
        together: tableProblems,
    },
    "aws:dynamodb/resourcePolicy:ResourcePolicy": {
        properties: { resourceArn: arnOf("dynamodb"), policy: policyDocument(20_480) },
    },
};
