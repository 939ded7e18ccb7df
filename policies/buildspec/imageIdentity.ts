/**
 * Which names of a buildspec mean the same image: tags of one build, `docker tag`, archives made of it, lists of its packages.
 * Answers whether what a scanner looks at is what a command pushes (BS-09).
 */
import type { BuildspecAnalysis, DeliveryFinding, ScannerFinding } from "./analysis";
import { hasOption, operands, optionValue, optionValues } from "./arguments";
import { containerTools, globalOptions } from "./containerRun";
import { programName, type Argument } from "./invocation";
import { standsFor } from "./standsFor";

export type Sameness = "same" | "other" | "unknown";

/** Scanners that ask a registry for the image: what the build's own Docker holds under the name is not what they see. */
const registryScanners = new Set(["lacework", "aws", "anchore-cli", "anchorectl"]);
const schemes =
    /^(?:docker|registry|podman|docker-daemon|docker-archive|oci-archive|oci-dir|oci|containers-storage|sbom|singularity):(?:\/\/)?/;

export class ImageIdentities {
    private readonly parents = new Map<string, string>();
    private readonly pushed: string[];

    constructor(private readonly analysis: BuildspecAnalysis) {
        for (const { words, redirects } of analysis.commands) {
            const output = redirects.find(({ operator }) => operator.startsWith(">"))?.target;
            for (const [first, ...others] of sameImages(words, output))
                if (first !== undefined) for (const other of others) this.unite(first, other);
        }
        this.pushed = analysis.deliveries.flatMap(({ kind, target }) =>
            kind === "push" && target !== null ? [this.reference(target)] : [],
        );
    }

    /** Whether the scanner looks at what the delivery takes to a registry. */
    compare(scanner: ScannerFinding, delivery: DeliveryFinding): Sameness {
        const subjects = [...(scanner.target === null ? [] : [scanner.target]), ...scanner.reportOf];
        const written = delivery.kind === "copy" ? delivery.source : delivery.target;
        if (subjects.length === 0 || written === null) return "unknown";
        const pushed = this.reference(written);
        const answers = subjects.map((subject) =>
            this.compareOne(this.reference(spaced(scanner.tool, subject)), pushed, scanner.tool),
        );
        if (answers.includes("same")) return "same";
        return answers.includes("unknown") ? "unknown" : "other";
    }

    private compareOne(scanned: string, pushed: string, tool: string): Sameness {
        const byRegistry = registryScanners.has(tool);
        const candidates = byRegistry ? this.pushed.filter((name) => sameName(scanned, name)) : [scanned];
        if (candidates.some((name) => this.find(name) === this.find(pushed))) return "same";
        // `docker push --all-tags`
        if (!/[@]|:[^/]*$/.test(withoutDefault(pushed)) && repository(scanned) === repository(pushed)) return "same"; // prettier-ignore
        const [ours, theirs] = [digest(scanned), digest(pushed)];
        if (ours !== null && theirs !== null) return ours === theirs ? "same" : unlike(ours, theirs);
        if (ours !== null && repository(scanned) === repository(pushed)) return "same";
        if (sameName(scanned, pushed)) return "same";
        if (repository(scanned) === repository(pushed)) return unlike(tag(scanned), tag(pushed));
        return mayBe(scanned, pushed) || mayBe(pushed, scanned) ? "unknown" : "other";
    }

    private reference(text: string): string {
        const plain = standsFor(text, this.analysis).replace(schemes, "").replace(/^\.\//, "");
        if (/@|\.(?:tar|tgz|json|xml)(?:\.gz)?$/.test(plain) || /^\$\{?\w+\}?$/.test(plain)) return plain;
        return /:[^/]*$/.test(plain.replace(/\$\{[^}]*\}/g, "")) ? plain : `${plain}:latest`;
    }

    private find(name: string): string {
        let root = name;
        for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root))
            root = parent;
        return root;
    }

    private unite(a: string, b: string): void {
        const [first, second] = [this.find(this.reference(a)), this.find(this.reference(b))];
        if (first !== second) this.parents.set(first, second);
    }
}

/** Groups of names that the command makes to mean the same. */
function sameImages(words: readonly Argument[], output: string | undefined): string[][] {
    const name = programName(words[0]?.text ?? "");
    const texts = (from: readonly Argument[], valued: readonly string[] = []): string[] =>
        operands(from, valued).map(({ text }) => text);
    if (containerTools.has(name) || name === "buildah") {
        let rest = words.slice(1 + globalOptions(words.slice(1)));
        if (["image", "builder", "buildx"].includes(rest[0]?.text ?? "")) rest = rest.slice(1);
        const command = rest[0]?.text ?? "";
        const own = rest.slice(1);
        if (["build", "bud", "b"].includes(command)) return [optionValues(own, "-t", "--tag")];
        if (command === "tag") return [texts(own)];
        if (command === "save") return [[...texts(own, ["-o", "--output"]), optionValue(own, "-o", "--output") ?? output ?? ""].filter((each) => each !== "")]; // prettier-ignore
        return [];
    }
    if (name === "syft") {
        const formatted = optionValues(words, "-o", "--output").flatMap((text) => text.split("=")[1] ?? []);
        const file = optionValue(words, "--file") ?? formatted[0] ?? output;
        const [first, second] = texts(words.slice(1), ["-o", "--output", "--file", "-c", "--config", "--scope", "-s"]); // prettier-ignore
        const subject = first === "scan" || first === "packages" ? second : first;
        return subject !== undefined && file !== undefined ? [[subject, file]] : [];
    }
    if (name === "skopeo" && words[1]?.text === "copy") {
        const [from = "", to = ""] = texts(words.slice(2));
        return hasOption(words, "--all") || !from.includes(":") || to.startsWith("docker://")
            ? []
            : [[from, to]];
    }
    return [];
}

/** `lacework … scan REGISTRY REPOSITORY TAG` names the image in three words. */
function spaced(tool: string, subject: string): string {
    const parts = subject.split(/\s+/);
    if (tool !== "lacework" || parts.length < 3) return subject;
    const [registry = "", name = "", version = ""] = parts;
    return `${registry}/${name}${version.startsWith("sha256:") ? "@" : ":"}${version}`;
}

const digest = (reference: string): string | null =>
    reference.includes("@") ? reference.slice(reference.indexOf("@") + 1).replace(/[{}]/g, "") : null;
const tag = (reference: string): string => /:([^/:}]+\}?)$/.exec(reference)?.[1] ?? "latest";
const withoutDefault = (reference: string): string => reference.replace(/:latest$/, "");

function repository(reference: string): string {
    const plain = reference.replace(/@.*$/s, "");
    return plain.replace(/:[^/:]*$/, "");
}

/** The same repository and tag, where one of them has no registry before it. */
function sameName(a: string, b: string): boolean {
    const host = /^[^/]*[.:$][^/]*\//;
    return a === b || a.replace(host, "") === b || b.replace(host, "") === a || (a.replace(host, "") === b.replace(host, "") && /^(?:index\.)?docker\.io\//.test(`${a}${b}`)); // prettier-ignore
}

/** Two texts that are not the same: certainly different values, or perhaps not. */
function unlike(a: string, b: string): Sameness {
    // One is written out, the other changes from build to build: they are not two names of one thing.
    return a.includes("$") && b.includes("$") ? "unknown" : "other";
}

/** Whether the variables of `pattern` can be such that it becomes `text`. */
function mayBe(pattern: string, text: string): boolean {
    if (!pattern.includes("$")) return false;
    const expression = pattern
        .split(/\$\{?\w+\}?/)
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("[^\\s]*");
    return new RegExp(`^${expression}$`).test(text);
}
