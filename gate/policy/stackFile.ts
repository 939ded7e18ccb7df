import { isMap, isNode, parseDocument } from "yaml";

/** Where a stack's file (`Pulumi.<stack>.yaml`) holds the gate policy. */
const placeInStackFile = ["config", "portcullis:gatePolicy"];

/**
 * The text of the gate policy in a file: of a Pulumi stack file the policy within it, with blanks in place of what
 * stands before it, so that lines and columns stay those of the file; of any other file the whole text.
 */
export function policyTextOf(text: string): string {
    const document = parseDocument(text, { logLevel: "silent" });
    if (!isMap(document.contents) || !isMap(document.contents.get("config"))) return text;
    const policy: unknown = document.getIn(placeInStackFile, true);
    const [start, end] = (isNode(policy) ? policy.range : null) ?? [text.length, text.length];
    return text.slice(0, start).replace(/[^\n]/g, " ") + text.slice(start, end);
}
