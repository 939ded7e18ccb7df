import type { ServerResponse } from "node:http";
import type { Build } from "@aws-sdk/client-codebuild";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";
import { onTheWire } from "./wireFormat";

/** BatchGetBuilds of AWS CodeBuild (API reference of 2016-10-06). */
export class CodeBuildServer extends AwsJsonServer {
    readonly builds = new Map<string, Build>();

    constructor(options: AwsServerOptions) {
        super("codebuild", options, { version: "1.1", target: "CodeBuild_20161006" });
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        const { ids } = input;
        if (operation !== "BatchGetBuilds")
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        if (!Array.isArray(ids) || ids.length === 0 || ids.length > 100 || Object.keys(input).length > 1)
            throw new Refusal("InvalidInputException", `ids ${JSON.stringify(ids)}`);
        const { partition, region, accountId } = this.options.account;
        const projects = new Set(ids.map((id) => String(id).split(":")[0]));
        return {
            operation,
            input,
            permissions: [...projects].map((project) => ({
                action: "codebuild:BatchGetBuilds",
                resource: `arn:${partition}:codebuild:${region}:${accountId}:project/${project}`,
            })),
        };
    }

    protected async carryOut({ input }: AwsCall): Promise<(response: ServerResponse) => void> {
        const ids = input["ids"] as string[];
        const builds = ids.flatMap((id) => this.builds.get(id) ?? []);
        const buildsNotFound = ids.filter((id) => !this.builds.has(id));
        return (response) => this.answer(response, onTheWire({ builds, buildsNotFound }));
    }
}
