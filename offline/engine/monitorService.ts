/** The ResourceMonitor service: decodes requests, asks the engine, encodes answers. */
import { DeploymentEngine, EngineError } from "./engine";
import type { Registered } from "./engine";
import { Empty, grpc, resourceMessages, rpcError } from "./protocol";
import { decodeRegistration, noOptions } from "./registration";
import { decode, encode, normaliseObject, revealSecrets } from "./wire";
import type { WireObject } from "./wire";

type Unary<Request, Response> = grpc.handleUnaryCall<Request, Response>;

const feature = resourceMessages.ResourceMonitorFeature;

/**
 * What the SDK may use. Transforms and hooks need a callback service and are answered "not supported", so the SDK
 * refuses them with its own message instead of ignoring them.
 */
const supportedFeatures = {
    secrets: feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    resourceReferences: feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    outputValues: feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    aliasSpecs: feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    deletedWith: feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    replaceWith: feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    parameterization: feature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
};

/** `projectDirectory` makes source positions relative. */
export function monitorHandlers(
    engine: DeploymentEngine,
    projectDirectory: string,
): grpc.UntypedServiceImplementation {
    const packages = new Map<string, string>();

    const getDeploymentInfo: Unary<Empty, resourceMessages.DeploymentInfo> = (_call, callback) => {
        const info = new resourceMessages.DeploymentInfo();
        info.setProject(engine.settings.project);
        info.setStack(engine.settings.stack);
        info.setDryrun(engine.settings.mode === "preview");
        info.setSupportedfeaturesList(Object.values(supportedFeatures));
        callback(null, info);
    };

    const supportsFeature: Unary<
        resourceMessages.SupportsFeatureRequest,
        resourceMessages.SupportsFeatureResponse
    > = ({ request }, callback) => {
        const response = new resourceMessages.SupportsFeatureResponse();
        response.setHassupport(request.getId() in supportedFeatures);
        callback(null, response);
    };

    const registerPackage: Unary<
        resourceMessages.RegisterPackageRequest,
        resourceMessages.RegisterPackageResponse
    > = ({ request }, callback) => {
        const reference = `${request.getName()}@${request.getVersion()}`;
        packages.set(reference, request.getVersion());
        const response = new resourceMessages.RegisterPackageResponse();
        response.setRef(reference);
        callback(null, response);
    };

    const registerResource: Unary<
        resourceMessages.RegisterResourceRequest,
        resourceMessages.RegisterResourceResponse
    > = ({ request }, callback) =>
        answer(callback, () => {
            if (request.getTransformsList().length > 0 || request.getHooks() !== undefined) {
                throw new EngineError(
                    `${request.getType()} "${request.getName()}": the offline engine supports neither transforms nor hooks`,
                );
            }
            const registered = engine.register(
                decodeRegistration(
                    request,
                    engine.settings,
                    (reference) => packages.get(reference),
                    projectDirectory,
                ),
            );
            return registerResponse(registered);
        });

    const readResource: Unary<resourceMessages.ReadResourceRequest, resourceMessages.ReadResourceResponse> = (
        { request },
        callback,
    ) =>
        answer(callback, () => {
            const registered = engine.read(
                {
                    type: request.getType(),
                    name: request.getName(),
                    parent: request.getParent(),
                    custom: true,
                    remote: false,
                    inputs: decode(request.getProperties()),
                    dependencies: request.getDependenciesList(),
                    propertyDependencies: {},
                    provider: request.getProvider(),
                    providers: {},
                    version: packages.get(request.getPackageref()) ?? request.getVersion(),
                    options: {
                        ...noOptions,
                        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
                    },
                },
                request.getId(),
            );
            const response = new resourceMessages.ReadResourceResponse();
            response.setUrn(registered.urn);
            response.setProperties(encode(registered.state));
            return response;
        });

    const registerResourceOutputs: Unary<resourceMessages.RegisterResourceOutputsRequest, Empty> = (
        { request },
        callback,
    ) =>
        answer(callback, () => {
            engine.registerOutputs(request.getUrn(), decode(request.getOutputs()));
            return new Empty();
        });

    const invoke: Unary<resourceMessages.ResourceInvokeRequest, resourceMessages.ResourceInvokeResponse> = (
        { request },
        callback,
    ) =>
        answer(callback, () => {
            const args = revealSecrets(normaliseObject(decode(request.getArgs()))) as WireObject;
            const version = packages.get(request.getPackageref()) ?? request.getVersion();
            const response = new resourceMessages.ResourceInvokeResponse();
            response.setReturn(encode(engine.invoke(request.getTok(), args, request.getProvider(), version)));
            return response;
        });

    const unsupported =
        (what: string): Unary<unknown, unknown> =>
        (_call, callback) =>
            answer(callback, () => {
                const message = `the offline engine does not support ${what}`;
                engine.failures.push(message);
                throw new EngineError(message);
            });

    const signalAndWaitForShutdown: Unary<Empty, Empty> = (_call, callback) => callback(null, new Empty());

    return {
        getDeploymentInfo,
        supportsFeature,
        registerPackage,
        registerResource,
        readResource,
        registerResourceOutputs,
        invoke,
        call: unsupported("methods of remote components"),
        existsResource: unsupported("the check whether a resource exists"),
        registerStackTransform: unsupported("transforms"),
        registerStackInvokeTransform: unsupported("invoke transforms"),
        registerResourceHook: unsupported("resource hooks"),
        registerErrorHook: unsupported("error hooks"),
        signalAndWaitForShutdown,
    } as unknown as grpc.UntypedServiceImplementation;
}

function registerResponse({
    urn,
    id,
    state,
    outputDependencies,
}: Registered): resourceMessages.RegisterResourceResponse {
    const response = new resourceMessages.RegisterResourceResponse();
    response.setUrn(urn);
    response.setId(id);
    response.setObject(encode(state));
    const map = response.getPropertydependenciesMap();
    for (const [property, urns] of Object.entries(outputDependencies)) {
        const dependencies = new resourceMessages.RegisterResourceResponse.PropertyDependencies();
        dependencies.setUrnsList(urns);
        map.set(property, dependencies);
    }
    return response;
}

/** Turns what the engine throws into a failed RPC; anything unexpected keeps its stack. */
function answer<Response>(callback: grpc.sendUnaryData<Response>, action: () => Response): void {
    try {
        callback(null, action());
    } catch (error) {
        const message =
            error instanceof EngineError ? error.message : ((error as Error).stack ?? String(error));
        callback(rpcError(grpc.status.FAILED_PRECONDITION, message));
    }
}
