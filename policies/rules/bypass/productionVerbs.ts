/** Verbs by which an image, or a tag of one, comes into a repository. Service Authorization Reference, Amazon ECR. */
export const pushVerbs = [
    "ecr:PutImage",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:ReplicateImage",
];
