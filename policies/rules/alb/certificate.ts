/** ALB-03: an HTTPS listener has a certificate of ACM or IAM. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, notApplicable, pass } from "../../harness/outcome";
import { filled, unknown, valueOf } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { listenerTypes } from "./loadBalancer";

const certificateArn =
    /^arn:aws[a-z-]*:(?:acm:[a-z0-9-]+:\d{12}:certificate\/|iam::\d{12}:server-certificate\/)\S+$/;

const acm = "arn:aws:acm:eu-west-1:123456789012:certificate/0f7c2a1e-0000-4000-8000-000000000000";
const listener = (props: Record<string, unknown>, type = listenerTypes[0] ?? ""): ExampleResource => ({
    type,
    name: "listener",
    props: { port: 443, protocol: "HTTPS", ...props },
});

export const certificate: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ALB-03",
        family: "alb",
        title: "HTTPS listeners have a certificate of ACM or IAM",
        rationale:
            "Without a certificate that clients can check, nobody knows whom the scanner's password and its verdicts go to.",
        severity: "high",
        remediation:
            "Set `certificateArn` to the ARN of a certificate in AWS Certificate Manager, or of a server certificate in IAM.",
        references: ["cdk-nag ELBv2ACMCertificateRequired"],
    },
    types: listenerTypes,
    evaluate: (listener) => {
        const protocol = listener.string("protocol");
        if (protocol.kind === "unknown")
            return [inconclusive(protocol, "whether the listener uses TLS is not known yet")];
        if (!["HTTPS", "TLS"].includes(valueOf(protocol)?.toUpperCase() ?? ""))
            return [notApplicable("not an HTTPS listener")];
        const given = filled(listener.string("certificateArn"));
        // The ARN is an output of the certificate: not known yet is enough to see that one is set.
        if (given.kind === "unknown") return [pass];
        return [
            expectValue(given, {
                accepts: (value) => certificateArn.test(value),
                consequence: "clients cannot tell whom they talk to",
                fix: "Set certificateArn: certificate.arn of an aws.acm.Certificate.",
            }),
        ];
    },
    examples: [
        badExample("no ARN of a certificate", [listener({ certificateArn: "my-certificate" })], "listener"),
        badExample(
            "the ARN of something else",
            [listener({ certificateArn: "arn:aws:s3:::bucket/certificate" }, listenerTypes[1])],
            "listener",
        ),
        goodExample("of ACM", [listener({ certificateArn: acm })]),
        goodExample("of IAM", [
            listener({ certificateArn: "arn:aws:iam::123456789012:server-certificate/site" }),
        ]),
        goodExample("of a certificate in the same stack", [listener({ certificateArn: unknown })]),
        goodExample("plain HTTP is another rule's matter", [listener({ protocol: "HTTP" })]),
        absentExample("not set", [listener({})], "listener"),
        absentExample("an empty text", [listener({ certificateArn: "" })], "listener"),
        openExample("protocol not known yet", [listener({ protocol: unknown })], "listener"),
    ],
};
