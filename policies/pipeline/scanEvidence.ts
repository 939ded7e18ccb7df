/**
 * Is this action a scan that can stop the pipeline? Strongest evidence first: Inspector with thresholds; a project whose
 * commands are proven to fail the build; a declared scanner whose commands cannot be read. Never the name.
 */
import { tamperingBefore, type BuildspecAnalysis, type ScannerFinding } from "../buildspec/analysis";
import { switchedOn } from "../buildspec/scannerUse";
import type { PackConfiguration } from "../harness/configuration";
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import type { PipelineAction } from "./pipelineModel";
import {
    actionVariables,
    asRunBy,
    commandsAnalysis,
    gateRole,
    projectBuildspec,
    projectType,
    projectVariables,
    type EnvironmentVariable,
} from "./project";
import { tamperedVariable, variableDoubt } from "./tamperedVariable";

export type ScanEvidence =
    /** `stages`: for which the gate records what it finds, see `gate scan --stage`; empty for other scanners. */
    | { kind: "proven"; how: string; stages: string[] }
    /** Declared by tag, and the commands cannot be read from here. */
    | { kind: "declared"; why: string; property: string }
    | { kind: "unclear"; why: string; property: string }
    | { kind: "none"; why: string };

/** Values of `gate:role` that declare a scan project. */
const scannerRoles = new Set(["scan", "scanner"]);

/** From the action's own properties: can it be a scan at all? The stack half proves it. */
export function mayBeScan(action: PipelineAction, configuration: PackConfiguration): boolean {
    if (action.provider === "InspectorScan") return inspectorScan(action).kind !== "none";
    if (action.category === "Test") return true;
    if (action.category === "Invoke") return action.provider !== "CodePipeline";
    if (action.category !== "Build" && action.category !== "Compute") return false;
    const project = action.configuration.string("ProjectName");
    const name = `${action.name} ${project.kind === "known" ? project.value : ""}`.toLowerCase();
    return configuration.scannerNames.some((scanner) => name.includes(scanner.toLowerCase()));
}

/** What proves that the action scans, over the whole stack. */
export function scanEvidence(action: PipelineAction, graph: StackGraph): ScanEvidence {
    if (action.provider === "InspectorScan") return inspectorScan(action);
    if (action.provider === "Commands") {
        const commands = action.reader.strings("commands");
        if (commands.kind !== "known" || commands.value.unknownCount > 0)
            return {
                kind: "unclear",
                why: "its commands are not known yet",
                property: `${action.property}.commands`,
            };
        return commandsEvidence(commandsAnalysis(commands.value.values), [], `${action.property}.commands`);
    }
    if (action.provider !== "CodeBuild")
        return { kind: "none", why: `provider ${action.provider} is no scanner` };
    const name = action.configuration.string("ProjectName");
    if (name.kind !== "known")
        return {
            kind: "unclear",
            why: "its project is not known yet",
            property: `${action.property}.configuration.ProjectName`,
        };
    const reference = graph.referenceOfValue(name.value, name.property, [projectType]);
    if (reference.kind === "external")
        return {
            kind: "declared",
            why: `project ${name.value} is declared to be outside the stack`,
            property: name.property,
        };
    if (reference.kind !== "exact")
        return { kind: "none", why: `there is no project ${name.value} in the stack` };
    return projectEvidence(
        asRunBy(action, reference.resource),
        actionVariables(action.configuration),
        action.property,
    );
}

function inspectorScan(action: PipelineAction): ScanEvidence {
    const mode = action.configuration.string("InspectorRunMode");
    if (mode.kind === "unknown")
        return { kind: "unclear", why: "its run mode is not known yet", property: mode.property };
    if (mode.kind !== "known" || mode.value !== "ECRImageScan")
        return { kind: "none", why: "InspectorScan does not run in mode ECRImageScan" };
    for (const threshold of ["CriticalThreshold", "HighThreshold"]) {
        const value = action.configuration.number(threshold);
        if (value.kind === "unknown")
            return { kind: "unclear", why: `${threshold} is not known yet`, property: value.property };
        if (value.kind !== "known")
            return { kind: "none", why: `InspectorScan has no ${threshold}, so it only reports` };
    }
    return { kind: "proven", how: "InspectorScan with thresholds", stages: [] };
}

/** What proves that the project scans; `overrides` are the pipeline action's variables. */
export function projectEvidence(
    project: ResourceReader,
    overrides: EnvironmentVariable[] | { unknown: string },
    property: string,
): ScanEvidence {
    const buildspec = projectBuildspec(project);
    if (buildspec.kind === "unknown")
        return {
            kind: "unclear",
            why: `the buildspec of ${project.name} is not known yet`,
            property: buildspec.property,
        };
    if (buildspec.kind !== "inline") {
        const what = buildspec.kind === "file" ? `file ${buildspec.path} of its source` : buildspec.arn;
        if (scannerRoles.has(gateRole(project) ?? ""))
            return {
                kind: "declared",
                why: `${project.name} is declared a scanner, but its buildspec is ${what}`,
                property: buildspec.property,
            };
        return { kind: "none", why: `the buildspec of ${project.name} is ${what}, which proves nothing` };
    }
    const own = projectVariables(project);
    const variables = [own, overrides].flatMap((list) => (Array.isArray(list) ? list : []));
    const digests = Array.isArray(overrides) ? overrides.filter(({ name }) => /digest/i.test(name)) : [];
    const evidence = commandsEvidence(buildspec.analysis, variables, buildspec.property, digests);
    const hidden = [own, overrides].find((list) => !Array.isArray(list));
    if (evidence.kind === "proven" && hidden && !Array.isArray(hidden))
        return { kind: "unclear", why: "its environment variables cannot be read", property: hidden.unknown };
    return evidence.kind === "none"
        ? { ...evidence, why: `${project.name}: ${evidence.why}` }
        : { ...evidence, ...(evidence.kind === "proven" ? {} : { property: evidence.property || property }) };
}

function commandsEvidence(
    analysis: BuildspecAnalysis,
    variables: EnvironmentVariable[],
    property: string,
    /** Variables by which the pipeline says what to scan. */
    digests: EnvironmentVariable[] = [],
): ScanEvidence {
    if (analysis.errors.length > 0)
        return { kind: "none", why: `its buildspec cannot be read (${analysis.errors[0] ?? ""})` };
    const [doubt] = analysis.unreadable;
    // A process of its own cannot take the exit status of another command away.
    const shellDoubt = analysis.unreadable.find(({ scope }) => scope === "shell") ?? variableDoubt(variables);
    const images = analysis.scanners.filter((scanner) => scanner.subject === "image");
    const judged = images.map((scanner) => ({
        scanner,
        evidence: scannerEvidence(scanner, variables, property, analysis, digests),
    }));
    const proven = judged.flatMap(({ evidence }) => (evidence.kind === "proven" ? [evidence] : []));
    if (proven[0] && shellDoubt)
        return { kind: "unclear", why: `${shellDoubt.reason}: ${shortened(shellDoubt.text)}`, property };
    if (proven[0]) return { ...proven[0], stages: proven.flatMap(({ stages }) => stages) };
    const unclear = judged.find(({ evidence }) => evidence.kind === "unclear");
    if (unclear) return unclear.evidence;
    if (images.length === 0 && doubt)
        return { kind: "unclear", why: `${doubt.reason}: ${shortened(doubt.text)}`, property };
    return (
        judged.at(-1)?.evidence ?? { kind: "none", why: "none of its commands is a recognised image scanner" }
    );
}

function scannerEvidence(
    scanner: ScannerFinding,
    variables: EnvironmentVariable[],
    property: string,
    analysis: BuildspecAnalysis,
    digests: EnvironmentVariable[],
): ScanEvidence {
    const command = shortened(scanner.text);
    const off = (why: string): ScanEvidence => ({ kind: "none", why: `${command}: ${why}` });
    const tampering = tamperingBefore(analysis, scanner) ?? tamperedVariable(variables);
    if (tampering) return off(`it need not be what runs: ${tampering.reason}`);
    if (scanner.failing.kind === "no") return off(scanner.failing.why);
    if (scanner.swallowed) return off("its exit status is lost");
    if (scanner.skippable) return off("the build can end well without it");
    if (scanner.inFinally) return off("it runs in finally");
    if (scanner.onFailure === "CONTINUE") return off("its phase goes on after a failure");
    const other = otherSubject(scanner, digests, {
        ...analysis.buildspec?.env.variables,
        ...plainValues(variables),
    });
    if (other !== null)
        return off(`it looks at ${other}, not at what ${digests.map(({ name }) => name).join(", ")} names`);
    if (scanner.failing.kind === "unknown")
        return { kind: "unclear", why: `${command}: ${scanner.failing.why}`, property };
    for (const variable of variables.filter((each) => scanner.switches.includes(each.name))) {
        if (variable.value === null || variable.type !== "PLAINTEXT" || variable.value.includes("#{"))
            return {
                kind: "unclear",
                why: `${command}: ${variable.name} is not known here and can switch it off`,
                property: variable.property,
            };
        if (switchedOn(variable.value)) return off(`the variable ${variable.name} switches its failing off`);
    }
    const stage = scanner.gate?.stage;
    return { kind: "proven", how: command, stages: stage ? [stage] : [] };
}

/** Variables whose value is written out. */
function plainValues(variables: readonly EnvironmentVariable[]): Record<string, string> {
    return Object.fromEntries(
        variables.flatMap(({ name, value, type }) =>
            value !== null && type === "PLAINTEXT" && !value.includes("#{") ? [[name, value]] : [],
        ),
    );
}

/**
 * A subject that is written out in full although the pipeline hands over a digest, which it does not mention; null when
 * there is none. What is in a variable of unknown value may be the digest.
 */
function otherSubject(
    scanner: ScannerFinding,
    digests: readonly EnvironmentVariable[],
    known: Record<string, string>,
): string | null {
    if (digests.length === 0) return null;
    const subjects = [...(scanner.target === null ? [] : [scanner.target]), ...scanner.reportOf];
    const literal = subjects.filter((subject) => {
        const names = [...subject.matchAll(/\$\{?(\w+)\}?/g)].map(([, name]) => name ?? "");
        if (names.some((name) => !Object.hasOwn(known, name) || /digest/i.test(name))) return false;
        const full = subject.replace(/\$\{?(\w+)\}?/g, (_, name: string) => known[name] ?? "");
        return !full.includes("$") && !digests.some(({ value }) => value && full.includes(value));
    });
    return literal[0] ?? null;
}

/** One line of at most 100 characters. */
export function shortened(text: string): string {
    const line = text.replace(/\s*\\?\n\s*/g, " ").trim();
    return line.length > 100 ? `${line.slice(0, 97)}…` : line;
}
