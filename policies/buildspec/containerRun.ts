/** `docker run [options] IMAGE [arguments]`: which image runs, with which arguments. */
import { programName, type Argument } from "./invocation";

export const containerTools = new Set(["docker", "podman", "nerdctl", "finch"]);

/** Options of `docker run` without a value; every other option takes the next word (Docker CLI reference, run). */
const flags = new Set(
    "-d --detach --disable-content-trust --help --init -i --interactive --no-healthcheck --oom-kill-disable --privileged -P --publish-all -q --quiet --read-only --rm --sig-proxy -t --tty".split(
        " ",
    ),
);

export interface ContainerRun {
    image: Argument;
    /** Options before the image. */
    options: Argument[];
    arguments: Argument[];
    detached: boolean;
    /** Another program than the image's own is started. */
    entrypoint: string | null;
}

/** Null when the words do not run a container. */
export function containerRun(words: readonly Argument[]): ContainerRun | null {
    if (!containerTools.has(programName(words[0]?.text ?? ""))) return null;
    let index = 1 + globalOptions(words.slice(1));
    if (words[index]?.text === "container") index++;
    const command = words[index]?.text;
    if (command !== "run" && command !== "create") return null;
    // What is only created is started by somebody else, if at all.
    let detached = command === "create";
    let entrypoint: string | null = null;
    const first = index + 1;
    for (index++; index < words.length; index++) {
        const text = words[index]?.text ?? "";
        if (!text.startsWith("-")) break;
        if (/^-[a-z]*d[a-z]*$/.test(text) || text === "--detach" || text === "--detach=true") detached = true;
        if (text.startsWith("--entrypoint")) entrypoint = text.split("=")[1] ?? words[index + 1]?.text ?? "";
        const combined = /^-[ditPq]+$/.test(text);
        if (!text.includes("=") && !flags.has(text) && !combined) index++;
    }
    const image = words[index];
    if (!image) return null;
    return {
        image,
        options: words.slice(first, index),
        arguments: words.slice(index + 1),
        detached,
        entrypoint,
    };
}

/** How many words the global options of docker take, before its command. */
export function globalOptions(words: readonly Argument[]): number {
    let index = 0;
    while (words[index]?.text.startsWith("-")) {
        const text = words[index]?.text ?? "";
        index +=
            !text.includes("=") &&
            /^(?:-H|--host|-c|--context|--config|-l|--log-level|--tlscacert|--tlscert|--tlskey|--builder)$/.test(
                text,
            )
                ? 2
                : 1;
    }
    return index;
}
