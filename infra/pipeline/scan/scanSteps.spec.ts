import assert from "node:assert/strict";
import {
    codecommitApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
} from "../../application/testing/examplePlatform";
import { scannerNames } from "../../../gate/report/scanReport";
import type { Step } from "../step";
import { applicationSteps } from "../steps";
import {
    addEvidence,
    key,
    logs,
    permissions,
    pull,
    readGate,
    readImage,
    repository,
    token,
} from "../testing/permissionLines";

function stepsWith(config: Record<string, unknown>): Step[] {
    return applicationSteps(exampleContext(codecommitApplication, exampleLiterals(exampleConfig(config))));
}

/** What every scan step has, whatever the scanner. */
const common = (step: string, place: string) => [
    ...logs(step),
    ...readImage,
    ...readGate,
    key("Decrypt"),
    key("GenerateDataKey"),
    ...addEvidence(place),
];
const mirror = "Allow s3:GetObject arn:aws:s3:::example-tools/pinned/*";
const parameter = (path: string) => `arn:aws:ssm:eu-central-1:123456789012:parameter/example/${path}`;
/** Reading parameters that somebody else encrypted: any key, but for these parameters only. */
const secrets = (...paths: string[]) => [
    ...paths.map((path) => `Allow ssm:GetParameters ${parameter(path)}`),
    "Allow kms:Decrypt arn:aws:kms:eu-central-1:123456789012:key/* " +
        JSON.stringify({
            StringEquals: {
                "kms:EncryptionContext:PARAMETER_ARN": paths.map(parameter),
                "kms:ViaService": "ssm.eu-central-1.amazonaws.com",
            },
        }),
];

describe("scan steps", () => {
    const steps = stepsWith(everything);
    const scans = steps.filter(({ gateRole }) => gateRole === "scanner");

    it("are one for each scanner and stage", () => {
        const each = [...scannerNames].sort();
        assert.deepEqual(
            scans.map(({ name, stage }) => `${stage} ${name}`),
            [
                ...each.map((name) => `Test scan-${name}`),
                ...each.map((name) => `ScanStagingImage scan-staging-${name}`),
            ],
        );
    });

    /** What the role of each scanner's step may do, beyond what is common. */
    const own: Record<string, (tier: string) => string[]> = {
        grype: (tier) => [mirror, ...token, ...pull(tier)],
        accuknox: (tier) => [mirror, ...token, ...pull(tier), ...secrets("accuknox/token")],
        lacework: () => [...secrets("lacework/key", "lacework/secret")],
        inspector: (tier) => [
            `Allow ecr:DescribeImageScanFindings ${repository(tier)}`,
            "Allow inspector2:ListCoverage *",
            "Allow inspector2:ListFindings *",
        ],
    };
    for (const [scanner, lines] of Object.entries(own)) {
        for (const [step, stage, tier] of [
            [`scan-${scanner}`, "test", "candidate"],
            [`scan-staging-${scanner}`, "scanStagingImage", "staging"],
        ] as const) {
            it(`${step} may do exactly this`, () => {
                const found = scans.find(({ name }) => name === step);
                assert(found);
                assert.deepEqual(
                    permissions(found.statements),
                    [...common(step, `sha256-*/${scanner}/*/${stage}/*`), ...lines(tier)].sort(),
                );
            });
        }
    }

    it("of Lacework read the mirror where its program comes from there, and only then", () => {
        const [anchore, grype, accuknox, lacework, inspector] = everything.scanners;
        const cli = {
            version: "2.5.0",
            url: "s3://example-tools/pinned/v2.5.0/lacework.tar.gz",
            sha256: "1".repeat(64),
        };
        const mirrored = stepsWith({
            ...everything,
            scanners: [anchore, grype, accuknox, { ...lacework, cli }, inspector],
        }).filter(({ name }) => /lacework/.test(name));
        assert.deepEqual(
            mirrored.map(({ statements }) => permissions(statements).includes(mirror)),
            [true, true],
        );
    });

    it("differ between the stages in nothing but names, the repository and the stage", () => {
        for (const scanner of scannerNames) {
            const [test, again] = [`scan-${scanner}`, `scan-staging-${scanner}`].map((name) =>
                scans.find((step) => step.name === name),
            );
            assert(test && again);
            const plain = (text: string) =>
                text
                    .replaceAll("scan-staging-", "scan-")
                    .replaceAll(/demo-(candidate|staging)/g, "demo-tier")
                    .replaceAll(/--stage \w+/g, "--stage S")
                    .replaceAll(/\*\/(test|scanStagingImage)\/\*/g, "*/S/*");
            assert.equal(plain(again.buildspec), plain(test.buildspec));
            assert.equal(
                plain(permissions(again.statements).join()),
                plain(permissions(test.statements).join()),
            );
            assert.deepEqual(again.variables, test.variables);
        }
    });

    it("name secrets by their parameters and never hold a value", () => {
        assert.deepEqual(
            Object.fromEntries(scans.slice(0, 5).map(({ name, parameters }) => [name, parameters])),
            {
                "scan-accuknox": [{ name: "ACCUKNOX_TOKEN", parameter: "/example/accuknox/token" }],
                "scan-anchore": [
                    { name: "ANCHORE_CA", parameter: "/example/anchore/ca" },
                    { name: "ANCHORE_PASSWORD", parameter: "/example/anchore/admin-password" },
                ],
                "scan-grype": [],
                "scan-inspector": [],
                "scan-lacework": [
                    { name: "LW_API_KEY", parameter: "/example/lacework/key" },
                    { name: "LW_API_SECRET", parameter: "/example/lacework/secret" },
                ],
            },
        );
    });

    it("get their tools from the mirror where there is one, with the same checksums", () => {
        const fetched = (name: string, from: Step[]) =>
            /--url "([^"]+)" --sha256 "([^"]+)"/.exec(
                from.find((step) => step.name === name)?.buildspec ?? "",
            );
        const { tools: _, ...withoutMirror } = everything;
        const direct = stepsWith(withoutMirror);
        for (const [step, tool] of [
            ["lint", "hadolint"],
            ["secrets", "gitleaks"],
            ["sbom", "syft"],
            ["scan-grype", "grype"],
            ["scan-accuknox", "trivy"],
        ] as const) {
            const [, near = "", sum] = fetched(step, steps) ?? [];
            const [, far = "", same] = fetched(step, direct) ?? [];
            assert(near.startsWith(`s3://example-tools/pinned/${tool}/`), near);
            assert(far.startsWith("https://github.com/"), far);
            assert.equal(near.split("/").at(-1), far.split("/").at(-1));
            assert.equal(sum, same);
        }
        assert(direct.every(({ statements }) => !permissions(statements).join().includes("example-tools")));
    });

    it("exist for the configured scanners and stages, in an order that configuration cannot change", () => {
        const names = (scanners: unknown[]) => stepsWith({ scanners }).map(({ name }) => name);
        const before = ["lint", "secrets", "build", "sbom"];
        const grype = { name: "grype", mode: "required" };
        const anchore = { name: "anchore", mode: "advisory" };
        assert.deepEqual(names([grype]), [...before, "scan-grype", "stage", "scan-staging-grype", "publish"]);
        assert.deepEqual(names([{ ...grype, stages: ["scanStagingImage"] }]), [
            ...before,
            "stage",
            "scan-staging-grype",
            "publish",
        ]);
        assert.deepEqual(names([grype, anchore]), names([anchore, grype]));
    });

    it("say in the buildspec whether they are advisory", () => {
        const modes = scans.map(({ name, buildspec }) => [
            name,
            /GATE_ADVISORY: "(\w+)"/.exec(buildspec)?.[1],
        ]);
        assert.deepEqual(
            modes.filter(([, advisory]) => advisory === "true").map(([name]) => name),
            ["scan-anchore", "scan-staging-anchore"],
        );
        assert(modes.every(([, advisory]) => advisory !== undefined));
    });
});
