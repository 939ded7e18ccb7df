import assert from "node:assert/strict";
import { waiverNotices } from "./waiverNotices";

const waiver = {
    id: "CVE-2026-1234",
    reason: "not reachable, the parser is never called",
    owner: "team-shop",
    created: "2026-11-10",
    expires: "2026-11-20",
};

describe("notices about waivers", () => {
    it("are given before a waiver holds and after it has ended, not in between", () => {
        const at = (time: string) => waiverNotices([waiver], new Date(time));
        assert.deepEqual(at("2026-11-09T23:59:59Z"), [
            "portcullis:gatePolicy.waivers: the waiver of CVE-2026-1234 only holds from 2026-11-10 (UTC): remove it " +
                "until then; every verdict in its scope fails.",
        ]);
        assert.deepEqual(at("2026-11-10T00:00:00Z"), []);
        assert.deepEqual(at("2026-11-20T23:59:59Z"), []);
        assert.deepEqual(at("2026-11-21T00:00:00Z"), [
            "portcullis:gatePolicy.waivers: the waiver of CVE-2026-1234 expired at the end of 2026-11-20 (UTC): renew " +
                "or remove it; every verdict in its scope fails.",
        ]);
    });
});
