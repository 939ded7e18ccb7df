/** What a build leaves behind about an image: reports, lists of packages, statements about its making (BS-19). */
import type { BuildspecAnalysis } from "./analysis";
import { hasOption, optionValue, optionValues } from "./arguments";
import { awsCommand } from "./awsCall";
import type { CommandFinding } from "./commands";
import { containerRun, containerTools } from "./containerRun";
import { gateWords } from "./gateCommand";
import { programName } from "./invocation";
import { standsFor } from "./standsFor";

/** Calls that give a report to a place that outlives the build. */
const storing = new Set(["s3api put-object", "securityhub batch-import-findings", "ssm put-parameter", "dynamodb put-item", "lambda invoke"]); // prettier-ignore

/** Whether the command hands a file to somebody who keeps it. */
function stores({ words }: CommandFinding): boolean {
    const name = programName(words[0]?.text ?? "");
    const call = awsCommand(words);
    if (call !== null) {
        const texts = words.map(({ text }) => text);
        if (/^s3 (?:cp|mv|sync)$/.test(call)) return /^s3:|^\$/.test(texts.filter((text) => !text.startsWith("-")).at(-1) ?? ""); // prettier-ignore
        return storing.has(call);
    }
    if (name === "curl")
        return words.some(({ text }) => /^(?:-[a-zA-Z]*[FTd]|--form|--upload-file|--data(?:-\w+)?)(?:=|$|.*@)/.test(text)); // prettier-ignore
    return (name === "oras" && ["push", "attach"].includes(words[1]?.text ?? "")) || (name === "cosign" && /^attest|^attach/.test(words[1]?.text ?? "")); // prettier-ignore
}

export type ReportKeeping =
    /** `console`: no scanner writes a file; `lost`: a file that goes with the build. */
    "kept" | "console" | "lost";

/** What becomes of the reports of the scanners. Only asked of a buildspec that has scanners. */
export function reportKeeping(analysis: BuildspecAnalysis): ReportKeeping {
    const { buildspec, scanners, commands } = analysis;
    if (scanners.some(({ gate }) => gate?.evidence !== null && gate?.evidence !== undefined)) return "kept";
    const teed = commands.some(({ words, pipedFrom }) => programName(words[0]?.text ?? "") === "tee" && scanners.some(({ text }) => pipedFrom?.[0] !== undefined && text.includes(pipedFrom[0].text))); // prettier-ignore
    const writes =
        teed ||
        scanners.some(({ writes: file, tool }) => file !== null || tool === "container" || tool === "gate") ||
        buildspec?.reports.length !== 0;
    if (!writes) return "console";
    const declared = buildspec && (buildspec.reports.length > 0 || buildspec.artifacts.files.length > 0 || buildspec.artifacts.names.length > 0); // prettier-ignore
    return declared || commands.some(stores) ? "kept" : "lost";
}

/** An SBOM or a provenance statement that a command makes; `subject` null when the command does not name the image. */
export interface Statement {
    subject: string | null;
}

/** Every command that says what an image is made of, or how it was made. */
export function statements(analysis: BuildspecAnalysis): Statement[] {
    return analysis.commands.flatMap((command): Statement[] => {
        const words = gateWords(command.words);
        const name = programName(words[0]?.text ?? "");
        const texts = words.map(({ text }) => text);
        const subject = texts.slice(1).find((text) => /[/:@]/.test(text) && !text.startsWith("-") && !/^(?:s3|https?|file):/.test(text)); // prettier-ignore
        const found = { subject: subject === undefined ? null : standsFor(subject, analysis) };
        const run = containerRun(words);
        const inside = run ? `${run.image.text} ${run.arguments.map(({ text }) => text).join(" ")}` : "";
        switch (name) {
            case "syft":
            case "cdxgen":
            case "bom":
                return [found];
            case "cosign":
                return /^attest$|^attach$/.test(texts[1] ?? "") ? [found] : [];
            case "gate":
                return texts[1] === "sbom" ? [{ subject: standsFor(optionValue(words, "--image") ?? "", analysis) || null }] : []; // prettier-ignore
            case "trivy":
                return texts[1] === "sbom" || !/^(?:cyclonedx|spdx(?:-json)?|github)$/.test(optionValue(words, "--format", "-f") ?? "") ? [] : [found]; // prettier-ignore
            case "anchorectl":
            case "oras":
                return texts.includes("sbom") || (name === "oras" && texts[1] === "attach") ? [found] : [];
            default:
                if (!containerTools.has(name) && name !== "buildctl") return [];
                if (/\bsyft\b|--format[= ](?:cyclonedx|spdx)/.test(inside) || texts[1] === "sbom" || (texts[1] === "scout" && texts[2] === "sbom")) return [found]; // prettier-ignore
                return attested(words) ? [found] : [];
        }
    });
}

/** `docker buildx build --provenance=mode=max --sbom=true`. */
function attested(words: CommandFinding["words"]): boolean {
    const on = (option: string): boolean => hasOption(words, option) && !/^false$/.test(optionValue(words, option) ?? ""); // prettier-ignore
    return on("--provenance") || on("--sbom") || optionValues(words, "--attest").some((text) => !/disabled=true/.test(text)); // prettier-ignore
}
