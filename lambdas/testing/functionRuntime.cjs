// Stands in for Lambda's Node.js runtime in a process of its own: loads the handler as `_HANDLER` names it, then calls it
// once for each message. The environment is the function's; nothing of the tests gets in but the clock.
const { join } = require("node:path");

// What `require` of the product may not see.
const taskRoot = process.env.LAMBDA_TASK_ROOT;
const RealDate = Date;
let offset = 0;

globalThis.Date = class Date extends RealDate {
    constructor(...values) {
        if (values.length === 0) super(RealDate.now() + offset);
        else super(...values);
    }
    static now() {
        return RealDate.now() + offset;
    }
};

// Pauses between the repetitions of a call are chance up to a bound that grows; here chance makes them short.
const chance = Math.random;
Math.random = () => chance() / 1000;
const timers = require("node:timers/promises");
const pause = timers.setTimeout;
timers.setTimeout = (milliseconds, ...rest) => pause(Math.min(milliseconds, 2), ...rest);

const describe = (error) => ({
    errorType: error?.name ?? typeof error,
    errorMessage: String(error?.message ?? error),
    stackTrace: String(error?.stack ?? "").split("\n"),
});

let handler;
let initError = null;
const load = () => {
    if (handler !== undefined || initError !== null) return;
    try {
        const [file, name] = process.env._HANDLER.split(".");
        handler = require(join(taskRoot, `${file}.cjs`))[name];
        if (typeof handler !== "function") throw new Error(`${process.env._HANDLER} is not a function`);
        // Node 24 on Lambda does not call handlers back any more.
        if (handler.length > 2) throw new Error(`${process.env._HANDLER} wants a callback`);
    } catch (error) {
        initError = describe(error);
    }
};

// The log travels on other pipes than the answer: this line ends it on both.
const reply = (answer) => {
    process.stdout.write("\0\n");
    process.stderr.write("\0\n");
    process.send(answer);
};

process.on("message", async ({ event, context, now, trace }) => {
    offset = now - RealDate.now();
    process.env._X_AMZN_TRACE_ID = trace;
    load();
    if (initError !== null) return reply({ error: initError });
    const deadline = RealDate.now() + context.timeoutMilliseconds;
    try {
        const result = await handler(event, {
            ...context,
            callbackWaitsForEmptyEventLoop: true,
            getRemainingTimeInMillis: () => Math.max(0, deadline - RealDate.now()),
        });
        // What Lambda would send on has to be JSON.
        reply({ result: result === undefined ? null : JSON.parse(JSON.stringify(result)) });
    } catch (error) {
        reply({ error: describe(error) });
    }
});
process.send({ ready: true });
