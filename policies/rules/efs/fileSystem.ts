/** What the rules about Amazon EFS share. */
import type { ExampleResource } from "../../harness/rule";

export const fileSystemType = "aws:efs/fileSystem:FileSystem";
export const accessPointType = "aws:efs/accessPoint:AccessPoint";
export const mountTargetType = "aws:efs/mountTarget:MountTarget";
export const fileSystemPolicyType = "aws:efs/fileSystemPolicy:FileSystemPolicy";
export const backupPolicyType = "aws:efs/backupPolicy:BackupPolicy";

/** A file system named `files`, encrypted with a key of the customer. */
export function fileSystemExample(props: Record<string, unknown> = {}): ExampleResource {
    return {
        type: fileSystemType,
        name: "files",
        props: {
            encrypted: true,
            kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:key/1111",
            ...props,
        },
    };
}

/** Something that belongs to that file system, whose id is not known before it exists. */
export function partExample(
    type: string,
    name: string,
    props: Record<string, unknown>,
    id: unknown,
): ExampleResource {
    return {
        type,
        name,
        props: { fileSystemId: id, ...props },
        propertyDependencies: { fileSystemId: ["files"] },
    };
}
