/** Verbs by which an image, or a tag of one, comes into a repository. Service Authorization Reference, Amazon ECR. */
export const pushVerbs = [
    "ecr:PutImage",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:ReplicateImage",
];

/**
 * Verbs by which the registry itself brings images into any repository: copies from another one, and what new repositories
 * are like. They have no repository as a resource.
 */
export const registryVerbs = [
    "ecr:PutReplicationConfiguration",
    "ecr:CreateRepositoryCreationTemplate",
    "ecr:UpdateRepositoryCreationTemplate",
    "ecr:CreatePullThroughCacheRule",
] as const;
