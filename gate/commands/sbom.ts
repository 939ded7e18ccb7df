import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { serializeSbomReport, storeSbom } from "../sbom/sbomEvidence";
import { readSbomFile } from "../sbom/sbomFile";
import type { SbomReport } from "../sbom/sbomReport";
import { exitCode, IncompleteWorkError, type Command, type CommandContext } from "./command";
import { evidenceOptions, imageOption, readEvidence, readImage, writeFiles } from "./inputs";
import { inOneLine } from "./oneLine";

/** `gate sbom`: judges whether a bill of materials is one of this image, and records it. */
export const sbomCommand: Command = {
    usage: "gate sbom --image REPOSITORY@sha256:… --report FILE --out FOLDER [--evidence …]",
    options: [
        { ...imageOption, help: "image that it has to be of, always by digest" },
        { name: "report", value: "FILE", help: "CycloneDX JSON, from syft --output cyclonedx-json" },
        { name: "out", value: "FOLDER", help: "gets raw.json and report.json" },
        ...evidenceOptions,
    ],
    run: async (options, context) => {
        const { image, digest } = readImage(options);
        const path = options.required("report");
        const out = options.required("out");
        const evidence = readEvidence(options, digest, "test");
        const report = readSbomFile(path, { image, digest, now: context.now() });
        await writeFiles(out, { "report.json": serializeSbomReport(report) });
        const kept = join(out, "raw.json");
        if (report.raw !== null) await keep(path, kept);
        printSbom(report, context);
        if (!report.complete) return exitCode.incomplete;
        if (evidence === null) return exitCode.pass;
        try {
            await storeSbom(evidence.store, evidence.subject, { report, rawPath: kept });
            return exitCode.pass;
        } catch (error) {
            context.complain(`gate: ${inOneLine((error as Error).message)}`);
            return exitCode.incomplete;
        }
    },
};

/** @throws IncompleteWorkError */
async function keep(path: string, place: string): Promise<void> {
    await copyFile(path, place).catch((error: Error) => {
        throw new IncompleteWorkError(`${place} cannot be written (${error.message})`);
    });
}

function printSbom(
    { subject, tool, distribution, components, ...report }: SbomReport,
    { print }: CommandContext,
): void {
    const image = inOneLine(subject.image);
    if (!report.complete) {
        print(`INCOMPLETE: the bill of materials of ${image} cannot be used`);
        for (const reason of report.incompleteReasons) print(`  ${inOneLine(reason)}`);
        return;
    }
    const counts = Object.entries(components.byType).map(([type, count]) => `${count} ${type}`);
    const by = [tool?.name, tool?.version].filter(Boolean).join(" ");
    const on = [distribution?.name, distribution?.version].filter(Boolean).join(" ");
    print(inOneLine(`PASS: ${image} has a bill of materials by ${by}: ${on}, ${counts.join(", ")}`));
}
