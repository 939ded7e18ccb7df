/** IAM-06: a role says exactly who may become it. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { PackConfiguration } from "../../harness/configuration";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { matchesAny } from "../../harness/wildcard";
import { conditionValues, readPolicyDocument, type Conditions, type Statement } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";
import { roleType } from "../../pipeline/project";
import { identityFaults } from "./identityProviders";
import { examples } from "./trustPolicy.examples";

const entrances = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/**
 * Services whose guides document `aws:SourceAccount` or `aws:SourceArn` for the assumption of their roles ("confused
 * deputy" pages). Lambda, CodePipeline and EC2 do not.
 */
const sourceServices = new Set([
    "codebuild.amazonaws.com",
    "events.amazonaws.com",
    "scheduler.amazonaws.com",
    "pipes.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
    "bedrock.amazonaws.com",
    "logs.amazonaws.com",
]);

/** Keys that name who comes; each has to name somebody. */
const principalKeys = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
];

/** Values of a key by which a request is let in: those of IfExists too, for keys that the service always sends. */
function sentValues(conditions: Conditions, key: string): string[] | null {
    const plain = Object.entries(conditions).map(([operator, keys]): [string, Record<string, string[]>] => [
        operator.replace(/IfExists$/i, ""),
        keys,
    ]);
    return plain
        .map(([operator, keys]) => conditionValues({ [operator]: keys }, key))
        .reduce((a, b) => a ?? b, null);
}

/** Account numbers, and ARNs with one: nothing that any account has. */
function namesAccount(values: readonly string[] | null): boolean {
    return (
        values !== null &&
        values.length > 0 &&
        values.every((value) => /^\d{12}$/.test(value) || /^arn:[^:]*:[^:]*:[^:]*:\d{12}:/.test(value))
    );
}

function serviceFaults(service: string, conditions: Conditions, trusted: readonly string[]): string[] {
    // China's partition and regional endpoints have names of their own: logs.eu-central-1.amazonaws.com.
    const name = service.replace(/\.cn$/, "").replace(/\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws/, ".amazonaws");
    if (!matchesAny(trusted, name))
        return [`the service ${service}, which is not on the list of trusted services`];
    if (!sourceServices.has(name)) return [];
    const bound =
        namesAccount(sentValues(conditions, "aws:SourceAccount")) ||
        namesAccount(sentValues(conditions, "aws:SourceArn")) ||
        conditionValues(conditions, "aws:SourceOrgID") !== null;
    return bound ? [] : [`${service} for anybody's resource: neither aws:SourceAccount nor aws:SourceArn names an account`]; // prettier-ignore
}

function principalFaults(name: string, conditions: Conditions): string[] {
    if (!/[*?]/.test(name)) return [];
    const bound = principalKeys.some((key) => {
        const values = conditionValues(conditions, key);
        return values !== null && values.length > 0 && values.every((value) => !/^(?:arn:\*?)?[*?]+$/.test(value)); // prettier-ignore
    });
    return bound ? [] : [`${name}, that is everybody of every account`];
}

function faultsOf(statement: Statement, { trustedServices }: PackConfiguration): string[] {
    const { principals, conditions } = statement;
    if (!principals || principals.not) return ["everybody but a few"];
    return Object.entries(principals.byKind).flatMap(([kind, names]) =>
        names.flatMap((name) => {
            if (kind === "Service") return serviceFaults(name, conditions, trustedServices);
            if (kind === "Federated") return identityFaults(name, conditions);
            return principalFaults(name, conditions);
        }),
    );
}

export const trustPolicy: ResourceRule = {
    level: "resource",
    metadata: {
        id: "IAM-06",
        family: "iam",
        title: "A role's trust policy says exactly who may become it",
        rationale:
            "Whoever may assume a role has its permissions. A star, a service that works for other accounts as well, or a repository of anybody's lets strangers in.",
        severity: "high",
        remediation:
            "Name principals; bind services by `aws:SourceAccount` or `aws:SourceArn` where they send it; bind an identity provider by `aud` and by a `sub` that names repository and ref (or environment). Further services are named in the setting `trustedServices`.",
        references: [
            "checkov CKV_AWS_60",
            "checkov CKV_AWS_61",
            "checkov CKV_AWS_358",
            "checkov CKV_AWS_393",
            "OWASP CICD-SEC-2",
        ],
        publicEquivalent: true,
    },
    types: [roleType],
    evaluate: (role, configuration) => {
        const trust = role.get("assumeRolePolicy");
        if (trust.kind === "absent") return [notApplicable("the role has no trust policy")];
        const open = (why: string): Outcome[] => [inconclusive(trust, `who may become ${role.name} ${why}`)];
        if (trust.kind !== "known") return open("is not known yet");
        const document = readPolicyDocument(trust.value);
        if (document.kind === "unknown") return open("is not known yet");
        if (document.kind === "malformed") return open(`cannot be read: the policy ${document.why}`);
        const outcomes = document.statements
            .filter(({ effect }) => effect === "Allow")
            .filter((each) => entrances.some((action) => actionPattern(each, action) !== null))
            .flatMap((statement) =>
                faultsOf(statement, configuration).map((fault) => {
                    const where = `${trust.property}, statement ${statement.sid ?? String(statement.index)}`;
                    return violation(
                        `${where}, lets in ${fault}.`,
                        "Name the principal, bind the service to this account (aws:SourceAccount, aws:SourceArn), or bind the identity provider by aud and sub.",
                        { findingId: `${where}|${fault}` },
                    );
                }),
            );
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples,
};
