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

    function assertDependsOn(dependent: string, dependency: string): void {
        const { dependencies } = named(dependent);
        assert.ok(
            dependencies.includes(named(dependency).urn),
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
