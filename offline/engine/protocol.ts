/**
 * The only place that imports the generated stubs of `@pulumi/pulumi/proto`. They are not documented as public API, so
 * the SDK version is pinned and every use of them goes through here.
 */
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as analyzerMessages from "@pulumi/pulumi/proto/analyzer_pb";
import * as engineMessages from "@pulumi/pulumi/proto/engine_pb";
import * as resourceMessages from "@pulumi/pulumi/proto/resource_pb";
// The service stubs of resource, engine and analyzer have no usable typings in the package, so they are required.
const resourceServices = require("@pulumi/pulumi/proto/resource_grpc_pb") as {
    ResourceMonitorService: grpc.ServiceDefinition;
};
const engineServices = require("@pulumi/pulumi/proto/engine_grpc_pb") as {
    EngineService: grpc.ServiceDefinition;
};
const analyzerServices = require("@pulumi/pulumi/proto/analyzer_grpc_pb") as {
    AnalyzerClient: new (
        address: string,
        credentials: grpc.ChannelCredentials,
        options: object,
    ) => AnalyzerStub;
};

export { grpc, Empty, Struct, analyzerMessages, engineMessages, resourceMessages };
export const resourceMonitorService = resourceServices.ResourceMonitorService;
export const engineService = engineServices.EngineService;

/** Message size limit of the SDK itself (runtime/settings.js): 400 MiB in both directions. */
export const channelOptions = {
    "grpc.max_receive_message_length": 400 * 1024 * 1024,
    "grpc.max_send_message_length": 400 * 1024 * 1024,
};

type Method = (
    request: unknown,
    callback: (error: grpc.ServiceError | null, response: unknown) => void,
) => void;

interface AnalyzerStub {
    [method: string]: Method;
}

/** One typed call per method of the Analyzer service that the offline client uses. */
export interface AnalyzerClient {
    call<Response>(method: AnalyzerMethod, request: unknown): Promise<Response>;
    close(): void;
}

export type AnalyzerMethod =
    | "handshake"
    | "configureStack"
    | "getAnalyzerInfo"
    | "configure"
    | "remediate"
    | "analyze"
    | "analyzeStack";

/** Connects to a policy pack server. `call` rejects with the gRPC `ServiceError`. */
export function connectAnalyzer(address: string): AnalyzerClient {
    const client = new analyzerServices.AnalyzerClient(
        address,
        grpc.credentials.createInsecure(),
        channelOptions,
    );
    return {
        call: <Response>(method: AnalyzerMethod, request: unknown) =>
            new Promise<Response>((resolve, reject) => {
                const rpc = client[method];
                if (rpc === undefined) {
                    reject(new Error(`the installed Pulumi SDK has no Analyzer method ${method}`));
                    return;
                }
                rpc.call(client, request, (error, response) =>
                    error ? reject(error) : resolve(response as Response),
                );
            }),
        close: () => (client as unknown as { close(): void }).close(),
    };
}

/** Errors of these shapes end an RPC with the given status and text. */
export function rpcError(code: grpc.status, message: string): grpc.ServiceError {
    return Object.assign(new Error(message), { code, details: message, metadata: new grpc.Metadata() });
}
