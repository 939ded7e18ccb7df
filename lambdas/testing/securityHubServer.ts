import type { IncomingMessage, ServerResponse } from "node:http";
import { batchLimits } from "../../gate/findings/batches";
import type { SecurityFinding } from "../../gate/findings/securityFinding";
import { refusalOf } from "../../gate/findings/testing/importSchema";
import { AwsServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";
import { checkInput, type MemberRule } from "./inputRules";

type Stored = SecurityFinding & { Workflow: { Status: string } };

const filterText: MemberRule = { required: true, type: "string", minimum: 1, pattern: /\S/ };
const stringFilter = {
    Value: filterText,
    Comparison: { ...filterText, values: ["EQUALS", "PREFIX"] },
};

/**
 * `BatchImportFindings` and `GetFindings` of AWS Security Hub, with the findings that were imported. It refuses what the
 * service refuses, by a schema of what may be sent; ignores updates that are not later than what it has, and keeps what
 * belongs to the customer and the day of the first import, as the service does.
 */
export class SecurityHubServer extends AwsServer {
    /** By their ids. */
    readonly findings = new Map<string, Stored>();
    /** Switched on in the account. */
    isEnabled = true;
    /** Findings in one answer. */
    pageSize = 100;
    /** A code for a finding that is not imported this time, or null. */
    fail: (finding: SecurityFinding) => string | null = () => null;
    /** Changes the answer to an import. */
    tamper: (answer: Record<string, unknown>) => Record<string, unknown> = (answer) => answer;

    constructor(options: AwsServerOptions) {
        super("securityhub", options);
    }

    reset(): void {
        this.findings.clear();
        this.isEnabled = true;
        this.pageSize = 100;
        this.fail = () => null;
        this.tamper = (answer) => answer;
    }

    /** The findings whose ids begin so, without what the service adds. */
    stored(prefix = ""): SecurityFinding[] {
        return [...this.findings.values()]
            .filter(({ Id }) => Id.startsWith(prefix))
            .map(({ Workflow: _workflow, ...finding }) => finding);
    }

    private get productArn(): string {
        const { partition, region, accountId } = this.options.account;
        return `arn:${partition}:securityhub:${region}:${accountId}:product/${accountId}/default`;
    }

    protected understand(request: IncomingMessage, body: Buffer): AwsRequest {
        if (request.method !== "POST" || request.headers["content-type"] !== "application/json")
            throw new Refusal(
                "InvalidInputException",
                `${request.method} ${request.headers["content-type"]}`,
            );
        const input = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
        const { partition, region, accountId } = this.options.account;
        if (request.url === "/findings/import") {
            const findings = this.checkImport(input, body.length);
            return {
                operation: "BatchImportFindings",
                input,
                permissions: [...new Set(findings.map(({ AwsAccountId }) => AwsAccountId))].map(
                    (account) => ({
                        action: "securityhub:BatchImportFindings",
                        resource: this.productArn,
                        context: { "securityhub:TargetAccount": String(account) },
                    }),
                ),
            };
        }
        if (request.url !== "/findings")
            throw new Refusal("UnknownOperationException", String(request.url), 404);
        this.checkQuestion(input);
        return {
            operation: "GetFindings",
            input,
            permissions: [
                {
                    action: "securityhub:GetFindings",
                    resource: `arn:${partition}:securityhub:${region}:${accountId}:hub/default`,
                },
            ],
        };
    }

    /** The request as a whole; its findings are answered one by one. */
    private checkImport(input: Record<string, unknown>, bytes: number): { AwsAccountId?: unknown }[] {
        const { Findings: findings, ...others } = input;
        const problem = !Array.isArray(findings)
            ? "Findings is no list"
            : findings.length < 1 || findings.length > batchLimits.findings
              ? `${findings.length} findings`
              : bytes > batchLimits.batchBytes
                ? `${bytes} bytes`
                : Object.keys(others).length > 0
                  ? `unknown members ${Object.keys(others).join(", ")}`
                  : null;
        if (problem !== null) throw new Refusal("InvalidInputException", `BatchImportFindings: ${problem}`);
        return findings as { AwsAccountId?: unknown }[];
    }

    private checkQuestion(input: Record<string, unknown>): void {
        const { Filters: filters = {}, ...rest } = input as { Filters?: Record<string, unknown> };
        checkInput(
            rest,
            {
                MaxResults: { type: "integer", minimum: 1, maximum: 100 },
                NextToken: { type: "string", minimum: 1 },
            },
            "InvalidInputException",
        );
        for (const [name, list] of Object.entries(filters)) {
            const isMap = name === "ProductFields";
            if (!["Id", "ProductArn", "RecordState", "ProductFields"].includes(name))
                throw new Refusal("InvalidInputException", `filter ${name}`);
            if (!Array.isArray(list) || list.length < 1 || list.length > 20)
                throw new Refusal("InvalidInputException", `filter ${name} has no 1 to 20 values`);
            for (const filter of list as Record<string, unknown>[])
                checkInput(
                    filter,
                    isMap ? { Key: filterText, ...stringFilter } : stringFilter,
                    "InvalidInputException",
                );
        }
    }

    protected async carryOut(call: AwsCall): Promise<(response: ServerResponse) => void> {
        if (!this.isEnabled)
            throw new Refusal("InvalidAccessException", "Account is not subscribed to AWS Security Hub", 401);
        const answer =
            call.operation === "GetFindings" ? this.list(call.input) : this.tamper(this.import(call.input));
        return (response) => {
            response.writeHead(200, { "content-type": "application/json" });
            response.end(JSON.stringify(answer));
        };
    }

    private import(input: Record<string, unknown>): Record<string, unknown> {
        const failed: { Id: string; ErrorCode: string; ErrorMessage: string }[] = [];
        const findings = input["Findings"] as SecurityFinding[];
        for (const finding of findings) {
            const refusal = refusalOf(finding);
            if (refusal !== null)
                this.options.journal.malformed.push(`securityhub: ${finding.Id}: ${refusal}`);
            const code = refusal === null ? this.fail(finding) : "InvalidInput";
            if (code === null) this.take(finding);
            else failed.push({ Id: finding.Id, ErrorCode: code, ErrorMessage: refusal ?? "as told" });
        }
        return {
            FailedCount: failed.length,
            SuccessCount: findings.length - failed.length,
            FailedFindings: failed,
        };
    }

    private take(finding: SecurityFinding): void {
        const known = this.findings.get(finding.Id);
        if (known !== undefined && Date.parse(finding.UpdatedAt) <= Date.parse(known.UpdatedAt)) return;
        this.findings.set(finding.Id, {
            ...finding,
            ...(known === undefined ? {} : { CreatedAt: known.CreatedAt }),
            Workflow: known?.Workflow ?? { Status: "NEW" },
        });
    }

    private list(input: Record<string, unknown>): Record<string, unknown> {
        const {
            Filters = {},
            NextToken = "0",
            MaxResults = 100,
        } = input as {
            Filters?: Record<string, { Key?: string; Value: string; Comparison: string }[]>;
            NextToken?: string;
            MaxResults?: number;
        };
        const found = [...this.findings.values()].filter((finding) =>
            Object.entries(Filters).every(([name, filters]) =>
                filters.some(({ Key, Value, Comparison }) => {
                    const own =
                        Key === undefined
                            ? String(finding[name as keyof SecurityFinding])
                            : (finding.ProductFields[Key] ?? "");
                    return Comparison === "EQUALS" ? own === Value : own.startsWith(Value);
                }),
            ),
        );
        const from = Number(NextToken);
        const to = from + Math.min(MaxResults, this.pageSize);
        return {
            Findings: found.slice(from, to).map((finding) => this.shown(finding)),
            ...(to < found.length ? { NextToken: String(to) } : {}),
        };
    }

    /** A finding as the service gives it back: with members of its own. */
    private shown(finding: Stored): object {
        const { FindingProviderFields: given, ProductFields } = finding;
        return {
            ...finding,
            CompanyName: "Personal",
            Region: this.options.account.region,
            Types: given.Types,
            Severity: { ...given.Severity, Normalized: 40 },
            WorkflowState: "NEW",
            ProductFields: {
                ...ProductFields,
                "aws/securityhub/FindingId": `${finding.ProductArn}/${finding.Id}`,
                "aws/securityhub/ProductName": finding.ProductName,
                "aws/securityhub/CompanyName": "Personal",
            },
        };
    }

    protected refuse(response: ServerResponse, { code, message, status }: Refusal): void {
        response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": code });
        response.end(JSON.stringify({ Message: message, Code: code }));
    }
}
