/** What a deployment is answered: the images of a revision, and what each of them is worth. */
import { shown } from "../approval/foreignJson";
import type { AdmissionSettings } from "./admissionSettings";
import type { Override } from "./breakGlass";
import type { AdmissionFact } from "./facts";
import { answerLater, type HookAnswer, type HookCall } from "./hookEvent";
import { nothingReleasedDigest, readImage } from "./imageReference";
import { contradictions, type ContainerImage, type Revision } from "./revision";
import type { Standing } from "./standing";

/** The answer to Amazon ECS, and the facts to report with it. */
export interface Admission {
    answer: HookAnswer;
    facts: { fact: AdmissionFact; details: Record<string, unknown> }[];
    /** Overrides that were used, and the images that they let start. */
    overrides: { override: Override; image: string; despite: string[] }[];
}

/** What the images of a revision are, before anybody is asked about them. */
export interface RevisionImages {
    /** Each once: the digests to be judged, and the image that names them. */
    images: { digest: string; image: string }[];
    /** Why the revision cannot be admitted whatever was approved. */
    problems: string[];
    /** The service was made just now: all its images are the one that cannot exist. */
    nothingReleased: boolean;
}

/** Reads every container of a revision, initial ones and sidecars included. */
export function imagesOfRevision(
    revision: Revision,
    defined: readonly ContainerImage[],
    settings: Pick<AdmissionSettings, "account">,
    { service }: Pick<HookCall, "service">,
): RevisionImages {
    const problems = contradictions(revision.resolved, defined, revision.taskDefinitionArn);
    const images: RevisionImages["images"] = [];
    for (const { container, image } of defined) {
        const read = readImage(image, settings, service);
        if ("problem" in read) {
            problems.push(`the container ${shown(container)}: ${read.problem}`);
            continue;
        }
        if (!images.some(({ digest }) => digest === read.digest))
            images.push({ ...read, image: String(image) });
    }
    const nothingReleased =
        problems.length === 0 &&
        images.length > 0 &&
        images.every(({ digest }) => digest === nothingReleasedDigest);
    return { images, problems, nothingReleased };
}

/**
 * Answers a deployment. Pure. It goes on only when every image of it is admitted; it waits when none is refused and the
 * waiting has not been too long; in every other case it is rolled back.
 * @param standings by digest; an image without one is refused.
 */
export function admit(
    call: HookCall,
    { images, problems, nothingReleased }: RevisionImages,
    standings: ReadonlyMap<string, Standing>,
): Admission {
    const { application } = call.service;
    const base = { application, service: call.serviceArn, revision: call.revisionArn };
    if (nothingReleased) {
        const why =
            "nothing has been released to this service yet; release an image through the application's pipeline";
        return refusal("NothingReleased", { ...base, why });
    }
    const refusals = [...problems];
    const failures: string[] = [];
    const waits: string[] = [];
    const overrides: Admission["overrides"] = [];
    const admitted: Record<string, unknown>[] = [];
    for (const { digest, image } of images) {
        const standing = standings.get(digest);
        if (standing === undefined) refusals.push(`${image} was not judged`);
        else if (standing.kind === "refused") {
            (standing.because === "unknown" ? failures : refusals).push(...standing.reasons);
        } else if (standing.kind === "pending") waits.push(standing.why);
        else if (standing.by === "breakGlass") overrides.push({ ...standing, image });
        else {
            const { execution, decidedAt, waivers } = standing;
            admitted.push({ image, execution, decidedAt, waivers });
        }
    }
    if (images.length === 0 && problems.length === 0) refusals.push("the revision has no image");
    if (refusals.length > 0)
        return refusal("AdmissionRefused", { ...base, reasons: [...refusals, ...failures] });
    if (failures.length > 0) return refusal("AdmissionFailed", { ...base, reasons: failures });
    if (waits.length > 0) {
        const answer = answerLater(call);
        if (answer !== null) {
            const details = { ...base, attempts: call.attempts, reasons: waits };
            return { answer, facts: [{ fact: "AdmissionPending", details }], overrides: [] };
        }
        const reasons = waits.map((wait) => `${wait} (after ${call.attempts} attempts)`);
        return refusal("AdmissionRefused", { ...base, reasons });
    }
    const facts: Admission["facts"] =
        overrides.length === 0
            ? [{ fact: "Admitted", details: { ...base, images: admitted } }]
            : overrides.map(({ override, image, despite }) => ({
                  fact: "BreakGlassUsed",
                  details: { ...base, image, despite, ...usedOverride(override) },
              }));
    return { answer: { hookStatus: "SUCCEEDED" }, facts, overrides };
}

/** What is told about an override wherever it is used. */
export function usedOverride({ id, who, reason, issuedAt, until }: Override): Record<string, string> {
    return { override: id, who, reason, issuedAt, until };
}

/** The answer when a deployment cannot be judged at all, or must not go on. */
export function refusal(fact: AdmissionFact, details: Record<string, unknown>): Admission {
    return { answer: { hookStatus: "FAILED" }, facts: [{ fact, details }], overrides: [] };
}
