import { eventList, imageList, type EngineImage } from "./answers";
import { callLimits, type EngineClient } from "./client";
import { EngineError, IncompleteError, oneLine } from "./engineError";
import type { EngineSubject } from "./subject";

export interface Waiting {
    now: () => Date;
    sleep: (milliseconds: number) => Promise<void>;
    /** When to give up, by `now`. */
    deadline: Date;
}

/** Between two looks at an analysis: one second at first (small images take 2 to 6 s), then longer. */
const firstPoll = 1_000;
const longestPoll = 5_000;

/** Kept back from the wait, so that the last look still has time for its answer. */
const lastLook = 1_000;

/**
 * Adds the image by tag and digest and waits until the engine has analysed it.
 *
 * The engine believes the caller about tag and digest, so both come from the build. Adding an image that is there
 * changes nothing. The wait has its own end: the engine itself gives up only after ten hours, and an analysis whose
 * analyzer died never ends.
 * @throws IncompleteError when the analysis fails, does not end in time, or yields another image; EngineError.
 */
export async function analysedImage(
    client: EngineClient,
    subject: EngineSubject,
    waiting: Waiting,
): Promise<EngineImage> {
    await addImage(client, subject);
    let image = await readImage(client, subject);
    let poll = firstPoll;
    while (image.analysis_status !== "analyzed") {
        if (image.analysis_status === "analysis_failed") {
            const reason = await failureReason(client, subject);
            throw new IncompleteError(
                `the engine could not analyse ${subject.fullTag}@${subject.digest}: ` +
                    `${reason ?? "it does not say why"}: check the image and the engine's access to the registry`,
            );
        }
        if (image.analysis_status !== "not_analyzed" && image.analysis_status !== "analyzing") {
            throw new IncompleteError(
                `the engine gives ${subject.digest} the unknown analysis status ` +
                    `"${oneLine(image.analysis_status)}": look at the engine's log`,
            );
        }
        const left = waiting.deadline.getTime() - waiting.now().getTime() - lastLook;
        if (left <= 0) {
            throw new IncompleteError(
                `the engine has not analysed ${subject.fullTag}@${subject.digest} within the time limit ` +
                    `(still ${image.analysis_status}): look at the analyzer's log, or raise the limit`,
            );
        }
        await waiting.sleep(Math.min(poll, left));
        poll = Math.min(2 * poll, longestPoll);
        image = await readImage(client, subject);
    }
    if (image.image_status !== undefined && image.image_status !== null && image.image_status !== "active") {
        throw new IncompleteError(
            `the engine holds ${subject.digest} as ${oneLine(image.image_status)}, not active: ` +
                "wait until it is deleted, then scan again",
        );
    }
    return image;
}

/** Path of the image in the API. */
export function imagePath({ digest }: EngineSubject): string {
    return `/v1/images/${digest}`;
}

async function readImage(client: EngineClient, subject: EngineSubject): Promise<EngineImage> {
    const { value } = await client.call({ method: "GET", path: imagePath(subject), answer: imageList });
    return imageOf(value, subject);
}

async function addImage(client: EngineClient, subject: EngineSubject): Promise<void> {
    try {
        const { value } = await client.call({
            method: "POST",
            path: "/v1/images",
            body: { tag: subject.fullTag, digest: subject.digest },
            answer: imageList,
            limit: callLimits.addImage,
        });
        imageOf(value, subject);
    } catch (error) {
        if (error instanceof EngineError && (error.kind === "badRequest" || error.kind === "notFound")) {
            throw new IncompleteError(
                `the engine cannot fetch ${subject.fullTag}@${subject.digest}: ${error.brief}: ` +
                    "check that it was pushed and that the engine may read this registry",
            );
        }
        throw error;
    }
}

/** The one object that is the wanted image. */
function imageOf(images: readonly EngineImage[], { digest }: EngineSubject): EngineImage {
    const [image] = images;
    if (images.length !== 1 || image === undefined) {
        throw new IncompleteError(
            `the engine answers ${images.length} images for ${digest} instead of one: scan again, then look at its log`,
        );
    }
    if (image.imageDigest !== digest) {
        throw new IncompleteError(
            image.parentDigest === digest
                ? `${digest} is an index of several platforms, the engine scanned only ${oneLine(image.imageDigest)}: ` +
                      "build and scan one image per platform"
                : `the engine answers about another image: asked for ${digest}, got ${oneLine(image.imageDigest)}: ` +
                      "scan again, then look at the engine's log",
        );
    }
    return image;
}

/** The reason of a failed analysis from the engine's events; null when they do not tell. */
async function failureReason(client: EngineClient, subject: EngineSubject): Promise<string | null> {
    let events;
    try {
        const { value } = await client.call({
            method: "GET",
            path: "/v1/events",
            query: { event_type: "user.image.analysis.failed", resource_id: subject.fullTag, limit: "10" },
            answer: eventList,
        });
        events = value.results;
    } catch (error) {
        if (error instanceof EngineError) {
            return null;
        }
        throw error;
    }
    const event = events.find(
        ({ event: { type, details } }) =>
            type === "user.image.analysis.failed" && JSON.stringify(details ?? null).includes(subject.digest),
    )?.event;
    const said = (event?.details as { msg?: unknown } | null | undefined)?.msg;
    if (typeof said !== "string") {
        return null;
    }
    // The cause stands at the very end, in the log line of the tool that the engine ran.
    const cause = /level=fatal msg="(.*?)"(?:\\n|\s|')*(?:, error_code=|$)/s.exec(said)?.[1];
    return oneLine(cause ?? said);
}
