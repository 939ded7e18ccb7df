import assert from "node:assert/strict";
import { SettingsError } from "../settings/settingsFile";
import { readEvidenceEvent } from "./evidenceEvent";
import { readFindingsSettings, type FindingsSettings } from "./findingsSettings";
import { readReleaseEvent } from "./releaseEvent";
import { runningFinding, runningKinds, type RunningFindingKind } from "./runningFinding";
import { readStoredFinding } from "./storedFinding";
import { findingOf } from "../report/testing/sampleFinding";
import { digestOf, executionOf, imported, minute, origin, policyOf, scanOf } from "./testing/findingSamples";
import { refusalOf } from "./testing/importSchema";

const settings: FindingsSettings = {
    version: 1,
    ...origin,
    policy: policyOf(),
    table: "portcullis-dev-approvals",
    evidenceBucket: "portcullis-dev-evidence",
    applications: [
        {
            name: "orders",
            repositories: ["portcullis-dev-orders-candidate", "portcullis-dev-orders-staging"],
            pipeline: "portcullis-dev-orders-delivery",
            publish: { stage: "Publish", action: "Publish" },
        },
    ],
};

const hex = "a".repeat(64);
const execution = executionOf(1);
const key = `orders/sha256-${hex}/grype/${execution}/test/manifest.json`;

/** As Amazon S3 hands it to EventBridge. */
function stored(objectKey: unknown, change: Record<string, unknown> = {}): object {
    return {
        version: "0",
        id: "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        source: "aws.s3",
        account: "123456789012",
        time: "2026-03-04T12:00:00Z",
        region: "eu-west-1",
        resources: ["arn:aws:s3:::portcullis-dev-evidence"],
        detail: {
            version: "0",
            bucket: { name: "portcullis-dev-evidence" },
            object: {
                key: objectKey,
                size: 612,
                etag: "b1946ac92492d2347c6235b4d2611184",
                "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                sequencer: "617f08299329d189",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            requester: "123456789012",
            "source-ip-address": "192.0.2.1",
            reason: "PutObject",
        },
        ...change,
    };
}

describe("events that change findings", () => {
    it("name the report whose manifest was stored", () => {
        assert.deepEqual(readEvidenceEvent(stored(key), settings), {
            application: "orders",
            digest: `sha256:${hex}`,
            execution,
            stage: "test",
            scanner: "grype",
        });
    });

    it("are ignored about everything else that lies in the bucket", () => {
        for (const other of [
            key.replace("manifest", "report"),
            `orders/git-${"b".repeat(40)}/hadolint/${execution}/verify/manifest.json`,
            `orders/sha256-${hex}/sbom/${execution}/build/manifest.json`,
            key.replace("orders", "orders--review"),
            key.replace("orders", "formerly-ours"),
        ]) {
            assert.match(
                (readEvidenceEvent(stored(other), settings) as { ignored: string }).ignored,
                /./,
                other,
            );
        }
    });

    it("fail about keys that the gate does not write, other buckets and other accounts", () => {
        for (const other of [
            key.replace("grype", "someone"),
            key.replace("/test/", "/build/"),
            key.replace("aaaa", "AAAA"),
            key.replace("sha256-", "sha512-"),
            key.replace("/manifest", "/x/manifest"),
            key.replace(execution, "..%2f"),
            key.replace("orders", "Orders"),
            "manifest.json/manifest.json/manifest.json/manifest.json/manifest.json/manifest.json",
        ]) {
            assert.throws(
                () => readEvidenceEvent(stored(other), settings),
                /none that the gate writes/,
                other,
            );
        }
        const bad: [object, RegExp][] = [
            [stored(key, { account: "210987654321" }), /not about portcullis-dev-evidence/],
            [stored(key, { region: "us-east-1" }), /not about portcullis-dev-evidence/],
            [stored(key, { detail: { bucket: { name: "other" }, object: { key } } }), /the bucket "other"/],
            [stored(key, { source: "my.s3" }), /see who invoked/],
            [stored(key, { "detail-type": "Object Deleted" }), /see who invoked/],
            [stored(7), /names 7 in place of a key/],
            [{}, /see who invoked/],
        ];
        for (const [event, message] of bad) assert.throws(() => readEvidenceEvent(event, settings), message);
        for (const event of [null, "text", []])
            assert.throws(() => readEvidenceEvent(event, settings), /see who invoked/);
    });

    it("name the execution that has published", () => {
        const event = {
            version: "0",
            id: "CWE-event-id",
            "detail-type": "CodePipeline Action Execution State Change",
            source: "aws.codepipeline",
            account: "123456789012",
            time: "2026-03-04T12:00:00Z",
            region: "eu-west-1",
            resources: ["arn:aws:codepipeline:eu-west-1:123456789012:portcullis-dev-orders-delivery"],
            detail: {
                pipeline: "portcullis-dev-orders-delivery",
                version: 1,
                "execution-id": execution,
                stage: "Publish",
                action: "Publish",
                state: "SUCCEEDED",
                region: "eu-west-1",
                type: { owner: "AWS", category: "Build", provider: "CodeBuild", version: "1" },
            },
        };
        const withDetail = (change: object) => ({ ...event, detail: { ...event.detail, ...change } });
        assert.deepEqual(readReleaseEvent(event, settings), {
            application: "orders",
            execution,
            at: new Date("2026-03-04T12:00:00Z"),
        });
        for (const other of [
            withDetail({ state: "FAILED" }),
            withDetail({ stage: "Approve" }),
            withDetail({ action: "Sign" }),
            withDetail({ pipeline: "other" }),
            { ...event, account: "210987654321" },
        ]) {
            assert.ok("ignored" in readReleaseEvent(other, settings));
        }
        for (const other of [
            withDetail({ "execution-id": "latest" }),
            { ...event, time: "yesterday" },
            { ...event, "detail-type": "CodePipeline Stage Execution State Change" },
        ]) {
            assert.throws(() => readReleaseEvent(other, settings));
        }
    });
});

describe("settings of the importer", () => {
    it("are read as they were written, with every problem told", () => {
        assert.deepEqual(readFindingsSettings(JSON.stringify(settings)), settings);
        const account = { ...settings.account, partition: "aws-iso" };
        const applications = [...settings.applications, ...settings.applications];
        assert.throws(
            () => readFindingsSettings(JSON.stringify({ ...settings, account, applications, table: "x" })),
            (error: unknown) =>
                error instanceof SettingsError &&
                /partitions/.test(error.message) &&
                error.problems.length === 3,
        );
        assert.throws(() => readFindingsSettings(JSON.stringify({ ...settings, more: 1 })), SettingsError);
    });
});

describe("findings about running images", () => {
    const serviceArn = "arn:aws:ecs:eu-west-1:123456789012:service/portcullis-dev-delivery/orders";
    const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/portcullis-dev-orders-production@${digestOf("a")}`;
    const of = (kind: RunningFindingKind, ran = image) =>
        runningFinding(origin, {
            kind,
            application: "orders",
            image: ran,
            serviceArn,
            why: "no request of this digest was ever approved",
            createdAt: minute(0),
            updatedAt: minute(1),
            state: "ACTIVE",
            fields: { breakGlassUntil: null, severity: "critical" },
        });

    it("are Security Hub's, one for each service, image and kind", () => {
        const all = (Object.keys(runningKinds) as RunningFindingKind[]).flatMap((kind) => [
            of(kind),
            of(kind, "docker.io/library/nginx:latest"),
        ]);
        for (const finding of all) assert.equal(refusalOf(finding), null);
        assert.equal(new Set(all.map(({ Id }) => Id)).size, 6);
        assert.deepEqual(of("breakGlass"), of("breakGlass"));
        const [byDigest, byTag] = all;
        assert.deepEqual(
            byDigest?.Resources.map(({ Type, Id }) => [Type, Id]),
            [
                [
                    "AwsEcrContainerImage",
                    `arn:aws:ecr:eu-west-1:123456789012:repository/portcullis-dev-orders-production/${digestOf("a")}`,
                ],
                ["AwsEcsService", serviceArn],
            ],
        );
        assert.deepEqual(
            byTag?.Resources.map(({ Type, Id }) => [Type, Id]),
            [
                ["Container", "docker.io/library/nginx:latest"],
                ["AwsEcsService", serviceArn],
            ],
        );
        assert.equal(byDigest?.ProductFields["portcullis/breakGlassUntil"], undefined);
        assert.match(byDigest?.Id ?? "", /^portcullis-dev\/running\/orders\/unapprovedImage\/[0-9a-f]{64}$/);
    });

    it("were not created after they were updated, where the clocks of two services differ", () => {
        const ahead = runningFinding(origin, {
            kind: "unapprovedImage",
            application: "orders",
            image,
            serviceArn,
            why: "no request of this digest was ever approved",
            createdAt: minute(2),
            updatedAt: minute(1),
            state: "ACTIVE",
        });
        assert.equal(refusalOf(ahead), null);
        assert.deepEqual(
            [ahead.CreatedAt, ahead.UpdatedAt],
            [minute(1), minute(1)].map((at) => at.toISOString()),
        );
    });
});

describe("findings that Security Hub gives back", () => {
    const asked = {
        productArn: "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
        prefix: "portcullis-dev/scan/",
    };
    const [finding] = imported(scanOf({ findings: [findingOf()] }));

    it("are ours again, without what the service has added", () => {
        const given = {
            ...finding,
            Region: "eu-west-1",
            CompanyName: "Personal",
            Severity: { Label: "CRITICAL", Normalized: 90 },
            Workflow: { Status: "NEW" },
            WorkflowState: "NEW",
            ProductFields: { ...finding?.ProductFields, "aws/securityhub/ProductName": "Default" },
        };
        assert.deepEqual(readStoredFinding(given, asked), finding);
    });

    it("are left out where they are somebody else's, and told where they are damaged", () => {
        for (const other of [
            { ...finding, Id: "other/1" },
            { ...finding, ProductArn: "arn:aws:x" },
            null,
            {},
        ])
            assert.equal(readStoredFinding(other, asked), null);
        assert.throws(
            () => readStoredFinding({ ...finding, UpdatedAt: "today" }, asked),
            /UpdatedAt.*by hand/,
        );
    });
});
