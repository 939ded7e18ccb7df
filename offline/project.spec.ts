import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProject, readStackConfiguration, stackNames } from "./project";

describe("project files", () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "portcullis-project-"));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    function write(files: Record<string, string>): void {
        for (const [name, text] of Object.entries(files)) {
            writeFileSync(join(directory, name), text);
        }
    }
    const minimal = "name: demo\nruntime: nodejs\n";

    it("reads runtime options and the program folder", () => {
        write({
            "Pulumi.yaml":
                "name: demo\nmain: program/\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --trace-warnings --import x\n",
        });
        assert.deepEqual(readProject(directory), {
            name: "demo",
            directory,
            programDirectory: join(directory, "program/"),
            entry: ".",
            typescript: false,
            nodeArguments: ["--trace-warnings", "--import", "x"],
        });
    });

    it("refuses a missing file, a missing name, another runtime and broken YAML", () => {
        assert.throws(() => readProject(directory), /there is no Pulumi.yaml in/);
        write({ "Pulumi.yaml": "runtime: nodejs\n" });
        assert.throws(() => readProject(directory), /"name" is missing/);
        write({ "Pulumi.yaml": "name: demo\nruntime: python\n" });
        assert.throws(() => readProject(directory), /runtime "python" is not supported/);
        write({ "Pulumi.yaml": "name: [demo\n" });
        assert.throws(() => readProject(directory), /Pulumi.yaml: /);
    });

    it("encodes values as the CLI does", () => {
        write({
            "Pulumi.yaml": minimal,
            "Pulumi.dev.yaml":
                "config:\n  aws:region: eu-west-1\n  demo:object:\n    a: [1, true]\n  demo:flag: false\n  demo:number: 7\n  short: text\n",
        });
        assert.deepEqual(readStackConfiguration(readProject(directory), "dev").config, {
            "aws:region": "eu-west-1",
            "demo:object": '{"a":[1,true]}',
            "demo:flag": "false",
            "demo:number": "7",
            "demo:short": "text",
        });
    });

    it("replaces secrets, plain and nested, and says which", () => {
        write({
            "Pulumi.yaml": minimal,
            "Pulumi.dev.yaml":
                "config:\n  demo:password:\n    secure: v1:x\n  demo:database:\n    user: admin\n    password:\n      secure: v1:y\n",
        });
        const configuration = readStackConfiguration(readProject(directory), "dev");
        assert.deepEqual(configuration.config, {
            "demo:password": "offline-placeholder-for-demo:password",
            "demo:database": '{"user":"admin","password":"offline-placeholder-for-demo:database.password"}',
        });
        assert.deepEqual(configuration.secretKeys, ["demo:password", "demo:database"]);
        assert.equal(configuration.notes.length, 2);
    });

    it("applies project defaults below stack values and requires what has none", () => {
        write({
            "Pulumi.yaml": `${minimal}config:\n  size: small\n  count:\n    type: integer\n    default: 2\n  must:\n    type: object\n  aws:region:\n    value: eu-north-1\n`,
            "Pulumi.dev.yaml": "config:\n  demo:size: large\n  demo:must: {}\n",
            "Pulumi.empty.yaml": "config: {}\n",
            "Pulumi.wrong.yaml": "config:\n  demo:must: {}\n  demo:count: many\n",
        });
        const project = readProject(directory);
        assert.deepEqual(readStackConfiguration(project, "dev").config, {
            "demo:size": "large",
            "demo:count": "2",
            "demo:must": "{}",
            "aws:region": "eu-north-1",
        });
        assert.throws(
            () => readStackConfiguration(project, "empty"),
            /^Error: Stack 'empty' is missing configuration value 'demo:must'/,
        );
        assert.throws(
            () => readStackConfiguration(project, "wrong"),
            /Stack 'wrong' with configuration key 'demo:count' must be of type 'integer'/,
        );
    });

    it("lists the stacks when one is missing", () => {
        write({ "Pulumi.yaml": minimal, "Pulumi.prod.yaml": "", "Pulumi.dev.yaml": "" });
        assert.deepEqual(stackNames(directory), ["dev", "prod"]);
        assert.throws(
            () => readStackConfiguration(readProject(directory), "qa"),
            /there is no Pulumi.qa.yaml in .*; stacks here: dev, prod$/,
        );
    });
});
