import type { ApprovalNames } from "./approvalNames";

/**
 * Resource policy of the gate's table: the gate's functions alone write, whole records at a time, and nobody deletes.
 *
 * Every statement is a Deny, so no IAM policy that anybody attaches later can open the table. It denies data only: an
 * administrator can still change or remove the table and this policy deliberately, which the audit trail shows, and
 * `pulumi destroy` works. Expiry by the table's own time to live is no request of a principal and goes on. The roles
 * are named by condition and not as principals, because DynamoDB refuses a policy that names a role which does not
 * exist yet.
 */
export function gateTablePolicy({ table, functions }: Pick<ApprovalNames, "table" | "functions">): string {
    const writers = Object.values(functions)
        .map(({ roleArn }) => roleArn)
        .sort();
    const deny = (Sid: string, Action: string[], Condition?: Record<string, unknown>) => ({
        Sid,
        Effect: "Deny",
        Principal: "*",
        Action,
        Resource: table.arn,
        ...(Condition === undefined ? {} : { Condition }),
    });
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            deny("OnlyTheGateWrites", ["dynamodb:PutItem"], {
                ArnNotEquals: { "aws:PrincipalArn": writers },
            }),
            // The functions replace a record by a conditional PutItem. Anything else could change part of one, or go
            // around the revision.
            deny("WholeRecordsOnly", [
                "dynamodb:BatchWriteItem",
                "dynamodb:DeleteItem",
                "dynamodb:PartiQLDelete",
                "dynamodb:PartiQLInsert",
                "dynamodb:PartiQLUpdate",
                "dynamodb:UpdateItem",
            ]),
        ],
    });
}
