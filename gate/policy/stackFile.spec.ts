import assert from "node:assert/strict";
import { GatePolicyError, parseGatePolicy } from "./parseGatePolicy";
import { policyTextOf } from "./stackFile";

const stackFile = (policy: string) => `# a stack
config:
  aws:region: us-east-1
  portcullis:gatePolicy:${policy}
  portcullis:tags:
    Environment: dev
`;

describe("gate policy in a stack's file", () => {
    it("is the policy and nothing else of the file", () => {
        const text = policyTextOf(stackFile("\n    version: 1\n    limits:\n      medium: 7"));
        assert.equal(parseGatePolicy(text).limits.medium, 7);
        assert.equal(
            parseGatePolicy(policyTextOf(stackFile(" { version: 1, limits: { low: 3 } }"))).limits.low,
            3,
        );
    });

    it("keeps the lines and columns of the file", () => {
        assert.throws(
            () => parseGatePolicy(policyTextOf(stackFile("\n    version: 1\n    limits:\n      hihg: 7"))),
            (error: GatePolicyError) => {
                assert.deepEqual(
                    error.problems.map(({ path, line, column }) => [path, line, column]),
                    [["limits.hihg", 7, 7]],
                );
                return true;
            },
        );
    });

    for (const policy of ["", " ~", " text", " []"]) {
        it(`is not valid when the setting is${policy || " empty"}`, () =>
            assert.throws(() => parseGatePolicy(policyTextOf(stackFile(policy))), GatePolicyError));
    }

    it("is not valid when the file has no such setting", () => {
        assert.throws(
            () => parseGatePolicy(policyTextOf("config:\n  aws:region: us-east-1\n")),
            GatePolicyError,
        );
    });

    it("leaves a policy of its own as it is, also one that cannot be read", () => {
        for (const text of ["version: 1\n", "", "a: [", '{"version":1}', "config: 1\n"])
            assert.equal(policyTextOf(text), text);
    });
});
