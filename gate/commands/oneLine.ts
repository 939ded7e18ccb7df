/** Text from an image or a scanner without control characters, which could forge lines of a build log. */
export function inOneLine(text: string): string {
    return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
