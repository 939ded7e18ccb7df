/** IAM-07: no managed policy of administrators is attached, by whatever resource. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { PackConfiguration } from "../../harness/configuration";
import { unknown, type Reading, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { managedPolicyName } from "../../iam/managedPolicies";
import { isApprover } from "../../pipeline/identities";
import { roleType } from "../../pipeline/project";

/** AWS Managed Policy Reference Guide. */
const adminPolicies = new Set([
    "AdministratorAccess",
    "AdministratorAccess-Amplify",
    "AdministratorAccess-AWSElasticBeanstalk",
    "PowerUserAccess",
    "SystemAdministrator",
    "IAMFullAccess",
    "AmazonEC2ContainerRegistryFullAccess",
    "AmazonEC2ContainerRegistryPowerUser",
    "AWSCodePipeline_FullAccess",
    "AWSCodePipelineFullAccess",
    "AWSCodeBuildAdminAccess",
]);
/** For people who answer approvals; a workload that has it answers its own. */
const approverPolicy = "AWSCodePipelineApproverAccess";

/** Forms of attachment: the property with the ARN or ARNs, and whether it is a list. */
const forms: Readonly<Record<string, { property: string; list: boolean }>> = {
    [roleType]: { property: "managedPolicyArns", list: true },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { property: "policyArn", list: false },
    "aws:iam/policyAttachment:PolicyAttachment": { property: "policyArn", list: false },
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": { property: "policyArn", list: false },
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": { property: "policyArn", list: false },
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": { property: "policyArns", list: true },
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": { property: "policyArns", list: true },
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": { property: "policyArns", list: true },
}; // prettier-ignore

/** People: users and groups, and the roles that are declared to be approvers'. */
function forPeople(resource: ResourceReader, configuration: PackConfiguration): boolean {
    if (/:(?:User|Group)Policy/.test(resource.type)) return true;
    if (resource.type === "aws:iam/policyAttachment:PolicyAttachment")
        return resource.get("roles").kind === "absent";
    return isApprover(resource, configuration);
}

function judged(arn: Reading<string>, resource: ResourceReader, configuration: PackConfiguration): Outcome {
    if (arn.kind === "unknown") return inconclusive(arn, "which policy is attached is not known yet");
    if (arn.kind !== "known") return inconclusive(arn, "which policy is attached cannot be read");
    const name = managedPolicyName(arn.value);
    const refused =
        name !== null &&
        (adminPolicies.has(name) || (name === approverPolicy && !forPeople(resource, configuration)));
    if (!refused) return pass;
    const reason =
        name === approverPolicy
            ? "with it a workload answers every approval of the account, its own too"
            : "with it whoever runs as this principal changes or passes the gate";
    return violation(
        `${arn.property} attaches the AWS managed policy ${name}: ${reason}.`,
        name === approverPolicy
            ? "Remove it, or name the approvers' role in the setting approverRoles."
            : "Attach a policy of your own that lists the actions and resources which are needed.",
        { findingId: name },
    );
}

const managed = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
const attached = (policyArn: unknown, type = "rolePolicyAttachment:RolePolicyAttachment", props: object = { role: "build" }): ExampleResource => ({ type: `aws:iam/${type}`, name: "attachment", props: { policyArn, ...props } }); // prettier-ignore
const bad = [{ resource: "attachment", kind: "violation" as const }];

export const adminManagedPolicies: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-07",
        family: "iam",
        title: "No managed policy of administrators is attached",
        rationale:
            "AdministratorAccess, PowerUserAccess and the full-access policies of the registry and the pipeline services let a build change the gate, push to production or answer its own approval.",
        severity: "critical",
        remediation:
            "Attach a customer policy with the actions and resources that the work needs. Approvers' roles are named in the setting `approverRoles` or have the tag `gate:role=approver`.",
        references: ["checkov CKV_AWS_274", "checkov CKV2_AWS_56", "cdk-nag AwsSolutions-IAM4"],
        publicEquivalent: true,
    },
    types: Object.keys(forms),
    evaluate: (resource, configuration) => {
        const form = forms[resource.type];
        if (!form) return [notApplicable("the resource attaches no policy")];
        if (!form.list) {
            const arn = resource.string(form.property);
            if (arn.kind === "absent") return [notApplicable("no policy is attached")];
            return [judged(arn, resource, configuration)];
        }
        const list = resource.list(form.property);
        if (list.kind === "absent") return [notApplicable("no policy is attached")];
        if (list.kind !== "known") return [inconclusive(list, "which policies are attached is not known")];
        return list.value.length === 0
            ? [pass]
            : list.value.map((each) => judged(each.string(), resource, configuration));
    },
    examples: [
        { title: "to a role", shows: "bad", resources: [attached(managed("PowerUserAccess"))], expect: bad },
        {
            title: "to a role, as its own property",
            shows: "bad",
            resources: [
                {
                    type: roleType,
                    name: "attachment",
                    props: {
                        managedPolicyArns: [
                            managed("ReadOnlyAccess"),
                            managed("AmazonEC2ContainerRegistryPowerUser"),
                        ],
                    },
                },
            ],
            expect: bad,
        },
        {
            title: "by the attachment to several",
            shows: "bad",
            resources: [
                attached(managed("AdministratorAccess"), "policyAttachment:PolicyAttachment", {
                    roles: ["build"],
                }),
            ],
            expect: bad,
        },
        {
            title: "to a user",
            shows: "bad",
            resources: [
                attached(managed("IAMFullAccess"), "userPolicyAttachment:UserPolicyAttachment", {
                    user: "ci",
                }),
            ],
            expect: bad,
        },
        {
            title: "in a list of all that a role has, in another partition",
            shows: "bad",
            resources: [
                {
                    type: "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                    name: "attachment",
                    props: {
                        roleName: "build",
                        policyArns: ["arn:aws-cn:iam::aws:policy/AWSCodePipeline_FullAccess"],
                    },
                },
            ],
            expect: bad,
        },
        {
            title: "a workload that answers approvals",
            shows: "bad",
            resources: [attached(managed(approverPolicy))],
            expect: bad,
        },
        {
            title: "people and a workload by one attachment",
            shows: "bad",
            resources: [
                attached(managed(approverPolicy), "policyAttachment:PolicyAttachment", {
                    users: ["lead"],
                    roles: ["build"],
                }),
            ],
            expect: bad,
        },
        {
            title: "people by one attachment",
            shows: "good",
            resources: [
                attached(managed(approverPolicy), "policyAttachment:PolicyAttachment", { users: ["lead"] }),
            ],
            expect: [],
        },
        {
            title: "people who answer approvals",
            shows: "good",
            resources: [
                attached(managed(approverPolicy), "groupPolicyAttachment:GroupPolicyAttachment", {
                    group: "leads",
                }),
                { ...attached(managed(approverPolicy)), name: "second", props: { role: "release-managers", policyArn: managed(approverPolicy) } }, // prettier-ignore
            ],
            configuration: { approverRoles: ["release-*"] },
            expect: [],
        },
        {
            title: "a customer's policy of the same name, and one for reading",
            shows: "good",
            resources: [
                attached("arn:aws:iam::123456789012:policy/PowerUserAccess"),
                { ...attached(managed("AmazonEC2ContainerRegistryReadOnly")), name: "second" },
            ],
            expect: [],
        },
        {
            title: "nothing attached",
            shows: "absent",
            resources: [{ type: roleType, name: "role", props: {} }, attached(undefined)],
            expect: [],
        },
        {
            title: "policies of which none is known yet, and what is no ARN",
            shows: "unknown",
            resources: [
                { type: roleType, name: "role", props: { managedPolicyArns: unknown } },
                { type: roleType, name: "second", props: { managedPolicyArns: [{}] } },
                attached(unknown),
            ],
            expect: [
                { resource: "role", kind: "inconclusive" },
                { resource: "second", kind: "inconclusive" },
                { resource: "attachment", kind: "inconclusive" },
            ],
        },
        {
            title: "an unknown policy does not hide the next",
            shows: "unknown",
            resources: [
                {
                    type: roleType,
                    name: "attachment",
                    props: { managedPolicyArns: [unknown, managed("AdministratorAccess")] },
                },
            ],
            expect: [{ resource: "attachment", kind: "inconclusive" }, ...bad],
        },
    ],
};
