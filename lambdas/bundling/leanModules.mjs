/**
 * Parts of libraries that the functions never use and esbuild cannot see to be unused. Each rule says why it changes
 * nothing that the functions do; bundle.spec.ts proves it on the bundles. A rule that no longer fits its module, because
 * the library has changed, fails the build.
 */
import { readFileSync } from "node:fs";

/** Packages in whose place a module of this folder is bundled. */
export const replacedPackages = {
    // Lambda gives a function its credentials in the environment; the other sources (profiles, SSO, containers, the
    // metadata of EC2) are 130 KB.
    "@aws-sdk/credential-provider-node": "./lambdas/effects/environmentCredentials.ts",
    // Event streams are Kinesis's and Transcribe's; no operation that is used here has one. 15 KB.
    "@smithy/core/event-streams": "./lambdas/bundling/noEventStreams.ts",
    // Discovery of endpoints is off unless somebody switches it on, and the service no longer needs it. 9 KB.
    "@aws-sdk/middleware-endpoint-discovery": "./lambdas/bundling/noEndpointDiscovery.ts",
    // Of their clients four commands and two are used, with schemas of a hundred kinds of resources: 20 KB, and 50 KB
    // with the protocol that only AWS Security Hub speaks.
    "@aws-sdk/client-ecs": "./lambdas/bundling/ecsClient.ts",
    "@aws-sdk/client-securityhub": "./lambdas/bundling/securityHubClient.ts",
};

/**
 * @type {readonly { module: RegExp, rewrite: (source: string) => string }[]}
 */
const rules = [
    {
        // The SDK's user agent wants its version; the rest of the file is about building the SDK.
        module: /@aws-sdk\/client-[a-z-]+\/package\.json$/,
        rewrite: (source) => JSON.stringify({ version: JSON.parse(source).version }),
    },
    {
        // Every client registers a class for every error of its service, and with these everything that they name.
        // Without them an error is the service's base exception with the same name, message, $fault and $metadata,
        // and these are all that the functions and the SDK's repetition look at.
        module: /@aws-sdk\/client-[a-z-]+\/dist-es\/schemas\/schemas_0\.js$/,
        rewrite: (source) => {
            const texts = new Map(
                [...source.matchAll(/^const (_\w*) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]),
            );
            return edited(source, [
                [/^n0_registry\.registerError\(\w+\$, \w+\);$/gm, ""],
                // A key that is a variable could have side effects, so that its object would be kept.
                [/\[(_\w*)\]:/g, (whole, name) => (texts.has(name) ? `[${texts.get(name)}]:` : whole)],
            ]);
        },
    },
    {
        // Schemas as JSON schemas: for documentation, which infra/ generates.
        module: /\/zod\/v4\/core\/json-schema-processors\.js$/,
        rewrite: (source) =>
            namesOf(source, /^export (?:const|function) (\w+)/gm)
                .map(nothing)
                .join("\n"),
    },
    {
        module: /\/zod\/v4\/core\/to-json-schema\.js$/,
        rewrite: (source) =>
            namesOf(source, /^export (?:const|function) (\w+)/gm)
                // Called once for each kind of schema.
                .map((name) =>
                    name.startsWith("create") ? `export const ${name} = () => {};` : nothing(name),
                )
                .join("\n"),
    },
    {
        // `z.string().email()` and its like, which bring a class and a pattern each; our schemas use z.iso.datetime()
        // and patterns of their own.
        module: /\/zod\/v4\/classic\/schemas\.js$/,
        // And what closes circles of references in values, of which JSON has none.
        rewrite: (source) =>
            edited(source, [
                [
                    /^ {4}\w+\(params\) \{\n {8}return this\.check\(core\._\w+\(Zod\w+, params\)\);\n {4}\},\n/gm,
                    "",
                ],
                ["core.config({ memoizer: core.memoizer() });", "return;"],
                // The same module by its own name, so that of its sixty functions only those in use are taken.
                ['import { util } from "../core/index.js";', 'import * as util from "../core/util.js";'],
                [/\bcore\.util\./g, "util."],
            ]),
    },
    {
        // Code that zod writes and compiles when it runs, to be faster; it does without where that is forbidden. A
        // function that answers approvals compiles nothing.
        module: /\/zod\/v4\/core\/util\.js$/,
        rewrite: (source) =>
            edited(source, [[/const F = Function;\s+new F\(""\);\s+return true;/, "return false;"]]),
    },
    {
        module: /\/zod\/v4\/core\/doc\.js$/,
        rewrite: () => "export class Doc {}",
    },
    {
        // Signatures of event streams.
        module: /@smithy\/signature-v4\/dist-es\/HeaderFormatter\.js$/,
        rewrite: () => "export class HeaderFormatter {}",
    },
    {
        // The retry mode "adaptive"; serviceCalls.ts says "standard".
        module: /@smithy\/core\/dist-es\/submodules\/retry\/util-retry\/AdaptiveRetryStrategy\.js$/,
        rewrite: () => "export class AdaptiveRetryStrategy {}",
    },
    {
        // SHA-256 in JavaScript, for a Node that was built without it.
        module: /@smithy\/core\/dist-es\/submodules\/checksum\/sha256\/Sha256Js\.js$/,
        rewrite: () => "export class Sha256Js {}",
    },
    {
        // Files in ~/.aws, which Lambda does not have.
        module: /@smithy\/core\/dist-es\/submodules\/config\/shared-ini-file-loader\/loadSharedConfigFiles\.js$/,
        rewrite: () =>
            'export const CONFIG_PREFIX_SEPARATOR = ".";' +
            "export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });",
    },
    {
        // The region as EC2 tells it; Lambda tells it in AWS_REGION.
        module: /@smithy\/core\/dist-es\/submodules\/config\/config-resolver\/regionConfig\/getInstanceMetadataRegion\.js$/,
        rewrite: () => "export const getInstanceMetadataRegion = async () => undefined;",
    },
];

/** The source after all replacements; each has to change something. */
function edited(source, replacements) {
    return replacements.reduce((text, [pattern, replacement]) => {
        const changed = text.replace(pattern, replacement);
        if (changed === text) throw new Error(`nothing fits ${pattern} any more`);
        return changed;
    }, source);
}

const namesOf = (source, pattern) => [...source.matchAll(pattern)].map(([, name]) => name);
const nothing = (name) => `export const ${name} = undefined;`;

/** @type {import("esbuild").Plugin} */
export const leanModules = {
    name: "lean modules",
    setup(build) {
        const fitting = new Set();
        for (const rule of rules) {
            build.onLoad({ filter: rule.module }, ({ path }) => {
                const source = readFileSync(path, "utf8");
                const contents = rule.rewrite(source);
                if (contents === source)
                    throw new Error(`${rule.module} changes nothing in its module any more`);
                fitting.add(rule);
                return { contents, loader: path.endsWith(".json") ? "json" : "js" };
            });
        }
        build.onEnd(() => {
            const unused = rules.filter((rule) => !fitting.has(rule));
            return { errors: unused.map(({ module }) => ({ text: `no module fits ${module} any more` })) };
        });
    },
};
