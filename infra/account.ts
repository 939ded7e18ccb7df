import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
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
    ]).catch((error: unknown) => {
        throw new pulumi.RunError(
            "AWS did not say which account and region this is; nothing was created. Check the credentials and " +
                `aws:region.\n  ${error instanceof Error ? error.message : String(error)}`,
        );
    });
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
