/**
 * Who may do what to which store, read from the captured IAM documents: the diagram's arrows between pipeline steps and
 * repositories are permissions, not wishes.
 */
import type { CapturedResource, Value } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { readProperty, textOf } from "../report/resourceIndex";

export interface Grant {
    actions: string[];
    resources: string[];
}

const projectType = "aws:codebuild/project:Project";
const roleType = "aws:iam/role:Role";

function asList(value: unknown): string[] {
    const list = Array.isArray(value) ? value : [value];
    return list.filter((each): each is string => typeof each === "string");
}

/** Allow statements of an identity policy; nothing when it is unknown or does not parse. */
function grantsIn(document: string | undefined): Grant[] {
    if (document === undefined) {
        return [];
    }
    try {
        const parsed = JSON.parse(document) as { Statement?: unknown };
        const statements = Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement];
        return statements
            .filter(
                (each): each is Record<string, unknown> =>
                    typeof each === "object" &&
                    each !== null &&
                    (each as Record<string, unknown>)["Effect"] === "Allow",
            )
            .map((each) => ({ actions: asList(each["Action"]), resources: asList(each["Resource"]) }));
    } catch {
        return [];
    }
}

/** True when an IAM pattern (`*` any text, `?` one character) covers a text, whatever the case. */
export function covers(pattern: string, text: string): boolean {
    const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".");
    return new RegExp(`^${source}$`, "is").test(text);
}

/** The CodeBuild project that a pipeline action starts, or undefined for other actions. */
export function projectOfAction(action: Value, index: ResourceIndex): CapturedResource | undefined {
    const configuration = (action as { configuration?: { ProjectName?: Value } }).configuration;
    const name = configuration?.ProjectName;
    return typeof name === "string"
        ? index.ofType(projectType).find((project) => textOf(project, "name") === name)
        : undefined;
}

function roleOf(
    resource: CapturedResource,
    property: string,
    index: ResourceIndex,
): CapturedResource | undefined {
    const [byReference] = index.referredBy(resource, property, roleType);
    const arn = textOf(resource, property);
    return (
        byReference ??
        index.ofType(roleType).find((role) => {
            const name = textOf(role, "name");
            return name !== undefined && arn?.endsWith(`:role/${name}`);
        })
    );
}

/**
 * Everything that a resource's role may do, over inline and attached policies of the stack.
 * @param property where it names its role: `serviceRole` of a build project, `role` of a function
 */
export function grantsOf(resource: CapturedResource, property: string, index: ResourceIndex): Grant[] {
    const role = roleOf(resource, property, index);
    if (!role) {
        return [];
    }
    const belongs = (policy: CapturedResource): boolean =>
        index.referredBy(policy, "role", roleType).includes(role);
    const inline = index.ofType("aws:iam/rolePolicy:RolePolicy").filter(belongs);
    const attached = index
        .ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        .filter(belongs)
        .flatMap((attachment) => index.referredBy(attachment, "policyArn", "aws:iam/policy:Policy"));
    return [...inline, ...attached].flatMap((policy) => grantsIn(textOf(policy, "policy")));
}

/** True when some grant allows the action on a resource, given as the sixth part of its ARN, e.g. `repository/x`. */
export function allows(grants: readonly Grant[], action: string, resource: string): boolean {
    return grants.some(
        (grant) =>
            grant.actions.some((pattern) => covers(pattern, action)) &&
            grant.resources.some((arn) => arn === "*" || covers(arn.split(":").slice(5).join(":"), resource)),
    );
}

/** True when some grant allows one of the actions on anything. */
export function mayDo(grants: readonly Grant[], ...actions: string[]): boolean {
    return actions.some((action) =>
        grants.some((grant) => grant.actions.some((pattern) => covers(pattern, action))),
    );
}

/** True when some grant allows the action on the bucket or on objects in it. */
export function allowsOnBucket(grants: readonly Grant[], action: string, bucket: string): boolean {
    return grants.some(
        (grant) =>
            grant.actions.some((pattern) => covers(pattern, action)) &&
            grant.resources.some((arn) => arn.split(":::")[1]?.split("/")[0] === bucket),
    );
}

/** Physical name of a bucket: set by the program or computed. */
export function bucketName(bucket: CapturedResource): string | undefined {
    const name = readProperty(bucket, "bucket");
    return name.kind === "known" && typeof name.value === "string" ? name.value : undefined;
}
