import assert from "node:assert/strict";
import { parseScanEvent, ScanEventError, totalOf } from "./scanEvent";
import {
    digestOf,
    ecrScanEvent,
    exampleAccount,
    exampleSettings,
    inspectorScanEvent,
    uuidOf,
} from "./testing/genuineShapes";

const enhanced = exampleSettings();
const basic = exampleSettings({ scanType: "BASIC" });
const orders = "portcullis-dev-orders-staging";
const ordersArn = `arn:aws:ecr:eu-west-1:123456789012:repository/${orders}`;
const otherAccount = { ...exampleAccount, accountId: "111122223333" };

function refusal(event: unknown, settings = enhanced): string {
    try {
        parseScanEvent(event, settings);
    } catch (error) {
        assert.ok(error instanceof ScanEventError, String(error));
        assert.doesNotMatch(error.message, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        return error.message;
    }
    assert.fail("it was read");
}

function ignored(event: unknown, settings = enhanced): string {
    const answer = parseScanEvent(event, settings);
    assert.ok("ignored" in answer, JSON.stringify(answer));
    return answer.ignored;
}

/** An event of Inspector with other members; of the detail those in `detail`. */
function changed({ detail = {}, ...changes }: Record<string, unknown>, event = inspectorScanEvent()): object {
    return { ...event, ...changes, detail: { ...event.detail, ...(detail as object) } };
}

describe("scan event", () => {
    it("of enhanced scanning is a notice about the repository that the ARN names", () => {
        assert.deepEqual(
            parseScanEvent(
                inspectorScanEvent({ counts: { CRITICAL: 7, HIGH: 61, MEDIUM: 62, TOTAL: 158 } }),
                enhanced,
            ),
            {
                repository: orders,
                digest: digestOf("a"),
                status: "ended",
                statusText: "INITIAL_SCAN_COMPLETE",
                total: 158,
                at: "2026-11-21T12:03:16.000Z",
                eventId: uuidOf(700),
            },
        );
    });

    it("of basic scanning is a notice about the repository that is named", () => {
        const counts = { CRITICAL: 10, HIGH: 2, MEDIUM: 9, LOW: 3, INFORMATIONAL: 0, UNDEFINED: 1 };
        assert.deepEqual(parseScanEvent(ecrScanEvent({ counts, digest: digestOf("b") }), basic), {
            repository: orders,
            digest: digestOf("b"),
            status: "ended",
            statusText: "COMPLETE",
            total: 25,
            at: "2026-11-21T12:03:16.000Z",
            eventId: uuidOf(700),
        });
    });

    it("may be of the second repository, and without resources, tags or counts", () => {
        const event = inspectorScanEvent({ repository: "portcullis-dev-billing-staging" });
        const { "image-tags": _tags, "finding-severity-counts": _counts, ...detail } = event.detail;
        const { resources: _resources, ...envelope } = event;
        const notice = parseScanEvent({ ...envelope, detail }, enhanced);
        assert.ok(!("ignored" in notice));
        assert.equal(notice.repository, "portcullis-dev-billing-staging");
        assert.equal(notice.total, null);
    });

    it("has ended or failed by the words that are known, and means nothing by any other", () => {
        const meaning = (settings: typeof enhanced, status: string): string => {
            const event = settings === enhanced ? inspectorScanEvent({ status }) : ecrScanEvent({ status });
            const notice = parseScanEvent(event, settings);
            assert.ok(!("ignored" in notice));
            assert.equal(notice.statusText, status);
            return notice.status;
        };
        assert.equal(meaning(enhanced, "INITIAL_SCAN_COMPLETE"), "ended");
        assert.equal(meaning(basic, "COMPLETE"), "ended");
        for (const settings of [enhanced, basic]) {
            for (const word of ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED"]) {
                assert.equal(meaning(settings, word), "failed", word);
            }
            const others = [
                "ACTIVE",
                "IN_PROGRESS",
                "PENDING",
                "LIMIT_EXCEEDED",
                "FINDINGS_UNAVAILABLE",
                "complete",
                "COMPLETED",
                "COMPLETE ",
                "constructor",
                "__proto__",
                "toString",
                "SCAN COMPLETE",
            ];
            for (const word of others) assert.equal(meaning(settings, word), "other", word);
        }
        assert.equal(meaning(enhanced, "COMPLETE"), "other");
        assert.equal(meaning(basic, "INITIAL_SCAN_COMPLETE"), "other");
    });

    it("is ignored when another kind of scanning is configured", () => {
        assert.equal(
            ignored(ecrScanEvent(), enhanced),
            '"ECR Image Scan" of "aws.ecr": this registry is configured for ENHANCED scanning',
        );
        assert.equal(
            ignored(inspectorScanEvent(), basic),
            '"Inspector2 Scan" of "aws.inspector2": this registry is configured for BASIC scanning',
        );
    });

    it("is ignored when Inspector sends it about something that is no image", () => {
        const about = { "scan-status": "INITIAL_SCAN_COMPLETE", "instance-id": "i-0123456789abcdef0" };
        const resources = ["i-0123456789abcdef0"];
        const event = { ...inspectorScanEvent(), resources, detail: about };
        assert.equal(ignored(event), '"i-0123456789abcdef0" is no repository');
        // Without a name it has to say what else it is about.
        assert.match(refusal({ ...event, resources: [] }), /its repository-name is nothing/);
        assert.match(refusal({ ...event, resources: [ordersArn] }), /its repository-name is nothing/);
    });

    it("is ignored when it says nothing about the end of a scan", () => {
        const others: [string, unknown][] = [
            ["aws.inspector2", "Inspector2 Finding"],
            ["aws.inspector2", "Inspector2 Coverage"],
            ["aws.inspector2", "ECR Image Scan"],
            ["aws.ecr", "ECR Scan Resource Change"],
            ["aws.ecr", "ECR Image Action"],
            ["aws.ecr", "Inspector2 Scan"],
            ["my.scanner", "Inspector2 Scan"],
            ["aws.inspector2", undefined],
            ["aws.inspector2", ["Inspector2 Scan"]],
            ["", "Inspector2 Scan"],
        ];
        for (const [source, detailType] of others) {
            for (const settings of [enhanced, basic]) {
                const event = changed({ source, "detail-type": detailType });
                assert.match(ignored(event, settings), /says nothing about the end of a scan$/);
            }
        }
        assert.equal(
            ignored(changed({ "detail-type": "Inspector2 Finding", detail: null })),
            '"Inspector2 Finding" of "aws.inspector2" says nothing about the end of a scan',
        );
    });

    it("is ignored when the repository is none of ours", () => {
        const repositories = [
            `${orders}-2`,
            `team/${orders}`,
            `${orders}/old`,
            orders.toUpperCase(),
            "portcullis-dev-orders-candidate",
            "portcullis-dev-orders-production",
        ];
        for (const repository of repositories) {
            assert.match(
                ignored(inspectorScanEvent({ repository })),
                / of account 123456789012 is none of this gate's$/,
            );
            assert.match(
                ignored(ecrScanEvent({ repository }), basic),
                /^the repository ".*" is none of this gate's$/,
            );
        }
        assert.equal(
            ignored(ecrScanEvent({ repository: "shop" }), basic),
            'the repository "shop" is none of this gate\'s',
        );
        assert.match(
            ignored(changed({ detail: { "repository-name": "shop" } })),
            /"shop" is none of this gate's$/,
        );
    });

    it("is ignored when the account, region or partition is another", () => {
        for (const account of [otherAccount, { ...exampleAccount, region: "eu-west-2" }]) {
            assert.match(ignored(inspectorScanEvent({ account })), /is none of this gate's$/);
            assert.match(ignored(ecrScanEvent({ account }), basic), /is none of this gate's$/);
        }
        assert.match(
            ignored(inspectorScanEvent({ account: { ...exampleAccount, partition: "aws-cn" } })),
            /none of/,
        );
        assert.equal(
            ignored(inspectorScanEvent({ account: otherAccount })),
            `the repository "arn:aws:ecr:eu-west-1:111122223333:repository/${orders}" of account 111122223333 is none ` +
                "of this gate's",
        );
        assert.equal(
            ignored(ecrScanEvent({ account: otherAccount }), basic),
            `the repository "${orders}" of account "111122223333" in "eu-west-1" is none of this gate's`,
        );
    });

    it("is an error when it is about ours and sent for another account or region", () => {
        assert.equal(
            refusal(changed({ account: "111122223333" })),
            `the event "${uuidOf(700)}" of "aws.inspector2" cannot be believed: it is about ${orders} of account ` +
                '123456789012 in eu-west-1, and sent for account "111122223333" in "eu-west-1"; see what sent it, and ' +
                "put it back into the function when it is genuine",
        );
        for (const changes of [
            { region: "eu-west-2" },
            { account: undefined },
            { account: 123456789012 },
            { region: null },
            { account: ["123456789012"] },
        ]) {
            assert.match(refusal(changed(changes)), /and sent for account/, JSON.stringify(changes));
            assert.match(
                refusal(changed(changes, ecrScanEvent() as never), basic),
                /and sent for account/,
                JSON.stringify(changes),
            );
        }
        assert.match(
            refusal(changed({ account: 5, resources: [] }, ecrScanEvent() as never), basic),
            /it is of account 5, region "eu-west-1"/,
        );
    });

    it("is an error when an ARN of ours is sent for another account, whatever the resources", () => {
        for (const resources of [undefined, [], ["arn:aws:ecr:eu-west-1:111122223333:repository/shop"]]) {
            assert.match(refusal(changed({ account: "111122223333", resources })), /and sent for account/);
        }
    });

    it("is an error when its resources name another repository", () => {
        for (const [event, settings] of [
            [inspectorScanEvent(), enhanced],
            [ecrScanEvent(), basic],
        ] as const) {
            const resources = [`${ordersArn}-2`];
            assert.match(
                refusal(changed({ resources }, event as never), settings),
                new RegExp(`it is about ${orders}, and its resources name "${ordersArn}-2"`),
            );
            const both = changed({ resources: [...resources, ordersArn] }, event as never);
            assert.ok("digest" in parseScanEvent(both, settings));
        }
    });

    it("is an error when the repository is named as the other kind of scanning does", () => {
        assert.match(
            refusal(changed({ detail: { "repository-name": orders } })),
            /its repository-name is ".*", where ENHANCED scanning writes an ARN/,
        );
        assert.match(
            refusal(changed({ detail: { "repository-name": ordersArn } }, ecrScanEvent() as never), basic),
            /its repository-name is ".*", where BASIC scanning writes a name/,
        );
    });

    it("is an error when it is about ours and malformed", () => {
        const hash = "a".repeat(64);
        const wrong: [Record<string, unknown>, RegExp][] = [
            ...[
                undefined,
                null,
                "",
                hash,
                `sha256:${hash}0`,
                `sha512:${hash}`,
                `sha256:${"A".repeat(64)}`,
                "latest",
                [digestOf("a")],
                `sha256:${hash.slice(7)}EXAMPLE`,
            ].map((digest): [Record<string, unknown>, RegExp] => [
                { detail: { "image-digest": digest } },
                /its image-digest is .*, which is not a sha256 digest/,
            ]),
            ...[undefined, null, "", " ", 5, {}, ["COMPLETE"], "x".repeat(101), "COMPLETE\nFAILED"].map(
                (status): [Record<string, unknown>, RegExp] => [
                    { detail: { "scan-status": status } },
                    /its scan-status is /,
                ],
            ),
            ...[undefined, null, "", "now", 1_795_262_596, "2026-11-21", "0001-01-01T00:00:00Z"].map(
                (time): [Record<string, unknown>, RegExp] => [{ time }, /its time is /],
            ),
            ...[undefined, null, "", 5, "x".repeat(129), "a b", {}].map(
                (id): [Record<string, unknown>, RegExp] => [{ id }, /its id is /],
            ),
            ...[undefined, null, "", 5, [ordersArn], {}].map((name): [Record<string, unknown>, RegExp] => [
                { detail: { "repository-name": name } },
                /its repository-name is /,
            ]),
        ];
        for (const [changes, message] of wrong) assert.match(refusal(changed(changes)), message);
        for (const detail of [undefined, null, 5, "x", []]) {
            assert.match(refusal({ ...inspectorScanEvent(), detail }), /its detail is /);
        }
    });

    it("is an error when it is no event of EventBridge", () => {
        for (const event of [
            null,
            undefined,
            5,
            "x",
            [],
            {},
            { source: 5 },
            { Records: [] },
            [inspectorScanEvent()],
        ]) {
            assert.equal(
                refusal(event),
                "the event is not one of EventBridge: see who invoked the function",
                JSON.stringify(event),
            );
        }
    });

    it("is not misled by keys that JavaScript knows", () => {
        const text = JSON.stringify(inspectorScanEvent());
        const polluted = JSON.parse(
            text.replace(
                '"detail":{',
                '"detail":{"__proto__":{"image-digest":"x"},"constructor":{"prototype":{}},',
            ),
        ) as object;
        assert.deepEqual(parseScanEvent(polluted, enhanced), parseScanEvent(inspectorScanEvent(), enhanced));
        const inherited = JSON.parse(
            text.replace('"image-digest"', '"__proto__":{"image-digest":"sha256:0"},"image-digest-2"'),
        ) as object;
        assert.match(refusal(inherited), /its image-digest is nothing/);
        assert.equal(({} as Record<string, unknown>)["image-digest"], undefined);
    });
});

describe("findings that an event counts", () => {
    const cases: [unknown, number | null][] = [
        [{ CRITICAL: 0, HIGH: 0, MEDIUM: 0, TOTAL: 0 }, 0],
        // As Inspector's documentation has it: LOW is not listed, and the total is more than what is.
        [{ CRITICAL: 7, HIGH: 61, MEDIUM: 62, TOTAL: 158 }, 158],
        [{ CRITICAL: 1, HIGH: 2, MEDIUM: 3, TOTAL: 6 }, 6],
        [{ CRITICAL: 1, HIGH: 2, MEDIUM: 3, TOTAL: 5 }, null],
        [{ TOTAL: 3 }, 3],
        [{ HIGH: 3 }, 3],
        [{ CRITICAL: 10, HIGH: 2, MEDIUM: 9, LOW: 3, INFORMATIONAL: 0, UNDEFINED: 0 }, 24],
        [{ UNTRIAGED: 4, NEW_SEVERITY: 1 }, 5],
        [{}, 0],
        [{ HIGH: -1, TOTAL: 0 }, null],
        [{ HIGH: 1, TOTAL: -1 }, null],
        [{ HIGH: 1.5, TOTAL: 2 }, null],
        [{ HIGH: 1, TOTAL: 2.5 }, null],
        [{ HIGH: "1", TOTAL: 2 }, null],
        [{ HIGH: 1, TOTAL: "2" }, null],
        [{ HIGH: null, TOTAL: 2 }, null],
        [{ HIGH: 1, TOTAL: null }, null],
        [{ HIGH: true }, null],
        [{ HIGH: [1] }, null],
        [{ HIGH: Number.NaN }, null],
        [{ HIGH: Number.POSITIVE_INFINITY }, null],
        [{ HIGH: 1e300, TOTAL: 1e300 }, null],
        [{ HIGH: Number.MAX_SAFE_INTEGER, LOW: Number.MAX_SAFE_INTEGER }, null],
        [{ HIGH: -0, TOTAL: 0 }, 0],
        [JSON.parse('{"__proto__":5,"TOTAL":2}'), null],
        [JSON.parse('{"__proto__":{"TOTAL":9},"HIGH":1}'), null],
        [[1, 2], null],
        [[], null],
        ["3", null],
        [3, null],
        [null, null],
        [undefined, null],
    ];
    for (const [counts, total] of cases) {
        it(`${JSON.stringify(counts)}: ${total ?? "not believed"}`, () =>
            assert.equal(totalOf(counts), total));
    }
});
