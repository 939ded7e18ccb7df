/** Events of the approval table's stream: which digests the gate has approved. */
import { objectOf } from "../approval/foreignJson";
import { readRequestItem, type Item } from "../approval/tableItems";
import type { FindingsSettings } from "./findingsSettings";

export interface ApprovedDigest {
    application: string;
    digest: string;
    decidedAt: Date;
}

/** Which changes of the table are approvals, in the words of Lambda's event filtering. */
export const approvalFilters = [
    { eventName: ["INSERT", "MODIFY"], dynamodb: { NewImage: { status: { S: ["approved"] } } } },
];

/**
 * The approvals in an event of the table's stream, in its order. Records of anything else, and of applications that the
 * stack does not have, are left out.
 * @throws Error for an event that is not one of a DynamoDB stream; DamagedRecordError for an approval that cannot be
 *     read.
 */
export function readApprovalEvent(
    event: unknown,
    { table, applications }: Pick<FindingsSettings, "table" | "applications">,
): ApprovedDigest[] {
    const records = objectOf(event)?.Records;
    if (!Array.isArray(records)) {
        throw new Error("the event has no records of a DynamoDB stream: see who invoked the function");
    }
    return records.flatMap((value: unknown): ApprovedDigest[] => {
        const { eventSource, eventName, dynamodb } = objectOf(value) ?? {};
        if (eventSource !== "aws:dynamodb") {
            throw new Error("the event has a record that comes from no DynamoDB stream: see who invoked it");
        }
        const image = objectOf(objectOf(dynamodb)?.NewImage);
        if (eventName === "REMOVE" || objectOf(image?.status)?.S !== "approved") return [];
        const { request, decision } = readRequestItem(image as Item, table);
        const { application = "", digest = "" } = request.subject ?? {};
        if (decision === undefined || !applications.some(({ name }) => name === application)) return [];
        return [{ application, digest, decidedAt: new Date(decision.decidedAt) }];
    });
}
