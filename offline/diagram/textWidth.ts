/**
 * How wide a text is drawn. There is no font at hand when the picture is made, so widths are those of a wide sans-serif
 * (Verdana is wider, Arial narrower than this table); a text that fits here fits in the usual system fonts.
 */

const narrow = new Set("iIjl.,:;'|!`()[]{}tfr -/");
const broad = new Set("mwMW@%—…×→");

/** Width in em of one character. */
function widthOf(character: string): number {
    if (narrow.has(character)) {
        return 0.36;
    }
    if (broad.has(character)) {
        return 0.92;
    }
    if (/[A-Z0-9_]/.test(character)) {
        return 0.66;
    }
    if (/\p{Mark}/u.test(character)) {
        return 0;
    }
    return (character.codePointAt(0) ?? 0) < 0x250 ? 0.56 : 1.05;
}

/** Width in pixels of a text at a font size in pixels. Bold text is about a twentieth wider. */
export function textWidth(text: string, size: number, bold = false): number {
    let em = 0;
    for (const character of text) {
        em += widthOf(character);
    }
    return em * size * (bold ? 1.05 : 1);
}

/** The text, or its beginning and an ellipsis, no wider than `room` pixels. Empty when not even that fits. */
export function fitText(text: string, room: number, size: number, bold = false): string {
    if (textWidth(text, size, bold) <= room) {
        return text;
    }
    const characters = [...text];
    while (characters.length > 0) {
        characters.pop();
        const shortened = `${characters.join("").trimEnd()}…`;
        if (textWidth(shortened, size, bold) <= room) {
            return shortened;
        }
    }
    return "";
}
