import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { imageDefinitions } from "../delivery/imageDefinitions";
import { exitCode, IncompleteWorkError, type Command } from "./command";
import { asUsage, imageOption } from "./inputs";

/** `gate imagedefinitions`: writes down for Amazon ECS which digest a container is to run. */
export const imageDefinitionsCommand: Command = {
    usage: "gate imagedefinitions --image REPOSITORY@sha256:… --container NAME --out FILE",
    options: [
        { ...imageOption, help: "image to run, always by digest" },
        { name: "container", value: "NAME", help: "container of the task definition that runs it" },
        { name: "out", value: "FILE", help: "file to write, imagedefinitions.json; replaces what is there" },
    ],
    run: async (options, context) => {
        const image = options.required("image");
        const container = options.required("container");
        const out = options.required("out");
        const text = asUsage(() => imageDefinitions(container, image));
        // A new file in the place of whatever is there: nothing is written through a link that an artifact brought.
        const beside = `${out}.${randomUUID()}`;
        try {
            await writeFile(beside, text, { flag: "wx" });
            await rename(beside, out);
        } catch (error) {
            await rm(beside, { force: true });
            throw new IncompleteWorkError(`${out} cannot be written (${(error as Error).message})`);
        }
        context.print(`WRITTEN: ${out}: container ${container} runs ${image}`);
        return exitCode.pass;
    },
};
