import assert from "node:assert/strict";
import { toInstant } from "./instant";

describe("a time as scanners write it", () => {
    for (const [value, instant] of [
        [1579839105, "2020-01-24T04:11:45.000Z"],
        [1725468938.411, "2024-09-04T16:55:38.411Z"],
        [1605140985874, "2020-11-12T00:29:45.874Z"],
        ["2022-11-21 00:21:41.678000000", "2022-11-21T00:21:41.678Z"],
        ["2022-11-21T18:33:28.076Z", "2022-11-21T18:33:28.076Z"],
        ["2020-11-12T00:29:45.874+00:00", "2020-11-12T00:29:45.874Z"],
        ["2024-06-14T04:03:53.051000+02:00", "2024-06-14T02:03:53.051Z"],
        ["2024-05-20T16:23:20-0700", "2024-05-20T23:23:20.000Z"],
        ["2024-05-20T16:23:20.5Z", "2024-05-20T16:23:20.500Z"],
    ] as const) {
        it(`reads ${value}`, () => assert.equal(toInstant(value), instant));
    }

    for (const value of [
        undefined,
        null,
        "",
        "yesterday",
        "2024-13-01T00:00:00Z",
        "2024-02-30T25:00:00Z",
        "0001-01-01T00:00:00Z",
        "1579839105",
        "2024-05-20",
        0,
        -1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        1605140985874000,
        true,
        {},
    ]) {
        it(`refuses ${JSON.stringify(value) ?? "undefined"}`, () => assert.equal(toInstant(value), null));
    }
});
