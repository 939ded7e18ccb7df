/** CB-13: no personal token stands behind the builds. */
import { expectValue } from "../../harness/expectation";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";

const credentialType = "aws:codebuild/sourceCredential:SourceCredential";
const credential = (authType: unknown) => ({
    type: credentialType,
    name: "github",
    props: { authType, serverType: "GITHUB", token: unknown },
});

/** By connection, or by a secret that is read when it is used (CodeBuild API Reference, ImportSourceCredentials). */
const byReference = new Set(["CODECONNECTIONS", "SECRETS_MANAGER"]);

export const sourceToken: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-13",
        family: "codebuild",
        title: "CodeBuild reads sources by a connection, not by a personal token",
        rationale:
            "A personal token carries all rights of its owner, is used by every project of the account and region, stands in the state of the stack and stays valid when its owner leaves.",
        severity: "high",
        remediation: "Create a connection and set `authType` to `CODECONNECTIONS` and `token` to its ARN.",
        references: ["OWASP CICD-SEC-6"],
    },
    types: [credentialType],
    evaluate: (resource) => [
        expectValue(resource.string("authType"), {
            accepts: (value) => byReference.has(value),
            consequence: "the credential is a person's own and is kept by the stack",
            fix: "Set authType to CODECONNECTIONS and token to the ARN of a connection.",
        }),
    ],
    examples: [
        {
            title: "a personal access token",
            shows: "bad",
            resources: [credential("PERSONAL_ACCESS_TOKEN")],
            expect: [{ resource: "github", kind: "violation" }],
        },
        {
            title: "user and password",
            shows: "bad",
            resources: [credential("BASIC_AUTH")],
            expect: [{ resource: "github", kind: "violation" }],
        },
        { title: "a connection", shows: "good", resources: [credential("CODECONNECTIONS")], expect: [] },
        {
            title: "a secret of Secrets Manager",
            shows: "good",
            resources: [credential("SECRETS_MANAGER")],
            expect: [],
        },
        {
            title: "no type",
            shows: "absent",
            resources: [credential(undefined)],
            expect: [{ resource: "github", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [credential(unknown)],
            expect: [{ resource: "github", kind: "inconclusive" }],
        },
    ],
};
