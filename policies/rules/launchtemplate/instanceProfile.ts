/** LT-06, stack half: the role of the instances has the policies of their agents and no others of AWS. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { managedPolicyName } from "../../iam/managedPolicies";
import { roleType } from "../../pipeline/project";
import { launchTemplateType, templateExample } from "./launchTemplate";
import { leanInstancesMetadata } from "./reachableInstances";

const profileType = "aws:iam/instanceProfile:InstanceProfile";
const attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

/** Policies of AWS that the agents of an instance need. */
const agentPolicies: ReadonlySet<string> = new Set([
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMPatchAssociation",
    "AmazonEC2ContainerServiceforEC2Role",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2ContainerRegistryPullOnly",
    "CloudWatchAgentServerPolicy",
]);

const managed = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const template = {
    ...templateExample({ iamInstanceProfile: { arn: unknown } }),
    propertyDependencies: { iamInstanceProfile: ["profile"] },
};
const profile: ExampleResource = { type: profileType, name: "profile", props: { name: "instances", role: "instances" } }; // prettier-ignore
const role = (...managedPolicyArns: unknown[]): ExampleResource => ({
    type: roleType,
    name: "role",
    props: { name: "instances", ...(managedPolicyArns.length > 0 ? { managedPolicyArns } : {}) },
});
const attached = (policyArn: unknown): ExampleResource => ({
    type: attachmentType,
    name: "attachment",
    props: { role: "instances", policyArn },
});

export const instanceProfile: StackRule = {
    level: "stack",
    metadata: leanInstancesMetadata,
    relevantTypes: [launchTemplateType],
    evaluate: (graph) => {
        const attachments = new Map<ResourceReader, ResourceReader[]>();
        for (const each of graph.ofType(attachmentType)) {
            const to = graph.reference(each, ["role"], [roleType]);
            if (to.kind === "exact")
                attachments.set(to.resource, [...(attachments.get(to.resource) ?? []), each]);
        }
        return graph.ofType(launchTemplateType).flatMap((each) => {
            const found = roleOf(each, graph);
            if (found.kind === "unknown" || found.kind === "candidates")
                return about(each, inconclusive(found, "what the instances may do is not known yet"));
            if (found.kind !== "exact")
                return about(each, notApplicable("the role of the instances is not in the stack"));
            const outcomes = judgeRole(each, found.resource, attachments.get(found.resource) ?? []);
            return about(each, ...(outcomes.length > 0 ? outcomes : [pass]));
        });
    },
    examples: [
        badExample("may do everything", [template, profile, role(managed("AdministratorAccess"))], "instances"), // prettier-ignore
        badExample("one policy too many, attached", [template, profile, role(), attached(managed("AmazonS3FullAccess"))], "instances"), // prettier-ignore
        goodExample("the agents of Systems Manager and Amazon ECS", [
            template,
            profile,
            role(managed("AmazonSSMManagedInstanceCore")),
            attached(managed("service-role/AmazonEC2ContainerServiceforEC2Role")),
        ]),
        goodExample("a policy of the account's own is another rule's matter", [
            template,
            profile,
            role(),
            attached("arn:aws:iam::123456789012:policy/agents"),
        ]),
        absentExample("no profile", [templateExample()]),
        openExample("a policy that is not known yet", [template, profile, role(unknown)], "instances"),
        openExample("a profile of which nothing is known", [templateExample({ iamInstanceProfile: { arn: unknown } })], "instances"), // prettier-ignore
    ],
};

function roleOf(template: ResourceReader, graph: StackGraph): Reference {
    const named = template.get("iamInstanceProfile", "name").kind !== "absent";
    const found = graph.reference(template, ["iamInstanceProfile", named ? "name" : "arn"], [profileType]);
    return found.kind === "exact" ? graph.reference(found.resource, ["role"], [roleType]) : found;
}

function judgeRole(
    template: ResourceReader,
    role: ResourceReader,
    attachments: readonly ResourceReader[],
): Outcome[] {
    const own = role.strings("managedPolicyArns");
    const readings = attachments.map((each) => each.string("policyArn"));
    const arns = [...(own.kind === "known" ? own.value.values : []), ...readings.flatMap((each) => valueOf(each) ?? [])]; // prettier-ignore
    const outcomes: Outcome[] = [...new Set(arns)].flatMap((arn) => {
        const name = managedPolicyName(arn);
        if (name === null || agentPolicies.has(name)) return [];
        return [
            violation(
                `Instances of ${template.name} have the policy ${name} (role ${role.name}), which no agent on them needs.`,
                "Keep AmazonSSMManagedInstanceCore and AmazonEC2ContainerServiceforEC2Role; give containers roles of their own.",
                { findingId: name },
            ),
        ];
    });
    // The ARN of a policy that the stack makes is an output; those of AWS are named by text.
    const made = (role.propertyDependencies["managedPolicyArns"] ?? []).length > 0;
    if (own.kind === "unknown" || (own.kind === "known" && own.value.unknownCount > 0 && !made))
        outcomes.push(inconclusive(own, "which policies the instances have is not known yet"));
    return outcomes;
}
