import assert from "node:assert/strict";
import { inputs, prefix, record, type Recorded } from "./testing/recordedEngine";

describe("Cluster of Anchore Engine", () => {
    let resources: Recorded;

    before(async () => {
        ({ resources } = await record());
    });

    it("launches instances with IMDSv2 only, an encrypted disk and no public address", () => {
        const template = inputs(resources, "anchore-cluster-launch-template");
        assert.equal(
            template["imageId"],
            "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        );
        assert.equal(template["instanceInitiatedShutdownBehavior"], "terminate");
        assert.deepEqual(template["metadataOptions"], {
            httpEndpoint: "enabled",
            httpTokens: "required",
            httpPutResponseHopLimit: 1,
            instanceMetadataTags: "disabled",
        });
        assert.deepEqual(template["networkInterfaces"], [
            {
                deviceIndex: 0,
                associatePublicIpAddress: "false",
                deleteOnTermination: "true",
                securityGroups: ["anchore-security-groups-instance-id"],
            },
        ]);
        assert.deepEqual(template["blockDeviceMappings"], [
            {
                deviceName: "/dev/xvda",
                ebs: {
                    volumeType: "gp3",
                    volumeSize: 30,
                    encrypted: "true",
                    kmsKeyId: "arn:key/keys-anchore",
                    deleteOnTermination: "true",
                },
            },
        ]);
        assert.deepEqual(template["creditSpecification"], { cpuCredits: "standard" });
        assert.equal(template["keyName"], undefined);
    });

    it("scales through a capacity provider whose group can be deleted", () => {
        const group = inputs(resources, "anchore-cluster-group");
        assert.deepEqual([group["minSize"], group["desiredCapacity"], group["maxSize"]], [1, 1, 2]);
        assert.deepEqual([group["protectFromScaleIn"], group["forceDelete"]], [true, true]);
        assert.deepEqual(group["launchTemplate"], { id: "anchore-cluster-launch-template-id", version: "7" });
        assert.deepEqual(inputs(resources, "anchore-cluster-capacity")["autoScalingGroupProvider"], {
            autoScalingGroupArn: `arn:group/${prefix}`,
            managedTerminationProtection: "ENABLED",
            managedDraining: "ENABLED",
            managedScaling: {
                status: "ENABLED",
                targetCapacity: 100,
                minimumScalingStepSize: 1,
                maximumScalingStepSize: 2,
                instanceWarmupPeriod: 300,
            },
        });
        assert.deepEqual(inputs(resources, "anchore-cluster-association"), {
            clusterName: prefix,
            capacityProviders: [prefix],
            defaultCapacityProviderStrategies: [{ capacityProvider: prefix, weight: 1, base: 0 }],
        });
    });
});
