/** RDS-03: nobody types the password of a database's master user. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { clusterType, instanceType } from "./database";
import { looksTyped } from "./typedPassword";

const metadata: RuleMetadata = {
    id: "RDS-03",
    family: "rds",
    title: "The master password of a database is generated and kept as a secret",
    rationale:
        "A password in a program is in its history, in every clone and in every preview, and it is never changed.",
    severity: "critical",
    remediation:
        "Set `manageMasterUserPassword: true`: Amazon RDS makes the password, keeps it in AWS Secrets Manager and changes it. Where a program needs the password itself, take it from a generated one (`random.RandomPassword`) or a secret.",
    references: ["OWASP CICD-SEC-6", "NIST SP 800-190 4.1.4"],
};
const fix =
    "Set manageMasterUserPassword: true and remove the password; change the one that was written down.";

/** Where the password stands. */
const passwordProperties: Readonly<Record<string, readonly string[]>> = {
    [instanceType]: ["password", "passwordWo"],
    [clusterType]: ["masterPassword", "masterPasswordWo"],
};
/** Databases that come with the password of another one. */
const sources: Readonly<Record<string, readonly string[]>> = {
    [instanceType]: ["replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime"],
    [clusterType]: ["replicationSourceIdentifier", "snapshotIdentifier", "restoreToPointInTime", "globalClusterIdentifier"],
}; // prettier-ignore

const database = (props: Record<string, unknown>, from: string[] = []): ExampleResource => ({
    type: instanceType,
    name: "database",
    props: { identifier: "database", engine: "postgres", ...props },
    propertyDependencies: { password: from },
});
const generator: ExampleResource = {
    type: "random:index/randomPassword:RandomPassword",
    name: "generated",
    props: { length: 32 },
};
/** Assembled, so that no tool takes the example for a credential. */
const generatedPassword = ["vX9kT2m", "Qz7Lr4w", "Nb8Yc3h"].join("#");

export const masterPassword: ResourceRule = {
    level: "resource",
    metadata,
    types: [instanceType, clusterType],
    evaluate: (resource) => {
        const managed = resource.boolean("manageMasterUserPassword");
        if (is(managed, true)) return [pass];
        if (managed.kind === "unknown")
            return [inconclusive(managed, "whether Amazon RDS makes the password is not known yet")];
        if (managed.kind === "malformed") return [violation(`manageMasterUserPassword ${managed.why}.`, fix)];
        const given = (passwordProperties[resource.type] ?? [])
            .map((property) => resource.string(property))
            .filter(({ kind }) => kind !== "absent");
        if (given.length === 0) return [judgeMissing(resource)];
        return given.map((password): Outcome => {
            // Only outputs are not known: of a generator, or of a secret.
            if (password.kind === "unknown") return pass;
            if (password.kind === "known" && !looksTyped(password.value))
                return notApplicable("where the password comes from is only known with the whole stack");
            return typed(resource, password.property);
        });
    },
    examples: [
        badExample("typed", [database({ password: "hunter2-hunter2" })], "database"),
        badExample(
            "typed, of a cluster",
            [{ type: clusterType, name: "database", props: { masterPassword: "correct-horse-battery" } }],
            "database",
        ),
        goodExample("made by Amazon RDS", [database({ manageMasterUserPassword: true })]),
        goodExample("of another resource", [generator, database({ password: unknown }, ["generated"])]),
        goodExample("a replica has its source's", [database({ replicateSourceDb: unknown })]),
        absentExample("no password at all", [database({})], "database"),
        openExample("not known yet", [database({ manageMasterUserPassword: unknown })], "database"),
    ],
};

export const generatedMasterPassword: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [instanceType, clusterType],
    evaluate: (graph) =>
        graph.ofType(instanceType, clusterType).flatMap((resource) => {
            const outcomes = (passwordProperties[resource.type] ?? []).flatMap((property): Outcome[] => {
                const password = valueOf(resource.string(property));
                if (password === undefined || is(resource.boolean("manageMasterUserPassword"), true)) return [];
                if ((resource.propertyDependencies[property] ?? []).length > 0) return [pass];
                if (looksTyped(password)) return [typed(resource, property)];
                return [inconclusive({ property }, "whether the password is generated or was typed cannot be told")];
            }); // prettier-ignore
            return about(resource, ...(outcomes.length > 0 ? outcomes : [notApplicable("no password is known")]));
        }), // prettier-ignore
    examples: [
        badExample("typed", [database({ password: "hunter2-hunter2" })], "database"),
        goodExample("generated, and known from an earlier update", [
            generator,
            database({ password: generatedPassword }, ["generated"]),
        ]),
        goodExample("generated, with a word in it by chance", [
            generator,
            database({ password: `${generatedPassword}#admin` }, ["generated"]),
        ]),
        absentExample("none", [database({ manageMasterUserPassword: true })]),
        openExample("known, and of no resource", [database({ password: generatedPassword })], "database"),
    ],
};

/** Never says the password. */
function typed(resource: ResourceReader, property: string): Outcome {
    return violation(
        `${resource.name} has a master password that somebody typed (${property}): it is in the program, its history and its previews.`,
        fix,
        { findingId: property },
    );
}

function judgeMissing(resource: ResourceReader): Outcome {
    const source = (sources[resource.type] ?? []).find((property) =>
        ["known", "unknown"].includes(resource.get(property).kind),
    );
    if (source !== undefined) return notApplicable(`the password is that of its source (${source})`);
    return violation(
        `Nothing makes a master password for ${resource.name} (manageMasterUserPassword is not set).`,
        fix,
    );
}
