import assert from "node:assert/strict";
import fc from "fast-check";
import { hostileText, marker, valueWithSecret } from "./fixtures/hostile";
import { StackBuilder, diagnostic, policyInfo, secret, unknown } from "./fixtures/stackBuilder";
import { createRedactor } from "./redaction";
import { renderReport } from "./renderReport";
import { reportFiles } from "./writeReports";

function redactorFor(...secrets: string[]): ReturnType<typeof createRedactor> {
    return createRedactor({
        resources: [],
        stackOutputs: Object.fromEntries(
            secrets.map((content, position) => [`s${position}`, secret(content)]),
        ),
    });
}

describe("redaction", () => {
    it("replaces marked values and keeps what is unknown apart", () => {
        const redactor = redactorFor();
        assert.deepEqual(
            redactor.value({
                plain: "text",
                password: secret("short"),
                later: secret(unknown),
                twice: secret(secret([1, 2])),
                number: unknown,
                list: [secret(1), 2, null, true],
            }),
            {
                plain: "text",
                password: { $secret: "[secret]" },
                later: { $secret: { $unknown: true } },
                twice: { $secret: "[secret]" },
                number: { $unknown: true },
                list: [{ $secret: "[secret]" }, 2, null, true],
            },
        );
    });

    it("finds a secret in free text, also as JSON writes it, the longest first", () => {
        const redactor = redactorFor("password-1", "password-1-and-more", 'quote"inside');
        assert.equal(
            redactor.text('a password-1-and-more b password-1 c {"x":"quote\\"inside"}'),
            'a [secret] b [secret] c {"x":"[secret]"}',
        );
    });

    it("finds one line of a private key but leaves the armour of other documents alone", () => {
        const redactor = redactorFor(
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n",
        );
        assert.equal(redactor.text("key line MIIEvQIBADANBg"), "key line [secret]");
        assert.equal(redactor.text("-----BEGIN PRIVATE KEY-----"), "-----BEGIN PRIVATE KEY-----");
    });

    it("does not search for secrets that are too short to be told from other text", () => {
        assert.equal(redactorFor("5432", "true").text("port 5432 is true"), "port 5432 is true");
    });

    it("lets no secret into a file or onto the terminal, wherever it stands", () => {
        const forms = [marker, JSON.stringify(marker).slice(1, -1), "mark3r"];
        fc.assert(
            fc.property(
                valueWithSecret,
                valueWithSecret,
                valueWithSecret,
                hostileText,
                fc.boolean(),
                (input, output, stackOutput, noise, inconclusive) => {
                    const stack = new StackBuilder();
                    const resource = stack.add("aws:ssm/parameter:Parameter", "password", {
                        inputs: { value: input, note: `copied ${marker} in the clear` },
                        outputs: { value: output, [marker]: 1 },
                    });
                    resource.id = `id-${marker}`;
                    const said = `${noise} ${marker} ${noise}`;
                    const run = stack.run({
                        stackOutputs: { value: stackOutput, copy: said },
                        log: [{ severity: "warning", message: said }],
                        policy: {
                            pack: { name: "portcullis", version: "0.1.0" },
                            policies: [policyInfo("SSM-01")],
                            diagnostics: [
                                diagnostic("SSM-01", resource.urn, {
                                    message: said,
                                    fix: said,
                                    inconclusive,
                                }),
                                diagnostic("SSM-01", resource.urn, {
                                    message: said,
                                    enforcement: "advisory",
                                    exempted: { id: marker, until: "2026-12-01", daysLeft: 2, reason: said },
                                }),
                            ],
                            notApplicable: 0,
                        },
                    });
                    // The marker stands in plain places too, so at least one marked copy must be exactly it.
                    run.stackOutputs["exact"] = secret(marker);
                    const texts = {
                        ...reportFiles(run),
                        terminal: renderReport(run, { color: true, width: 100 }),
                    };
                    for (const [name, text] of Object.entries(texts)) {
                        for (const form of forms) {
                            assert.ok(!text.includes(form), `${name} contains ${form}`);
                        }
                    }
                },
            ),
            { numRuns: 60 },
        );
    });
});
