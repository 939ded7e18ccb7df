/** Which projects ask a scanner that runs as a service in the own network. */
import type { BuildspecAnalysis } from "../../buildspec/analysis";
import { optionValue } from "../../buildspec/arguments";
import { gateWords } from "../../buildspec/gateCommand";
import { programName } from "../../buildspec/invocation";
import { standsFor } from "../../buildspec/standsFor";
import type { PackConfiguration } from "../../harness/configuration";
import type { ResourceReader } from "../../harness/reader";
import { projectBuildspec, projectVariables } from "../../pipeline/project";

export type ScannerService =
    | { kind: "internal"; address: string }
    /** It asks one, and where that is, is not known yet. */
    | { kind: "unknown"; property: string; why: string }
    | { kind: "none" };

/** Addresses that only exist inside a network: private names and numbers, internal load balancers, names without a dot. */
function isInternal(address: string): boolean {
    const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/?#]+)/i.exec(address)?.[1] ?? "";
    return (
        /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host) ||
        /\.(?:internal|local|lan|intranet|corp|private)$/i.test(host) ||
        /^internal-.*\.elb\.(?:[\w-]+\.)?amazonaws\.com/i.test(host) ||
        (/^[a-z][\w-]*$/i.test(host) && host !== "localhost")
    );
}

const addressName = /UR[LI]$|ENDPOINT|SERVER|HOST|ADDRESS/i;

/** What the project's variables and commands say about the scanner that it asks. */
export function scannerService(project: ResourceReader, configuration: PackConfiguration): ScannerService {
    const aboutScanner = (text: string): boolean =>
        /scanner/i.test(text) ||
        configuration.scannerNames.some((name) => text.toLowerCase().includes(name.toLowerCase()));
    const variables = projectVariables(project);
    let open: ScannerService = { kind: "none" };
    for (const { name, value, property } of Array.isArray(variables) ? variables : []) {
        if (!addressName.test(name) || !aboutScanner(`${name} ${value ?? ""}`)) continue;
        if (value === null)
            open = { kind: "unknown", property, why: `where ${name} leads to is not known yet` };
        else if (isInternal(value)) return { kind: "internal", address: value };
    }
    const buildspec = projectBuildspec(project);
    if (buildspec.kind !== "inline") return open;
    const found = addressesOf(buildspec.analysis).find(isInternal);
    if (found !== undefined) return { kind: "internal", address: found };
    const named = Object.entries(buildspec.analysis.variables).find(
        ([name, value]) => addressName.test(name) && aboutScanner(`${name} ${value}`) && isInternal(value),
    );
    return named ? { kind: "internal", address: named[1] } : open;
}

/** Addresses that commands give to clients of a scanner. */
function addressesOf(analysis: BuildspecAnalysis): string[] {
    return analysis.commands.flatMap((command) => {
        const words = gateWords(command.words);
        const options: Record<string, string[]> = {
            "anchore-cli": ["--url"],
            anchorectl: ["--url", "-u"],
            trivy: ["--server"],
            gate: ["--anchore-url"],
        };
        const own = options[programName(words[0]?.text ?? "")] ?? [];
        return own.flatMap((option) => {
            const address = optionValue(words, option);
            return address ? [standsFor(address, analysis)] : [];
        });
    });
}
