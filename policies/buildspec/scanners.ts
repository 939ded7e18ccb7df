/**
 * The scanners and judges that the rules recognise: by themselves, through `node gate.cjs`, or in a container. When each
 * of them fails the build is written beside its name; a tool that only lists findings never counts.
 */
import { operands, optionValue } from "./arguments";
import { containerRun } from "./containerRun";
import { gateCommand, gateWords } from "./gateCommand";
import { grypeValued, imageScanners, scout } from "./imageScanners";
import { programName, type Argument, type Invocation } from "./invocation";
import { no, use, type Environment, type Recognised, type Recogniser, type ScannerUse } from "./scannerUse";
import { substituted } from "./standsFor";
import { sourceScanners } from "./sourceScanners";
import { weaknesses } from "./weaknesses";

const recognisers: Record<string, Recogniser> = { gate: gateCommand, ...imageScanners, ...sourceScanners };

/** Images that carry a scanner as their own program. */
const scannerImages: [RegExp, string][] = [
    [/(?:^|\/)aquasec(?:urity)?\/trivy(?:[:@]|$)|(?:^|\/)trivy(?:[:@]|$)/, "trivy"],
    [/(?:^|\/)grype(?:[:@]|$)/, "grype"],
    [/(?:^|\/)hadolint(?:[:@]|$)/, "hadolint"],
    [/(?:^|\/)gitleaks(?:[:@]|$)/, "gitleaks"],
    [/(?:^|\/)trufflehog(?:[:@]|$)/, "trufflehog"],
    [/(?:^|\/)dockle(?:[:@]|$)/, "dockle"],
    [/(?:^|\/)checkov(?:[:@]|$)/, "checkov"],
    [/(?:^|\/)anchore\/engine-cli(?:[:@]|$)/, "anchore-cli"],
    [/(?:^|\/)anchorectl(?:[:@]|$)/, "anchorectl"],
    [/(?:^|\/)lacework-inline-scanner(?:[:@]|$)|(?:^|\/)lw-scanner(?:[:@]|$)/, "lw-scanner"],
    [/(?:^|\/)lacework-cli(?:[:@]|$)/, "lacework"],
];
const scannerOf = (image: string): string | undefined =>
    scannerImages.find(([pattern]) => pattern.test(image))?.[1];
const reportOnlyImages = /(?:^|\/)accuknox[\w-]*(?:[/:@]|$)|accuknox-container-scan/;

/** Programs whose name, as an argument of something not understood, makes that something suspicious. */
export const scannerPrograms: ReadonlySet<string> = new Set([
    ...Object.keys(recognisers).filter((name) => name !== "aws"),
    "gate.cjs",
]);

/** The scanner or judge that a command is, or null. `environment` answers for variables set in the buildspec itself. */
export function scannerUse(invocation: Invocation, environment: Environment): ScannerUse | null {
    const words = gateWords(invocation.words);
    const tool = programName(words[0]?.text ?? "");
    const read: Environment = (name) => invocation.environment.get(name) ?? environment(name);
    const output = invocation.redirects.findLast(
        ({ operator, descriptor }) =>
            /^(?:>|>>|>\||&>|&>>)$/.test(operator) && (descriptor === "" || descriptor === "1"),
    );
    const plain = containerRun(words);
    const image = plain && { ...plain.image, text: substituted(plain.image.text, read) };
    const run = plain && image && { ...plain, image };
    const inside = run ? (scannerOf(run.image.text) ?? programName(run.arguments[0]?.text ?? "")) : tool;
    const own = run ? run.arguments : words.slice(1);
    const finish = (found: Recognised, name: string): ScannerUse | null =>
        found && {
            ...found,
            tool: name,
            writes: output?.target ?? fileOption(inside, own),
            weaknesses: weaknesses(inside, own, read),
        };
    if (tool === "docker" && words[1]?.text === "scout") return finish(scout(words.slice(2)), "docker scout");
    if (run) return finish(containerised(run, read), "container");
    const recogniser = Object.hasOwn(recognisers, tool) ? recognisers[tool] : undefined;
    if (!recogniser) return null;
    if (tool === "grype" && listedPackages(own)) {
        const listed = syftSubject(invocation.pipedFrom);
        if (listed !== null) return finish(recogniser([...words, listed], read), tool);
    }
    return finish(recogniser(words, read), tool);
}

/** `grype` reads its input where no operand names anything else. */
function listedPackages(words: readonly Argument[]): boolean {
    return operands(words, grypeValued).every(({ text }) => text === "-" || text === "sbom:-");
}

/** What `syft IMAGE -o json |` lists the packages of; null for files and where something else is piped. */
function syftSubject(pipedFrom: readonly Argument[] | null): Argument | null {
    if (programName(pipedFrom?.[0]?.text ?? "") !== "syft") return null;
    const valued = ["-o", "--output", "--file", "-c", "--config", "--scope", "-s", "--platform", "--from"];
    const names = operands(pipedFrom?.slice(1) ?? [], valued);
    return (/^(?:scan|packages)$/.test(names[0]?.text ?? "") ? names[1] : names[0]) ?? null;
}

/** The file that a scanner writes, by its own options. */
function fileOption(tool: string, words: readonly Argument[]): string | null {
    if (tool === "gitleaks") return optionValue(words, "--report-path", "-r") ?? null;
    if (tool !== "grype") return optionValue(words, "--output", "-o") ?? null;
    const formatted = optionValue(words, "--output", "-o") ?? "";
    return (
        optionValue(words, "--file") ??
        (formatted.includes("=") ? formatted.slice(formatted.indexOf("=") + 1) : null)
    );
}

function containerised(
    run: NonNullable<ReturnType<typeof containerRun>>,
    environment: Environment,
): Recognised {
    const image = run.image.text;
    if (reportOnlyImages.test(image)) {
        const unjudged = no(
            "the container writes a report and nothing judges it",
            "Judge the report with gate scan.",
        );
        const last = run.arguments.at(-1)?.text ?? "-";
        return use("image", unjudged, { target: last.startsWith("-") ? null : last });
    }
    // An image of any name may run a scanner that its arguments name.
    const named = programName(run.arguments[0]?.text ?? "");
    const tool = scannerOf(image) ?? (scannerPrograms.has(named) ? named : undefined);
    if (!tool) return null;
    const own = named === tool ? run.arguments.slice(1) : run.arguments;
    const found = recognisers[tool]?.([{ text: tool, known: true }, ...own], environment) ?? null;
    if (!found) return null;
    if (run.detached)
        return {
            ...found,
            failing: no("a detached container reports nothing to the build", "Run it without --detach."),
        };
    if (run.entrypoint)
        return {
            ...found,
            failing: { kind: "unknown", why: `another entry point runs (${run.entrypoint})` },
        };
    return found;
}
