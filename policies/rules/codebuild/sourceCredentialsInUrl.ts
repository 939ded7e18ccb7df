/** CB-03: the address of a source carries no credential. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { plainSecretReason } from "../../harness/plainSecret";
import { unknown, type PropertyReader } from "../../harness/reader";
import type { PackConfiguration } from "../../harness/configuration";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { projectExample } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";

const withSource = (location: unknown, more: Record<string, unknown> = {}) =>
    projectExample("build", undefined, "builder", { source: { type: "BITBUCKET", location }, ...more });
const address = "https://bitbucket.org/example/app.git";
const second = (location: unknown) =>
    withSource(address, {
        secondarySources: [
            { type: "GITHUB", sourceIdentifier: "rules", location: unknown },
            { type: "GITHUB", sourceIdentifier: "tools", location },
        ],
    });

export const sourceCredentialsInUrl: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-03",
        family: "codebuild",
        title: "Addresses of sources carry no credentials",
        rationale:
            "The address of a source is shown by the console and the API to everybody who may read the project, and stands in its logs; a password in it gives the repository away.",
        severity: "critical",
        remediation:
            "Take user and password out of `source.location` and change that password; let CodeBuild use a connection (`aws:codebuild/sourceCredential:SourceCredential` with `CODECONNECTIONS`).",
        references: ["FSBP CodeBuild.1", "cdk-nag CodeBuildProjectSourceRepoUrl", "OWASP CICD-SEC-6"],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project, configuration) => {
        const outcomes = judged(project, ["source"], configuration);
        const secondary = project.list("secondarySources");
        if (secondary.kind === "unknown")
            outcomes.push(inconclusive(secondary, "which sources the project has is not known yet"));
        if (secondary.kind === "malformed")
            outcomes.push(violation(`${secondary.property} ${secondary.why}.`, "Give a list of sources."));
        if (secondary.kind === "known")
            for (const source of secondary.value) outcomes.push(...judged(source, [], configuration));
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        {
            title: "user and password",
            shows: "bad",
            resources: [withSource("https://user:pw@bitbucket.org/example/app.git")],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a token in the place of the user",
            shows: "bad",
            resources: [withSource(`https://ghp_${"a".repeat(36)}@github.com/example/app.git`)],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "an access token of Bitbucket in a second source, behind one that is not known",
            shows: "bad",
            resources: [second("https://x-token-auth:abc@bitbucket.org/example/app.git")],
            expect: [
                { resource: "build", kind: "inconclusive" },
                { resource: "build", kind: "violation" },
            ],
        },
        { title: "the address alone", shows: "good", resources: [withSource(address)], expect: [] },
        {
            title: "a user without a password, as Bitbucket shows addresses",
            shows: "good",
            resources: [withSource("https://somebody@bitbucket.org/example/app.git")],
            expect: [],
        },
        {
            title: "an object of a bucket",
            shows: "good",
            resources: [withSource("sources/app@v1:final.zip")],
            expect: [],
        },
        {
            title: "the source comes from the pipeline",
            shows: "absent",
            resources: [projectExample("build", undefined)],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [withSource(unknown)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
    ],
};

function judged(
    source: PropertyReader,
    path: readonly string[],
    configuration: PackConfiguration,
): Outcome[] {
    const whole = source.object(...path);
    const location = whole.kind === "malformed" ? whole : source.string(...path, "location");
    const { property } = location;
    if (location.kind === "unknown")
        return [inconclusive(location, "whether the address carries a credential is not known yet")];
    if (location.kind === "malformed")
        return [
            violation(`${property} ${location.why}.`, "Give the source as an object, its address as text."),
        ];
    if (location.kind === "absent") return [];
    const user = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(location.value)?.[1];
    if (user === undefined) return [];
    // An account name is no secret; a long text without one is a token, whatever service gave it out.
    const credential =
        /:./.test(user) ||
        plainSecretReason("", user, configuration) !== undefined ||
        /^(?=.*\d)[\w-]{24,}$/.test(user);
    if (!credential) return [];
    return [
        violation(
            `${property} carries a credential before the name of the host, and everybody who may read the project can read it.`,
            "Take everything before the @ out of the address, and change the password or token.",
            { findingId: property },
        ),
    ];
}
