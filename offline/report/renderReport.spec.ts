import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { exemptedRun, findingsRun } from "./fixtures/findingsRun";
import { hostileNames, hostileText } from "./fixtures/hostile";
import { sampleRun } from "./fixtures/sampleRun";
import { StackBuilder, diagnostic, policyInfo, secret, unknown } from "./fixtures/stackBuilder";
import type { TypeReport } from "./policyReport";
import { renderReport } from "./renderReport";
import { displayWidth, fit, printable, wrap } from "./terminalText";

const golden = `portcullis dev: preview, offline simulation, not AWS

Resources
└─ Application demo  4 resources
   ├─ ecr Repository  demo-candidate
   ├─ iam Role  demo-build
   ├─ nat OldGateway  old
   └─ rds Instance  db

Notes of the program
warning The image is not pinned by digest.

Policies  portcullis 0.1.0, 5 rules
  critical  1 violation, 1 mandatory
  ✗ ECR-01  demo-candidate (ecr Repository)
      scanOnPush is false.
      Fix: Set imageScanningConfiguration.scanOnPush to true.
      at infra/repositories/repositories.ts:40
  high  1 violation, 1 mandatory
  ✗ PIPE-01  the stack
      No pipeline has an approval.
      Fix: Add an action of category Approval.
  medium  1 violation, 0 mandatory
  ! IAM-01  demo-build (iam Role)
      Statement 0 allows <any> action & resource.
  inconclusive  1, 1 of mandatory rules: values that are not known yet
  ? ECR-02  demo-candidate (ecr Repository)
      The tag mutability is not known.
      at infra/repositories/repositories.ts:40
  ✓ 0 of 4 active rules without a finding, 12 times not applicable, 1 disabled: ECS-02

Monthly floor  list prices, US East (N. Virginia), 2026-11-21; 730 h a month
  $2.30  RDS gp3 storage  20 GB × $0.115 *
  $2.30  a month, used or not
  * well-known list price, not looked up again on that date
  not in the floor: no price for aws:nat/oldGateway:OldGateway: the type is not in the price table (old, nat OldGateway)
  not in the floor: no price for RDS PostgreSQL db.x9.huge (db, rds Instance)
  usage, not in the floor
    ECR storage  $0.10 per GB-month of images in ECR
    RDS backups  $0.095 per GB-month of RDS backups beyond the size of the
                 database

Outputs
  applications
    demo
      candidate  demo-candidate
      ready      true
  count     3
  list      ["a","known after pulumi up"]
  password  [secret]
  url       https://example.internal
  vpcId     known after pulumi up

Timings: program 2.41 s, policies 0.85 s

FAIL  dev: 5 resources, 2 mandatory violations, 1 advisory, 1 inconclusive, floor $2.30/month and 2 without a price
This is an offline simulation, not AWS: pulumi preview with credentials has the last word.
`;

function goldenRun(): ReturnType<typeof findingsRun> {
    const run = findingsRun();
    const stack = new StackBuilder();
    const parent = run.resources.find(({ name }) => name === "demo");
    const old = stack.add("aws:nat/oldGateway:OldGateway", "old", parent ? { parent } : {});
    const database = stack.add("aws:rds/instance:Instance", "db", {
        ...(parent ? { parent } : {}),
        inputs: { engine: "postgres", instanceClass: "db.x9.huge", storageType: "gp3", allocatedStorage: 20 },
    });
    return {
        ...run,
        resources: [...run.resources, old, database],
        stackOutputs: {
            vpcId: unknown,
            url: "https://example.internal",
            password: secret("Hx7ZpQ2mW9sK4tLr"),
            list: ["a", unknown],
            count: 3,
            applications: { demo: { ready: true, candidate: "demo-candidate" } },
        },
        timings: { program: 2410, policies: 850 },
    };
}

describe("report on the terminal", () => {
    it("is exactly this", () => {
        assert.equal(renderReport(goldenRun(), { color: false, width: 80 }), golden);
    });

    it("shows exempted findings apart, each with its reason and its end", () => {
        const lines = renderReport(exemptedRun(), { color: false, width: 120 }).split("\n");
        const start = lines.indexOf("  exempted  2, excused until the day named");
        assert.deepEqual(lines.slice(start + 1, start + 5), [
            "  ~ KMS-01  demo-build (iam Role)",
            "      exempted by EX-7 until 2026-12-01 (1 day left): key is being replaced, see SEC-12",
            "      Rotation is off.",
            "      Fix: Set enableKeyRotation.",
        ]);
        assert.match(
            lines.at(-3) ?? "",
            /, 2 mandatory violations, 1 advisory, 2 inconclusive, 2 exempted, /,
        );
    });

    it("says in one line how many types no rule covers, or why that is not known", () => {
        const linesWith = (types: TypeReport): string[] =>
            renderReport(exemptedRun(), { color: false, width: 120, types }).split("\n");
        const type = (name: string, resources: number, judgedBy: number, consultedBy: number) => ({
            type: name,
            resources,
            judgedBy,
            consultedBy,
        });
        const types = [type("a", 1, 2, 0), type("b", 3, 0, 1), type("c", 4, 0, 0), type("d", 1, 0, 0)];
        assert.ok(
            linesWith({ known: true, types }).includes(
                "  no rule covers 2 of 4 resource types (5 resources), listed in policies.html",
            ),
        );
        assert.ok(
            linesWith({ known: false, reason: "foreign" }).includes(
                "  types that no rule covers: not known, foreign",
            ),
        );
    });

    it("names what was mended and the finding id that an exemption would name", () => {
        const run = exemptedRun();
        run.policy!.remediations = [{ policy: "KMS-01", urn: run.resources.at(-1)!.urn }];
        run.policy!.diagnostics[0]!.findingId = "PIPE-01[a]";
        const lines = renderReport(run, { color: false, width: 120 }).split("\n");
        assert.ok(lines.includes("  + KMS-01 mended demo-build before it was judged"));
        assert.ok(lines.includes("        id PIPE-01[a]"));
    });

    it("says a fix once for findings that differ in their message only", () => {
        const run = findingsRun();
        const [first] = run.policy?.diagnostics.filter(({ policy }) => policy === "ECR-01") ?? [];
        assert.ok(first && run.policy);
        run.policy.diagnostics.push({ ...first, message: "scanOnPush is also false elsewhere." });
        const lines = renderReport(run, { color: false, width: 100 }).split("\n");
        const start = lines.indexOf("  ✗ ECR-01  demo-candidate (ecr Repository)");
        assert.deepEqual(lines.slice(start + 1, start + 5), [
            "      scanOnPush is also false elsewhere.",
            "      scanOnPush is false.",
            "      Fix: Set imageScanningConfiguration.scanOnPush to true.",
            "      at infra/repositories/repositories.ts:40",
        ]);
        assert.ok(lines.includes("  critical  2 violations, 2 mandatory"));
    });

    it("says the same in colour", () => {
        const options = { width: 80 };
        const coloured = renderReport(goldenRun(), { ...options, color: true });
        assert.notEqual(coloured, renderReport(goldenRun(), { ...options, color: false }));
        assert.equal(
            stripVTControlCharacters(coloured),
            renderReport(goldenRun(), { ...options, color: false }),
        );
    });

    it("shows what was not judged", () => {
        const text = renderReport(sampleRun([], { policy: null }), { color: false, width: 100 });
        assert.match(text, /^ {2}not judged: the policy pack was not asked$/m);
        assert.match(
            text,
            /^NOT JUDGED {2}dev: \d+ resources, the policy pack was not asked, floor \$100\.06\/month$/m,
        );
    });

    it("lists findings alike in whatever order the pack answered, and resources in whatever order they came", () => {
        const run = goldenRun();
        const expected = renderReport(run, { color: false, width: 100 });
        const diagnostics = run.policy?.diagnostics ?? [];
        const policies = run.policy?.policies ?? [];
        fc.assert(
            fc.property(
                fc.shuffledSubarray(diagnostics, { minLength: diagnostics.length }),
                fc.shuffledSubarray(policies, { minLength: policies.length }),
                fc.shuffledSubarray(run.resources, { minLength: run.resources.length }),
                (shuffled, rules, resources) => {
                    const policy = run.policy && { ...run.policy, diagnostics: shuffled, policies: rules };
                    assert.equal(
                        renderReport({ ...run, resources, policy }, { color: false, width: 100 }),
                        expected,
                    );
                },
            ),
        );
    });

    it("lets no name or message move the cursor or change colours", () => {
        for (const name of hostileNames) {
            const stack = new StackBuilder(name, name);
            const key = stack.add("aws:kms/key:Key", name);
            const text = renderReport(
                stack.run({
                    log: [{ severity: "warning", message: name }],
                    stackOutputs: { [name]: name },
                    policy: {
                        pack: { name: "portcullis", version: "0.1.0" },
                        policies: [policyInfo(name)],
                        diagnostics: [diagnostic(name, key.urn, { message: name, fix: name })],
                        notApplicable: 0,
                    },
                }),
                { color: false, width: 80 },
            );
            // eslint-disable-next-line no-control-regex
            assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        }
    });

    it("keeps the tree within the width", () => {
        const text = renderReport(sampleRun(["an-application-with-quite-a-long-name"]), {
            color: false,
            width: 72,
        });
        const tree = text.slice(text.indexOf("Resources\n"), text.indexOf("Notes of the program"));
        assert.deepEqual(
            tree.split("\n").filter((line) => displayWidth(line) > 72),
            [],
        );
    });
});

describe("terminal text", () => {
    it("measures, cuts and wraps by columns", () => {
        assert.deepEqual(["abc", "漢字", "e\u0301", "🚪", ""].map(displayWidth), [3, 4, 1, 2, 0]);
        assert.deepEqual(
            [fit("abcdef", 4), fit("漢字漢字", 5), fit("abc", 3), fit("abc", 0)],
            ["abc…", "漢字…", "abc", ""],
        );
        assert.deepEqual(wrap("one two three\nfour", 7), ["one two", "three", "four"]);
        fc.assert(
            fc.property(hostileText, fc.integer({ min: 0, max: 40 }), (text, columns) => {
                assert.ok(displayWidth(fit(text, columns)) <= columns);
                assert.equal(wrap(text, columns).join(" ").replace(/\s+/g, ""), text.replace(/\s+/g, ""));
                // eslint-disable-next-line no-control-regex
                assert.doesNotMatch(printable(text), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
            }),
        );
    });
});
