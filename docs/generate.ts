/** `npm run docs`: writes the generated references. `generate.spec.ts` fails when a committed one has drifted. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { configurationJsonSchema, configurationReference } from "./configurationReference";
import { policyReference } from "./policyReference";
import { stackDocuments } from "./stackReference";

/** File name in `docs/` → content, formatted as `npm run format` would. */
export async function generatedDocuments(): Promise<Map<string, string>> {
    const documents: [string, string][] = [
        ["configuration.md", configurationReference()],
        ["configuration.schema.json", `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`],
        ["policies.md", policyReference()],
        ...(await stackDocuments()),
    ];
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
    for (const [name, content] of await generatedDocuments()) {
        mkdirSync(dirname(join(__dirname, name)), { recursive: true });
        writeFileSync(join(__dirname, name), content);
        console.log(`docs/${name}`);
    }
}

if (require.main === module) {
    main().catch((error: unknown) => {
        console.error(`docs: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 2;
    });
}
