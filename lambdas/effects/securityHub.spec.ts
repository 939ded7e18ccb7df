import assert from "node:assert/strict";
import type { SecurityHubClient } from "@aws-sdk/client-securityhub";
import { productArn } from "../../gate/findings/securityFinding";
import { imported, origin, scanOf } from "../../gate/findings/testing/findingSamples";
import { findingOf } from "../../gate/report/testing/sampleFinding";
import { importFindings, storedFindings } from "./securityHub";

const findings = (count: number) =>
    imported(
        scanOf({
            findings: Array.from({ length: count }, (_, number) => findingOf({ id: `CVE-2026-${number}` })),
        }),
    );

/** A client that gives the answers of a spec, and remembers when it was asked what. */
function clientThat(answer: (input: Record<string, unknown>) => unknown) {
    const asked: { input: Record<string, unknown>; at: number }[] = [];
    const client = {
        async send({ input }: { input: Record<string, unknown> }): Promise<unknown> {
            asked.push({ input, at: performance.now() });
            return answer(input);
        },
    } as unknown as SecurityHubClient;
    return { client, asked };
}

const taken = ({ Findings }: Record<string, unknown>) => {
    const { length } = Findings as unknown[];
    return { FailedCount: 0, SuccessCount: length, FailedFindings: [] };
};
const forever = new AbortController().signal;
const question = { productArn: productArn(origin.account), prefix: "portcullis-dev/scan/orders/" };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const item of items) found.push(item);
    return found;
}

describe("Security Hub", () => {
    it("is not asked more than ten times a second", async () => {
        const { client, asked } = clientThat(taken);
        assert.deepEqual(await importFindings(client, findings(301), forever), { imported: 301 });
        const gaps = asked.slice(1).map(({ at }, before) => at - (asked[before]?.at ?? 0));
        assert.equal(gaps.length, 3);
        // A timer never ends early, but for the fraction of a millisecond that it rounds off.
        for (const gap of gaps) assert.ok(gap >= 98, String(gap));
    });

    it("is not asked at all for nothing, nor any more when the time is up", async () => {
        const { client, asked } = clientThat(taken);
        assert.deepEqual(await importFindings(client, [], forever), { imported: 0 });
        const time = new AbortController();
        const stopping = clientThat((input) => (time.abort(), taken(input)));
        await assert.rejects(importFindings(stopping.client, findings(250), time.signal), {
            name: "AbortError",
        });
        assert.deepEqual([asked.length, stopping.asked.length], [0, 1]);
    });

    it("is asked for exactly the findings that are wanted, and what else it gives is left out", async () => {
        const [wanted, other] = findings(2);
        assert(wanted && other);
        const archived = { ...other, RecordState: "ARCHIVED" };
        const foreign = { ...other, Id: "somebody/else" };
        const { client, asked } = clientThat(({ NextToken }) =>
            NextToken === undefined
                ? { Findings: [foreign, archived], NextToken: "more" }
                : { Findings: [wanted] },
        );
        const field = { name: "application", value: "orders" };
        const found = await all(storedFindings(client, { ...question, state: "ACTIVE", field }, forever));
        assert.deepEqual(found, [wanted]);
        const Filters = {
            ProductArn: [{ Value: question.productArn, Comparison: "EQUALS" }],
            Id: [{ Value: question.prefix, Comparison: "PREFIX" }],
            RecordState: [{ Value: "ACTIVE", Comparison: "EQUALS" }],
            ProductFields: [{ Key: "portcullis/application", Value: "orders", Comparison: "EQUALS" }],
        };
        assert.deepEqual(
            asked.map(({ input }) => input),
            [
                { Filters, MaxResults: 100 },
                { Filters, MaxResults: 100, NextToken: "more" },
            ],
        );
    });
});
