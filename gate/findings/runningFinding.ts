/** Findings about images that run, for the admission and the continuous check. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../policy/canonicalJson";
import { imageResource, ownImage } from "./imageResource";
import {
    idPrefix,
    placeOf,
    securityFinding,
    type FindingOrigin,
    type RecordState,
    type SecurityFinding,
    type SeverityLabel,
} from "./securityFinding";

interface RunningKind {
    title: string;
    severity: SeverityLabel;
    type: string;
    remediation: string;
}

/** What can be wrong with an image that runs. */
export const runningKinds = {
    unapprovedImage: {
        title: "An image runs that the gate never approved",
        severity: "CRITICAL",
        type: "Software and Configuration Checks/Policy Violation/Unapproved Container Image",
        remediation:
            "Deploy an approved image through the application's pipeline, and find out who deployed this one.",
    },
    breakGlass: {
        title: "An image runs on break-glass, without an approval",
        severity: "HIGH",
        type: "Software and Configuration Checks/Policy Violation/Break-Glass Override",
        remediation:
            "Release the image, or a mended one, through the application's pipeline before the override ends.",
    },
    badEvidence: {
        title: "An approved image runs that the gate would refuse today",
        severity: "HIGH",
        type: "Software and Configuration Checks/Vulnerabilities",
        remediation: "Release an image without these findings through the application's pipeline.",
    },
} as const satisfies Record<string, RunningKind>;

export type RunningFindingKind = keyof typeof runningKinds;

export interface RunningFindingContent {
    kind: RunningFindingKind;
    application: string;
    /** As the container has it: `<registry>/<name>@sha256:…`, or whatever runs there. */
    image: string;
    /** ARN of the ECS service. */
    serviceArn: string;
    /** What is wrong, in a sentence. */
    why: string;
    /** When it was first seen, or `updatedAt` where that is earlier; of a finding that is there already, its own. */
    createdAt: Date;
    updatedAt: Date;
    state: RecordState;
    /** More fields by name, e.g. `breakGlassUntil`; values without text are left out. */
    fields?: Record<string, string | null | undefined>;
}

/** Beginning of the ids of all such findings of an application. */
export function runningIdPrefix(origin: FindingOrigin, application: string): string {
    return idPrefix(origin, "running", application);
}

/** One finding for each service, image and kind: the same again is an update. */
export function runningFinding(origin: FindingOrigin, content: RunningFindingContent): SecurityFinding {
    const { kind, application, image, serviceArn } = content;
    const { title, severity, type, remediation } = runningKinds[kind];
    const own = ownImage(origin.account, image);
    return securityFinding(origin, {
        // By their hash: a reference can be longer than an id, and may have characters that none has.
        id: [
            "running",
            application,
            kind,
            createHash("sha256")
                .update(canonicalJson([serviceArn, image]))
                .digest("hex"),
        ],
        generator: `running/${kind}`,
        // Amazon ECS's clock, or that of whoever wrote an override, can be ahead of ours.
        createdAt: content.createdAt < content.updatedAt ? content.createdAt : content.updatedAt,
        updatedAt: content.updatedAt,
        title: `${title}: ${application}`,
        description: `${image} in the service ${serviceArn.split("/").at(-1)}: ${content.why}`,
        remediation: { text: remediation },
        severity: { label: severity, original: kind },
        types: [type],
        resources: [
            imageResource(origin, image),
            { Type: "AwsEcsService", Id: serviceArn, ...placeOf(origin.account) },
        ],
        fields: {
            application,
            image,
            digest: own?.digest,
            service: serviceArn,
            reason: content.why,
            ...content.fields,
        },
        state: content.state,
    });
}
