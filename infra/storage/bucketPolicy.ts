/** Bucket policies as literal JSON. Every statement is a Deny: who may do something is said by the roles alone. */
import { bucketArn, objectArn } from "../arn";
import type { Account } from "../naming";

interface DenyStatement {
    Sid: string;
    Effect: "Deny";
    Principal: "*";
    Action: string[];
    Resource: string[];
    Condition?: Record<string, Record<string, string>>;
}

function deny(
    Sid: string,
    Action: string[],
    Resource: string[],
    Condition?: DenyStatement["Condition"],
): DenyStatement {
    const statement: DenyStatement = { Sid, Effect: "Deny", Principal: "*", Action, Resource };
    return Condition === undefined ? statement : { ...statement, Condition };
}

function document(statements: DenyStatement[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

function onlyOverTls(account: Account, bucket: string): DenyStatement {
    return deny("OnlyOverTls", ["s3:*"], [bucketArn(account, bucket), objectArn(account, bucket, "*")], {
        Bool: { "aws:SecureTransport": "false" },
    });
}

function onlyOwnAccount(account: Account, bucket: string): DenyStatement {
    return deny("OnlyOwnAccount", ["s3:*"], [bucketArn(account, bucket), objectArn(account, bucket, "*")], {
        StringNotEquals: { "aws:PrincipalAccount": account.accountId },
    });
}

/**
 * A request may leave the encryption to the bucket's default, which is the pipeline key; it may not choose another
 * method.
 */
function onlyKms(account: Account, bucket: string): DenyStatement {
    return deny("OnlyKms", ["s3:PutObject"], [objectArn(account, bucket, "*")], {
        StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" },
        Null: { "s3:x-amz-server-side-encryption": "false" },
    });
}

/** Pipeline artifacts and the bundled gate. */
export function artifactBucketPolicy(account: Account, bucket: string): string {
    return document([
        onlyOverTls(account, bucket),
        onlyOwnAccount(account, bucket),
        onlyKms(account, bucket),
    ]);
}

/**
 * Scan reports: written once, never deleted, never replaced.
 *
 * - Nobody deletes, and nobody goes around the object lock. `pulumi destroy` of a deletable stack removes this policy
 *   first and then empties the bucket.
 * - An object is only created with the header `If-None-Match`, so that a second report under the same key is refused by
 *   S3 itself (Amazon S3 User Guide, "Enforce conditional writes"; the condition on the creation operation exempts the
 *   parts of a multipart upload, whose completion needs the header again).
 */
export function evidenceBucketPolicy(account: Account, bucket: string): string {
    const objects = [objectArn(account, bucket, "*")];
    return document([
        onlyOverTls(account, bucket),
        onlyOwnAccount(account, bucket),
        onlyKms(account, bucket),
        deny(
            "NeverDelete",
            ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            objects,
        ),
        deny("WriteOnce", ["s3:PutObject"], objects, {
            Null: { "s3:if-none-match": "true" },
            Bool: { "s3:ObjectCreationOperation": "true" },
        }),
    ]);
}
