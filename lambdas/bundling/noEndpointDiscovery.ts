/** In place of `@aws-sdk/middleware-endpoint-discovery`: endpoint discovery is off, as it is by default. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
    environmentVariableSelector: (): boolean => false,
    configFileSelector: (): boolean => false,
    default: false,
};

/** Gives a client's configuration back as it is. */
export function resolveEndpointDiscoveryConfig<Config>(configuration: Config): Config {
    return configuration;
}
