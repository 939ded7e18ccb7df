/** Images that a build runs or pulls beside the one that it makes: whose they are, how they are named, what they are given. */
import type { BuildspecAnalysis } from "./analysis";
import { hasOption, operands, optionValues } from "./arguments";
import type { CommandFinding } from "./commands";
import { containerRun, containerTools, globalOptions } from "./containerRun";
import { programName } from "./invocation";
import { standsFor } from "./standsFor";

export interface ImageUse {
    command: CommandFinding;
    /** With its variables put in, as far as they are certain. */
    image: string;
    /** `own`: of a private ECR registry, or made by this build; `unknown`: its name is in a variable. */
    owner: "own" | "other" | "unknown";
    /** `latest` and no tag at all are no pin either. */
    pinned: boolean;
    /** What the container is given that makes it the master of its host. */
    powers: string[];
}

/** Every container that a command of the build runs, and every image that it pulls. */
export function imageUses(analysis: BuildspecAnalysis): ImageUse[] {
    const made = new Set(
        analysis.deliveries.flatMap(({ kind, target }) =>
            target !== null && (kind === "build" || kind === "tag") ? [standsFor(target, analysis)] : [],
        ),
    );
    return analysis.commands.flatMap((command): ImageUse[] => {
        const { words } = command;
        if (!containerTools.has(programName(words[0]?.text ?? ""))) return [];
        const run = containerRun(words);
        const written = run?.image.text ?? pulled(command);
        if (written === null) return [];
        const image = standsFor(written, analysis);
        return [
            {
                command,
                image,
                owner: ownerOf(image, made),
                pinned: /@sha256:[0-9a-f]{64}$/i.test(image) || /@\$\{?\w+\}?$/.test(image),
                powers: run ? powersOf(run.options.map(({ text }) => standsFor(text, analysis))) : [],
            },
        ];
    });
}

function pulled({ words }: CommandFinding): string | null {
    let rest = words.slice(1 + globalOptions(words.slice(1)));
    if (rest[0]?.text === "image") rest = rest.slice(1);
    if (rest[0]?.text !== "pull" || hasOption(rest, "--help")) return null;
    return operands(rest.slice(1), ["--platform", "--authfile", "--creds"])[0]?.text ?? null;
}

function ownerOf(image: string, made: ReadonlySet<string>): ImageUse["owner"] {
    if (/\.dkr[.-]ecr[.-]/.test(image) || made.has(image)) return "own";
    if ([...made].some((name) => name.replace(/:[^/]*$/, "") === image.replace(/[:@][^/]*$/, "")))
        return "own";
    // `$REGISTRY/tool:1` may be anybody's; `docker.io/tool:$VERSION` is somebody's.
    return /^["']?\$/.test(image) ? "unknown" : "other";
}

/** A file or directory of the host in which the socket of its Docker lies. */
const socketPath =
    /^(?:\/|\/var|\/run|\/var\/run|(?:\/var)?\/run\/(?:docker|podman|containerd)(?:\/|\.sock|$).*)$/;

function powersOf(options: readonly string[]): string[] {
    const words = options.map((text) => ({ text, known: true }));
    const volumes = optionValues(words, "-v", "--volume").map((text) => text.split(":")[0] ?? "");
    const mounts = optionValues(words, "--mount").map(
        (text) => /(?:^|,)(?:source|src)=([^,]+)/.exec(text)?.[1] ?? "",
    );
    const joined = options.flatMap((text) => (/^-v./.test(text) ? [text.slice(2).split(":")[0] ?? ""] : []));
    const socket = [...volumes, ...mounts, ...joined].find((path) =>
        socketPath.test(path.replace(/(?<=.)\/$/, "")),
    );
    return [
        ...(socket === undefined ? [] : [`the Docker socket of the host (${socket})`]),
        ...(options.some((text) => /^--privileged(?:=true)?$/.test(text)) ? ["--privileged"] : []),
    ];
}
