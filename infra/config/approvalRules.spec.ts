import assert from "node:assert/strict";
import { approvalNotices } from "./approvalRules";
import { accepted } from "./testing/settings";

describe("notices about the approval gate", () => {
    it("say that nobody hears its alarms, until somebody does", () => {
        assert.deepEqual(approvalNotices(accepted({}).approval), [
            "portcullis:approval: alarms of the gate reach nobody: set approval.alarmEmails.",
        ]);
        const heard = accepted({ approval: { alarmEmails: ["operator@example.com"] } });
        assert.deepEqual(approvalNotices(heard.approval), []);
    });
});
