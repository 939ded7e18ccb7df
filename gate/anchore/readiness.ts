import { feedList, systemStatus } from "./answers";
import type { EngineClient } from "./client";
import { IncompleteError, oneLine } from "./engineError";

/** The five services of the engine. The API answers while others are still down, so each is looked at. */
export const serviceTypes = ["apiext", "catalog", "simplequeue", "analyzer", "policy_engine"] as const;

/**
 * Demands vulnerability data: at least one feed group with records. A failed synchronisation answers 200 and moves
 * `last_full_sync`, so neither that nor `last_sync` says anything; the age of the data is judged in the check.
 */
export async function demandVulnerabilityData(client: EngineClient): Promise<void> {
    const { value } = await client.call({ method: "GET", path: "/v1/system/feeds", answer: feedList });
    const groups = value.flatMap((feed) => feed.groups ?? []);
    if (!groups.some((group) => (group.record_count ?? 0) > 0)) {
        throw new IncompleteError(
            `the engine has no vulnerability data: GET /v1/system/feeds shows ${groups.length} groups and none with ` +
                "records: set the feed listing URL, wait for a synchronisation, then scan again",
        );
    }
}

/**
 * Demands at least one instance of each of the five services that is up and available. A dead replica beside a
 * live one does not matter: the engine keeps listing services that are gone.
 * @returns the engine's version, as the API service says it.
 */
export async function demandServices(client: EngineClient): Promise<string> {
    const { value } = await client.call({ method: "GET", path: "/v1/system", answer: systemStatus });
    const down = serviceTypes.flatMap((type) => {
        const instances = value.service_states.filter(({ servicename }) => servicename === type);
        const ready = instances.some(
            ({ status, service_detail }) =>
                status === true && service_detail?.up === true && service_detail.available === true,
        );
        const said = instances[0]?.status_message;
        return ready
            ? []
            : [`${type} (${instances.length === 0 ? "not registered" : oneLine(said ?? "not available")})`];
    });
    if (down.length > 0) {
        throw new IncompleteError(
            `the engine is not ready: GET /v1/system shows no available ${down.join(", ")}: ` +
                "look at the log of that container, then scan again",
        );
    }
    const api = value.service_states.find(({ servicename }) => servicename === "apiext");
    return api?.service_detail?.version ?? "unknown";
}
