/** EC2 networking. Ids carry the prefixes of the EC2 API reference. */
import { arn, hex, list, physicalName, prefixed, text } from "../behaviour";
import type { Behaviour, BehaviourContext, BehaviourTable } from "../behaviour";
import type { WireObject } from "../../engine/wire";

function ec2(
    prefix: string,
    resource: string,
    outputs?: (c: BehaviourContext, id: string) => WireObject,
): Behaviour {
    return {
        id: prefixed(prefix),
        outputs: (context, id) => ({
            arn: arn(context, "ec2", `${resource}/${id}`),
            ownerId: context.account.accountId,
            ...outputs?.(context, id),
        }),
    };
}

function related(context: BehaviourContext, prefix: string): string {
    return prefixed(prefix)(context);
}

/** An address of the documentation range 203.0.113.0/24 (RFC 5737). */
function publicAddress(context: BehaviourContext): string {
    return `203.0.113.${1 + (parseInt(hex(context, 2, "address"), 16) % 254)}`;
}

const securityGroup = ec2("sg", "security-group", (context) => ({
    name: physicalName(context),
    namePrefix: text(context, "namePrefix") ?? "",
    description: text(context, "description") ?? "Managed by Pulumi",
    ingress: list(context, "ingress"),
    egress: list(context, "egress"),
    vpcId: text(context, "vpcId") ?? related(context, "vpc"),
}));

function securityGroupRule(): Behaviour {
    return {
        id: prefixed("sgr"),
        outputs: (context, id) => ({
            arn: arn(context, "ec2", `security-group-rule/${id}`),
            securityGroupRuleId: id,
        }),
    };
}

export const network: BehaviourTable = {
    "aws:ec2/vpc:Vpc": ec2("vpc", "vpc", (context) => ({
        defaultNetworkAclId: related(context, "acl"),
        defaultRouteTableId: related(context, "rtb"),
        mainRouteTableId: related(context, "rtb"),
        defaultSecurityGroupId: related(context, "sg"),
        dhcpOptionsId: related(context, "dopt"),
        enableDnsHostnames: false,
        enableNetworkAddressUsageMetrics: false,
        // Empty in the provider too while the VPC has no IPv6 block.
        ipv6AssociationId: "",
        ipv6CidrBlock: "",
        ipv6CidrBlockNetworkBorderGroup: "",
    })),
    "aws:ec2/subnet:Subnet": ec2("subnet", "subnet", (context) => ({
        availabilityZoneId: `${context.account.region}-az1`,
        ipv6CidrBlock: "",
        ipv6CidrBlockAssociationId: "",
        privateDnsHostnameTypeOnLaunch: "ip-name",
    })),
    "aws:ec2/internetGateway:InternetGateway": ec2("igw", "internet-gateway"),
    "aws:ec2/natGateway:NatGateway": {
        id: prefixed("nat"),
        outputs: (context) => ({
            associationId: related(context, "eipassoc"),
            networkInterfaceId: related(context, "eni"),
            publicIp: publicAddress(context),
            privateIp: `10.255.0.${1 + (parseInt(hex(context, 2), 16) % 254)}`,
            secondaryAllocationIds: [],
            secondaryPrivateIpAddresses: [],
            secondaryPrivateIpAddressCount: 0,
        }),
    },
    "aws:ec2/eip:Eip": {
        id: prefixed("eipalloc"),
        outputs: (context, id) => ({
            arn: arn(context, "ec2", `elastic-ip/${id}`),
            allocationId: id,
            associationId: "",
            domain: "vpc",
            publicIp: publicAddress(context),
            publicIpv4Pool: "amazon",
            networkBorderGroup: context.account.region,
        }),
    },
    "aws:ec2/route:Route": {
        id: (context) => `r-${text(context, "routeTableId") ?? ""}${hex(context, 10)}`,
        outputs: () => ({ origin: "CreateRoute", state: "active", instanceId: "", instanceOwnerId: "" }),
    },
    "aws:ec2/routeTable:RouteTable": ec2("rtb", "route-table", (context) => ({
        propagatingVgws: [],
        routes: list(context, "routes"),
    })),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": { id: prefixed("rtbassoc") },
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpce", "vpc-endpoint", (context) => ({
        state: "available",
        prefixListId: text(context, "vpcEndpointType") === "Interface" ? "" : related(context, "pl"),
        cidrBlocks: [],
        dnsEntries: [],
        networkInterfaceIds: list(context, "subnetIds").map(
            (subnet) => `eni-0${hex(context, 16, String(subnet))}`,
        ),
        requesterManaged: false,
        privateDnsEnabled: false,
        routeTableIds: [],
        securityGroupIds: [],
        subnetIds: [],
        serviceRegion: context.account.region,
    })),
    "aws:ec2/securityGroup:SecurityGroup": securityGroup,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
        ...securityGroup,
        outputs: (context, id) => ({ ...securityGroup.outputs!(context, id), name: "default" }),
    },
    "aws:ec2/securityGroupRule:SecurityGroupRule": {
        id: (context) => `sgrule-${parseInt(hex(context, 8), 16)}`,
        outputs: (context) => ({ securityGroupRuleId: related(context, "sgr") }),
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": securityGroupRule(),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": securityGroupRule(),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": ec2("acl", "network-acl"),
    "aws:ec2/networkAcl:NetworkAcl": ec2("acl", "network-acl"),
    "aws:ec2/flowLog:FlowLog": {
        id: prefixed("fl"),
        outputs: (context, id) => ({
            arn: arn(context, "ec2", `vpc-flow-log/${id}`),
            // The default format of the API.
            logFormat:
                "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}",
        }),
    },
};
