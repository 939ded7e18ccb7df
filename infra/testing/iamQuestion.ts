/** Asks an evaluator of IAM policies, so that a document is tested by what it does and not only by how it reads. */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { exampleAccount } from "../application/testing/examplePlatform";

export interface Question {
    /** ARN of the role or user that asks. */
    principal: string;
    action: string;
    resource: string;
    context?: Record<string, string>;
    /** JSON. */
    identityPolicy?: string;
    /** JSON; for `sts:AssumeRole` the trust policy. */
    resourcePolicy?: string;
}

/**
 * Whether AWS would allow it in the example account.
 * @throws Error when the question is not one that AWS could be asked, or a policy has an error.
 */
export async function isAllowed(question: Question): Promise<boolean> {
    const { principal, action, resource, context = {}, identityPolicy, resourcePolicy } = question;
    const { accountId, region } = exampleAccount;
    const [, , , , principalAccount = "", name = ""] = principal.split(":");
    const response = await runSimulation(
        {
            request: {
                principal: name.startsWith("role/")
                    ? `arn:aws:sts::${principalAccount}:assumed-role/${name.slice("role/".length)}/session`
                    : principal,
                action,
                resource: { resource, accountId },
                contextVariables: {
                    "aws:SecureTransport": "true",
                    "aws:RequestedRegion": region,
                    "aws:PrincipalArn": principal,
                    "aws:PrincipalAccount": principalAccount,
                    "aws:PrincipalIsAWSService": "false",
                    ...context,
                },
            },
            identityPolicies:
                identityPolicy === undefined
                    ? []
                    : [{ name: "identity", policy: JSON.parse(identityPolicy) as object }],
            serviceControlPolicies: [],
            resourceControlPolicies: [],
            ...(resourcePolicy === undefined ? {} : { resourcePolicy: JSON.parse(resourcePolicy) as object }),
        },
        {},
    );
    if (response.resultType === "error") {
        throw new Error(`${response.errors.message} ${JSON.stringify(response.errors)}`);
    }
    return response.overallResult === "Allowed";
}
