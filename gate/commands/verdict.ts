import { loadScans } from "../evidence/scanEvidence";
import { jsonPieces } from "../report/jsonPieces";
import { judge } from "../verdict/verdict";
import { exitCode, UsageError, type Command } from "./command";
import {
    evidenceOptions,
    imageOption,
    policyOption,
    readApplication,
    readEvidence,
    readImage,
    readPolicy,
    readReportFolder,
    readStage,
    stageOption,
    writeFiles,
} from "./inputs";
import { printVerdict } from "./printVerdict";

/** `gate verdict`: judges an image by the recorded reports of all scanners that the policy requires. */
export const verdictCommand: Command = {
    usage:
        "gate verdict --image REPOSITORY@sha256:… --policy FILE " +
        "(--reports FOLDER | --evidence s3://BUCKET --application NAME --execution ID) [--stage STAGE] [--out FOLDER]",
    options: [
        imageOption,
        policyOption,
        stageOption,
        {
            name: "reports",
            value: "FOLDER",
            help: "folder in which, at any depth, the files report.json are",
        },
        ...evidenceOptions,
        { name: "out", value: "FOLDER", help: "gets verdict.json" },
    ],
    run: async (options, context) => {
        const { image, digest } = readImage(options);
        const folder = options.optional("reports");
        if ((folder === undefined) === (options.optional("evidence") === undefined)) {
            throw new UsageError("give either --reports FOLDER or --evidence s3://BUCKET");
        }
        const stage = readStage(options);
        const evidence = readEvidence(options, digest, stage);
        const application = readApplication(options);
        const out = options.optional("out");
        const policy = await readPolicy(options);
        const reports =
            evidence === null
                ? await readReportFolder(folder ?? "")
                : await loadScans(evidence.store, evidence.subject);
        const verdict = judge({ policy, stage, reports, digest, now: context.now(), application });
        if (out !== undefined) await writeFiles(out, { "verdict.json": jsonPieces(verdict, "reasons") });
        printVerdict(verdict, image, context);
        return exitCode[verdict.outcome];
    },
};
