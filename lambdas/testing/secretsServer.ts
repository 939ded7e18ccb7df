import type { ServerResponse } from "node:http";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";

/** GetSecretValue of AWS Secrets Manager (API reference of 2017-10-17). */
export class SecretsServer extends AwsJsonServer {
    /** Texts by the secrets' names. */
    readonly secrets = new Map<string, string>();

    constructor(options: AwsServerOptions) {
        super("secretsmanager", options, { version: "1.1", target: "secretsmanager" });
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        const { SecretId: id } = input;
        if (operation !== "GetSecretValue" || typeof id !== "string")
            throw new Refusal("InvalidRequestException", `${operation} of ${String(id)}`);
        const { partition, region, accountId } = this.options.account;
        const resource = `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${id}-a1B2c3`;
        return { operation, input, permissions: [{ action: "secretsmanager:GetSecretValue", resource }] };
    }

    protected async carryOut({ input }: AwsCall): Promise<(response: ServerResponse) => void> {
        const name = String(input["SecretId"]);
        const text = this.secrets.get(name);
        if (text === undefined)
            throw new Refusal(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
            );
        return (response) => this.answer(response, { Name: name, SecretString: text, VersionId: "1" });
    }
}
