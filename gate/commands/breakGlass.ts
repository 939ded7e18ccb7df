import { randomUUID } from "node:crypto";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mostHours, overrideSchema, whyNotOpen, type Override } from "../admission/breakGlass";
import { readOverrides, UnreadableOverridesError, type OverridesRead } from "../admission/readOverrides";
import { OverrideError, revokeOverride, writeOverride } from "../admission/writeOverride";
import { digestPattern } from "../approval/foreignJson";
import { tableClient } from "../approval/readApprovals";
import {
    exitCode,
    IncompleteWorkError,
    UsageError,
    type Command,
    type CommandContext,
    type CommandOptions,
} from "./command";
import { inOneLine } from "./oneLine";
import { textTable } from "./textTable";

/** Name of a table (Amazon DynamoDB API reference, `CreateTable`, TableName). */
const tablePattern = /^[A-Za-z0-9_.-]{3,255}$/;

const hour = 3_600_000;

/** `gate break-glass`: lets one digest run for some hours without an approval, and tells who did; lists and ends that. */
export const breakGlassCommand: Command = {
    usage: "gate break-glass --table TABLE (--digest sha256:… --application NAME --reason TEXT --hours N | --list | --revoke ID)",
    options: [
        { name: "table", value: "TABLE", help: "break-glass table, in the region of the environment" },
        {
            name: "digest",
            value: "sha256:…",
            help: "image that may run; of --list: those of this image alone",
        },
        { name: "application", value: "NAME", help: "application in whose production service it may run" },
        { name: "reason", value: "TEXT", help: "why, in 20 characters or more; everybody will read it" },
        { name: "hours", value: "N", help: `for how long: more than 0, at most ${mostHours}` },
        { name: "list", value: null, help: "show overrides, and change nothing" },
        { name: "revoke", value: "ID", help: "end this override of --digest now" },
    ],
    run: async (options, context) => {
        const table = options.required("table");
        if (!tablePattern.test(table)) throw new UsageError(`--table "${table}" is not the name of a table`);
        try {
            if (options.isSet("list")) return await list(table, options, context);
            const id = options.optional("revoke");
            return id === undefined
                ? await issue(table, options, context)
                : await revoke(table, id, options, context);
        } catch (error) {
            if (error instanceof OverrideError || error instanceof UnreadableOverridesError) {
                context.print(`NOT DONE: ${inOneLine(error.message)}`);
                return exitCode.incomplete;
            }
            throw error;
        }
    },
};

async function issue(table: string, options: CommandOptions, context: CommandContext): Promise<number> {
    const digest = digestIn(options) ?? options.required("digest");
    const hours = options.required("hours");
    if (!/^\d{1,2}(\.\d{1,2})?$/.test(hours) || !(Number(hours) > 0 && Number(hours) <= mostHours)) {
        throw new UsageError(`--hours "${hours}" is not more than 0 and at most ${mostHours}`);
    }
    const now = context.now();
    const given = {
        id: randomUUID(),
        application: options.required("application"),
        digest,
        reason: inOneLine(options.required("reason")).trim(),
        // Checked with everything else before AWS is asked who calls.
        who: "unknown",
        issuedAt: now.toISOString(),
        until: new Date(now.getTime() + Number(hours) * hour).toISOString(),
    };
    const checked = overrideSchema.safeParse(given);
    if (!checked.success) {
        const [problem] = checked.error.issues;
        throw new UsageError(`--${problem?.path.join(".")} ${problem?.message}`);
    }
    const override: Override = { ...checked.data, who: await caller() };
    await writeOverride(tableClient(), table, override);
    const { application, until, who, id } = override;
    context.print(inOneLine(`BREAK GLASS: ${digest} of ${application} may run until ${until}`));
    context.print(inOneLine(`  by ${who}: ${override.reason}`));
    context.print(`  override ${id} in table ${table}`);
    context.print("What follows:");
    context.print("  The image must lie in the application's production repository; no other is admitted.");
    context.print(
        "  Deploy it now. Using the override raises an alarm, and a finding where Security Hub is on,",
    );
    context.print("  and both stay for as long as the image runs without an ordinary approval.");
    context.print(
        "  When it ends, what runs goes on running and is reported as unapproved; nothing new of it starts.",
    );
    context.print(`  To end it before: gate break-glass --table ${table} --digest ${digest} --revoke ${id}`);
    return exitCode.pass;
}

async function revoke(
    table: string,
    id: string,
    options: CommandOptions,
    context: CommandContext,
): Promise<number> {
    const digest = digestIn(options) ?? options.required("digest");
    for (const name of ["application", "reason", "hours"]) {
        if (options.flags.has(name)) throw new UsageError(`--${name} does not go with --revoke`);
    }
    const client = tableClient();
    const { overrides } = await readOverrides(client, { table, digest });
    const override = overrides.find((one) => one.id === id);
    if (override === undefined) {
        context.print(inOneLine(`REFUSED: table ${table} has no override ${id} of ${digest}; see --list`));
        return exitCode.fail;
    }
    const now = context.now();
    const ended = whyNotOpen(override, now);
    if (ended !== null) {
        context.print(inOneLine(`REFUSED: the override ${id} ${ended}; there is nothing to end`));
        return exitCode.fail;
    }
    const { revoked } = await revokeOverride(client, table, override, {
        at: now.toISOString(),
        by: await caller(),
    });
    context.print(
        inOneLine(`REVOKED: the override ${id} of ${digest} ended at ${revoked?.at} by ${revoked?.by}`),
    );
    context.print(
        "  What runs goes on running and is reported as unapproved; deploy an approved image over it.",
    );
    return exitCode.pass;
}

async function list(table: string, options: CommandOptions, context: CommandContext): Promise<number> {
    const now = context.now();
    const { overrides, damaged }: OverridesRead = await readOverrides(tableClient(), {
        table,
        digest: digestIn(options) ?? null,
    });
    const rows = overrides
        .toSorted((a, b) => Date.parse(b.issuedAt) - Date.parse(a.issuedAt) || (a.id < b.id ? -1 : 1))
        .map((one) => [
            whyNotOpen(one, now) === null ? "OPEN" : one.revoked === undefined ? "over" : "revoked",
            one.until,
            one.application,
            one.id,
            `${one.digest} by ${one.who}: ${one.reason}`,
        ]);
    const open = rows.filter(([state]) => state === "OPEN").length;
    context.print(`${rows.length} overrides in table ${table}, ${open} of them open`);
    for (const line of textTable([
        ["state", "until", "application", "override", "what, who and why"],
        ...rows,
    ]))
        context.print(line);
    for (const line of damaged) context.print(`DAMAGED: ${inOneLine(line)}`);
    return damaged.length === 0 ? exitCode.pass : exitCode.incomplete;
}

/** @throws UsageError */
function digestIn(options: CommandOptions): string | undefined {
    const digest = options.optional("digest");
    if (digest !== undefined && !digestPattern.test(digest)) {
        throw new UsageError(`--digest "${digest}" is not sha256: and 64 lower-case hexadecimal digits`);
    }
    return digest;
}

/** The ARN under which AWS knows whoever runs this: nobody can write down somebody else here. */
async function caller(): Promise<string> {
    const client = new STSClient({ maxAttempts: 3 });
    try {
        const { Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
        if (arn === undefined || arn === "") throw new Error("the answer names nobody");
        return arn;
    } catch (error) {
        const { name, message } = error as Error;
        throw new IncompleteWorkError(
            `AWS STS does not say who you are (${name}: ${message}); sign in, then try again`,
        );
    } finally {
        client.destroy();
    }
}
