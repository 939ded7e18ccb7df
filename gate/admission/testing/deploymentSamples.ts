/** Deployments to judge: a good one, changed in one way, and made at random. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { recordSample, type RecordChange } from "../../approval/testing/recordSamples";
import {
    account,
    digests,
    minutesAfterStart,
    registryAnswer,
    registryKinds,
    uuid,
} from "../../approval/testing/approvalSamples";
import type { RequestRecord } from "../../approval/records";
import { gatePolicySchema, type GatePolicy, type GatePolicyInput } from "../../policy/gatePolicy";
import type { Finding, ScanReport } from "../../report/scanReport";
import { finding } from "../../verdict/testing/verdictSamples";
import { admit, imagesOfRevision, refusal, type Admission } from "../admission";
import type { AdmissionSettings } from "../admissionSettings";
import type { Override } from "../breakGlass";
import { parseHookEvent } from "../hookEvent";
import { readRevision, readTaskDefinition } from "../revision";
import { standing, type RegistryView, type Standing, type StandingFacts } from "../standing";

export const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
export const [good, other] = digests;
export const goodImage = `${registry}/sample/orders/production@${good}`;
export const now = minutesAfterStart(30);

const ecs = "arn:aws:ecs:eu-central-1:123456789012";
export const serviceArn = `${ecs}:service/sample-delivery/sample-orders`;
export const revisionArn = `${ecs}:service-revision/sample-delivery/sample-orders/9313423515462893900`;
export const definitionArn = `${ecs}:task-definition/sample-orders-production:7`;

export function admissionSettings(policy: Partial<GatePolicyInput> = {}): AdmissionSettings {
    return {
        version: 1,
        stack: "sample",
        account,
        policy: gatePolicySchema.parse({ version: 1, ...policy }),
        scanType: "ENHANCED",
        table: "sample-approvals",
        breakGlassTable: "sample-break-glass",
        securityHub: true,
        services: ["orders", "billing"].map((application) => ({
            application,
            cluster: "sample-delivery",
            service: `sample-${application}`,
            repositories: {
                production: `sample/${application}/production`,
                staging: `sample/${application}/staging`,
            },
        })),
    };
}

/** The payload as Amazon ECS documents it. */
export function hookEvent(change: Record<string, unknown> = {}): Record<string, unknown> {
    return {
        executionId: "e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc",
        lifecycleStage: "PRE_SCALE_UP",
        resourceArn: `${ecs}:service-deployment/sample-delivery/sample-orders/EZe5RNVLH6PPzHXINuP28`,
        executionDetails: {
            serviceArn,
            targetServiceRevisionArn: revisionArn,
            testTrafficWeights: {},
            productionTrafficWeights: {},
        },
        ...change,
    };
}

/** Everything that a deployment is judged by. */
export interface Deployment {
    settings: AdmissionSettings;
    event: unknown;
    /** Answer of DescribeServiceRevisions. */
    revision: unknown;
    /** Answer of DescribeTaskDefinition. */
    definition: unknown;
    records: StandingFacts["records"];
    views: RegistryView[];
    overrides: Override[];
    now: Date;
}

export type Judge = (deployment: Deployment) => Admission;

/** As the function does it, with everything known beforehand. */
export function judgeDeployment(given: Deployment, judgeOne: typeof standing = standing): Admission {
    const { settings, event, records, views, overrides } = given;
    const call = parseHookEvent(event, settings);
    if ("problem" in call) return refusal("AdmissionRefused", { reasons: [call.problem] });
    const revision = readRevision(given.revision, settings, call);
    if ("problem" in revision) return refusal("AdmissionRefused", { reasons: [revision.problem] });
    const defined = readTaskDefinition(given.definition, revision.taskDefinitionArn);
    if ("problem" in defined) return refusal("AdmissionRefused", { reasons: [defined.problem] });
    const found = imagesOfRevision(revision, defined, settings, call);
    const standings = new Map<string, Standing>();
    for (const { digest } of found.images) {
        const { policy } = settings;
        const { application } = call.service;
        standings.set(
            digest,
            judgeOne({ policy, application, digest, records, registry: views, overrides, now: given.now }),
        );
    }
    return admit(call, found, standings);
}

/** An approval of the gate's, whose scanners are those of the default policy. */
export function approvalSample(change: RecordChange = {}): RequestRecord {
    const record = recordSample({ digest: good, ...change });
    const { decision } = record;
    if (decision === undefined) return record;
    const parts = decision.parts.map((part) => ({
        ...part,
        required: [part.part === "registry" ? ("inspector" as const) : ("grype" as const)],
    }));
    const counting = { unknown: null, unfixed: null };
    return { ...record, decision: { counting, ...decision, parts: change.decision?.parts ?? parts } };
}

export function overrideSample(change: Partial<Override> = {}): Override {
    return {
        id: uuid(77),
        application: "orders",
        digest: good,
        reason: "The payment provider changed its certificates today.",
        who: "arn:aws:sts::123456789012:assumed-role/sample-break-glass/alice",
        issuedAt: minutesAfterStart(20).toISOString(),
        until: minutesAfterStart(80).toISOString(),
        ...change,
    };
}

export interface Given {
    event?: Record<string, unknown>;
    policy?: Partial<GatePolicyInput>;
    /** Images of the task definition's containers. */
    containers?: Record<string, unknown>;
    /** Members of the service revision. */
    revision?: Record<string, unknown>;
    records?: Deployment["records"];
    views?: RegistryView[];
    overrides?: Override[];
    now?: Date;
}

export function revisionAnswer(change: Record<string, unknown> = {}): unknown {
    return {
        serviceRevisions: [
            {
                serviceRevisionArn: revisionArn,
                serviceArn,
                clusterArn: `${ecs}:cluster/sample-delivery`,
                taskDefinition: definitionArn,
                launchType: "FARGATE",
                containerImages: [{ containerName: "application", image: goodImage, imageDigest: good }],
                createdAt: 1_772_625_600.123,
                ...change,
            },
        ],
        failures: [],
    };
}

/** An approved image in the service of its application, with everything clean unless said otherwise. */
export function deploymentOf(given: Given = {}): Deployment {
    const { containers = { application: goodImage } } = given;
    return {
        settings: admissionSettings(given.policy),
        event: hookEvent(given.event),
        revision: revisionAnswer(given.revision),
        definition: {
            taskDefinition: {
                taskDefinitionArn: definitionArn,
                containerDefinitions: Object.entries(containers).map(([name, image]) => ({ name, image })),
                family: "sample-orders-production",
                revision: 7,
            },
        },
        records: given.records ?? [approvalSample()],
        views: given.views ?? [viewOf("clean")],
        overrides: given.overrides ?? [],
        now: given.now ?? now,
    };
}

export function viewOf(
    kind: (typeof registryKinds)[number],
    repository = "sample/orders/production",
    digest: string = good,
): RegistryView {
    return { repository, answer: registryAnswer(kind, repository, digest) };
}

/** The registry's reports of a deployment changed. */
export function withReports(
    given: Deployment,
    change: (report: ScanReport) => Partial<ScanReport>,
): Deployment {
    const views = given.views.map(({ repository, answer }): RegistryView => {
        if (answer.kind !== "ended") return { repository, answer };
        const report = { ...answer.report, ...change(answer.report) };
        return { repository, answer: { kind: "ended", report, total: report.findings.length } };
    });
    return { ...given, views };
}

export function withPolicy(given: Deployment, change: Partial<GatePolicy>): Deployment {
    return { ...given, settings: { ...given.settings, policy: { ...given.settings.policy, ...change } } };
}

export function statusOf({ answer }: Admission): string {
    return answer.hookStatus;
}

export function recordsOf({ records }: Deployment): readonly RequestRecord[] {
    return "kind" in records ? assert.fail() : records;
}

const limit = fc.oneof(fc.nat(2), fc.constant("unlimited" as const));
const counts = fc.record({
    critical: fc.nat(1),
    high: fc.nat(2),
    medium: fc.nat(2),
    low: fc.nat(1),
    negligible: fc.nat(1),
});

const record: fc.Arbitrary<RequestRecord> = fc
    .record({
        application: fc.constantFrom("orders", "orders", "orders", "billing"),
        digest: fc.constantFrom(good, good, good, other),
        status: fc.constantFrom("approved", "approved", "approved", "rejected", "waiting", "closed" as const),
        minutes: fc.integer({ min: 1, max: 20 }),
        token: fc.nat(5).map(uuid),
        counts,
        required: fc.constantFrom("grype", "grype", "anchore" as const),
    })
    .map(({ counts: counted, required, ...change }) => {
        const sample = approvalSample(change);
        if (sample.decision === undefined) return sample;
        const parts = sample.decision.parts.map((part) =>
            part.part === "registry" ? part : { ...part, counts: counted, required: [required] },
        );
        return { ...sample, decision: { ...sample.decision, parts } };
    });

const override: fc.Arbitrary<Override> = fc
    .record({
        application: fc.constantFrom("orders", "billing"),
        digest: fc.constantFrom(good, other),
        from: fc.integer({ min: -1_500, max: 60 }),
        minutes: fc.integer({ min: 1, max: 1_500 }),
    })
    .map(({ application, digest, from, minutes }) =>
        overrideSample({
            application,
            digest,
            issuedAt: minutesAfterStart(from).toISOString(),
            until: minutesAfterStart(from + minutes).toISOString(),
        }),
    );

/** Any deployment, whatever becomes of it; about half of them are admitted. */
export const anyDeployment: fc.Arbitrary<Deployment> = fc
    .record({
        records: fc.array(record, { maxLength: 3 }),
        views: fc.constantFrom(
            ...(["clean", "clean", "clean", ...registryKinds] as const).map((kind) => [viewOf(kind)]),
            ...registryKinds.map((kind) => [viewOf("pending"), viewOf(kind, "sample/orders/staging")]),
        ),
        findings: fc.oneof(fc.constant<Finding[]>([]), fc.array(finding, { maxLength: 2 })),
        overrides: fc.oneof(fc.constant<Override[]>([]), fc.array(override, { maxLength: 2 })),
        policy: fc.record({
            limits: fc.record({
                critical: fc.nat(2),
                high: limit,
                medium: limit,
                low: limit,
                negligible: limit,
            }),
        }),
        attempts: fc.constantFrom(undefined, 0, 9, 10),
    })
    .map(({ findings, attempts, ...given }) =>
        withReports(
            deploymentOf({
                ...given,
                event: attempts === undefined ? {} : { hookDetails: { portcullisAttempts: attempts } },
            }),
            (report) => ({ findings: [...report.findings, ...findings] }),
        ),
    );
