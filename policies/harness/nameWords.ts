/** Words in names, for rules that have to guess what a thing is for. */

/** Lower-case words of the texts: `Anchore-engine` gives `anchore` and `engine`, `buildGroup` gives `build` and `group`. */
export function wordsOf(...texts: readonly (string | undefined)[]): Set<string> {
    const words = texts
        .flatMap((text) => (text ?? "").replace(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/))
        .filter((word) => word !== "")
        .map((word) => word.toLowerCase());
    return new Set(words);
}

/** True when any of the words is among those of the texts. */
export function hasWord(words: readonly string[], ...texts: readonly (string | undefined)[]): boolean {
    const present = wordsOf(...texts);
    return words.some((word) => present.has(word.toLowerCase()));
}
