/** The comment on a pull request: the same review always gives the same text. Pure. */
import type { ReviewSettings } from "./reviewSettings";
import { code, consoleLink, list, nothing, table } from "./markdown";
import type { Review, ReviewOutcome } from "./review";
import { isBad, type ReviewExecution, type StepState } from "./reviewExecution";
import { checkSection, imageSection } from "./reviewSections";

/** How much of each list, and of each text from outside, is shown. */
export interface Room {
    /** Rows of a table, entries of a list. */
    rows: number;
    /** Characters of one text. */
    text: number;
    /** Whether logs are linked. */
    links: boolean;
}

/** From the most to the least; the first that fits into the host's limit is taken. */
const rooms: readonly Room[] = [
    { rows: 100, text: 300, links: true },
    { rows: 50, text: 200, links: true },
    { rows: 25, text: 160, links: true },
    { rows: 15, text: 120, links: true },
    { rows: 10, text: 100, links: true },
    { rows: 5, text: 80, links: true },
    { rows: 2, text: 60, links: true },
    { rows: 0, text: 40, links: true },
    { rows: 0, text: 20, links: false },
];

const outcomeTexts: Readonly<Record<ReviewOutcome, string>> = {
    running: "in progress",
    passed: "passed",
    failed: "failed",
    unjudged: "could not be judged",
    stopped: "stopped",
    superseded: "superseded",
};

const stateTexts: Readonly<Record<StepState, string>> = {
    waiting: "waiting",
    running: "running",
    passed: "passed",
    failed: "**failed**",
    timedOut: "**timed out**",
    stopped: "**stopped**",
    fault: "**fault of AWS CodeBuild**",
    notRun: "not run",
};

/** What a state means for whoever reads it. */
const stateRemarks: Partial<Record<StepState, string>> = {
    timedOut: "it took longer than its project allows: see its log, then push again",
    stopped: "its build was stopped: push again to start a new review",
    fault: "AWS CodeBuild could not run it, which says nothing about the commit: retry the stage in CodePipeline, or push again",
};

const remarks: Partial<Record<ReviewOutcome, string>> = {
    unjudged:
        "Every step has ended, and what they left behind is no pass: see below and the logs. Push again to start a new review.",
    stopped: "Somebody stopped the review. Push again to start a new one.",
    superseded: "Another execution of the pipeline took the place of this one.",
};

/**
 * The first line of our comments on pull requests of an application, which no reader shows: a link definition that nothing
 * refers to. Together with the author it tells our comment from every other.
 */
export function commentMarker({ stack }: Pick<ReviewSettings, "stack">, application: string): string {
    return `[//]: # (portcullis-review ${stack}/${application})`;
}

/**
 * Renders the comment.
 * @param limit of the host, in bytes of UTF-8, which no way of counting characters exceeds.
 * @throws Error when not even the shortest text fits.
 */
export function renderReview(
    review: Review,
    settings: Pick<ReviewSettings, "stack" | "account">,
    pipeline: string,
    limit: number,
): string {
    for (const room of rooms) {
        const text = renderIn(room, review, settings, pipeline);
        if (Buffer.byteLength(text) <= limit) return text;
    }
    throw new Error(`the review of ${review.application} does not fit into a comment of ${limit} bytes`);
}

function renderIn(
    room: Room,
    review: Review,
    settings: Pick<ReviewSettings, "stack" | "account">,
    pipeline: string,
): string {
    const { application, execution, outcome, checks, image, isOpen } = review;
    const lines = [
        commentMarker(settings, application),
        "",
        `## Review of ${code(application, 63)}: ${outcomeTexts[outcome]}`,
        "",
        about(execution, settings, pipeline),
        "",
        ...(remarks[outcome] === undefined ? [] : [remarks[outcome], ""]),
        ...stepTable(execution, room),
        ...(outcome === "failed" && isOpen ? ["Other steps still run.", ""] : []),
        ...checks.flatMap((section) => checkSection(section, room)),
        ...(image === null ? [] : imageSection(image, room)),
        "This comment is edited in place while the review goes on.",
    ];
    return `${lines.join("\n")}\n`;
}

function about(
    { id, commit }: ReviewExecution,
    { account: { partition, region } }: Pick<ReviewSettings, "account">,
    pipeline: string,
): string {
    const hosts: Record<string, string> = {
        "aws-cn": "console.amazonaws.cn",
        "aws-us-gov": "console.amazonaws-us-gov.com",
    };
    const address =
        `https://${region}.${hosts[partition] ?? "console.aws.amazon.com"}/codesuite/codepipeline/pipelines/${pipeline}` +
        `/executions/${id}/timeline?region=${region}`;
    return `Commit ${code(commit ?? "", 40)}, ${consoleLink("pipeline execution", address)}`;
}

function stepTable({ steps }: ReviewExecution, { text, links }: Room): string[] {
    const told = steps.filter(
        ({ state, detail }) => stateRemarks[state] !== undefined || (isBad(state) && detail !== null),
    );
    return [
        ...table(["Step", "Result", "Log"], steps, steps.length, ({ name, state, log }) => [
            code(name, 100),
            stateTexts[state],
            links ? consoleLink("log", log) : nothing,
        ]),
        ...list(told, told.length, ({ name, state, detail }) => {
            const parts = [stateRemarks[state], detail === null ? undefined : code(detail, text)];
            return `${code(name, 100)}: ${parts.filter((part) => part !== undefined).join("; ")}`;
        }),
    ];
}
