/** The settings of the pack over its requests: read once as long as they stay the same. */
import {
    defaultConfiguration,
    readConfiguration,
    type ConfigurationResult,
    type PackConfiguration,
} from "./configuration";

/** Tag of a stack that declares to contain the delivery pipeline. */
const coverageTag = "portcullis:coverage";

type Given = Readonly<Record<string, unknown>>;

export class SettingsMemory {
    /** Of the latest request that came with settings; requests to remediate come without. */
    current: PackConfiguration;
    private readonly fallback: PackConfiguration;
    private given: Given | undefined;
    private result: ConfigurationResult | undefined;
    private withCoverage: PackConfiguration | undefined;

    constructor(private readonly inCode: Partial<PackConfiguration> = {}) {
        const result = readConfiguration(inCode);
        this.fallback = result.ok ? result.configuration : defaultConfiguration;
        this.current = this.fallback;
    }

    /** Takes settings over when they are right; wrong ones are reported and the defaults hold. */
    use(given: object, stackTags: ReadonlyMap<string, string> | undefined): string[] {
        if (!this.result || !sameEntries(this.given, given as Given)) {
            this.given = given as Given;
            this.result = readConfiguration({ ...this.inCode, ...given });
            this.withCoverage = undefined;
        }
        if (!this.result.ok) {
            this.current = this.fallback;
            return this.result.problems;
        }
        const { configuration } = this.result;
        const declared = stackTags?.get(coverageTag) === "pipeline";
        this.current =
            declared && !configuration.coverage.includes("pipeline")
                ? (this.withCoverage ??= {
                      ...configuration,
                      coverage: [...configuration.coverage, "pipeline"],
                  })
                : configuration;
        return [];
    }
}

/** The SDK hands out a new object with the same values for every request. */
function sameEntries(one: Given | undefined, other: Given): boolean {
    if (!one) return false;
    const names = Object.keys(one);
    return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
