/** `npm run docs`: writes the generated references. `generate.spec.ts` fails when a committed one has drifted. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { policyReportJsonSchema } from "../offline/report/policyReportSchema";
import { renderSettingsRead } from "../policies/harness/settingsRecorder";
import { rules } from "../policies/registry";
import { configurationJsonSchema, configurationReference } from "./configurationReference";
import { policyPages, policyReference } from "./policyReference";
import { stackDocuments } from "./stackReference";

/** Documents that follow from code alone, without a run of the program. */
export async function referenceDocuments(): Promise<Map<string, string>> {
    return formattedDocuments([
        ["configuration.md", configurationReference()],
        ["configuration.schema.json", `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`],
        ["policies.md", policyReference()],
        ["policies-report.schema.json", policyReportJsonSchema()],
        ...(await policyPages()),
        // Beside the rules and not in docs/, because the pack checks its settings against it.
        ["../policies/settingsRead.ts", renderSettingsRead(rules)],
    ]);
}

/** File name in `docs/` → content, formatted as `npm run format` would. */
export async function generatedDocuments(): Promise<Map<string, string>> {
    return new Map([...(await referenceDocuments()), ...(await formattedDocuments(await stackDocuments()))]);
}

/** Files in `docs/` that were generated once and are no longer: pages of rules that do not exist. */
export function staleDocuments(documents: ReadonlyMap<string, string>): string[] {
    const folder = join(__dirname, "policies");
    return (existsSync(folder) ? readdirSync(folder) : [])
        .map((name) => `policies/${name}`)
        .filter((name) => !documents.has(name));
}

async function formattedDocuments(documents: [string, string][]): Promise<Map<string, string>> {
    const formatted = new Map<string, string>();
    for (const [name, content] of documents) {
        const path = join(__dirname, name);
        if (name.endsWith(".svg")) {
            formatted.set(name, content);
            continue;
        }
        formatted.set(name, await format(content, { ...(await resolveConfig(path)), filepath: path }));
    }
    return formatted;
}

async function main(): Promise<void> {
    const documents = await generatedDocuments();
    for (const name of staleDocuments(documents)) rmSync(join(__dirname, name));
    for (const [name, content] of documents) {
        mkdirSync(dirname(join(__dirname, name)), { recursive: true });
        writeFileSync(join(__dirname, name), content);
        console.log(join("docs", name));
    }
}

if (require.main === module) {
    main().catch((error: unknown) => {
        console.error(`docs: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 2;
    });
}
