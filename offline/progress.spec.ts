import assert from "node:assert/strict";
import { colourful, createProgress } from "./progress";

function stream(isTTY: boolean): { written: string[]; stream: NodeJS.WriteStream } {
    const written: string[] = [];
    const fake = { isTTY, columns: 40, write: (text: string) => written.push(text) > 0 };
    return { written, stream: fake as unknown as NodeJS.WriteStream };
}

describe("progress", () => {
    it("writes plain lines without a terminal, and no passing ones", () => {
        const { written, stream: out } = stream(false);
        const progress = createProgress(out);
        progress.step("one");
        progress.step("2 of 3", true);
        progress.end();
        assert.deepEqual(written, ["offline: one\n"]);
    });

    it("clears its line on a terminal", () => {
        const { written, stream: out } = stream(true);
        const progress = createProgress(out);
        progress.step("one");
        progress.end();
        assert.equal(written.at(-1), "\r\u001b[2K");
    });

    it("is colourful only on a terminal and without NO_COLOR", () => {
        const before = process.env["NO_COLOR"];
        const terminal = process.env["TERM"];
        try {
            delete process.env["NO_COLOR"];
            process.env["TERM"] = "xterm";
            assert.equal(colourful(stream(true).stream), true);
            assert.equal(colourful(stream(false).stream), false);
            process.env["NO_COLOR"] = "1";
            assert.equal(colourful(stream(true).stream), false);
        } finally {
            for (const [name, value] of [
                ["NO_COLOR", before],
                ["TERM", terminal],
            ] as const) {
                if (value === undefined) delete process.env[name];
                else process.env[name] = value;
            }
        }
    });
});
