/** One application of the picture: its pipeline's stages and actions, and the stores that they write and read. */
import type { CapturedResource, Value } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import {
    byCodeUnit,
    listOf,
    readPath,
    readProperty,
    stringsIn,
    textIn,
    textOf,
} from "../report/resourceIndex";
import type { Grant } from "./access";
import { allows, allowsOnBucket, bucketName, grantsOf, mayDo, projectOfAction } from "./access";
import { serviceStore } from "./serviceStore";

export interface ActionView {
    name: string;
    /** What runs it, e.g. `CodeBuild`, `Manual`. */
    provider: string;
    runOrder: number;
    /** What else it may do that matters: start containers as root, sign, verify a signature. */
    may: ("privileged" | "signs" | "verifies")[];
}

export interface StageView {
    name: string;
    actions: ActionView[];
    /** True when somebody has to agree here before anything goes on. */
    gate: boolean;
    /** True when a step talks to the scanning engine. */
    usesEngine: boolean;
}

export interface StoreView {
    urn: string;
    kind: "candidate" | "staging" | "production" | "repository" | "evidence" | "service" | "existing";
    title: string;
    detail: string;
    /** Positions of the stages whose roles may write to it, or that deploy to it. */
    writers: number[];
    readers: number[];
}

export interface ApplicationView {
    urn: string;
    name: string;
    /** A review judges what is not merged yet; a delivery may release. */
    kind: "delivery" | "review";
    resources: number;
    stages: StageView[];
    stores: StoreView[];
    /** Who is told what about the pipeline, e.g. `tells notifications`. */
    facts: string[];
}

const tiers = ["candidate", "staging", "production"] as const;

function actionView(
    action: Value,
    project: CapturedResource | undefined,
    grants: readonly Grant[],
): ActionView {
    const provider = textIn(action, "provider") ?? "not known";
    const order = readPath(action, ["runOrder"]);
    const privileged = project ? readProperty(project, "environment", "privilegedMode") : undefined;
    const names: Record<string, string> = { CodeStarSourceConnection: "CodeConnections" };
    return {
        name: textIn(action, "name") ?? "?",
        provider: names[provider] ?? provider,
        runOrder: order.kind === "known" && typeof order.value === "number" ? order.value : 1,
        may: [
            ...(privileged?.kind === "known" && privileged.value === true ? (["privileged"] as const) : []),
            ...(mayDo(grants, "kms:Sign")
                ? (["signs"] as const)
                : mayDo(grants, "kms:Verify", "kms:GetPublicKey")
                  ? (["verifies"] as const)
                  : []),
        ],
    };
}

interface Step {
    stage: number;
    project: CapturedResource;
    grants: Grant[];
}

function stagesWhere(steps: readonly Step[], holds: (step: Step) => boolean): number[] {
    return [...new Set(steps.filter(holds).map((step) => step.stage))].sort((a, b) => a - b);
}

/** Stages that read without writing: whoever writes reads back what it wrote, which is no flow. */
function readersOnly(
    writers: readonly number[],
    steps: readonly Step[],
    holds: (step: Step) => boolean,
): number[] {
    return stagesWhere(steps, holds).filter((stage) => !writers.includes(stage));
}

function repositoryStores(below: readonly CapturedResource[], steps: readonly Step[]): StoreView[] {
    const stores = below
        .filter(({ type }) => type === "aws:ecr/repository:Repository")
        .map((repository): StoreView => {
            const name = textOf(repository, "name") ?? repository.name;
            const tag = textOf(repository, "tags", "tier");
            const kind = tiers.find((tier) => tier === tag) ?? "repository";
            const immutable = textOf(repository, "imageTagMutability") === "IMMUTABLE";
            const scanned = readProperty(repository, "imageScanningConfiguration", "scanOnPush");
            const writers = stagesWhere(steps, ({ grants }) =>
                allows(grants, "ecr:PutImage", `repository/${name}`),
            );
            const facts = [
                ...(scanned.kind === "known" && scanned.value === true ? ["scan on push"] : []),
                ...(immutable ? ["immutable"] : []),
            ];
            return {
                urn: repository.urn,
                kind,
                title: kind === "repository" ? name : kind,
                detail: facts.join(", "),
                writers,
                readers: readersOnly(writers, steps, ({ grants }) =>
                    allows(grants, "ecr:BatchGetImage", `repository/${name}`),
                ),
            };
        });
    const rank = ({ kind }: StoreView): number =>
        kind === "repository" ? 3 : tiers.indexOf(kind as "candidate");
    return stores.sort(
        (a, b) => rank(a) - rank(b) || byCodeUnit(a.title, b.title) || byCodeUnit(a.urn, b.urn),
    );
}

/** A bucket that keeps what was written is evidence, wherever in the stack it stands. */
function evidenceStores(index: ResourceIndex, steps: readonly Step[]): StoreView[] {
    return index
        .ofType("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
        .filter((bucket) => {
            const lock = readProperty(bucket, "objectLockEnabled");
            return lock.kind === "known" && lock.value === true;
        })
        .map((bucket): StoreView => {
            const name = bucketName(bucket) ?? "";
            const writers = stagesWhere(steps, ({ grants }) => allowsOnBucket(grants, "s3:PutObject", name));
            return {
                urn: bucket.urn,
                kind: "evidence",
                title: "evidence",
                detail: "object lock, shared",
                writers,
                readers: stagesWhere(steps, ({ grants }) =>
                    allowsOnBucket(grants, "s3:GetObject", name),
                ).filter((stage) => !writers.includes(stage)),
            };
        })
        .filter((store) => store.writers.length + store.readers.length > 0);
}

/** Topics that are told about a pipeline by notification rules, in words. */
function notices(pipeline: CapturedResource, index: ResourceIndex): string[] {
    const name = textOf(pipeline, "name");
    const rules = index
        .ofType("aws:codestarnotifications/notificationRule:NotificationRule")
        .filter(
            (rule) =>
                index.referredBy(rule, "resource", pipeline.type).includes(pipeline) ||
                (name !== undefined && textOf(rule, "resource")?.endsWith(`:${name}`) === true),
        );
    const events = rules.reduce((sum, rule) => sum + listOf(rule, "eventTypeIds").length, 0);
    return rules.length === 0 ? [] : [`people are told of ${events} kinds of events`];
}

/**
 * Reads one pipeline of an application.
 * @param owner component of the application
 * @param addresses host names under which the scanning engine answers
 */
export function applicationView(
    pipeline: CapturedResource,
    owner: CapturedResource,
    kind: ApplicationView["kind"],
    index: ResourceIndex,
    addresses: readonly string[],
): ApplicationView {
    const below = index.descendantsOf(owner.urn);
    const steps: Step[] = [];
    const services: StoreView[] = [];
    const stages = listOf(pipeline, "stages").map((stage, position): StageView => {
        const actions = readPath(stage, ["actions"]);
        const list = actions.kind === "known" && Array.isArray(actions.value) ? actions.value : [];
        let usesEngine = false;
        const views = list.map((action) => {
            const project = projectOfAction(action, index);
            const grants = project ? grantsOf(project, "serviceRole", index) : [];
            if (project) {
                steps.push({ stage: position, project, grants });
            }
            const service = serviceStore(action, position, index);
            if (service) {
                services.push(service);
            }
            const texts = [...stringsIn(project?.inputs ?? null), ...stringsIn(action)];
            usesEngine ||= addresses.some((address) => texts.some((text) => text.includes(address)));
            return actionView(action, project, grants);
        });
        return {
            name: textIn(stage, "name") ?? `stage ${position + 1}`,
            actions: views.sort((a, b) => a.runOrder - b.runOrder || byCodeUnit(a.name, b.name)),
            gate: list.some((action) => textIn(action, "category") === "Approval"),
            usesEngine,
        };
    });
    const stores = [...repositoryStores(below, steps), ...evidenceStores(index, steps), ...services];
    return {
        urn: kind === "delivery" ? owner.urn : pipeline.urn,
        name: owner.name,
        kind,
        resources: owner === pipeline ? 1 : below.length,
        stages,
        // A review is drawn with what it touches; the application's other stores stand in its delivery.
        stores:
            kind === "delivery"
                ? stores
                : stores.filter(({ writers, readers }) => writers.length + readers.length > 0),
        facts: notices(pipeline, index),
    };
}
