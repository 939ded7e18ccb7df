/** LAM-07: the address of a function asks who calls. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { functionUrlType } from "./function";

const url = (authorizationType: unknown, cors?: unknown): ExampleResource[] => [
    { type: functionUrlType, name: "url", props: { functionName: "worker", authorizationType, cors } },
];

export const functionUrl: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LAM-07",
        family: "lambda",
        title: "The address of a function asks for a signature",
        rationale:
            "A function URL without authorization can be called by everybody on the internet; with any web site as an allowed origin, in the name of its visitors.",
        severity: "critical",
        remediation:
            'Set `authorizationType: "AWS_IAM"`, or do without a function URL. List the web sites in `cors.allowOrigins`.',
        references: ["checkov CKV_AWS_258", "checkov CKV2_AWS_75"],
    },
    types: [functionUrlType],
    evaluate: (resource) => [
        expectValue(resource.string("authorizationType"), {
            accepts: (type) => type === "AWS_IAM",
            consequence: "everybody on the internet can call the function",
            fix: 'Set authorizationType: "AWS_IAM".',
        }),
        ...judgeOrigins(resource),
    ],
    remediation: {
        when: "always",
        changes: (resource) =>
            is(resource.string("authorizationType"), "NONE")
                ? [{ path: ["authorizationType"], value: "AWS_IAM" }]
                : [],
    },
    examples: [
        badExample("open to everybody", url("NONE"), "url"),
        badExample("every web site may call it", url("AWS_IAM", { allowOrigins: ["*"] }), "url"),
        goodExample("signed", url("AWS_IAM")),
        goodExample("signed, from one web site", url("AWS_IAM", { allowOrigins: ["https://example.com"] })),
        absentExample("not set", url(undefined), "url"),
        openExample("not known yet", url(unknown), "url"),
        {
            title: "an origin that is not known yet does not hide the one for every web site",
            shows: "unknown",
            resources: url("AWS_IAM", { allowOrigins: [unknown, "*"] }),
            expect: [
                { resource: "url", kind: "violation" },
                { resource: "url", kind: "inconclusive" },
            ],
        },
    ],
};

function judgeOrigins(resource: ResourceReader): Outcome[] {
    const cors = resource.object("cors");
    const origins = cors.kind === "known" ? cors.value.strings("allowOrigins") : cors;
    const why = "which web sites may call the function is not known yet";
    if (origins.kind === "absent") return [];
    if (origins.kind === "unknown") return [inconclusive(origins, why)];
    const fix = "List the web sites in cors.allowOrigins, each with https://.";
    const more = { findingId: "cors", severity: "medium" } as const;
    if (origins.kind === "malformed") return [violation(`${origins.property} ${origins.why}.`, fix, more)];
    const wide = origins.value.values.find((origin) => /^(?:https?:\/\/)?\*\.?$/.test(origin));
    return [
        ...(wide === undefined
            ? []
            : [violation(`${origins.property} has "${wide}": every web site may call the function in its visitors' browsers.`, fix, more)]), // prettier-ignore
        ...(origins.value.unknownCount > 0 ? [inconclusive(origins, why)] : []),
    ];
}
