import { deepEqual, equal } from "node:assert/strict";
import { ResourceReader } from "../../harness/reader";
import { unknown } from "../../harness/reader";
import { isAnyone, isHttpsOnly, ownIngress } from "./ingress";
import { ingressRuleType, securityGroupRuleType, securityGroupType } from "./securityGroup";

const read = (type: string, properties: Record<string, unknown>) =>
    ownIngress(new ResourceReader({ type, name: "x", urn: "urn:x", properties }));

describe("sources that are everybody", () => {
    const cases: [cidr: string, expected: boolean][] = [
        ["0.0.0.0/0", true],
        ["128.0.0.0/1", true],
        ["8.0.0.0/7", true],
        ["10.0.0.0/8", false],
        ["192.0.2.1/32", false],
        ["::/0", true],
        ["2000::/3", true],
        ["fd00::/8", true],
        ["2001:db8::/32", false],
        ["10.0.0.1", false],
        ["", false],
    ];
    for (const [cidr, expected] of cases) it(`${cidr}: ${expected}`, () => equal(isAnyone(cidr), expected));
});

describe("ingress in its three forms", () => {
    it("is read alike", () => {
        const forms = [
            read(securityGroupType, {
                ingress: [
                    {
                        protocol: "tcp",
                        fromPort: 443,
                        toPort: 443,
                        cidrBlocks: ["10.0.0.0/8"],
                        ipv6CidrBlocks: ["::/0"],
                    },
                ],
            }),
            read(securityGroupRuleType, {
                type: "ingress",
                protocol: "tcp",
                fromPort: 443,
                toPort: 443,
                cidrBlocks: ["10.0.0.0/8"],
                ipv6CidrBlocks: ["::/0"],
            }),
            read(ingressRuleType, {
                ipProtocol: "tcp",
                fromPort: 443,
                toPort: 443,
                cidrIpv4: "10.0.0.0/8",
                cidrIpv6: "::/0",
            }),
        ];
        for (const [entry, ...others] of forms) {
            equal(others.length, 0);
            deepEqual(entry?.cidrs, ["10.0.0.0/8", "::/0"]);
            equal(entry && isHttpsOnly(entry), "yes");
            equal(entry?.unknownCidrs, false);
            equal(entry?.prefixLists, false);
        }
    });

    it("egress is left out, unknown sources and empty prefix lists are told", () => {
        deepEqual(read(securityGroupRuleType, { type: "egress", cidrBlocks: ["0.0.0.0/0"] }), []);
        const [entry] = read(securityGroupType, {
            ingress: [{ cidrBlocks: ["10.0.0.0/8", unknown], prefixListIds: [] }],
        });
        equal(entry?.unknownCidrs, true);
        equal(entry?.prefixLists, false);
        deepEqual(entry?.cidrs, ["10.0.0.0/8"]);
    });

    const ports: [properties: Record<string, unknown>, expected: string][] = [
        [{ protocol: "tcp", fromPort: 443, toPort: 443 }, "yes"],
        [{ protocol: "6", fromPort: "443", toPort: 443 }, "yes"],
        [{ protocol: "udp", fromPort: 443, toPort: 443 }, "no"],
        [{ protocol: "-1", fromPort: 443, toPort: 443 }, "no"],
        [{ protocol: "tcp", fromPort: 443, toPort: 444 }, "no"],
        [{ protocol: "tcp", fromPort: 443 }, "no"],
        [{ protocol: "tcp", fromPort: 443, toPort: unknown }, "unknown"],
        [{ protocol: unknown, fromPort: 443, toPort: 443 }, "unknown"],
        [{ protocol: "tcp", fromPort: unknown, toPort: 22 }, "no"],
    ];
    for (const [properties, expected] of ports) {
        it(`${JSON.stringify(properties).replace(unknown, "(not known)")} is HTTPS only: ${expected}`, () => {
            const [entry] = read(securityGroupType, { ingress: [properties] });
            equal(entry && isHttpsOnly(entry), expected);
        });
    }
});
