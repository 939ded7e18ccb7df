/** LT-02: containers on an instance do not reach its credentials. */
import { expectValue } from "../../harness/expectation";
import { notApplicable } from "../../harness/outcome";
import { nested } from "../../harness/nested";
import { is, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { launchTemplateType, templateExample } from "./launchTemplate";

const template = (metadataOptions?: unknown) => [templateExample({ metadataOptions })];

export const metadataHops: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LT-02",
        family: "launchtemplate",
        title: "Answers of the instance metadata service go one hop",
        rationale:
            "With a second hop the answer crosses a container's network, and every container of the instance can take the credentials of the instance.",
        severity: "high",
        remediation:
            "Set `metadataOptions.httpPutResponseHopLimit: 1`. Where containers in network mode awsvpc need the metadata service, take an exemption for 2 with the reason.",
        references: ["FSBP AutoScaling.4", "checkov CKV_AWS_341"],
    },
    types: [launchTemplateType],
    evaluate: (resource) => {
        if (is(resource.string("metadataOptions", "httpEndpoint"), "disabled"))
            return [notApplicable("the instance metadata service is switched off")];
        const hops = nested(resource, "metadataOptions", (options) =>
            options.number("httpPutResponseHopLimit"),
        );
        return [
            expectValue(hops, {
                accepts: (limit) => limit === 1,
                consequence: "containers can reach the credentials of the instance",
                fix: "Set metadataOptions.httpPutResponseHopLimit: 1.",
            }),
        ];
    },
    remediation: {
        when: "always",
        changes: (resource) => {
            if (is(resource.string("metadataOptions", "httpEndpoint"), "disabled")) return [];
            const hops = resource.number("metadataOptions", "httpPutResponseHopLimit");
            const mended = hops.kind === "unknown" || is(hops, 1);
            return mended ? [] : [{ path: ["metadataOptions", "httpPutResponseHopLimit"], value: 1 }];
        },
    },
    examples: [
        badExample("two hops", template({ httpTokens: "required", httpPutResponseHopLimit: 2 }), "instances"),
        goodExample("one hop", template({ httpPutResponseHopLimit: 1 })),
        goodExample("service switched off", template({ httpEndpoint: "disabled" })),
        absentExample("block absent: the image or the account decides", template(), "instances"),
        openExample("not known yet", template({ httpPutResponseHopLimit: unknown }), "instances"),
    ],
};
