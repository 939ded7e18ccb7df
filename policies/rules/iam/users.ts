/** IAM-08: no users and no keys that live for ever. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";

/** What each resource is, for messages. */
const kinds: Readonly<Record<string, string>> = {
    "aws:iam/user:User": "an IAM user",
    "aws:iam/accessKey:AccessKey": "an access key, which is valid until somebody deletes it",
    "aws:iam/userLoginProfile:UserLoginProfile": "a user's password",
    "aws:iam/userPolicy:UserPolicy": "a policy of a user",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "a policy attached to a user",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policies attached to a user",
    "aws:iam/userPoliciesExclusive:UserPoliciesExclusive": "policies of a user",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "a user's credential for one service",
    "aws:iam/sshKey:SshKey": "a user's SSH key",
    "aws:iam/signingCertificate:SigningCertificate": "a user's certificate",
};
const severalType = "aws:iam/policyAttachment:PolicyAttachment";

const fix =
    "Use a role: builds have their service role, people come through the identity provider, other CI through OpenID Connect.";
const refused = (what: string): Outcome =>
    violation(`The stack declares ${what}: what it gives does not end, and can be taken along.`, fix, {
        findingId: what,
    });

function usersOf(attachment: ResourceReader): Outcome[] {
    const users = attachment.list("users");
    if (users.kind === "absent") return [notApplicable("the policy is attached to no user")];
    if (users.kind !== "known") return [inconclusive(users, "whether it is attached to users is not known")];
    return [users.value.length === 0 ? pass : refused("a policy attached to users")];
}

const example = (type: string, props: Record<string, unknown> = {}): ExampleResource => ({
    type,
    name: "subject",
    props,
});
const found = [{ resource: "subject", kind: "violation" as const }];

export const users: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-08",
        family: "iam",
        title: "The stack declares no IAM users, access keys or user policies",
        rationale:
            "An access key works from anywhere, for years, for whoever copied it, and is in the state of the stack besides. Roles give credentials that end by themselves.",
        severity: "high",
        remediation:
            "Give workloads roles, people the identity provider of the organization, and CI systems elsewhere a role behind OpenID Connect.",
        references: ["FSBP IAM.2", "checkov CKV_AWS_273", "CIS AWS 5.0.0 1.14", "OWASP CICD-SEC-6"],
        publicEquivalent: true,
    },
    types: [...Object.keys(kinds), severalType],
    evaluate: (resource) => {
        if (resource.type === severalType) return usersOf(resource);
        const what = kinds[resource.type];
        return [what === undefined ? notApplicable("the resource is of no user") : refused(what)];
    },
    examples: [
        { title: "a user", shows: "bad", resources: [example("aws:iam/user:User", { name: "ci" })], expect: found }, // prettier-ignore
        {
            title: "an access key",
            shows: "bad",
            resources: [example("aws:iam/accessKey:AccessKey", { user: "ci" })],
            expect: found,
        },
        {
            title: "a policy of a user whose document is not known yet",
            shows: "bad",
            resources: [example("aws:iam/userPolicy:UserPolicy", { user: "ci", policy: unknown })],
            expect: found,
        },
        {
            title: "a policy for a role and a user",
            shows: "bad",
            resources: [example(severalType, { roles: ["build"], users: ["ci"] })],
            expect: found,
        },
        {
            title: "a policy for roles and groups",
            shows: "good",
            resources: [example(severalType, { roles: ["build"], groups: ["leads"], users: [] })],
            expect: [],
        },
        {
            title: "no users named",
            shows: "absent",
            resources: [example(severalType, { roles: ["build"] })],
            expect: [],
        },
        {
            title: "users not known yet",
            shows: "unknown",
            resources: [example(severalType, { users: unknown })],
            expect: [{ resource: "subject", kind: "inconclusive" }],
        },
    ],
};
