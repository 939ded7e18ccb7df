/**
 * Asks policies through the SDK's own request handlers (`@pulumi/policy/server`, exported though internal), without a
 * socket: what a rule says here is what the engine gets to hear. For specs only.
 */
import type { Policies } from "@pulumi/policy";
import type { ResourceDescription } from "../reader";

/* eslint-disable @typescript-eslint/no-require-imports -- these modules have no type declarations that fit their use */
const server = require("@pulumi/policy/server") as {
    makeAnalyzeRpcFun: MakeHandler;
    makeAnalyzeStackRpcFun: MakeHandler;
    makeRemediateRpcFun: MakeHandler<RemediateResponse>;
};
const protocol =
    require("@pulumi/pulumi/proto/analyzer_pb") as typeof import("@pulumi/pulumi/proto/analyzer_pb");
const struct =
    require("google-protobuf/google/protobuf/struct_pb") as typeof import("google-protobuf/google/protobuf/struct_pb");
/* eslint-enable @typescript-eslint/no-require-imports */

type Response = import("@pulumi/pulumi/proto/analyzer_pb").AnalyzeResponse;
type RemediateResponse = import("@pulumi/pulumi/proto/analyzer_pb").RemediateResponse;
type Handler<T = Response> = (
    call: { request: unknown },
    callback: (error: Error | null | undefined, response?: T) => void,
) => void;
type MakeHandler<T = Response> = (
    pack: string,
    version: string,
    level: string,
    policies: Policies,
) => Handler<T>;

/** One diagnostic of the pack's answer. */
export interface Diagnostic {
    policy: string;
    message: string;
    enforcement: "mandatory" | "advisory";
    severity: "low" | "medium" | "high" | "critical" | "unspecified";
    urn: string;
}

export interface Answer {
    diagnostics: Diagnostic[];
    /** Reason by policy. */
    notApplicable: Map<string, string>;
}

/** What the engine hears when it asks for remediations. */
export interface RemediationAnswer {
    /** Policies that changed something, in their order. */
    by: string[];
    /** As they come over the wire, after all changes; nothing when nothing was changed. */
    properties: Record<string, unknown> | undefined;
    /** Texts of remediations that could not run. */
    diagnostics: string[];
}

/** Asks about one resource, as the engine does before it creates it. */
export async function analyze(policies: Policies, resource: ResourceDescription): Promise<Answer> {
    const handler = server.makeAnalyzeRpcFun("spec", "0.0.1", "advisory", policies);
    return answerOf(await ask(handler, analyzeRequest(resource)));
}

/** Asks for remediations of a resource, with all policies at level `remediate`, as the engine does before it analyses. */
export async function remediate(
    policies: Policies,
    resource: ResourceDescription,
): Promise<RemediationAnswer> {
    const remediating = policies.map((policy) =>
        Object.create(policy, { enforcementLevel: { value: "remediate" } }),
    ) as Policies;
    const handler = server.makeRemediateRpcFun("spec", "0.0.1", "advisory", remediating);
    return remediationsOf(await ask(handler, analyzeRequest(resource)));
}

/** Asks about all resources, as the engine does at the end of a preview or update. */
export async function analyzeStack(
    policies: Policies,
    resources: readonly ResourceDescription[],
): Promise<Answer> {
    const handler = server.makeAnalyzeStackRpcFun("spec", "0.0.1", "advisory", policies);
    return answerOf(await ask(handler, analyzeStackRequest(resources)));
}

export function analyzeRequest(resource: ResourceDescription) {
    const request = new protocol.AnalyzeRequest();
    request.setType(resource.type);
    request.setName(resource.name);
    request.setUrn(resource.urn);
    request.setProperties(structOf(resource));
    request.setOptions(optionsOf(resource));
    return request;
}

export function analyzeStackRequest(resources: readonly ResourceDescription[]) {
    const request = new protocol.AnalyzeStackRequest();
    request.setResourcesList(
        resources.map((resource) => {
            const message = new protocol.AnalyzerResource();
            message.setType(resource.type);
            message.setName(resource.name);
            message.setUrn(resource.urn);
            message.setProperties(structOf(resource));
            message.setOptions(optionsOf(resource));
            message.setParent(resource.parent ?? "");
            for (const [property, urns] of Object.entries(resource.propertyDependencies ?? {})) {
                // The engine leaves properties without dependencies out (analyzer_plugin.go, AnalyzeStack).
                if (urns.length === 0) continue;
                const dependencies = new protocol.AnalyzerPropertyDependencies();
                dependencies.setUrnsList(urns);
                message.getPropertydependenciesMap().set(property, dependencies);
            }
            return message;
        }),
    );
    return request;
}

function ask<T>(handler: Handler<T>, request: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
        handler({ request }, (error, response) => {
            if (error || !response) reject(error ?? new Error("the handler gave no response"));
            else resolve(response);
        });
    });
}

/** The SDK's answer, readable. */
export function answerOf(response: Response): Answer {
    const { EnforcementLevel, PolicySeverity } = protocol;
    const severityName: Record<number, Diagnostic["severity"]> = {
        [PolicySeverity.POLICY_SEVERITY_LOW]: "low",
        [PolicySeverity.POLICY_SEVERITY_MEDIUM]: "medium",
        [PolicySeverity.POLICY_SEVERITY_HIGH]: "high",
        [PolicySeverity.POLICY_SEVERITY_CRITICAL]: "critical",
    };
    return {
        diagnostics: response.getDiagnosticsList().map((diagnostic) => ({
            policy: diagnostic.getPolicyname(),
            message: diagnostic.getMessage(),
            enforcement:
                diagnostic.getEnforcementlevel() === EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
            severity: severityName[diagnostic.getSeverity()] ?? "unspecified",
            urn: diagnostic.getUrn(),
        })),
        notApplicable: new Map(
            response.getNotApplicableList().map((entry) => [entry.getPolicyName(), entry.getReason()]),
        ),
    };
}

/** The SDK's answer to a request to remediate, readable. */
export function remediationsOf(response: RemediateResponse): RemediationAnswer {
    const remediations = response.getRemediationsList();
    const changes = remediations.filter((remediation) => remediation.hasProperties());
    return {
        by: changes.map((remediation) => remediation.getPolicyname()),
        properties: changes.at(-1)?.getProperties()?.toJavaScript(),
        diagnostics: remediations.map((remediation) => remediation.getDiagnostic()).filter(Boolean),
    };
}

function structOf(resource: ResourceDescription) {
    // Undefined has no place on the wire; a round trip through JSON leaves such properties out.
    const properties = JSON.parse(JSON.stringify(resource.properties)) as Record<string, never>;
    return struct.Struct.fromJavaScript(properties);
}

function optionsOf(resource: ResourceDescription) {
    const options = new protocol.AnalyzerResourceOptions();
    options.setProtect(resource.protect ?? false);
    options.setIgnorechangesList([...(resource.ignoreChanges ?? [])]);
    if (resource.parent !== undefined) options.setParent(resource.parent);
    // Without timeouts the SDK takes the caller for an old CLI.
    options.setCustomtimeouts(new protocol.AnalyzerResourceOptions.CustomTimeouts());
    return options;
}
