import { unknown } from "../../harness/reader";
import type { ExampleResource } from "../../harness/rule";

export const secretType = "aws:secretsmanager/secret:Secret";
export const secretPolicyType = "aws:secretsmanager/secretPolicy:SecretPolicy";
export const secretRotationType = "aws:secretsmanager/secretRotation:SecretRotation";
export const secretVersionType = "aws:secretsmanager/secretVersion:SecretVersion";
export const parameterType = "aws:ssm/parameter:Parameter";

/** Smallest secret for examples, called `secret`. */
export function secretWith(props: Record<string, unknown> = {}): ExampleResource {
    return { type: secretType, name: "secret", props: { name: "registry-token", ...props } };
}

/** A resource of the secret called `secret`, by an output. */
export function ofSecret(
    type: string,
    name: string,
    property: "secretId" | "secretArn",
    props: Record<string, unknown>,
): ExampleResource {
    return {
        type,
        name,
        props: { [property]: unknown, ...props },
        propertyDependencies: { [property]: ["secret"] },
    };
}
