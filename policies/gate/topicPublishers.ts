/** GATE-02's facts: who may publish to the topic on which approvals are announced. */
import { inconclusive, violation } from "../harness/outcome";
import { valueOf, type ResourceReader } from "../harness/reader";
import type { Outcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { conditionValues, readPolicyDocument, type Conditions, type Statement } from "../iam/document";
import { actionPattern } from "../iam/effectivePermissions";
import { intersects, isSubset, matchesAction } from "../iam/matcher";
import { roleType } from "../pipeline/project";
import { arnOf } from "../pipeline/resourceArn";
import { resourcePolicy } from "./resourcePolicy";
import { topicPolicyType } from "./resourceTypes";

export const publishVerb = "sns:Publish";

/** The pipelines that announce on a topic, and who they are in a policy. */
export interface Publishers {
    /** Roles of the stack that the pipelines run as. */
    roles: ReadonlySet<ResourceReader>;
    /** ARNs by which the pipelines name their roles. */
    roleArns: ReadonlySet<string>;
    /** Names of the pipelines. */
    pipelines: readonly string[];
    /** Property of a pipeline that is not known yet and names its role. */
    unknown: string | null;
}

/** Who a list of pipelines are. */
export function publishersOf(pipelines: readonly ResourceReader[], graph: StackGraph): Publishers {
    const roles = new Set<ResourceReader>();
    const roleArns = new Set<string>();
    let unknown: string | null = null;
    for (const pipeline of new Set(pipelines)) {
        const given = pipeline.string("roleArn");
        const reference = graph.reference(pipeline, ["roleArn"], [roleType]);
        if (reference.kind === "exact") roles.add(reference.resource);
        else if (given.kind === "unknown") unknown ??= `${pipeline.name}.roleArn`;
        if (given.kind === "known") roleArns.add(given.value);
    }
    const names = [...new Set(pipelines)].flatMap((pipeline) => valueOf(pipeline.string("name")) ?? []);
    return { roles, roleArns, pipelines: names, unknown };
}

export type TopicPolicyAnswer =
    /** Whatever IAM policies say, nobody but the pipelines can publish. */
    | { kind: "closed" }
    /** The topic's policy opens it to nobody else; IAM policies of the account still can. */
    | { kind: "narrow" }
    | { kind: "judged"; outcome: Outcome };

const fix =
    "Write a topic policy that allows sns:Publish to the pipelines' roles (condition aws:PrincipalArn) and denies it to everybody else (ArnNotEquals aws:PrincipalArn).";

/** What the topic's own policy says. */
export function topicPolicyAnswer(
    topic: ResourceReader,
    publishers: Publishers,
    graph: StackGraph,
): TopicPolicyAnswer {
    const judged = (outcome: Outcome): TopicPolicyAnswer => ({ kind: "judged", outcome });
    const separate = graph.referrers(topic, [topicPolicyType], "arn");
    // A policy of its own replaces the topic's, which answers with the service's default one until then.
    const readings = (separate.certain.length > 0 ? separate.certain : [topic])
        .map((each) => resourcePolicy(each))
        .filter((reading) => reading.kind !== "absent");
    const [possible] = separate.possible;
    if (readings.length === 0)
        return judged(
            possible
                ? inconclusive({ property: `${possible.name}.arn` }, "which topic the policy is for is not known yet")
                : violation(
                      `${topic.name} has no topic policy, so whoever in the account may call sns:Publish can announce an approval that no pipeline asks for.`,
                      fix,
                  ),
        ); // prettier-ignore
    const statements: Statement[] = [];
    let open: string | null = null;
    for (const reading of readings) {
        const document = reading.kind === "known" ? readPolicyDocument(reading.value) : null;
        if (document?.kind === "known") statements.push(...document.statements);
        else if (document?.kind === "malformed")
            return judged(violation(`The policy of ${topic.name} ${document.why}.`, fix));
        else open = reading.property;
    }
    const arn = arnOf(topic);
    const wide = statements
        .map((statement) => foreignPublisher(statement, arn, publishers))
        .find((found) => found !== null);
    const denied = statements.filter((statement) => closesTopic(statement, arn));
    const closing = denied.map((statement) => deniedExcept(statement));
    const shutOut = closing.flatMap((values) => (values && missingPublisher(values, publishers)) ?? []);
    if (shutOut[0] !== undefined)
        return judged(
            violation(
                `The policy of ${topic.name} denies sns:Publish to ${shutOut[0]}, which announces its approvals there, so the pipeline fails before anybody can answer.`,
                "Add the pipeline's role to the exceptions of the Deny.",
            ),
        );
    const isClosed = closing.some((values) => values?.every((value) => isPublisher(value, publishers)));
    if (isClosed) return { kind: "closed" };
    if (wide !== undefined && publishers.unknown === null)
        return judged(
            violation(
                `The policy of ${topic.name} lets ${wide} publish, so an approval can be announced that no pipeline asks for.`,
                fix,
            ),
        );
    if (open !== null || wide !== undefined)
        return judged(
            inconclusive(
                { property: open ?? publishers.unknown ?? "policy" },
                `who may publish to ${topic.name} is not known yet`,
            ),
        );
    return { kind: "narrow" };
}

/** Is this the ARN of a role that a pipeline of the topic runs as? */
function isPublisher(arn: string, { roles, roleArns }: Publishers): boolean {
    if (/[*?]/.test(arn)) return false;
    if (roleArns.has(arn)) return true;
    return [...roles].some((role) => roleMatches(role, arn));
}

function roleMatches(role: ResourceReader, arn: string): boolean {
    const known = valueOf(role.string("arn"));
    if (known !== undefined) return known === arn;
    const name = valueOf(role.string("name"));
    return name !== undefined && (isSubset(arn, `arn:*:iam::*:role/${name}`) || isSubset(arn, `arn:*:iam::*:role/*/${name}`)); // prettier-ignore
}

/** Who else the statement lets publish; null when nobody. */
function foreignPublisher(statement: Statement, topicArn: string, publishers: Publishers): string | null {
    const { effect, principals, resources, conditions } = statement;
    if (effect !== "Allow" || actionPattern(statement, publishVerb) === null) return null;
    const touched =
        !resources || resources.not || resources.values.some((pattern) => intersects(pattern, topicArn));
    if (!touched) return null;
    const byRole = conditionValues(conditions, "aws:PrincipalArn");
    if (byRole) return byRole.find((value) => !isPublisher(value, publishers)) ?? null;
    const bySource = conditionValues(conditions, "aws:SourceArn");
    if (bySource) return bySource.find((value) => !isPipelineArn(value, conditions, publishers)) ?? null;
    if (!principals) return "everybody";
    if (principals.not) return "everybody but a few";
    for (const [kind, names] of Object.entries(principals.byKind)) {
        for (const name of names) {
            if (kind === "AWS" && isPublisher(name, publishers)) continue;
            if (kind === "Service") return `${name} without aws:SourceArn`;
            return name === "*" ? "everybody" : name;
        }
    }
    return null;
}

/** An ARN of one of the pipelines, in one account. */
function isPipelineArn(arn: string, conditions: Conditions, { pipelines }: Publishers): boolean {
    const [, , service = "", , account = "", ...rest] = arn.split(":");
    const bounded = /^\d{12}$/.test(account) || conditionValues(conditions, "aws:SourceAccount") !== null;
    return service === "codepipeline" && bounded && pipelines.includes(rest.join(":"));
}

/** A Deny of publishing that is about everybody. */
function closesTopic(statement: Statement, topicArn: string): boolean {
    const { effect, actions, resources } = statement;
    const named = actions.values.some((pattern) => matchesAction(pattern, publishVerb));
    if (effect !== "Deny" || named === actions.not) return false;
    if (!resources) return true;
    // The policy belongs to the topic: a resource of its name is the topic, though its ARN is not known before creation.
    return resources.values.some((pattern) => intersects(pattern, topicArn)) !== resources.not;
}

const exceptOperators = new Set([
    "arnnotequals",
    "arnnotlike",
    "stringnotequals",
    "stringnotlike",
    "arnnotequalsifexists",
    "arnnotlikeifexists",
    "stringnotequalsifexists",
    "stringnotlikeifexists",
]);

/** The roles that a Deny leaves out; null when it also depends on something else. */
function deniedExcept({ principals, conditions }: Statement): string[] | null {
    const keys = Object.entries(conditions).flatMap(([operator, values]) =>
        Object.entries(values).map(([key, roles]) => ({ operator: operator.toLowerCase(), key, roles })),
    );
    if (principals?.not) return keys.length === 0 ? (principals.byKind["AWS"] ?? null) : null;
    const everybody = Object.entries(principals?.byKind ?? {}).some(
        ([kind, names]) => (kind === "*" || kind === "AWS") && names.includes("*"),
    );
    const [only, ...others] = keys;
    if (!everybody || !only || others.length > 0) return null;
    return only.key.toLowerCase() === "aws:principalarn" && exceptOperators.has(only.operator)
        ? only.roles
        : null;
}

/** A pipeline's role that the exceptions of a Deny do not name. */
function missingPublisher(exceptions: readonly string[], publishers: Publishers): string | null {
    for (const arn of publishers.roleArns)
        if (!exceptions.some((pattern) => intersects(pattern, arn))) return arn;
    return null;
}

/** Whether a principal of the stack is one of the pipelines' roles. */
export function isPipelineRole(principal: ResourceReader, { roles, roleArns }: Publishers): boolean {
    return roles.has(principal) || [...roleArns].some((arn) => principal.type === roleType && roleMatches(principal, arn)); // prettier-ignore
}
