import { deepEqual } from "node:assert/strict";
import { readPolicyDocument } from "./document";
import { foreignPrincipals } from "./foreignPrincipals";

const own = "arn:aws:sns:eu-central-1:123456789012:news";
const stranger = "arn:aws:iam::210987654321:root";

function accounts(statement: Record<string, unknown>, trusted: string[] = []): string[] {
    const document = readPolicyDocument({
        Statement: { Effect: "Allow", Action: "sns:Publish", Resource: own, ...statement },
    });
    if (document.kind !== "known") throw new Error(document.kind);
    return foreignPrincipals(document.statements, trusted).map(({ account }) => account);
}

describe("accounts beside the own one", () => {
    it("are told by the resource's ARN", () => {
        deepEqual(accounts({ Principal: { AWS: stranger } }), ["210987654321"]);
        deepEqual(accounts({ Principal: { AWS: ["123456789012", "210987654321"] } }), ["210987654321"]);
        deepEqual(accounts({ Principal: { AWS: stranger }, Resource: "*" }), []);
    });

    it("are found in the condition of a statement for everybody", () => {
        const Condition = { StringEquals: { "aws:PrincipalAccount": "210987654321" } };
        deepEqual(accounts({ Principal: "*", Condition }), ["210987654321"]);
    });

    it("are no strangers when trusted, in the organization, denied or a service", () => {
        deepEqual(accounts({ Principal: { AWS: stranger } }, ["210987654321"]), []);
        const Condition = { StringEquals: { "aws:PrincipalOrgID": "o-example" } };
        deepEqual(accounts({ Principal: { AWS: stranger }, Condition }), []);
        deepEqual(accounts({ Principal: { AWS: stranger }, Effect: "Deny" }), []);
        deepEqual(accounts({ Principal: { Service: "events.amazonaws.com" } }), []);
    });
});
