/** The Engine service: log lines and the root resource. */
import { DeploymentEngine } from "./engine";
import { Empty, engineMessages, grpc } from "./protocol";

type Unary<Request, Response> = grpc.handleUnaryCall<Request, Response>;

const severities = ["debug", "info", "warning", "error"] as const;

export function engineHandlers(engine: DeploymentEngine): grpc.UntypedServiceImplementation {
    const log: Unary<engineMessages.LogRequest, Empty> = ({ request }, callback) => {
        const severity = severities[request.getSeverity()] ?? "info";
        // Debug lines and status lines that replace each other are for the CLI's display only.
        if (severity !== "debug" && !request.getEphemeral()) {
            const urn = request.getUrn();
            engine.addLog({ severity, message: request.getMessage(), ...(urn === "" ? {} : { urn }) });
        }
        callback(null, new Empty());
    };
    const getRootResource: Unary<
        engineMessages.GetRootResourceRequest,
        engineMessages.GetRootResourceResponse
    > = (_call, callback) => {
        const response = new engineMessages.GetRootResourceResponse();
        response.setUrn(engine.rootUrn);
        callback(null, response);
    };
    const setRootResource: Unary<
        engineMessages.SetRootResourceRequest,
        engineMessages.SetRootResourceResponse
    > = ({ request }, callback) => {
        engine.rootUrn = request.getUrn();
        callback(null, new engineMessages.SetRootResourceResponse());
    };
    // There is no CLI whose version could be too old.
    const requirePulumiVersion: Unary<unknown, engineMessages.RequirePulumiVersionResponse> = (
        _call,
        callback,
    ) => callback(null, new engineMessages.RequirePulumiVersionResponse());
    const startDebugging: Unary<unknown, Empty> = (_call, callback) => callback(null, new Empty());

    return {
        log,
        getRootResource,
        setRootResource,
        requirePulumiVersion,
        startDebugging,
    } as unknown as grpc.UntypedServiceImplementation;
}
