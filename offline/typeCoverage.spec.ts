import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rules } from "../policies/registry";
import type { PolicyResult } from "./model";
import { StackBuilder, policyInfo } from "./report/fixtures/stackBuilder";
import { typeReportOf } from "./typeCoverage";

describe("types that no rule covers", () => {
    const stack = new StackBuilder();
    const component = stack.component("portcullis:application:Application", "demo");
    stack.add("pulumi:providers:aws", "default");
    stack.add("aws:glacier/vault:Vault", "vault", { parent: component });
    stack.add("aws:glacier/vault:Vault", "second");
    stack.add("aws:ecr/repository:Repository", "repository");
    const ids = [...new Set(rules.map(({ metadata }) => metadata.id)), "portcullis"];
    const ask = (policy: Partial<PolicyResult> | null, cacheFile?: string): ReturnType<typeof typeReportOf> =>
        typeReportOf(
            stack.run({
                policy: policy && {
                    pack: { name: "portcullis", version: "0.1.0" },
                    policies: ids.map((id) => policyInfo(id)),
                    diagnostics: [],
                    notApplicable: 0,
                    ...policy,
                },
            }),
            cacheFile,
        );

    it("are known for our own pack, without components and providers", () => {
        const report = ask({});
        assert.ok(report.known);
        assert.deepEqual(
            report.types.map(({ type, resources, judgedBy }) => [type, resources, judgedBy > 0]),
            [
                ["aws:ecr/repository:Repository", 1, true],
                ["aws:glacier/vault:Vault", 2, false],
            ],
        );
    });

    it("are not known for another pack, another version of ours, or none", () => {
        const reason = (policy: Partial<PolicyResult> | null): string => {
            const report = ask(policy);
            assert.ok(!report.known);
            return report.reason;
        };
        assert.equal(
            reason({ pack: { name: "theirs", version: "1" } }),
            "the pack does not say what its rules look at",
        );
        const others = "the pack has other rules than the one that this command comes with";
        assert.equal(reason({ policies: ids.slice(1).map((id) => policyInfo(id)) }), others);
        assert.equal(reason({ policies: [...ids, "NEW-01"].map((id) => policyInfo(id)) }), others);
        assert.equal(reason(null), "no policy pack was asked");
    });

    it("are the same from the cache, which another version of the code does not use", () => {
        const folder = mkdtempSync(join(tmpdir(), "portcullis-types-"));
        try {
            const file = join(folder, "deeper", "types.json");
            const first = ask({}, file);
            const kept = JSON.parse(readFileSync(file, "utf8")) as { code: string; judged: unknown[] };
            assert.deepEqual(ask({}, file), first);
            writeFileSync(file, JSON.stringify({ ...kept, judged: [] }));
            assert.notDeepEqual(ask({}, file), first);
            writeFileSync(file, JSON.stringify({ ...kept, code: "older", judged: [] }));
            assert.deepEqual(ask({}, file), first);
            writeFileSync(file, "not JSON");
            assert.deepEqual(ask({}, file), first);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });
});
