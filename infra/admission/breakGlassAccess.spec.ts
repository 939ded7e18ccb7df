/** What the documents around overrides mean to an evaluator of IAM policies. */
import assert from "node:assert/strict";
import { exampleLiterals } from "../application/testing/examplePlatform";
import { wholeRecordsPolicy } from "../approval/tablePolicy";
import { identityPolicy } from "../iamStatement";
import { isAllowed } from "../testing/iamQuestion";
import { admissionNames } from "./admissionNames";
import { breakGlassStatements, breakGlassTrust } from "./roleDocuments";

const platform = exampleLiterals();
const { breakGlass, functions } = admissionNames(platform.account, platform.naming);
const onCall = "arn:aws:iam::123456789012:user/on-call";
const writes = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
];
/** Whoever has this may do anything that nobody forbids. */
const everything = identityPolicy([{ Sid: "All", Effect: "Allow", Action: ["*"], Resource: ["*"] }]);

describe("Access to overrides", () => {
    const assume = (principal: string, context: Record<string, string>) =>
        isAllowed({
            principal,
            action: "sts:AssumeRole",
            resource: breakGlass.role.arn,
            context,
            identityPolicy: everything,
            resourcePolicy: breakGlassTrust([onCall]),
        });

    it("needs a named principal and a second factor that was given within the hour", async () => {
        const fresh = { "aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "300" };
        assert.equal(await assume(onCall, fresh), true);
        assert.equal(await assume(onCall, { ...fresh, "aws:MultiFactorAuthAge": "3600" }), false);
        assert.equal(await assume(onCall, { ...fresh, "aws:MultiFactorAuthPresent": "false" }), false);
        assert.equal(await assume(onCall, {}), false);
        assert.equal(await assume("arn:aws:iam::123456789012:user/somebody", fresh), false);
        assert.equal(await assume("arn:aws:iam::123456789012:role/administrator", fresh), false);
    });

    const onTable = (
        principal: string,
        action: string,
        identity: string,
        writers: string[] = [breakGlass.role.arn],
    ) =>
        isAllowed({
            principal,
            action,
            resource: breakGlass.table.arn,
            identityPolicy: identity,
            resourcePolicy: wholeRecordsPolicy(breakGlass.table.arn, "OnlyTheBreakGlassRoleWrites", writers),
        });

    it("is adding a record for its role, and nothing for an administrator or the functions", async () => {
        const own = identityPolicy(breakGlassStatements(platform, { breakGlass } as never));
        for (const action of writes) {
            const isAdding = action === "dynamodb:PutItem";
            assert.equal(await onTable(breakGlass.role.arn, action, own), isAdding, action);
            assert.equal(await onTable(breakGlass.role.arn, action, everything), isAdding, action);
            for (const other of [
                "arn:aws:iam::123456789012:role/administrator",
                functions.admission.roleArn,
                functions.running.roleArn,
                onCall,
            ]) {
                assert.equal(await onTable(other, action, everything), false, `${other} ${action}`);
            }
        }
        assert.equal(await onTable(breakGlass.role.arn, "dynamodb:Query", own), true);
        assert.equal(await onTable(functions.admission.roleArn, "dynamodb:Query", everything), true);
    });

    it("is nobody's where the configuration names nobody, not even of a role that takes the name", async () => {
        for (const action of writes) {
            assert.equal(await onTable(breakGlass.role.arn, action, everything, []), false, action);
        }
    });
});
