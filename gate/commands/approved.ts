import { setTimeout as sleep } from "node:timers/promises";
import { approvedRecord, type ApprovalAnswer, type ApprovalQuery } from "../approval/approvedRecord";
import { uuidPattern } from "../approval/foreignJson";
import { readApprovals, tableClient, UnreadableTableError } from "../approval/readApprovals";
import { exitCode, UsageError, type Command, type CommandContext } from "./command";
import { imageOption, readApplication, readImage, readTimeout } from "./inputs";
import { inOneLine } from "./oneLine";

/** Name of a table (Amazon DynamoDB API reference, `CreateTable`, TableName). */
const tablePattern = /^[A-Za-z0-9_.-]{3,255}$/;

/** Seconds between two questions while an answer is not on record yet, and the longest that can be asked for. */
const pauseSeconds = 5;
const longestTimeoutSeconds = 1_800;

/**
 * Asks the table, again while a request waits for its answer: CodePipeline goes on as soon as it has the gate's answer,
 * and the gate writes it down after that.
 */
async function askTable(
    { table, timeoutSeconds }: { table: string; timeoutSeconds: number },
    query: ApprovalQuery,
    now: CommandContext["now"],
): Promise<ApprovalAnswer> {
    const client = tableClient();
    const deadline = now().getTime() + timeoutSeconds * 1_000;
    for (;;) {
        const answer = approvedRecord(await readApprovals(client, { table, digest: query.digest }), query);
        const left = deadline - now().getTime();
        if (answer.kind === "approved" || answer.why !== "undecided" || left <= 0) return answer;
        await sleep(Math.min(pauseSeconds * 1_000, left));
    }
}

/** `gate approved`: passes only where the approval table says that the gate approved this digest. */
export const approvedCommand: Command = {
    usage: "gate approved --table TABLE --image REPOSITORY@sha256:… --application NAME [--execution ID] [--timeout SECONDS]",
    options: [
        { name: "table", value: "TABLE", help: "approval table, in the region of the environment" },
        { ...imageOption, help: "image that must have been approved, always by digest" },
        { name: "application", value: "NAME", help: "application that it must have been approved for" },
        {
            name: "execution",
            value: "ID",
            help: "pipeline execution that it must have been approved in; any unless given",
        },
        {
            name: "timeout",
            value: "SECONDS",
            help: "how long to wait for an answer that is being written; not at all unless given",
        },
    ],
    run: async (options, context) => {
        const table = options.required("table");
        if (!tablePattern.test(table)) throw new UsageError(`--table "${table}" is not the name of a table`);
        const { image, digest } = readImage(options);
        options.required("application");
        const application = readApplication(options) ?? "";
        const execution = options.optional("execution");
        if (execution !== undefined && !uuidPattern.test(execution))
            throw new UsageError(`--execution "${execution}" is not the id of a pipeline execution`);
        const timeoutSeconds =
            options.optional("timeout") === undefined ? 0 : readTimeout(options, 0, longestTimeoutSeconds);
        try {
            const query = { application, digest, ...(execution === undefined ? {} : { execution }) };
            const answer = await askTable({ table, timeoutSeconds }, query, context.now);
            if (answer.kind === "refused") {
                const isOpen = answer.why === "undecided";
                context.print(`${isOpen ? "NOT JUDGED" : "REFUSED"}: ${inOneLine(answer.reason)}`);
                return isOpen ? exitCode.incomplete : exitCode.fail;
            }
            const { decision, request } = answer.record;
            context.print(
                inOneLine(
                    `APPROVED: ${image} of ${application} by ${decision.decidedBy} at ${decision.decidedAt} ` +
                        `in the pipeline execution ${request.subject?.execution}`,
                ),
            );
            return exitCode.pass;
        } catch (error) {
            if (!(error instanceof UnreadableTableError)) throw error;
            context.print(`NOT JUDGED: ${inOneLine(error.message)}`);
            return exitCode.incomplete;
        }
    },
};
