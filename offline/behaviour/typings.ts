/**
 * Reads which outputs a resource class always has from its type declarations in the installed SDK. That list is what
 * makes a gap in the behaviour tables visible: an output that the class promises and the table does not give is marked.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface ResourceTypings {
    /** Name to TypeScript type of every output that is never undefined. */
    requiredOutputs: Map<string, string>;
    /** Every output of the class. */
    outputs: Set<string>;
}

const outputDeclaration = /readonly (\w+): pulumi\.Output<([\s\S]*?)>;\r?\n/g;

/** The typings of the packages that a program in `programDirectory` would import. Results are kept. */
export class TypingsReader {
    private readonly cache = new Map<string, ResourceTypings | undefined>();
    private readonly packages = new Map<string, string | undefined>();

    constructor(readonly programDirectory: string) {}

    /** Undefined when the installed SDK has no class for the type token, e.g. `aws:ec2/vpc:Vpc`. */
    read(type: string): ResourceTypings | undefined {
        if (!this.cache.has(type)) {
            this.cache.set(type, this.load(type));
        }
        return this.cache.get(type);
    }

    /** Version of an installed `@pulumi/<name>` package; undefined when it is not installed. */
    packageManifest(name: string): { version: string; dependencies?: Record<string, string> } | undefined {
        const directory = this.packageDirectory(name);
        return directory === undefined
            ? undefined
            : (JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { version: string });
    }

    private load(type: string): ResourceTypings | undefined {
        const [packageName, module] = type.split(":");
        const directory = packageName === undefined ? undefined : this.packageDirectory(packageName);
        if (directory === undefined || module === undefined) {
            return undefined;
        }
        // `aws:ec2/vpc:Vpc` is declared in ec2/vpc.d.ts, `random:index/randomPassword:…` in randomPassword.d.ts.
        const file = join(directory, `${module.replace(/^index\//, "")}.d.ts`);
        let text: string;
        try {
            text = readFileSync(file, "utf8");
        } catch {
            return undefined;
        }
        return parseTypings(text);
    }

    private packageDirectory(name: string): string | undefined {
        if (!this.packages.has(name)) {
            try {
                const resolve = createRequire(join(this.programDirectory, "package.json")).resolve;
                this.packages.set(name, dirname(resolve(`@pulumi/${name}/package.json`)));
            } catch {
                this.packages.set(name, undefined);
            }
        }
        return this.packages.get(name);
    }
}

/** Parses one generated `.d.ts` file of a resource class. */
export function parseTypings(text: string): ResourceTypings {
    const requiredOutputs = new Map<string, string>();
    const outputs = new Set<string>();
    for (const [, name, type] of text.matchAll(outputDeclaration)) {
        outputs.add(name!);
        if (!/\|\s*undefined\s*$/.test(type!)) {
            requiredOutputs.set(name!, type!.replace(/\s+/g, " ").trim());
        }
    }
    return { requiredOutputs, outputs };
}
