import { join } from "node:path";
import { UsageError, type CommandOption } from "../commands/command";
import { readTimeout } from "../commands/inputs";
import type { ScannerCommand } from "../commands/scanner";
import { parseImageReference } from "../registry/reference";
import { readReportFile } from "../report/reportFile";
import { askLacework } from "./askLacework";
import { laceworkReport } from "./laceworkReport";

const options: readonly CommandOption[] = [
    {
        name: "lacework",
        value: "PATH",
        help: "the lacework command; LW_ACCOUNT, LW_API_KEY and LW_API_SECRET have to be set",
    },
    {
        name: "lacework-registry",
        value: "NAME",
        help: "the registry as Lacework's integration calls it, when that is not the image's host",
    },
];

const prepare: ScannerCommand["prepare"] = (given, { environment, now }, { image, digest, host }) => {
    const path = given.optional("report");
    if (path !== undefined) {
        for (const name of ["lacework", "lacework-registry"]) {
            if (given.flags.has(name)) throw new UsageError(`--${name} does not go with --report`);
        }
        return async () => {
            const subject = { image, digest, now: now() };
            return readReportFile(
                path,
                { ...subject, scanner: "lacework", what: "lacework report" },
                (chunks) => laceworkReport(chunks, subject),
            );
        };
    }
    const cli = given.optional("lacework");
    if (cli === undefined) {
        throw new UsageError(
            "--lacework (or GATE_LACEWORK) is missing: the path of the command; or give --report",
        );
    }
    for (const name of ["LW_ACCOUNT", "LW_API_KEY", "LW_API_SECRET"]) {
        if ((environment[name] ?? "") === "")
            throw new UsageError(`${name} is not set; the lacework command needs it`);
    }
    const registry = given.optional("lacework-registry") ?? host;
    // What begins with a hyphen would be an option of the CLI.
    if (registry.startsWith("-"))
        throw new UsageError(`--lacework-registry "${registry}" is no name of a registry`);
    const folder = join(given.required("out"), "lacework");
    const timeoutSeconds = readTimeout(given);
    const { repository } = parseImageReference(image);
    return () =>
        askLacework({
            ...{ cli, registry, repository: repository.path, image, digest },
            ...{ timeoutSeconds, environment, folder, now },
        });
};

/** Lacework: asked through its command line tool, or by a file. */
export const scanner: ScannerCommand = { options, prepare };
