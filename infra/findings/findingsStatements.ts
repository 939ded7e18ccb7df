/** What a function needs to import findings, and to see those that it imported. */
import { productArn } from "../../gate/findings/securityFinding";
import { hubArn } from "../arn";
import type { Statement } from "../iamStatement";
import type { Account } from "../naming";
import { allow } from "../pipeline/permissions";

/**
 * Import findings about this account as its default product, and as no other product (Service Authorization Reference,
 * "AWS Security Hub": resource `product`, condition `securityhub:TargetAccount`).
 */
export function importFindings(account: Account): Statement {
    return allow("ImportFindings", ["securityhub:BatchImportFindings"], [productArn(account)], {
        StringEquals: { "securityhub:TargetAccount": account.accountId },
    });
}

/** See the findings of the account; the action knows the hub and nothing smaller. */
export function readFindings(account: Account): Statement {
    return allow("ReadFindings", ["securityhub:GetFindings"], [hubArn(account)]);
}
