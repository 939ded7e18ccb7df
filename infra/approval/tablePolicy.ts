import type { ApprovalNames } from "./approvalNames";

/**
 * Resource policy of a table that a release depends on: the named roles alone write, whole records at a time, and nobody
 * deletes.
 *
 * Every statement is a Deny, so no IAM policy that anybody attaches later can open the table. It denies data only: an
 * administrator can still change or remove the table and this policy deliberately, which the audit trail shows, and
 * `pulumi destroy` works. Expiry by the table's own time to live is no request of a principal and goes on. The roles
 * are named by condition and not as principals, because DynamoDB refuses a policy that names a role which does not
 * exist yet.
 *
 * @param tableArn literal
 * @param sid of the statement that says who writes
 * @param writers literal ARNs of roles; nobody writes where there are none
 */
export function wholeRecordsPolicy(tableArn: string, sid: string, writers: string[]): string {
    const deny = (Sid: string, Action: string[], Condition?: Record<string, unknown>) => ({
        Sid,
        Effect: "Deny",
        Principal: "*",
        Action,
        Resource: tableArn,
        ...(Condition === undefined ? {} : { Condition }),
    });
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            deny(
                sid,
                ["dynamodb:PutItem"],
                writers.length === 0
                    ? undefined
                    : { ArnNotEquals: { "aws:PrincipalArn": [...writers].sort() } },
            ),
            // A record is replaced by a conditional PutItem. Anything else could change part of one, or go around its
            // revision.
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

/** Resource policy of the gate's table: the gate's functions write it. */
export function gateTablePolicy({ table, functions }: Pick<ApprovalNames, "table" | "functions">): string {
    return wholeRecordsPolicy(
        table.arn,
        "OnlyTheGateWrites",
        Object.values(functions).map(({ roleArn }) => roleArn),
    );
}
