/** Which provider a resource uses: the one it names, one inherited from a component, or a default provider. */
import { createHash } from "node:crypto";
import type { EngineSettings } from "./engine";
import { noOptions } from "./registration";
import type { Registration } from "./registration";
import { createUrn } from "./urn";
import { secret, unknownSentinel } from "./wire";
import type { WireObject } from "./wire";
import { SimulationError } from "../behaviour/simulate";

type Register = (registration: Registration) => { urn: string };

export class ProviderTable {
    /** `package@version` to `urn::id`. */
    private readonly defaults = new Map<string, string>();
    /** Provider URN to its inputs. */
    private readonly inputs = new Map<string, WireObject>();
    /** Component URN to package to `urn::id`. */
    private readonly components = new Map<string, Record<string, string>>();

    constructor(private readonly settings: EngineSettings) {}

    remember(urn: string, inputs: WireObject): void {
        this.inputs.set(urn, inputs);
    }

    /** Children of a component inherit its providers. */
    rememberComponent(urn: string, { custom, parent, providers }: Registration): void {
        if (!custom) {
            this.components.set(urn, { ...this.components.get(parent), ...providers });
        }
    }

    /** Unknown in preview, as in the real engine; a UUID made of the URN in update mode. */
    idOf(urn: string): string {
        if (this.settings.mode === "preview") {
            return unknownSentinel;
        }
        const digits = createHash("sha256").update(urn).digest("hex");
        return [
            digits.slice(0, 8),
            digits.slice(8, 12),
            digits.slice(12, 16),
            digits.slice(16, 20),
            digits.slice(20, 32),
        ].join("-");
    }

    /** `urn::id` of the provider of a resource or function token; registers a default provider on first use. */
    resolve(token: string, parent: string, provider: string, version: string, register: Register): string {
        if (provider !== "") {
            return provider;
        }
        const name = token.split(":")[0]!;
        return this.components.get(parent)?.[name] ?? this.defaultProvider(name, version, register);
    }

    /** The AWS provider of the children of a remote component. */
    forConstruct(component: Registration, register: Register): string {
        const inherited = { ...this.components.get(component.parent), ...component.providers }["aws"];
        return inherited ?? this.defaultProvider("aws", this.componentAwsVersion(component), register);
    }

    /** Region of an AWS provider reference. Throws when neither it nor the stack configuration sets one. */
    region(reference: string): string {
        const region =
            this.inputs.get(providerUrn(reference))?.["region"] ?? this.settings.config["aws:region"];
        if (typeof region !== "string" || region === "" || region === unknownSentinel) {
            throw new SimulationError(
                `the AWS provider has no region: set aws:region in Pulumi.${this.settings.stack}.yaml`,
            );
        }
        return region;
    }

    private defaultProvider(name: string, version: string, register: Register): string {
        const key = `${name}@${version}`;
        const existing = this.defaults.get(key);
        if (existing !== undefined) {
            return existing;
        }
        // Dots and the like are not allowed in the name: 7.48.0 becomes default_7_48_0.
        const providerName = version === "" ? "default" : `default_${version.replace(/[^0-9A-Za-z]+/g, "_")}`;
        const type = `pulumi:providers:${name}`;
        const urn = createUrn(this.settings, "", type, providerName);
        this.defaults.set(key, `${urn}::${this.idOf(urn)}`);
        register({
            type,
            name: providerName,
            parent: "",
            custom: true,
            remote: false,
            inputs: this.packageConfig(name),
            dependencies: [],
            propertyDependencies: {},
            provider: "",
            providers: {},
            version,
            options: noOptions,
        });
        return this.defaults.get(key)!;
    }

    /** The stack configuration of the package's own namespace, e.g. `aws:region`. */
    private packageConfig(name: string): WireObject {
        return Object.fromEntries(
            Object.entries(this.settings.config)
                .filter(([key]) => key.startsWith(`${name}:`))
                .map(([key, value]) => [
                    key.slice(name.length + 1),
                    this.settings.secretConfigKeys.includes(key) ? secret(value) : value,
                ]),
        );
    }

    /** The AWS version that the awsx provider is built against: the lower bound of the SDK's own dependency. */
    private componentAwsVersion({ type }: Registration): string {
        const range = this.settings.typings.packageManifest(type.split(":")[0]!)?.dependencies?.[
            "@pulumi/aws"
        ];
        return range?.replace(/^[^0-9]*/, "") ?? "";
    }
}

/** The URN of a provider reference `urn::id`; empty for an empty reference. */
export function providerUrn(reference: string): string {
    return reference.split("::").slice(0, -1).join("::");
}
