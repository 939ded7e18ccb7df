import { stackConfigSchema, type AnchoreConfig } from "../../config/schema";
import { createNaming, type Account } from "../../naming";
import { anchoreNames } from "../anchoreNames";

export const exampleAccount: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

export const exampleNaming = createNaming("portcullis", "dev", exampleAccount);

/** Checked configuration of the engine with the defaults and whatever else is given. */
export function exampleConfig(input: Record<string, unknown> = {}): AnchoreConfig {
    return stackConfigSchema.parse({
        applications: [{ name: "demo", source: { type: "codecommit" } }],
        anchore: input,
    }).anchore;
}

export const exampleNames = anchoreNames(exampleNaming, {});
