/** What the policy pack server is asked, in its own messages. */
import { analyzerMessages, Struct } from "./engine/protocol";
import type { EngineResource } from "./engine/registration";
import { encode } from "./engine/wire";
import type { WireObject } from "./engine/wire";
import type { ReconciledConfiguration } from "./policyConfiguration";
import { enforcementLevels } from "./policyMessages";

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

/** State after a remediation: the inputs that it changed, added or took away; outputs stay. */
export function remediatedState(resource: EngineResource, inputs: WireObject): WireObject {
    const state = { ...resource.state };
    for (const key of new Set([...Object.keys(resource.inputs), ...Object.keys(inputs)])) {
        const value = inputs[key];
        if (JSON.stringify(value) === JSON.stringify(resource.inputs[key])) {
            continue;
        }
        if (value === undefined) {
            delete state[key];
        } else {
            state[key] = value;
        }
    }
    return state;
}

/** The level and the settings of every policy, as the engine hands them to the pack. */
export function configureRequest(
    configuration: ReconciledConfiguration,
): analyzerMessages.ConfigureAnalyzerRequest {
    const request = new analyzerMessages.ConfigureAnalyzerRequest();
    const map = request.getPolicyconfigMap();
    for (const [name, { level, properties }] of configuration) {
        const config = new analyzerMessages.PolicyConfig();
        config.setEnforcementlevel(enforcementLevels.indexOf(level) as analyzerMessages.EnforcementLevel);
        config.setProperties(Struct.fromJavaScript(properties as WireObject));
        map.set(name, config);
    }
    return request;
}
