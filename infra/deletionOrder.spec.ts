import assert from "node:assert/strict";
import type { CapturedResource } from "../offline/model";
import { runProgram } from "../offline/testing/runProgram";

/**
 * Pulumi deletes a resource before those that it depends on. Each pair is one that AWS insists on, or that leaves
 * something hanging for half an hour when it is the other way round.
 */
const deletedFirst: [string, string][] = [
    // A capacity provider in use cannot be deleted, nor a cluster with instances.
    ["anchore-tasks-engine", "anchore-cluster-association"],
    ["anchore-cluster-association", "anchore-cluster-capacity"],
    ["anchore-cluster-capacity", "anchore-cluster-group"],
    ["anchore-cluster-group", "anchore-cluster"],
    // Without its permissions the agent could not report that the tasks have stopped.
    ["anchore-cluster-group", "anchore-cluster-instance-role-policy"],
    ["anchore-tasks-engine", "anchore-tasks-execution-role-policy"],
    ["anchore-tasks-engine", "anchore-tasks-task-role-policy"],
    ["anchore-tasks-engine", "anchore-load-balancer-https"],
    // A running database would make its log groups again, without key and retention.
    ["anchore-database", "anchore-database-log-postgresql"],
    ["anchore-database", "anchore-database-log-upgrade"],
    // The policy that forbids deleting goes before the bucket is emptied.
    ["storage-evidence-policy", "storage-evidence"],
    ["network-flow-log", "network-flow-log-role-policy"],
    // Evidence that is still locked must stay readable: its key goes after the bucket, or not at all.
    ["storage-evidence", "keys-pipeline-alias"],
    ["keys-pipeline-alias", "keys-pipeline"],
    // Draining tasks and instances still talk to ECS and to the database.
    ["anchore-tasks-engine", "anchore-security-groups-engine-to-database"],
    ["anchore-cluster-group", "anchore-security-groups-instance-https-out"],
    // A pipeline that still runs asks the gate, and gives its images to nobody who does not answer.
    ["sample-delivery-pipeline", "approval-scan-event"],
    ["sample-delivery-pipeline", "approval-stream"],
    // While a service is there, a deployment of it can ask, and has to be answered.
    ["delivery-sample-production-service", "admission-function"],
    ["delivery-sample-production-service", "admission-hook-role-policy"],
    ["delivery-sample-production-service", "delivery-cluster"],
    // Without its permissions a function could not put away what it fails at; without its log group it would make it
    // again, without key and retention.
    ...["recorder", "scan-event", "watchdog"].flatMap((part): [string, string][] => [
        [`approval-${part}`, `approval-${part}-role-policy`],
        [`approval-${part}`, `approval-${part}-logs`],
        [`approval-${part}`, `approval-${part}-failed`],
    ]),
    // A mapping whose stream or function is gone stays behind and has to be deleted by hand.
    ["approval-stream", "approval-table"],
    ["approval-stream", "approval-scan-event"],
    // A rule with targets cannot be deleted.
    ["approval-scan-target", "approval-scan"],
    ["approval-table", "keys-pipeline-alias"],
];

/** Names are literal, so Pulumi could not see by itself that these must exist first. */
const createdFirst: [string, string][] = [
    ["anchore-secrets-admin-password-parameter", "anchore-tasks-engine"],
    ["anchore-secrets-auth-secret-parameter", "anchore-tasks-engine"],
    ["anchore-secrets-database-password-parameter", "anchore-tasks-engine"],
    ["anchore-database-host-parameter", "anchore-tasks-engine"],
    ["anchore-tasks-log-group", "anchore-tasks-engine"],
    ["keys-anchore-alias", "anchore-tasks-engine"],
    ["storage-evidence-policy", "storage-evidence-lock"],
    // What starts a function comes after all that it works with.
    ...[
        "approval-topic-recorder",
        "approval-scan-target",
        "approval-watchdog-schedule",
        "approval-stream",
    ].map((start): [string, string] => ["keys-pipeline-alias", start]),
    ["approval-topic-permission", "approval-topic-recorder"],
    ["approval-topic-policy", "approval-topic-recorder"],
    ["approval-recorder-failed-policy", "approval-topic-recorder"],
    ["approval-recorder-events", "approval-topic-recorder"],
    ["approval-table", "approval-topic-recorder"],
    ["approval-scan-permission", "approval-scan-target"],
    ["approval-scan-event-failed-policy", "approval-scan-target"],
    ["approval-table-policy", "approval-stream"],
    ["approval-scan-event-role-policy", "approval-stream"],
    ["approval-watchdog-schedule-role-policy", "approval-watchdog-schedule"],
    ["approval-watchdog-failed-policy", "approval-watchdog-schedule"],
    ["storage-evidence-policy", "approval-scan-event"],
    // A new pipeline starts at once, and tells of what it does once.
    ...["findings-events-target", "storage-evidence-notification", "admission-tasks-target"].map(
        (listener): [string, string] => [listener, "sample-delivery-pipeline"],
    ),
];

describe("Order of creation and deletion", () => {
    let resources: CapturedResource[];

    before(async () => {
        ({ resources } = await runProgram({ stack: "dev", mode: "update" }));
    });

    function named(name: string): CapturedResource {
        const found = resources.filter((resource) => resource.name === name && resource.custom);
        assert.equal(found.length, 1, `${found.length} resources are called ${name}`);
        return found[0] as CapturedResource;
    }

    /** Everything that must exist before a resource, however far away. */
    function dependenciesOf(name: string): Set<string> {
        const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
        const found = new Set<string>();
        const visit = ({ dependencies }: CapturedResource): void => {
            for (const urn of dependencies) {
                const dependency = byUrn.get(urn);
                if (dependency === undefined || found.has(urn)) continue;
                found.add(urn);
                visit(dependency);
            }
        };
        visit(named(name));
        return found;
    }

    function assertDependsOn(dependent: string, dependency: string): void {
        assert.ok(
            dependenciesOf(dependent).has(named(dependency).urn),
            `${dependent} does not depend on ${dependency}`,
        );
    }

    for (const [first, then] of deletedFirst) {
        it(`deletes ${first} before ${then}`, () => assertDependsOn(first, then));
    }
    for (const [first, then] of createdFirst) {
        it(`creates ${first} before ${then}`, () => assertDependsOn(then, first));
    }
});
