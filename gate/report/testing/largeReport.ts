/** A large document in pieces, to be written to a file or read as a stream. */
export type LargeDocument = () => Iterable<Uint8Array>;

/** What a large report is made of: the text before its list, entries by number, and the text after. */
export interface LargeReport {
    /** Text up to and with the bracket that opens the list. */
    head: string;
    /** One entry of the list. */
    entry: (number: number) => string;
    /** Text from the bracket that closes the list on. */
    tail: string;
}

const pieceBytes = 1024 * 1024;

/** A report with this many entries. */
export function withEntries({ head, entry, tail }: LargeReport, count: number): LargeDocument {
    return function* () {
        let text = head;
        for (let number = 0; number < count; number += 1) {
            text += `${number === 0 ? "" : ","}${entry(number)}`;
            if (text.length > pieceBytes) {
                yield Buffer.from(text);
                text = "";
            }
        }
        yield Buffer.from(text + tail);
    };
}

/** A report with as many entries as make it at least this large. @param bytes in bytes. */
export function ofSize(report: LargeReport, bytes: number): LargeDocument {
    let count = 0;
    for (let size = report.head.length; size < bytes; count += 1)
        size += Buffer.byteLength(report.entry(count)) + 1;
    return withEntries(report, count);
}

/** Documents of about the given size with which a reader could be made to run out of memory or time. */
export function hostileDocuments(
    { head, tail }: LargeReport,
    bytes: number,
): Readonly<Record<string, LargeDocument>> {
    const filled = (before: string, filling: string, after: string): LargeDocument =>
        function* () {
            const piece = Buffer.from(filling.repeat(Math.ceil(pieceBytes / filling.length)));
            yield Buffer.from(before);
            for (let written = 0; written < bytes; written += piece.length) yield piece;
            yield Buffer.from(after);
        };
    return {
        "many tiny entries": filled(head, "0,", `0${tail}`),
        "many empty entries": filled(head, "{},", `{}${tail}`),
        "one entry of many tiny values": filled(`${head}[`, "[],", `0]${tail}`),
        "one giant string in an entry": filled(`${head}{"description":"`, "x", `"}${tail}`),
        "one giant string of escapes": filled(`${head}{"description":"`, "\\u00e9", `"}${tail}`),
        "one giant key": filled(`${head}{"`, "x", `":0}${tail}`),
        "one giant number": filled(`${head}`, "1", tail),
        "many keys in one entry": filled(`${head}{"a":0`, ',"a":0', `}${tail}`),
        "deeply nested entries": filled(head, "[", `${"]".repeat(10)}${tail}`),
        "deeply nested objects": filled("", '{"a":', "0"),
        "only opening brackets": filled("", "[", ""),
        "only spaces": filled("", " ", ""),
        "spaces within the list": filled(head, " ", tail),
        "spaces after the end": filled(`${head}${tail}`, " ", ""),
        "nothing but zero bytes": filled("", "\0", ""),
        "many unknown keys around the list": filled("{", '"key":[],', '"key":0}'),
    };
}
