import { canonicalJson } from "../policy/canonicalJson";
import { policyRecord, policyRecords, registryList, type PolicyRecord } from "./answers";
import { callLimits, type EngineClient } from "./client";
import { EngineError, IncompleteError } from "./engineError";
import type { PolicyBundle } from "./policyBundle";

/** Access of the engine to the registry that the image is in. */
export interface RegistryAccess {
    /** Registry host as it stands in image references, e.g. `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
    name: string;
    /** Engine's registry type: `awsecr` or `docker_v2`. */
    type: string;
    /** For `awsecr`: `awsauto` (role of the engine's task), or an access key id. */
    user: string;
    password: string;
}

/**
 * Makes sure that the engine can log in to the registry, without changing an entry that is right.
 *
 * An entry of the same user and type with a role login is left alone. One with a password is written again,
 * because the engine does not show passwords and a rotated one must arrive. 500 "already exists" after the list
 * showed nothing is a scan running at the same time: the entry is then updated.
 * @throws EngineError when the engine refuses, e.g. 406 for credentials that the registry does not accept.
 */
export async function ensureRegistry(client: EngineClient, access: RegistryAccess): Promise<void> {
    const body = {
        registry: access.name,
        registry_name: access.name,
        registry_type: access.type,
        registry_user: access.user,
        registry_pass: access.password,
        registry_verify: true,
    };
    const update = () =>
        client.call({
            method: "PUT",
            path: `/v1/registries/${encodeURIComponent(access.name)}`,
            body,
            answer: registryList,
            limit: callLimits.addImage,
        });
    const listed = await unlessUnknown(
        client.call({ method: "GET", path: "/v1/registries", answer: registryList }),
    );
    const entry = listed?.value.find(({ registry }) => registry === access.name);
    if (entry !== undefined) {
        const same = entry.registry_user === access.user && entry.registry_type === access.type;
        if (!same || access.user !== "awsauto") {
            await update();
        }
        return;
    }
    try {
        await client.call({
            method: "POST",
            path: "/v1/registries",
            body,
            answer: registryList,
            limit: callLimits.addImage,
        });
    } catch (error) {
        if (error instanceof EngineError && error.status === 500 && /already exists/.test(error.message)) {
            await update();
            return;
        }
        throw error;
    }
}

/**
 * Makes sure that the bundle is in the engine with exactly this content, and active.
 *
 * Posting an id that is there and active would switch it off, so an id that is listed is never posted again. It is
 * activated by writing its record with `active`. Activation is for people who look at the engine; every check names
 * its policy id, so a failed activation is only recorded. What the engine holds under the id is read back.
 * @throws IncompleteError when the engine holds something else under this id; EngineError when it refuses.
 */
export async function ensurePolicyBundle(client: EngineClient, bundle: PolicyBundle): Promise<void> {
    const path = `/v1/policies/${encodeURIComponent(bundle.id)}`;
    // 404 here is the engine's way to say that there are no policies at all.
    const listed = await unlessUnknown(
        client.call({ method: "GET", path: "/v1/policies", answer: policyRecords }),
    );
    let record: PolicyRecord | undefined = listed?.value.find(({ policyId }) => policyId === bundle.id);
    if (record === undefined) {
        const posted = await client.call({
            method: "POST",
            path: "/v1/policies",
            body: bundle,
            answer: policyRecord,
        });
        record = posted.value;
        demandContent(record, bundle);
    }
    if (record.active !== true) {
        await optional(
            client.call({
                method: "PUT",
                path,
                query: { active: "true" },
                body: { ...record, policyId: bundle.id, active: true, policybundle: bundle },
                answer: policyRecords,
            }),
        );
    }
    const readBack = await optional(client.call({ method: "GET", path, answer: policyRecords }));
    for (const stored of readBack?.value ?? []) {
        demandContent(stored, bundle);
    }
}

/** The answer, or null when the engine answers 404. */
async function unlessUnknown<T>(call: Promise<T>): Promise<T | null> {
    try {
        return await call;
    } catch (error) {
        if (error instanceof EngineError && error.kind === "notFound") {
            return null;
        }
        throw error;
    }
}

/** A call without which the verdict is still sound: its failure stays in the evidence and stops nothing. */
async function optional<T>(call: Promise<T>): Promise<T | null> {
    try {
        return await call;
    } catch (error) {
        if (error instanceof EngineError && error.kind !== "unauthorized") {
            return null;
        }
        throw error;
    }
}

/** Properties that the engine writes into a stored bundle. */
const added = new Set(["active", "created_at", "last_updated"]);

function demandContent(record: PolicyRecord, bundle: PolicyBundle): void {
    // Lists show an empty bundle: nothing is said about the content then.
    if (record.policyId !== bundle.id || Object.keys(record.policybundle ?? {}).length === 0) {
        return;
    }
    const content = Object.fromEntries(
        Object.entries(record.policybundle ?? {}).filter(([key]) => !added.has(key)),
    );
    if (canonicalJson(content) !== canonicalJson(bundle)) {
        throw new IncompleteError(
            `the engine holds other rules under policy ${bundle.id} than the gate uploaded: ` +
                "somebody edited it; activate another policy, delete this one in the engine, then scan again",
        );
    }
}
