import { writeFile } from "node:fs/promises";
import { exitCode, IncompleteWorkError, type Command } from "../commands/command";
import { canaryDocument } from "./canary";

/** `gate canary`: writes the list of packages in which Trivy has to find something. */
export const canaryCommand: Command = {
    usage: "gate canary --out FILE, then trivy sbom FILE with the options of the image's scan",
    options: [{ name: "out", value: "FILE", help: "gets a CycloneDX document, e.g. canary.cdx.json" }],
    run: async (options, { print }) => {
        const path = options.required("out");
        try {
            await writeFile(path, canaryDocument());
        } catch (error) {
            throw new IncompleteWorkError(`${path} cannot be written (${(error as Error).message})`);
        }
        print(`canary written to ${path}`);
        return exitCode.pass;
    },
};
