/** Which images a service revision runs: what Amazon ECS says about it and about its task definition. */
import { digestPattern, objectOf, shown } from "../approval/foreignJson";
import type { AdmissionSettings } from "./admissionSettings";
import { clusterArnOf, type HookCall } from "./hookEvent";

/** One container of a task definition, or of a task. */
export interface ContainerImage {
    container: string;
    image: unknown;
}

/** What a revision says by itself. */
export interface Revision {
    taskDefinitionArn: string;
    /** Images by container as Amazon ECS resolved them; it may not have resolved any yet. */
    resolved: { container: string; image: unknown; digest: unknown }[];
}

type Problem = { problem: string };

/**
 * How Amazon ECS calls the containers that it adds to tasks itself: the agent of GuardDuty Runtime Monitoring, and the
 * proxy of Service Connect. They are in no task definition, and only so can they be told from somebody's container of
 * the same name.
 */
export const platformContainer = /^(?:aws-guardduty-agent|ecs-service-connect)-[A-Za-z0-9]+$/;

/** Reads the answer of DescribeServiceRevisions: exactly the revision that was asked for. */
export function readRevision(
    answer: unknown,
    settings: Pick<AdmissionSettings, "account">,
    { service, serviceArn, revisionArn }: Pick<HookCall, "service" | "serviceArn" | "revisionArn">,
): Revision | Problem {
    const { serviceRevisions, failures } = objectOf(answer) ?? {};
    if (Array.isArray(failures) && failures.length > 0) {
        const { reason, detail } = objectOf(failures[0]) ?? {};
        return {
            problem: `Amazon ECS does not describe the revision ${revisionArn} (${shown(reason)}, ${shown(detail)})`,
        };
    }
    const listed = Array.isArray(serviceRevisions) ? serviceRevisions : [];
    const revision = objectOf(listed[0]);
    if (listed.length !== 1 || revision === null) {
        return { problem: `Amazon ECS describes ${listed.length} revisions instead of ${revisionArn}` };
    }
    if (revision["serviceRevisionArn"] !== revisionArn || revision["serviceArn"] !== serviceArn) {
        return {
            problem:
                `Amazon ECS was asked for ${revisionArn} and describes ${shown(revision["serviceRevisionArn"])} of ` +
                `${shown(revision["serviceArn"])}`,
        };
    }
    const clusterArn = clusterArnOf(settings, service);
    if (revision["clusterArn"] !== undefined && revision["clusterArn"] !== clusterArn) {
        return { problem: `the revision ${revisionArn} is of the cluster ${shown(revision["clusterArn"])}` };
    }
    const { taskDefinition } = revision;
    if (!isTaskDefinition(taskDefinition, settings)) {
        return {
            problem: `the revision ${revisionArn} has the task definition ${shown(taskDefinition)}, which is none of this account`,
        };
    }
    const images = revision["containerImages"] ?? [];
    if (!Array.isArray(images)) {
        return { problem: `the images of the revision ${revisionArn} are ${shown(images)}` };
    }
    const resolved: Revision["resolved"] = [];
    for (const image of images) {
        const { containerName, image: reference, imageDigest: digest } = objectOf(image) ?? {};
        if (typeof containerName !== "string") {
            return { problem: `an image of the revision ${revisionArn} is of no container` };
        }
        resolved.push({ container: containerName, image: reference, digest });
    }
    return { taskDefinitionArn: taskDefinition, resolved };
}

/** The ARN of one revision of a task definition in our account and region. */
export function isTaskDefinition(
    arn: unknown,
    { account: { partition, region, accountId } }: Pick<AdmissionSettings, "account">,
): arn is string {
    const prefix = `arn:${partition}:ecs:${region}:${accountId}:task-definition/`;
    return (
        typeof arn === "string" &&
        arn.startsWith(prefix) &&
        /^[A-Za-z0-9_-]{1,255}:[1-9][0-9]*$/.test(arn.slice(prefix.length))
    );
}

/** Reads the answer of DescribeTaskDefinition: every container of exactly the one that was asked for. */
export function readTaskDefinition(answer: unknown, taskDefinitionArn: string): ContainerImage[] | Problem {
    const definition = objectOf(objectOf(answer)?.["taskDefinition"]);
    if (definition?.["taskDefinitionArn"] !== taskDefinitionArn) {
        return {
            problem:
                `Amazon ECS was asked for the task definition ${taskDefinitionArn} and describes ` +
                shown(definition?.["taskDefinitionArn"]),
        };
    }
    const containers = definition["containerDefinitions"];
    if (!Array.isArray(containers) || containers.length === 0) {
        return { problem: `the task definition ${taskDefinitionArn} has no containers` };
    }
    const images: ContainerImage[] = [];
    for (const container of containers) {
        const { name, image } = objectOf(container) ?? {};
        if (typeof name !== "string" || name === "" || images.some((other) => other.container === name)) {
            return {
                problem: `a container of the task definition ${taskDefinitionArn} is called ${shown(name)}, which tells it from no other`,
            };
        }
        images.push({ container: name, image });
    }
    return images;
}

/**
 * Where what a revision, or a task, says about its images contradicts the task definition; empty when nothing does. The
 * task definition decides: whatever it lists is judged, resolved or not.
 */
export function contradictions(
    resolved: Revision["resolved"],
    defined: readonly ContainerImage[],
    taskDefinitionArn: string,
): string[] {
    return resolved.flatMap(({ container, image, digest }) => {
        const own = defined.find((one) => one.container === container);
        if (own === undefined) {
            return platformContainer.test(container)
                ? []
                : [`the container ${shown(container)} is not in the task definition ${taskDefinitionArn}`];
        }
        if (image !== own.image) {
            return [
                `the container ${shown(container)} has the image ${shown(image)}, and in the task definition ` +
                    `${taskDefinitionArn} it is ${shown(own.image)}`,
            ];
        }
        return digestContradiction(container, image, digest);
    });
}

/** Amazon ECS names another digest than the reference does; nothing where it has resolved none. */
export function digestContradiction(container: string, image: unknown, digest: unknown): string[] {
    if (digest === undefined || digest === null || digest === "") return [];
    const named = typeof image === "string" ? image.slice(image.lastIndexOf("@") + 1) : "";
    if (typeof digest === "string" && digestPattern.test(digest) && digest === named) return [];
    return [
        `the container ${shown(container)} has the image ${shown(image)} and the digest ${shown(digest)}`,
    ];
}
