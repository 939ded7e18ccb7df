/**
 * Image writes that Amazon ECR knows (Service Authorization Reference, "Actions defined by Amazon Elastic Container
 * Registry"): pushing, replication into the repository, filling from an upstream, and deleting, because whoever can
 * delete a tag can have another image pushed under it.
 */
export const imageWriteActions = [
    "ecr:PutImage",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:BatchDeleteImage",
    "ecr:ReplicateImage",
    "ecr:BatchImportUpstreamImage",
];

/**
 * Repository policy under which exactly these roles write images. It is a Deny, so no IAM policy that anybody attaches
 * later can open the repository, an administrator's `ecr:*` and the root user's implicit permissions included.
 *
 * It does not deny `SetRepositoryPolicy`, `DeleteRepositoryPolicy` and `DeleteRepository`: an administrator can still
 * change or remove the repository deliberately (which the audit trail shows), and `pulumi destroy` works. Life-cycle
 * expiry is a service event, not a request of a principal, and goes on.
 *
 * Writers are named by condition and not by `NotPrincipal`, because `aws:PrincipalArn` of a session is the ARN of its
 * role, whatever the session is called.
 */
export function writersPolicy(writerRoleArns: readonly [string, ...string[]]): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "OnlyWritersWriteImages",
                Effect: "Deny",
                Principal: "*",
                Action: imageWriteActions,
                Condition: { ArnNotEquals: { "aws:PrincipalArn": writerRoleArns } },
            },
        ],
    });
}
