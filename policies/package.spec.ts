/** The pack as others install it: the tarball alone, without the repository around it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { builtinModules } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { settingsPolicyName } from "./harness/configuration";
import { groupRules } from "./harness/judgement";
import { PackServer } from "./harness/testing/packServer";
import { families } from "./packageDocs";
import { rules } from "./registry";

interface Manifest {
    name: string;
    version: string;
    dependencies: Record<string, string>;
    devDependencies?: Record<string, string>;
}

const repository = join(__dirname, "..");
const manifest = (folder: string) =>
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

describe("the package of the policy pack", function () {
    this.timeout(120_000);
    let project: string;
    let pack: string;

    before(() => {
        project = mkdtempSync(join(tmpdir(), "portcullis-package-"));
        const printed = execFileSync("npm", ["pack", "--pack-destination", project, "--json"], {
            cwd: __dirname,
            stdio: ["ignore", "pipe", "ignore"],
        }).toString();
        // Scripts print before the JSON does.
        const [{ filename }] = JSON.parse(printed.slice(printed.search(/^\[$/m))) as [{ filename: string }];
        const modules = join(project, "node_modules");
        mkdirSync(modules);
        execFileSync("tar", ["-xzf", join(project, filename), "-C", modules]);
        pack = join(modules, "package");
        for (const name of Object.keys(manifest(__dirname).dependencies)) {
            mkdirSync(dirname(join(modules, name)), { recursive: true });
            symlinkSync(join(repository, "node_modules", name), join(modules, name), "dir");
        }
    });
    after(() => rmSync(project, { recursive: true, force: true }));

    it("boots without the repository and judges a resource", async () => {
        const server = await PackServer.start(pack);
        try {
            const info = await server.info();
            equal(info.getVersion(), manifest(__dirname).version);
            deepEqual(
                info.getPoliciesList().map((policy) => policy.getName()),
                [settingsPolicyName, ...groupRules(rules).map(({ metadata }) => metadata.id)],
            );
            const type = "aws:ecr/repository:Repository";
            const { diagnostics } = await server.analyze({
                type,
                name: "app",
                urn: `urn:pulumi:live::project::${type}::app`,
                properties: { name: "app", imageTagMutability: "MUTABLE" },
            });
            ok(
                diagnostics.some(
                    ({ policy, enforcement }) => policy === "ECR-02" && enforcement === "mandatory",
                ),
            );
        } finally {
            server.close();
        }
    });

    it("asks for the versions that the repository is tested with, and for nothing that it does not need", () => {
        const root = manifest(repository);
        const { dependencies } = manifest(pack);
        for (const [name, version] of Object.entries(dependencies))
            equal(version, root.dependencies[name], name);
        const code = readFileSync(join(pack, "dist", "pack.cjs"), "utf8");
        const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)]
            .map(([, name = ""]) => name.replace(/^node:/, ""))
            .filter((name) => !builtinModules.includes(name));
        deepEqual(
            [...new Set(required.map((name) => name.split("/").slice(0, 2).join("/")))].toSorted(),
            Object.keys(dependencies).toSorted(),
        );
    });

    it("has a source map with the sources, licences of what is inside, and no path of this machine", () => {
        const code = readFileSync(join(pack, "dist", "pack.cjs"), "utf8");
        match(code.trimEnd(), /\n\/\/# sourceMappingURL=pack\.cjs\.map$/);
        const text = readFileSync(join(pack, "dist", "pack.cjs.map"), "utf8");
        const map = JSON.parse(text) as { sources: string[]; sourcesContent: (string | null)[] };
        equal(map.sourcesContent.length, map.sources.length);
        for (const source of map.sources) match(source, /^\.\.\//);
        for (const path of [repository, project, homedir()])
            for (const contents of [code, text]) ok(!contents.includes(`${path}/`), path);
        const notices = readFileSync(join(pack, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8");
        const bundled = map.sources.flatMap((source) => /node_modules\/([^/]+)\//.exec(source)?.[1] ?? []);
        for (const name of new Set(bundled)) ok(notices.includes(`${name} `), name);
        equal(readFileSync(join(pack, "LICENSE"), "utf8"), readFileSync(join(repository, "LICENSE"), "utf8"));
    });

    it("has a README whose links lead into the package, and pages with every rule", () => {
        const readme = readFileSync(join(pack, "README.md"), "utf8");
        for (const [, link = ""] of readme.matchAll(/\]\(([^)]+)\)/g))
            ok(/^https:/.test(link) || existsSync(join(pack, link)), link);
        const page = readFileSync(join(pack, "dist", "RULES.md"), "utf8");
        for (const { metadata } of groupRules(rules)) {
            ok(page.includes(`### ${metadata.id} `), metadata.id);
            ok(metadata.family in families, metadata.family);
            ok(new RegExp(`\\b${metadata.id.split("-")[0]}\\b`).test(readme), metadata.id);
        }
        ok(readdirSync(pack).every((name) => !name.endsWith(".ts")));
    });
});
