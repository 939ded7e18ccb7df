/** Colours and layout of `policies.html`. Every pair of colours that meets on the page is listed, for the contrast test. */

export interface Palette {
    page: string;
    panel: string;
    text: string;
    quiet: string;
    line: string;
    link: string;
    focus: string;
    blocking: string;
    advice: string;
    inconclusive: string;
    exempted: string;
    good: string;
}

export const palettes: { light: Palette; dark: Palette } = {
    light: {
        page: "#ffffff",
        panel: "#f4f5f7",
        text: "#1b1f24",
        quiet: "#4b535d",
        line: "#747d88",
        link: "#0b57b0",
        focus: "#0b57b0",
        blocking: "#a40e26",
        advice: "#7a4a00",
        inconclusive: "#6b2fa8",
        exempted: "#0b57b0",
        good: "#0f6b2f",
    },
    dark: {
        page: "#14171a",
        panel: "#1f2429",
        text: "#eceff2",
        quiet: "#b3bcc6",
        line: "#7f8a96",
        link: "#8cc0ff",
        focus: "#8cc0ff",
        blocking: "#ff9a9a",
        advice: "#f0c060",
        inconclusive: "#d3b0ff",
        exempted: "#8cc0ff",
        good: "#7fdc9a",
    },
};

const words = ["text", "quiet", "link", "blocking", "advice", "inconclusive", "exempted", "good"] as const;

/** Foreground, background and the least ratio: WCAG 2.2, 1.4.3 for text and 1.4.11 for lines and the focus ring. */
export const contrastPairs: readonly [keyof Palette, keyof Palette, number][] = [
    ...words.flatMap((word): [keyof Palette, keyof Palette, number][] => [
        [word, "page", 4.5],
        [word, "panel", 4.5],
    ]),
    ["line", "page", 3],
    ["line", "panel", 3],
    ["focus", "page", 3],
    ["focus", "panel", 3],
];

const variables = (palette: Palette): string =>
    Object.entries(palette)
        .map(([name, colour]) => `--${name}:${colour};`)
        .join("");

/** One filter: what is hidden while a box is not ticked, or while a choice is made. */
export interface Filter {
    /** Id of the checkbox or radio button. */
    control: string;
    kind: "checkbox" | "radio";
    /** Class of the findings that the control stands for. */
    findings: string;
}

/** The style sheet. Filters work by `:has()`; a browser without it shows every finding. */
export function styleSheet(filters: readonly Filter[]): string {
    const hidden = filters.map(({ control, kind, findings }) =>
        kind === "checkbox"
            ? `main:has(#${control}:not(:checked)) .finding.${findings}{display:none}`
            : `main:has(#${control}:checked) .finding:not(.${findings}){display:none}`,
    );
    return [
        `:root{color-scheme:light dark;${variables(palettes.light)}}`,
        `@media (prefers-color-scheme:dark){:root{${variables(palettes.dark)}}}`,
        "*{box-sizing:border-box}",
        "html{scroll-padding-top:1rem}",
        "body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}",
        "header,nav,main,footer{max-width:72rem;margin:0 auto;padding:0 1rem}",
        "h1{font-size:1.5rem;line-height:1.25;margin:1rem 0 .5rem}",
        "h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}",
        "h3{font-size:1rem;margin:0 0 .25rem}",
        "a{color:var(--link)}",
        ":focus-visible{outline:3px solid var(--focus);outline-offset:2px}",
        ".skip{position:absolute;left:-100vw}.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem}",
        "code{font-family:ui-monospace,monospace;font-size:.9em}",
        "nav ul{list-style:none;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}",
        "nav a{display:inline-block;min-height:1.5rem}",
        "fieldset{border:1px solid var(--line);margin:0 0 .75rem;padding:.25rem .75rem .5rem;min-width:0}",
        "label{display:inline-flex;align-items:center;gap:.35rem;min-height:1.75rem;margin-right:1rem}",
        "input{width:1.1rem;height:1.1rem;accent-color:var(--link);flex:none}",
        ".findings{list-style:none;padding:0;margin:0}",
        ".finding{background:var(--panel);border:1px solid var(--line);border-left-width:.4rem;margin:0 0 .75rem;padding:.75rem}",
        ...(["blocking", "advice", "inconclusive", "exempted"] as const).map(
            (status) =>
                `.s-${status}{border-left-color:var(--${status})}.s-${status} .status{color:var(--${status})}`,
        ),
        ".status{font-weight:700}",
        ".pass{color:var(--good)}.fail,.notRun{color:var(--blocking)}",
        ".quiet{color:var(--quiet)}",
        "dl{display:grid;grid-template-columns:1fr;margin:0}",
        "dt{font-weight:600;color:var(--quiet)}dd{margin:0 0 .35rem;white-space:pre-line}",
        "@media (min-width:40rem){dl{grid-template-columns:8rem 1fr;gap:.15rem .75rem}dd{margin:0}}",
        ".scroll{overflow-x:auto;max-width:100%}",
        "table{border-collapse:collapse;width:100%}",
        "caption{text-align:left;font-weight:600;padding:.25rem 0}",
        "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}",
        "td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}",
        "summary{cursor:pointer;min-height:1.75rem;font-weight:600}",
        "footer{padding-bottom:2rem}",
        "@media print{fieldset,nav,.skip{display:none}.finding{break-inside:avoid}}",
        ...hidden,
    ].join("\n");
}
