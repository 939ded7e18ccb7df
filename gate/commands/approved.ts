import { approvedRecord } from "../approval/approvedRecord";
import { uuidPattern } from "../approval/foreignJson";
import { readApprovals, tableClient, UnreadableTableError } from "../approval/readApprovals";
import { exitCode, UsageError, type Command } from "./command";
import { imageOption, readApplication, readImage } from "./inputs";
import { inOneLine } from "./oneLine";

/** Name of a table (Amazon DynamoDB API reference, `CreateTable`, TableName). */
const tablePattern = /^[A-Za-z0-9_.-]{3,255}$/;

/** `gate approved`: passes only where the approval table says that the gate approved this digest. */
export const approvedCommand: Command = {
    usage: "gate approved --table TABLE --image REPOSITORY@sha256:… --application NAME [--execution ID]",
    options: [
        { name: "table", value: "TABLE", help: "approval table, in the region of the environment" },
        { ...imageOption, help: "image that must have been approved, always by digest" },
        { name: "application", value: "NAME", help: "application that it must have been approved for" },
        {
            name: "execution",
            value: "ID",
            help: "pipeline execution that it must have been approved in; any unless given",
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
        try {
            const answer = approvedRecord(await readApprovals(tableClient(), { table, digest }), {
                application,
                digest,
                ...(execution === undefined ? {} : { execution }),
            });
            if (answer.kind === "refused") {
                context.print(`REFUSED: ${inOneLine(answer.reason)}`);
                return exitCode.fail;
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
