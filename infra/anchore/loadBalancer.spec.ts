import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Keys } from "../keys/keys";
import { recordStack } from "../testing/recordedStack";
import { AnchoreEngine } from "./anchoreEngine";
import { exampleAccount, exampleConfig, exampleNaming } from "./testing/exampleEngine";
import { inputs, prefix, record, tags, type Recorded } from "./testing/recordedEngine";

describe("Load balancer and certificate of Anchore Engine", () => {
    let resources: Recorded;

    before(async () => {
        ({ resources } = await record());
    });

    it("answers inside the VPC only, with TLS 1.2 or later, under its own name", () => {
        const balancer = inputs(resources, "anchore-load-balancer");
        assert.deepEqual(
            [balancer["internal"], balancer["dropInvalidHeaderFields"], balancer["enableDeletionProtection"]],
            [true, true, false],
        );
        assert.deepEqual(inputs(resources, "anchore-load-balancer-https"), {
            loadBalancerArn: `arn:load-balancer/${prefix}`,
            port: 443,
            protocol: "HTTPS",
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/imported",
            defaultActions: [{ type: "forward", targetGroupArn: `arn:target-group/${prefix}` }],
        });
        assert.deepEqual(inputs(resources, "anchore-load-balancer-record"), {
            zoneId: "ZOWN",
            name: "anchore.portcullis-dev.internal",
            type: "A",
            aliases: [{ name: `${prefix}.elb.example.com`, zoneId: "ZELB", evaluateTargetHealth: false }],
        });
        assert.deepEqual(inputs(resources, "anchore-certificate-request")["dnsNames"], [
            "anchore.portcullis-dev.internal",
        ]);
    });

    it("publishes the authority that signed the certificate", () => {
        const parameter = inputs(resources, "anchore-certificate-authority-parameter");
        assert.equal(parameter["name"], "/portcullis/dev/anchore/certificate-authority");
        assert.equal(parameter["value"], "anchore-certificate-authority-pem");
        assert.equal(
            inputs(resources, "anchore-certificate")["caCertPem"],
            "anchore-certificate-authority-pem",
        );
    });

    it("uses a given certificate and its authority", async () => {
        const arn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b";
        const given = { ...exampleConfig({ certificateArn: arn, hostName: "anchore.example.com" }) };
        const certificateAuthority = "given authority";
        const recorded = await recordStack(() => {
            const shared = { account: exampleAccount, naming: exampleNaming, tags };
            const keys = new Keys("keys", { ...shared, protection: "deletable" });
            new AnchoreEngine("anchore", {
                ...shared,
                config: { ...given, certificateAuthority },
                protection: "deletable",
                key: keys.anchore,
                network: { vpcId: pulumi.output("vpc-1"), privateSubnetIds: pulumi.output(["subnet-1a"]) },
                repositoryArns: [],
            });
        });
        assert.equal(inputs(recorded, "anchore-load-balancer-https")["certificateArn"], arn);
        assert.equal(
            inputs(recorded, "anchore-certificate-authority-parameter")["value"],
            certificateAuthority,
        );
        assert.equal(inputs(recorded, "anchore-load-balancer-zone")["name"], "anchore.example.com");
        assert.deepEqual(
            recorded.filter(({ type }) => type.startsWith("tls:")),
            [],
        );
    });
});
