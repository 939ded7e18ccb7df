import { equal, throws } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exemptionPath, readExemptionFile } from "./exemptionPath";

describe("the file that the setting exemptions names", () => {
    let root: string;
    const folder = (...path: string[]) => {
        const created = join(root, ...path);
        mkdirSync(created, { recursive: true });
        return created;
    };
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "exemptions-"));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    it("starts at the project that the pack lies in, also when it was installed as a package", () => {
        const project = folder("shop");
        writeFileSync(join(project, "Pulumi.yaml"), "name: shop\n");
        for (const pack of [
            folder("shop", "policies"),
            folder("shop", "node_modules", "portcullis-policies"),
        ]) {
            equal(exemptionPath("exemptions.yaml", pack), join(project, "exemptions.yaml"));
            equal(exemptionPath("../shared/exemptions.yaml", pack), join(root, "shared", "exemptions.yaml"));
        }
    });

    it("starts at the pack when it lies in no project", () => {
        const pack = folder("packs", "portcullis");
        writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\n");
        equal(exemptionPath("exemptions.yaml", pack), join(pack, "exemptions.yaml"));
    });

    it("is taken as it is when it is absolute", () => {
        equal(exemptionPath("/etc/exemptions.yaml", folder("pack")), "/etc/exemptions.yaml");
    });

    it("is a file that somebody can have reviewed", () => {
        const path = join(root, "exemptions.yaml");
        throws(() => readExemptionFile(path), /there is no such file/);
        throws(() => readExemptionFile(root), /it is not a file/);
        throws(() => readExemptionFile("/dev/null"), /it is not a file/);
        writeFileSync(path, " ".repeat(1_000_001));
        throws(() => readExemptionFile(path), /larger than/);
        writeFileSync(path, "version: 1\n");
        equal(readExemptionFile(path), "version: 1\n");
    });
});
