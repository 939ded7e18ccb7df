/** The command line of `npm start`. */
import { parseArgs } from "node:util";
import type { RunResult } from "./model";

export interface CommandOptions {
    stack: string;
    mode: RunResult["mode"];
    json: boolean;
    strict: boolean;
    /** Undefined = `portcullis-report`. */
    out: string | undefined;
    /** Null = run without policies; undefined = the project's pack. */
    policyPack: string | null | undefined;
    /** File with levels and settings of policies. */
    policyConfig: string | undefined;
    cwd: string | undefined;
    help: boolean;
}

/** A command line that cannot be run; one line. */
export class UsageError extends Error {}

export const usage = `Usage: npm start -- [options]

Runs the Pulumi program and its policy pack without an AWS account, without credentials and without the Pulumi CLI.
It is a simulation: nothing is created and AWS is not asked.

  --stack NAME         stack to run: reads Pulumi.NAME.yaml (default dev)
  --update             simulate an update, with ids and computed values, instead of a preview
  --strict             a rule that could not decide counts as a failure
  --json               print one JSON document on standard output, and nothing else there
  --out DIR            folder for the reports (default portcullis-report): policies.md for a pull request,
                       policies.html, policies.json, policies.sarif, policies.junit.xml, summary.json,
                       resources.json and architecture.svg
  --policy-pack DIR    policy pack to ask (default policies)
  --policy-config FILE levels and settings of policies, as pulumi preview --policy-pack-config takes them
  --no-policy          ask no policy pack
  --cwd DIR            folder of Pulumi.yaml (default: this project)
  --help               this text

Exit code: 0 clean, 1 mandatory violation (with --strict also inconclusive), 2 could not run. Exempted violations and
advice change no exit code; every report shows them.`;

/** Throws `UsageError`. */
export function parseOptions(args: string[]): CommandOptions {
    let values;
    try {
        ({ values } = parseArgs({
            args,
            allowPositionals: false,
            options: {
                stack: { type: "string", default: "dev" },
                update: { type: "boolean", default: false },
                json: { type: "boolean", default: false },
                strict: { type: "boolean", default: false },
                out: { type: "string" },
                "policy-pack": { type: "string" },
                "policy-config": { type: "string" },
                "no-policy": { type: "boolean", default: false },
                cwd: { type: "string" },
                help: { type: "boolean", default: false },
            },
        }));
    } catch (error) {
        throw new UsageError(`${(error as Error).message.split("\n")[0]!.replace(/\.?$/, ".")} See --help.`);
    }
    for (const name of ["stack", "out", "policy-pack", "policy-config", "cwd"] as const) {
        if (values[name] === "") {
            throw new UsageError(`--${name} needs a value. See --help.`);
        }
    }
    // A stack name becomes part of a file name.
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(values.stack)) {
        throw new UsageError(
            `--stack "${values.stack}" is no stack name: letters, digits, "_", "." and "-" are allowed.`,
        );
    }
    if (values["no-policy"] && values["policy-pack"] !== undefined) {
        throw new UsageError("--no-policy and --policy-pack exclude each other.");
    }
    if (values["no-policy"] && values["policy-config"] !== undefined) {
        throw new UsageError("--no-policy and --policy-config exclude each other.");
    }
    return {
        stack: values.stack,
        mode: values.update ? "update" : "preview",
        json: values.json,
        strict: values.strict,
        out: values.out,
        policyPack: values["no-policy"] ? null : values["policy-pack"],
        policyConfig: values["policy-config"],
        cwd: values.cwd,
        help: values.help,
    };
}
