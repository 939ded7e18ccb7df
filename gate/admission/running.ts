/** The continuous check: what runs in the services, against what may run there now. */
import { shown } from "../approval/foreignJson";
import type { RunningFindingKind } from "../findings/runningFinding";
import { usedOverride } from "./admission";
import type { AdmissionSettings, AdmittedService } from "./admissionSettings";
import type { AdmissionFact } from "./facts";
import { readImage } from "./imageReference";
import { contradictions, digestContradiction, platformContainer, type ContainerImage } from "./revision";
import type { Standing } from "./standing";
import type { RunningTask } from "./task";

/** One image that runs in one service, in however many tasks. */
export interface RunningImage {
    service: AdmittedService;
    /** As the containers name it. */
    image: string;
    /** Null where it cannot be judged by what was approved: `problem` says why. */
    digest: string | null;
    problem: string | null;
    tasks: string[];
    /** When the first of the tasks started; null when Amazon ECS does not say. */
    since: Date | null;
}

/** Something that is wrong with an image that runs: for an alarm, and for Security Hub. */
export interface RunningProblem {
    kind: RunningFindingKind;
    image: RunningImage;
    why: string;
    fields: Record<string, string>;
}

export interface RunningNews {
    facts: { fact: AdmissionFact; details: Record<string, unknown> }[];
    problems: RunningProblem[];
    /** What could not be asked, to be thrown after everything else. */
    failures: string[];
}

/** How long the registry may have nothing to say about an image that runs, in minutes: as long as for an approval. */
const longestSilence = 60;

/** Whether a task has containers that Amazon ECS may have added: only its task definition tells. */
export function needsTaskDefinition({ containers }: RunningTask): boolean {
    return containers.some(({ container }) => platformContainer.test(container));
}

/**
 * Brings what runs together by service and image.
 * @param definitions containers by task definition ARN; needed where `needsTaskDefinition` says so. Without one, every
 * container is taken for somebody's.
 */
export function runningImages(
    tasks: readonly RunningTask[],
    definitions: ReadonlyMap<string, readonly ContainerImage[]>,
    settings: Pick<AdmissionSettings, "account">,
): RunningImage[] {
    const found = new Map<string, RunningImage>();
    for (const task of tasks) {
        const defined = definitions.get(task.taskDefinitionArn);
        for (const resolved of task.containers) {
            const { container, image, digest: named } = resolved;
            const isOfPlatform =
                defined !== undefined &&
                platformContainer.test(container) &&
                !defined.some((own) => own.container === container);
            if (isOfPlatform) continue;
            const read = readImage(image, settings, task.service);
            const problems = [
                ...("problem" in read ? [`the container ${shown(container)}: ${read.problem}`] : []),
                ...(defined === undefined
                    ? digestContradiction(container, image, named)
                    : contradictions([resolved], defined, task.taskDefinitionArn)),
            ];
            // An image by tag always contradicts the digest that it was resolved to; that it is a tag says it all.
            const [problem = null] = problems;
            const digest = problem === null && "digest" in read ? read.digest : null;
            const name = typeof image === "string" && image !== "" ? image : "an unnamed image";
            const key = JSON.stringify([task.service.cluster, task.service.service, name, digest]);
            const known = found.get(key);
            if (known === undefined) {
                const { service, taskArn, startedAt } = task;
                found.set(key, { service, image: name, digest, problem, tasks: [taskArn], since: startedAt });
                continue;
            }
            if (!known.tasks.includes(task.taskArn)) known.tasks.push(task.taskArn);
            known.since = earlier(known.since, task.startedAt);
        }
    }
    return [...found.values()];
}

function earlier(one: Date | null, other: Date | null): Date | null {
    if (one === null || other === null) return one ?? other;
    return one < other ? one : other;
}

/**
 * What is to be said about one running image. Pure.
 * @param standing null exactly where the image has no digest to judge.
 */
export function newsOf(
    settings: { serviceArn: string },
    image: RunningImage,
    standing: Standing | null,
    now: Date,
): RunningNews {
    const { application } = image.service;
    const base = { application, service: settings.serviceArn, image: image.image, tasks: image.tasks };
    const problem = (
        kind: RunningFindingKind,
        fact: AdmissionFact,
        why: string,
        fields: Record<string, string> = {},
    ): RunningNews => ({
        facts: [{ fact, details: { ...base, why, ...fields } }],
        problems: [{ kind, image, why, fields }],
        failures: [],
    });
    if (image.digest === null || standing === null) {
        const why = image.problem ?? "it was not judged";
        return problem("unapprovedImage", "UnapprovedImageRunning", why);
    }
    if (standing.kind === "pending") {
        // Without a time of its start, nobody knows that it has not been for long.
        const silent = image.since === null ? Infinity : now.getTime() - image.since.getTime();
        if (silent < longestSilence * 60_000) {
            const details = { ...base, why: standing.why };
            return { facts: [{ fact: "RunningUnjudged", details }], problems: [], failures: [] };
        }
        const why = `it has been running for more than ${longestSilence} minutes, and ${standing.why}`;
        return problem("badEvidence", "EvidenceTurnedBad", why);
    }
    if (standing.kind === "refused") {
        const why = standing.reasons.join("; ");
        if (standing.because === "unknown") {
            return { facts: [], problems: [], failures: [`${image.image} could not be judged: ${why}`] };
        }
        return standing.because === "turnedBad"
            ? problem("badEvidence", "EvidenceTurnedBad", why)
            : problem("unapprovedImage", "UnapprovedImageRunning", why);
    }
    if (standing.by === "breakGlass") {
        const { override, despite } = standing;
        const fields = usedOverride(override);
        const why = `${override.who} let it run until ${override.until}: ${override.reason} (${despite.join("; ")})`;
        return problem("breakGlass", "BreakGlassUsed", why, fields);
    }
    const { execution, decidedAt } = standing;
    return {
        facts: [{ fact: "RunningApproved", details: { ...base, execution, decidedAt } }],
        problems: [],
        failures: [],
    };
}
