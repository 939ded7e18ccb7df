/** What the policy pack server is asked, in its own messages. */
import { analyzerMessages, Struct } from "./engine/protocol";
import type { EngineResource } from "./engine/registration";
import { encode } from "./engine/wire";

interface StringMap {
    set(key: string, value: string): unknown;
}

/** Fills a protocol buffer map. */
export function setAll(map: StringMap, values: Record<string, string>): void {
    for (const [key, value] of Object.entries(values)) {
        map.set(key, value);
    }
}

function resourceOptions({ captured, options }: EngineResource): analyzerMessages.AnalyzerResourceOptions {
    const result = new analyzerMessages.AnalyzerResourceOptions();
    result.setProtect(options.protect);
    result.setIgnorechangesList(options.ignoreChanges);
    result.setDeletebeforereplace(options.deleteBeforeReplace);
    result.setDeletebeforereplacedefined(options.deleteBeforeReplaceDefined);
    result.setAdditionalsecretoutputsList(options.additionalSecretOutputs);
    result.setAliasesList(options.aliases);
    result.setParent(captured.parent);
    // Without custom timeouts the pack answers that the CLI is too old.
    const timeouts = new analyzerMessages.AnalyzerResourceOptions.CustomTimeouts();
    timeouts.setCreate(options.timeouts.create);
    timeouts.setUpdate(options.timeouts.update);
    timeouts.setDelete(options.timeouts.delete);
    result.setCustomtimeouts(timeouts);
    return result;
}

function providerResource({
    provider,
}: EngineResource): analyzerMessages.AnalyzerProviderResource | undefined {
    if (provider === undefined) {
        return undefined;
    }
    const result = new analyzerMessages.AnalyzerProviderResource();
    result.setType(provider.captured.type);
    result.setUrn(provider.captured.urn);
    result.setName(provider.captured.name);
    result.setProperties(encode(provider.inputs));
    return result;
}

/** The question about one resource, before it would be created: checked inputs. */
export function analyzeRequest(resource: EngineResource): analyzerMessages.AnalyzeRequest {
    const request = new analyzerMessages.AnalyzeRequest();
    request.setType(resource.captured.type);
    request.setUrn(resource.captured.urn);
    request.setName(resource.captured.name);
    request.setProperties(encode(resource.inputs));
    request.setOptions(resourceOptions(resource));
    request.setProvider(providerResource(resource));
    return request;
}

/** One resource in the question about the whole stack: inputs and outputs, dependencies, parent. */
export function stackResource(resource: EngineResource): analyzerMessages.AnalyzerResource {
    const { captured } = resource;
    const result = new analyzerMessages.AnalyzerResource();
    result.setType(captured.type);
    result.setUrn(captured.urn);
    result.setName(captured.name);
    result.setProperties(encode(resource.state));
    result.setOptions(resourceOptions(resource));
    result.setProvider(providerResource(resource));
    result.setParent(captured.parent);
    result.setDependenciesList(captured.dependencies);
    const map = result.getPropertydependenciesMap();
    for (const [property, urns] of Object.entries(captured.propertyDependencies)) {
        const dependencies = new analyzerMessages.AnalyzerPropertyDependencies();
        dependencies.setUrnsList(urns);
        map.set(property, dependencies);
    }
    return result;
}

/** Defaults of each policy's configuration schema: the engine supplies them, not the pack. */
export function defaultConfiguration(
    info: analyzerMessages.AnalyzerInfo,
): analyzerMessages.ConfigureAnalyzerRequest {
    const request = new analyzerMessages.ConfigureAnalyzerRequest();
    const map = request.getPolicyconfigMap();
    for (const policy of info.getPoliciesList()) {
        const schema = (policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {}) as Record<
            string,
            { default?: unknown }
        >;
        const defaults = Object.fromEntries(
            Object.entries(schema)
                .filter(([, property]) => property.default !== undefined)
                .map(([key, property]) => [key, property.default as never]),
        );
        const config = new analyzerMessages.PolicyConfig();
        config.setEnforcementlevel(policy.getEnforcementlevel());
        config.setProperties(Struct.fromJavaScript(defaults));
        map.set(policy.getName(), config);
    }
    return request;
}
