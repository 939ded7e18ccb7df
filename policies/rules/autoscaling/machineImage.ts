/** ASG-02: instances start from an image that somebody keeps up to date. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { matchesAny } from "../../harness/wildcard";
import { launchTemplateType, templateExample } from "../launchtemplate/launchTemplate";

const ecsImage = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
const from = (imageId: unknown) => [templateExample({ imageId })];

export const machineImage: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ASG-02",
        family: "autoscaling",
        title: "Instances start from an image that is kept up to date",
        rationale:
            "An image named by its id is never renewed, and nobody sees from the id who made it: anybody can publish an image with a trusted name.",
        severity: "medium",
        remediation:
            "Set `imageId` to `resolve:ssm:` and the public parameter of the Amazon ECS-optimized image, or a parameter of your own. Images of your own that are named by id go into the setting `externalReferences`.",
        references: ["trivy AWS-0344", "NIST SP 800-190 4.5.3"],
    },
    types: [launchTemplateType],
    evaluate: (resource, configuration) => {
        const image = filled(resource.string("imageId"));
        if (image.kind === "absent") return [notApplicable("the image is named where the template is used")];
        if (image.kind === "unknown")
            return [inconclusive(image, "from which image instances start is not known yet")];
        if (image.kind === "known" && isKept(image.value, configuration)) return [pass];
        const read = image.kind === "known" ? `is ${JSON.stringify(image.value)}` : image.why;
        return [
            violation(
                `Instances of ${resource.name} start from an image that nobody vouches for (imageId ${read}).`,
                `Set imageId: "${ecsImage}".`,
            ),
        ];
    },
    examples: [
        badExample("an image by its id", from("ami-0123456789abcdef0"), "instances"),
        badExample("no image", from("amazon-linux"), "instances"),
        goodExample("the image of Amazon ECS", from(ecsImage)),
        goodExample("a parameter of one's own", from("resolve:ssm:/images/base:3")),
        {
            ...goodExample("an image of one's own", from("ami-0123456789abcdef0")),
            configuration: { externalReferences: ["ami-0123456789abcdef0"] },
        },
        absentExample("none in the template", from(undefined)),
        openExample("not known yet", from(unknown), "instances"),
    ],
};

function isKept(image: string, { externalReferences }: PackConfiguration): boolean {
    return /^resolve:ssm:[\w./:-]+$/.test(image) || matchesAny(externalReferences, image);
}
