/** BS-17: builds know who answers them. */
import { programName } from "../../buildspec/invocation";
import { scannerPrograms } from "../../buildspec/scanners";
import { standsFor } from "../../buildspec/standsFor";
import {
    isPlainAddress,
    scannerAddresses,
    unverifiedConnection,
    unverifiedSetting,
} from "../../buildspec/unverifiedConnection";
import type { BuildspecAnalysis } from "../../buildspec/analysis";
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { projectType, projectVariables } from "../../pipeline/project";
import { commandLabel, onCommands } from "./onBuildspec";
import { verifiedConnectionsExamples } from "./verifiedConnections.examples";

export const verifiedConnections: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-17",
        family: "buildspec",
        title: "Builds verify who answers: sources, tools and scanners over TLS",
        rationale:
            "Without TLS, or with its verification switched off, whoever sits on the way answers for the scanner and says that the image is clean, or gives the build another source and another tool.",
        severity: "high",
        remediation:
            "Use `https://` for the scanner's address, take out `--insecure`, `-k` and the like, and give the programs the certificate authority of internal services instead.",
        references: ["NIST SP 800-190 4.2.1"],
    },
    types: [projectType],
    evaluate: (project, configuration) => {
        const own = [...ofSources(project), ...ofVariables(project, configuration)];
        const ofCommands = onCommands(project, (analysis, property) =>
            ofBuildspec(analysis, property, configuration),
        );
        const silent = ofCommands.every(({ kind }) => kind === "pass" || kind === "notApplicable");
        return own.length > 0 && silent ? own : [...own, ...ofCommands];
    },
    examples: verifiedConnectionsExamples,
};

const verify = "Leave verification on; give the program the certificate authority of the service.";
const encrypt = "Use https:// with verification on.";

/** `source.insecureSsl`: nobody looks who gives the source. */
function ofSources(project: ResourceReader): Outcome[] {
    const secondary = project.list("secondarySources");
    const readings = [
        project.boolean("source", "insecureSsl"),
        ...(secondary.kind === "known" ? secondary.value.map((source) => source.boolean("insecureSsl")) : []),
    ];
    return readings.flatMap((reading): Outcome[] => {
        const { property } = reading;
        if (reading.kind === "unknown")
            return [
                inconclusive(reading, "whether the source is fetched with verification is not known yet"),
            ];
        if (reading.kind === "absent" || (reading.kind === "known" && !reading.value)) return [];
        return [
            violation(
                `${property} ${reading.kind === "known" ? "is true" : reading.why}: the source is fetched from whoever answers.`,
                "Remove insecureSsl or set it to false.",
                { findingId: property },
            ),
        ];
    });
}

/** Words that make the variable one of a scanner's address. */
function isAboutScanner(text: string, configuration: PackConfiguration): boolean {
    const lower = text.toLowerCase();
    return (
        /scan(?:ner|ning)?(?:[_\W]|$)/.test(lower) ||
        configuration.scannerNames.some((name) => lower.includes(name.toLowerCase()))
    );
}

function ofVariables(project: ResourceReader, configuration: PackConfiguration): Outcome[] {
    const variables = projectVariables(project);
    if (!Array.isArray(variables))
        return [
            inconclusive({ property: variables.unknown }, "the variables of the project are not known yet"),
        ];
    return variables.flatMap(({ name, value, type, property }): Outcome[] => {
        if (type !== "PLAINTEXT" && type !== null) return [];
        if (value === null)
            return isAboutScanner(name, configuration) && /UR[LI]|ENDPOINT|SERVER|HOST|ADDRESS/i.test(name)
                ? [inconclusive({ property }, `whether ${name} begins with https:// is not known yet`)]
                : [];
        return problemOf(name, value, configuration).map(({ what, fix }) =>
            violation(`${property}: ${what}.`, fix, { findingId: name }),
        );
    });
}

function problemOf(
    name: string,
    value: string,
    configuration: PackConfiguration,
): { what: string; fix: string }[] {
    const setting = unverifiedSetting(name, value);
    if (setting !== null) return [{ what: setting, fix: verify }];
    if (!isPlainAddress(value) || !isAboutScanner(`${name} ${value}`, configuration)) return [];
    return [
        {
            what: `${name} is the address of a scanner without TLS: anybody on the way can answer for it`,
            fix: encrypt,
        },
    ];
}

function ofBuildspec(
    analysis: BuildspecAnalysis,
    property: string,
    configuration: PackConfiguration,
): Outcome[] {
    const set = [
        ...Object.entries(analysis.buildspec?.env.variables ?? {}).map(([name, value]) => ({
            name,
            value,
            label: `env.variables.${name}`,
        })),
        ...analysis.assignments.map(({ name, value, phase }) => ({
            name,
            value: standsFor(value.text, analysis),
            label: `${phase}: ${name}`,
        })),
        ...analysis.commands.flatMap(({ environment, phase }) =>
            [...environment].map(([name, value]) => ({ name, value, label: `${phase}: ${name}` })),
        ),
    ];
    const bySetting = set.flatMap(({ name, value, label }) =>
        problemOf(name, value, configuration).map(({ what, fix }) => ({ what, fix, label })),
    );
    const byCommand = analysis.commands.flatMap((command) => {
        const label = commandLabel(command);
        const found = unverifiedConnection(command);
        if (found !== null) return [{ what: found, fix: verify, label }];
        const plain = plainScannerAddress(command.words.map(({ text }) => standsFor(text, analysis)), configuration); // prettier-ignore
        return plain ? [{ what: "it asks a scanner without TLS: anybody on the way can answer for it", fix: encrypt, label }] : []; // prettier-ignore
    });
    const unique = new Map([...bySetting, ...byCommand].map((each) => [`${each.label}|${each.what}`, each]));
    return [...unique].map(([findingId, { what, fix, label }]) =>
        violation(`${property}, ${label}: ${what}.`, fix, { findingId }),
    );
}

/** A scanner that is given an `http://` address, or a request to one. */
function plainScannerAddress(texts: readonly string[], configuration: PackConfiguration): boolean {
    const [program = "", ...rest] = texts;
    const name = programName(program);
    if (name === "echo" || name === "printf") return false;
    const words = rest.map((text) => ({ text, known: true }));
    const scanner = scannerPrograms.has(name) || rest.some((text) => scannerPrograms.has(programName(text)));
    if (scanner && scannerAddresses(words).some(isPlainAddress)) return true;
    return rest.some((text) => isPlainAddress(text) && isAboutScanner(text, configuration));
}
