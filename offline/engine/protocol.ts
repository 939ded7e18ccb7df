/**
 * The only place that imports the generated stubs of `@pulumi/pulumi/proto`. They are not documented as public API, so
 * the SDK version is pinned and every use of them goes through here.
 */
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { AnalyzerClient as AnalyzerRpcClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as analyzerMessages from "@pulumi/pulumi/proto/analyzer_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineMessages from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as resourceMessages from "@pulumi/pulumi/proto/resource_pb";

export { grpc, Empty, Struct, analyzerMessages, engineMessages, resourceMessages };
export const resourceMonitorService: grpc.ServiceDefinition = ResourceMonitorService;
export const engineService: grpc.ServiceDefinition = EngineService;

/** Message size limit of the SDK itself (runtime/settings.js): 400 MiB in both directions. */
export const channelOptions = {
    "grpc.max_receive_message_length": 400 * 1024 * 1024,
    "grpc.max_send_message_length": 400 * 1024 * 1024,
};

type Method = (
    request: unknown,
    callback: (error: grpc.ServiceError | null, response: unknown) => void,
) => void;

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
    const client = new AnalyzerRpcClient(address, grpc.credentials.createInsecure(), channelOptions);
    return {
        call: <Response>(method: AnalyzerMethod, request: unknown) =>
            new Promise<Response>((resolve, reject) => {
                const rpc = (client as unknown as Partial<Record<AnalyzerMethod, Method>>)[method];
                if (rpc === undefined) {
                    reject(new Error(`the installed Pulumi SDK has no Analyzer method ${method}`));
                    return;
                }
                rpc.call(client, request, (error, response) =>
                    error ? reject(error) : resolve(response as Response),
                );
            }),
        close: () => client.close(),
    };
}

/** Errors of these shapes end an RPC with the given status and text. */
export function rpcError(code: grpc.status, message: string): grpc.ServiceError {
    return Object.assign(new Error(message), { code, details: message, metadata: new grpc.Metadata() });
}
