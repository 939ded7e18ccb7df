import assert from "node:assert/strict";
import fc from "fast-check";
import { hostileNames, hostileText } from "../report/fixtures/hostile";
import { elementsOf, readXml } from "../report/fixtures/readXml";
import { sampleRun, sampleStack } from "../report/fixtures/sampleRun";
import { StackBuilder, unknown } from "../report/fixtures/stackBuilder";
import { covers } from "./access";
import { architectureOf, drawnApplications } from "./architecture";
import type { Architecture } from "./architecture";
import { architectureSvg } from "./architectureSvg";
import { layoutScene } from "./layout";
import type { Box, Scene, SceneText } from "./scene";
import { fitText, textWidth } from "./textWidth";

/** Half a pixel of tolerance: boxes may touch. */
const slack = 0.5;

function overlap(a: Box, b: Box): boolean {
    return (
        a.x + a.width > b.x + slack &&
        b.x + b.width > a.x + slack &&
        a.y + a.height > b.y + slack &&
        b.y + b.height > a.y + slack
    );
}

function inside(inner: Box, outer: Box): boolean {
    return (
        inner.x >= outer.x - slack &&
        inner.y >= outer.y - slack &&
        inner.x + inner.width <= outer.x + outer.width + slack &&
        inner.y + inner.height <= outer.y + outer.height + slack
    );
}

function onBorder([x, y]: [number, number], box: Box): boolean {
    const within =
        x >= box.x - slack &&
        x <= box.x + box.width + slack &&
        y >= box.y - slack &&
        y <= box.y + box.height + slack;
    const beside = Math.min(
        Math.abs(x - box.x),
        Math.abs(x - box.x - box.width),
        Math.abs(y - box.y),
        Math.abs(y - box.y - box.height),
    );
    return within && beside <= slack;
}

/** The place that a word beside a line takes. */
function labelBox({ text, x, y, size, anchor }: SceneText): Box {
    const width = textWidth(text, size);
    const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
    return { id: text, x: left, y: y - size, width, height: size } as Box;
}

/** Boxes that others and words stand in. */
const frames = new Set(["panel", "lane", "network", "zone", "engine"]);

/** Everything that must hold for any picture. */
function assertSound(scene: Scene): void {
    const byId = new Map(scene.boxes.map((box) => [box.id, box]));
    assert.equal(byId.size, scene.boxes.length, "ids are unique");
    const canvas = { ...scene, x: 0, y: 0 } as unknown as Box;
    const siblings = new Map<string | null, Box[]>();
    for (const box of scene.boxes) {
        assert.ok(box.width > 0 && box.height > 0, `${box.id} has a size`);
        const outer = box.parent === null ? canvas : byId.get(box.parent);
        assert.ok(outer && inside(box, outer), `${box.id} lies in ${box.parent ?? "the canvas"}`);
        for (const text of box.texts) {
            const width = textWidth(text.text, text.size, text.bold);
            const left =
                text.anchor === "start"
                    ? text.x
                    : text.anchor === "end"
                      ? text.x - width
                      : text.x - width / 2;
            assert.ok(
                left >= box.x - slack && left + width <= box.x + box.width + slack,
                `${box.id}: ${text.text} fits`,
            );
            assert.ok(
                text.y - text.size >= box.y - slack && text.y <= box.y + box.height,
                `${box.id}: ${text.text} is in`,
            );
        }
        for (const sibling of siblings.get(box.parent) ?? []) {
            assert.ok(!overlap(box, sibling), `${box.id} and ${sibling.id} overlap`);
        }
        siblings.set(box.parent, [...(siblings.get(box.parent) ?? []), box]);
    }
    const labels = scene.arrows.flatMap(({ label }) => (label && label.text !== "" ? [labelBox(label)] : []));
    labels.forEach((label, position) => {
        assert.ok(inside(label, canvas), `${label.id} lies in the canvas`);
        for (const box of scene.boxes.filter(({ kind }) => !frames.has(kind))) {
            assert.ok(!overlap(label, box), `the words ${label.id} and ${box.id} overlap`);
        }
        for (const other of labels.slice(0, position)) {
            assert.ok(!overlap(label, other), `the words ${label.id} and ${other.id} overlap`);
        }
    });
    for (const arrow of scene.arrows) {
        const [from, to] = [byId.get(arrow.from), byId.get(arrow.to)];
        const [first, last] = [arrow.points[0], arrow.points.at(-1)];
        assert.ok(from && to && first && last);
        assert.ok(onBorder(first, from), `${arrow.from} → ${arrow.to} begins on the border`);
        assert.ok(
            arrow.joins === true || onBorder(last, to),
            `${arrow.from} → ${arrow.to} ends on the border`,
        );
        arrow.points.slice(1).forEach(([x, y], position) => {
            const [px = 0, py = 0] = arrow.points[position] ?? [];
            assert.ok(
                Math.abs(x - px) < slack || Math.abs(y - py) < slack,
                "parts are horizontal or vertical",
            );
            assert.ok(x >= 0 && x <= scene.width && y >= 0 && y <= scene.height, "stays on the canvas");
        });
    }
}

const action = fc.record({
    name: hostileText,
    provider: fc.constantFrom("CodeBuild", "Manual", "CodeCommit"),
    runOrder: fc.integer({ min: 1, max: 3 }),
    may: fc.subarray(["privileged", "signs", "verifies"]),
});

const stage = fc.record({
    name: hostileText,
    actions: fc.array(action, { maxLength: 4 }),
    gate: fc.boolean(),
    usesEngine: fc.boolean(),
});

const application = fc.array(stage, { maxLength: 12 }).chain((stages) => {
    const columns = fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, stages.length - 1) }), {
        maxLength: 3,
    });
    return fc.record({
        urn: fc.uuid(),
        name: hostileText,
        kind: fc.constantFrom("delivery", "review"),
        resources: fc.nat(999),
        facts: fc.array(hostileText, { maxLength: 2 }),
        stages: fc.constant(stages),
        stores: fc.array(
            fc.record({
                urn: fc.uuid(),
                kind: fc.constantFrom(
                    ...[
                        "candidate",
                        "staging",
                        "production",
                        "repository",
                        "evidence",
                        "service",
                        "existing",
                    ],
                ),
                title: hostileText,
                detail: hostileText,
                writers: columns,
                readers: columns,
            }),
            { maxLength: 6 },
        ),
    });
});

const places = fc.uniqueArray(fc.record({ application: fc.nat(2), stage: fc.nat(4), action: hostileText }), {
    maxLength: 3,
    selector: ({ application: lane, stage: column }) => `${lane}/${column}`,
});

/** Boxes below the functions: tables, and what is reached outside, each with another title. */
const below = fc.tuple(
    fc.array(fc.record({ urn: fc.uuid(), title: hostileText, detail: hostileText }), { maxLength: 3 }),
    fc.uniqueArray(fc.record({ title: hostileText, detail: hostileText }), {
        maxLength: 3,
        selector: ({ title }) => title,
    }),
);

const gate = below.chain(([tables, outside]) => {
    const reached = fc.subarray(outside).chain((targets) =>
        fc.tuple(
            ...targets.map((target) =>
                fc.record({
                    title: fc.constant(target.title),
                    detail: fc.constant(target.detail),
                    label: hostileText,
                    kind: fc.constantFrom("write", "read", "event"),
                }),
            ),
        ),
    );
    const positions = fc.uniqueArray(fc.nat(Math.max(0, tables.length - 1)), {
        maxLength: tables.length,
    });
    const view = fc.record({
        urn: fc.uuid(),
        title: hostileText,
        details: fc.array(hostileText, { maxLength: 2 }),
        sources: fc.array(
            fc.record({
                kind: fc.constantFrom("topic", "rule", "schedule", "service"),
                title: hostileText,
                detail: hostileText,
                label: hostileText,
                failsToQueue: fc.boolean(),
                announcedBy: places,
            }),
            { maxLength: 3 },
        ),
        queue: fc.option(fc.record({ title: hostileText, detail: hostileText, alarms: fc.nat(2) })),
        failsToQueue: fc.boolean(),
        writes: positions,
        reads: positions,
        streams: positions,
        streamFailures: positions,
        alarms: fc.nat(2),
        answers: places,
        reaches: reached,
    });
    return fc.record({
        urn: fc.uuid(),
        title: hostileText,
        facts: fc.array(hostileText, { maxLength: 4 }),
        functions: fc.array(view, { minLength: 1, maxLength: 4 }),
        tables: fc.constant(tables),
        outside: fc.constant(outside),
        alarmTopic: fc.option(
            fc.record({
                urn: fc.uuid(),
                title: hostileText,
                details: fc.array(hostileText, { maxLength: 2 }),
            }),
        ),
    });
});

const architecture = fc.record({
    project: hostileText,
    stack: hostileText,
    resources: fc.nat(5000),
    applications: fc.array(application, { maxLength: 3 }),
    folded: fc.array(fc.record({ name: hostileText, resources: fc.nat(99) }), { maxLength: 60 }),
    network: fc.option(
        fc.record({
            urn: fc.uuid(),
            title: hostileText,
            facts: fc.array(hostileText, { maxLength: 4 }),
            zones: fc.array(
                fc.record({
                    name: hostileText,
                    subnets: fc.array(
                        fc.record({
                            urn: fc.uuid(),
                            kind: fc.constantFrom("public", "private"),
                            cidr: hostileText,
                            natGateway: fc.boolean(),
                        }),
                        { maxLength: 4 },
                    ),
                }),
                { maxLength: 4 },
            ),
        }),
    ),
    engine: fc.option(
        fc
            .array(
                fc.record({
                    urn: fc.uuid(),
                    kind: fc.constantFrom("loadBalancer", "service", "database"),
                    title: hostileText,
                    details: fc.array(hostileText, { maxLength: 2 }),
                }),
                { maxLength: 4 },
            )
            .chain((parts) =>
                fc.record({
                    urn: fc.uuid(),
                    title: hostileText,
                    parts: fc.constant(parts),
                    links: fc.array(
                        fc.tuple(
                            fc.nat(Math.max(0, parts.length - 1)),
                            fc.nat(Math.max(0, parts.length - 1)),
                        ),
                        { maxLength: 4 },
                    ),
                    addresses: fc.array(hostileText, { maxLength: 2 }),
                }),
            ),
    ),
    reviews: fc.array(application, { maxLength: 2 }),
    gates: fc.array(gate, { maxLength: 4 }),
    shelves: fc.array(
        fc.record({
            urn: fc.uuid(),
            title: hostileText,
            name: hostileText,
            resources: fc.nat(99),
            rows: fc.array(hostileText, { maxLength: 6 }),
        }),
        { maxLength: 12 },
    ),
}) as fc.Arbitrary<Architecture>;

describe("layout of the picture", () => {
    it("has no overlapping boxes, no text outside its box and no loose arrow, whatever is drawn", () => {
        fc.assert(
            fc.property(architecture, (drawn) => assertSound(layoutScene(drawn))),
            { numRuns: 100 },
        );
    });

    it("places the sample stack soundly, for 0, 1, 4, 5 and 20 applications and 2 to 4 zones", () => {
        for (const count of [0, 1, 4, 5, 20]) {
            for (const zones of [2, 3, 4]) {
                const names = Array.from({ length: count }, (_, position) => `app-${position + 1}`);
                const stack = sampleStack(
                    names,
                    ["a", "b", "c", "d"].slice(0, zones).map((zone) => `us-east-1${zone}`),
                );
                assertSound(layoutScene(architectureOf(stack.run())));
            }
        }
    });

    it("draws nothing but a title for an empty stack", () => {
        const scene = layoutScene(architectureOf(new StackBuilder().run()));
        assert.deepEqual([scene.boxes, scene.arrows, scene.legend], [[], [], []]);
        assert.equal(
            scene.texts[1]?.text,
            "0 resources  ·  0 applications  ·  drawn from an offline simulation, not AWS",
        );
    });
});

describe("what the picture shows", () => {
    const drawn = architectureOf(sampleRun());

    it("reads stages, gate and engine use from the pipeline", () => {
        assert.deepEqual(
            drawn.applications[0]?.stages.map(({ name, actions, gate, usesEngine }) => [
                name,
                actions.map(
                    (each) =>
                        `${each.name}: ${each.provider}${each.may.map((right) => ` ${right}`).join("")}`,
                ),
                gate,
                usesEngine,
            ]),
            [
                ["Source", ["Source: CodeCommit"], false, false],
                ["Build", ["Build: CodeBuild privileged"], false, false],
                ["Test", ["Anchore: CodeBuild", "Grype: CodeBuild"], false, true],
                ["Stage", ["Promote: CodeBuild"], false, false],
                ["Approve", ["Approve: Manual"], true, false],
                ["Publish", ["Promote: CodeBuild"], false, false],
            ],
        );
    });

    it("reads who writes and reads which store from the roles' policies", () => {
        assert.deepEqual(
            drawn.applications[0]?.stores.map(({ kind, detail, writers, readers }) => [
                kind,
                detail,
                writers,
                readers,
            ]),
            [
                ["candidate", "scan on push, immutable", [1], [2, 3]],
                ["staging", "scan on push, immutable", [3], [5]],
                ["production", "scan on push, immutable", [5], []],
                ["evidence", "object lock, shared", [2], [3, 5]],
            ],
        );
    });

    it("shows a step that may push where it should not", () => {
        const stack = sampleStack();
        const policy = stack.resources.find(({ name }) => name === "demo-delivery-scan-grype-role-policy");
        assert.ok(policy);
        policy.inputs["policy"] = JSON.stringify({
            Statement: {
                Effect: "Allow",
                Action: "ecr:*",
                Resource: "arn:aws:ecr:us-east-1:123456789012:repository/*",
            },
        });
        const stores = architectureOf(stack.run()).applications[0]?.stores;
        assert.deepEqual(stores?.find(({ kind }) => kind === "production")?.writers, [2, 5]);
    });

    it("shows no write that a policy does not allow: Deny, unknown and malformed documents", () => {
        for (const document of [
            JSON.stringify({ Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] }),
            "{not json",
            unknown,
            "null",
        ]) {
            const stack = sampleStack();
            for (const each of stack.resources.filter(
                ({ type }) => type === "aws:iam/rolePolicy:RolePolicy",
            )) {
                each.inputs["policy"] = document;
                each.outputs = {};
            }
            const stores = architectureOf(stack.run()).applications[0]?.stores ?? [];
            assert.deepEqual(
                stores.map(({ writers, readers }) => [...writers, ...readers]),
                [[], [], []],
            );
        }
    });

    it("reads zones, subnets, NAT gateway and engine", () => {
        assert.deepEqual(
            drawn.network?.zones.map(({ name, subnets }) => [
                name,
                subnets.map(({ kind, cidr, natGateway }) => [kind, cidr, natGateway]),
            ]),
            [
                [
                    "us-east-1a",
                    [
                        ["public", "10.20.0.0/20", true],
                        ["private", "10.20.128.0/20", false],
                    ],
                ],
                [
                    "us-east-1b",
                    [
                        ["public", "10.20.16.0/20", false],
                        ["private", "10.20.144.0/20", false],
                    ],
                ],
            ],
        );
        assert.deepEqual(drawn.network?.facts, [
            "10.20.0.0/16",
            "internet gateway",
            "flow log",
            "gateway endpoints dynamodb, s3",
        ]);
        assert.deepEqual(
            drawn.engine?.parts.map(({ title, details }) => [title, details]),
            [
                ["Internal load balancer", ["HTTPS 443"]],
                ["ECS service", ["1 task, 5 containers", "on 1 × t3a.medium"]],
                ["RDS PostgreSQL", ["db.t4g.micro", "one zone, encrypted"]],
            ],
        );
        assert.deepEqual(drawn.engine?.links, [
            [0, 1],
            [1, 2],
        ]);
    });

    it("puts every other component on a shelf", () => {
        assert.deepEqual(
            drawn.shelves.map(({ title, resources, rows }) => [title, resources, rows]),
            [
                ["Approval", 2, ["SNS topic: topic", "and 1 more"]],
                ["Keys", 4, ["KMS key: anchore", "KMS key: pipeline", "and 2 more"]],
                ["Registry Scanning", 2, ["ECR scanning: enhanced", "Inspector: ECR"]],
                ["Storage", 8, ["S3 bucket: artifacts", "S3 bucket: evidence, locked", "and 6 more"]],
            ],
        );
    });

    it("draws a few applications and names the rest, in the order people expect", () => {
        const names = Array.from({ length: 20 }, (_, position) => `app-${position + 1}`);
        const many = architectureOf(sampleRun(names));
        assert.deepEqual(
            many.applications.map(({ name }) => name),
            names.slice(0, drawnApplications),
        );
        assert.deepEqual(
            many.folded.map(({ name }) => name),
            names.slice(drawnApplications),
        );
        const svg = readXml(architectureSvg(sampleRun(names)));
        const text = elementsOf(svg).map((element) => element.text);
        assert.ok(text.includes("and 16 more applications (with number of resources)"));
    });
});

describe("SVG", () => {
    it("is well-formed and has title, description and a light background", () => {
        const svg = readXml(architectureSvg(sampleRun()));
        assert.equal(svg.name, "svg");
        assert.deepEqual(
            [svg.attributes["role"], svg.attributes["aria-labelledby"]],
            ["img", "title description"],
        );
        const [title, description] = svg.children;
        assert.deepEqual(
            [title?.name, title?.attributes["id"], title?.text],
            ["title", "title", "Architecture of portcullis, stack dev"],
        );
        assert.equal(description?.attributes["id"], "description");
        assert.match(
            description?.text ?? "",
            /Source, then Build, then Test, then Stage, then Approve, then Publish/,
        );
        assert.ok(elementsOf(svg).every(({ name }) => name !== "script" && name !== "foreignObject"));
    });

    it("stays well-formed with hostile names, and executes none of them", () => {
        for (const name of hostileNames) {
            const stack = sampleStack([name]);
            const svg = readXml(architectureSvg(stack.run({ project: name, stack: name })));
            assert.ok(elementsOf(svg).every((element) => element.name !== "script"));
            assert.ok(
                elementsOf(svg).every(({ attributes }) =>
                    Object.keys(attributes).every((key) => !key.startsWith("on")),
                ),
            );
        }
    });

    it("does not depend on the order of the captured resources", () => {
        const stack = sampleStack(["demo", "shop"]);
        const expected = architectureSvg(stack.run());
        fc.assert(
            fc.property(
                fc.shuffledSubarray(stack.resources, { minLength: stack.resources.length }),
                (resources) => {
                    assert.equal(architectureSvg(stack.run({ resources })), expected);
                },
            ),
            { numRuns: 8 },
        );
    });
});

describe("text and patterns", () => {
    it("cuts a text to its room", () => {
        fc.assert(
            fc.property(hostileText, fc.integer({ min: 0, max: 200 }), fc.boolean(), (text, room, bold) => {
                const fitted = fitText(text, room, 12, bold);
                assert.ok(textWidth(fitted, 12, bold) <= room);
                assert.ok(fitted === text || fitted === "" || fitted.endsWith("…"));
            }),
        );
    });

    it("matches IAM patterns as a whole, ignoring case", () => {
        assert.deepEqual(
            [
                covers("ecr:*", "ecr:PutImage"),
                covers("ecr:Put?mage", "ecr:putimage"),
                covers("ecr:Put", "ecr:PutImage"),
                covers("a.c", "abc"),
                covers("*", ""),
            ],
            [true, true, false, false, true],
        );
    });
});
