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
 * Repository policy under which one role alone writes images. It is a Deny, so no IAM policy that anybody attaches
 * later can open the repository, an administrator's `ecr:*` and the root user's implicit permissions included.
 *
 * It does not deny `SetRepositoryPolicy`, `DeleteRepositoryPolicy` and `DeleteRepository`: an administrator can still
 * change or remove the repository deliberately (which the audit trail shows), and `pulumi destroy` works. Life-cycle
 * expiry is a service event, not a request of a principal, and goes on.
 *
 * The writer is named by condition and not by `NotPrincipal`, because `aws:PrincipalArn` of a session is the ARN of its
 * role, whatever the session is called.
 */
export function singleWriterPolicy(writerRoleArn: string): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "OneRoleWritesImages",
                Effect: "Deny",
                Principal: "*",
                Action: imageWriteActions,
                Condition: { ArnNotEquals: { "aws:PrincipalArn": writerRoleArn } },
            },
        ],
    });
}
