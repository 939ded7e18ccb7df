import * as aws from "@pulumi/aws";
import type { Account } from "./naming";

/** Where the stack lives, asked from AWS. Awaited, so that every ARN made from it is literal at preview. */
export async function currentAccount(): Promise<{ account: Account; zoneNames: string[] }> {
    const [identity, region, partition, zones] = await Promise.all([
        aws.getCallerIdentity(),
        aws.getRegion(),
        aws.getPartition(),
        // Not only those that are healthy right now: an outage must not move subnets to other zones. Local Zones, which
        // have to be opted into, have no place for a NAT gateway or a database.
        aws.getAvailabilityZones({ filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] }),
    ]);
    return {
        account: {
            accountId: identity.accountId,
            region: region.region,
            partition: partition.partition,
            dnsSuffix: partition.dnsSuffix,
        },
        zoneNames: [...zones.names].sort(),
    };
}
