/** Progress on standard error: lines, or on a terminal one line that replaces itself. */
import { styleText } from "node:util";

export interface Progress {
    /** `passing` steps are shown on a terminal only. */
    step(text: string, passing?: boolean): void;
    /** Clears the moving line. */
    end(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** True when text on the stream may carry colour: a terminal, and `NO_COLOR` is not set (https://no-color.org). */
export function colourful(stream: NodeJS.WriteStream): boolean {
    return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
    if (stream.isTTY !== true || process.env["TERM"] === "dumb") {
        return {
            step: (text, passing = false) => {
                if (!passing) {
                    stream.write(`offline: ${text}\n`);
                }
            },
            end: () => undefined,
        };
    }
    let current = "";
    let frame = 0;
    const draw = () => {
        frame = (frame + 1) % frames.length;
        const mark = colourful(stream) ? styleText("cyan", frames[frame]!) : frames[frame]!;
        stream.write(`\r\x1b[2K${mark} ${current.slice(0, Math.max(10, (stream.columns || 80) - 3))}`);
    };
    const timer = setInterval(draw, 100);
    timer.unref();
    return {
        // Drawing is left to the timer: hundreds of resources may register within one frame.
        step: (text) => {
            current = text;
        },
        end: () => {
            clearInterval(timer);
            stream.write("\r\x1b[2K");
        },
    };
}
