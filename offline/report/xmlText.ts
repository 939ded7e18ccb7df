/** Escaping for XML 1.0: used by the JUnit report and the diagram. */

/** Replaces what XML 1.0 cannot hold at all: control characters, half surrogate pairs, U+FFFE and U+FFFF. */
function legal(text: string): string {
    // With the flag `u`, \p{Surrogate} matches only halves that stand alone.
    // eslint-disable-next-line no-control-regex
    return text.replace(/\p{Surrogate}|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, "\ufffd");
}

/** Text between tags. `>` is escaped too, because `]]>` may not stand in text. */
export function xmlText(text: string): string {
    return legal(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An attribute value with its quotes. Line breaks and tabs are kept as references; a parser would make them blanks. */
export function xmlAttribute(text: string | number): string {
    const escaped = xmlText(String(text))
        .replaceAll('"', "&quot;")
        .replaceAll("'", "&#39;")
        .replaceAll("\t", "&#9;")
        .replaceAll("\n", "&#10;")
        .replaceAll("\r", "&#13;");
    return `"${escaped}"`;
}
