/** Data sources, answered from a table. Everything else is refused by name. */
import type { Account } from "./behaviour";
import { SimulationError } from "./simulate";
import type { WireObject } from "../engine/wire";

/** Stands for the account of every simulated run: the example account of AWS's documentation. */
export const simulatedAccountId = "123456789012";

/** Partition and DNS suffix by region prefix, from the AWS General Reference. */
export function accountIn(region: string): Account {
    if (region.startsWith("cn-")) {
        return { accountId: simulatedAccountId, region, partition: "aws-cn", dnsSuffix: "amazonaws.com.cn" };
    }
    const partition = region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
    return { accountId: simulatedAccountId, region, partition, dnsSuffix: "amazonaws.com" };
}

/**
 * Zone letters of regions that do not simply have a, b and c for a new account. Other regions get a, b, c.
 * Source: AWS documentation, "AWS Availability Zones".
 */
const zoneLetters: Record<string, string> = {
    "us-east-1": "abcdef",
    "us-west-1": "ac",
    "us-west-2": "abcd",
    "ca-central-1": "abd",
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
};

/** Zone names of a region, in order, e.g. `eu-west-1a`. */
export function availabilityZones(region: string): string[] {
    return [...(zoneLetters[region] ?? "abc")].map((letter) => `${region}${letter}`);
}

type Answer = (args: WireObject, account: Account) => WireObject;

const answers: Record<string, Answer> = {
    "aws:index/getCallerIdentity:getCallerIdentity": (_args, account) => ({
        accountId: account.accountId,
        arn: `arn:${account.partition}:iam::${account.accountId}:user/offline`,
        id: account.accountId,
        userId: "AIDAOFFLINE0EXAMPLE00",
    }),
    "aws:index/getRegion:getRegion": (args, account) => {
        const region = typeof args["region"] === "string" ? args["region"] : account.region;
        return {
            id: region,
            name: region,
            region,
            description: region,
            endpoint: `ec2.${region}.${account.dnsSuffix}`,
        };
    },
    "aws:index/getPartition:getPartition": (_args, account) => ({
        id: account.partition,
        partition: account.partition,
        dnsSuffix: account.dnsSuffix,
        reverseDnsPrefix: account.dnsSuffix.split(".").reverse().join("."),
    }),
    "aws:index/getAvailabilityZones:getAvailabilityZones": (args, account) => {
        const region = typeof args["region"] === "string" ? args["region"] : account.region;
        const excluded = Array.isArray(args["excludeNames"]) ? args["excludeNames"] : [];
        const names = availabilityZones(region).filter((zone) => !excluded.includes(zone));
        return {
            ...args,
            id: region,
            region,
            names,
            zoneIds: names.map((name) => `${region}-az${name.charCodeAt(name.length - 1) - 96}`),
            groupNames: [`${region}-zg-1`],
        };
    },
    "aws:index/getServicePrincipal:getServicePrincipal": (args, account) => {
        const region = typeof args["region"] === "string" ? args["region"] : account.region;
        const serviceName = String(args["serviceName"]);
        return {
            id: `${serviceName}.${region}.${account.dnsSuffix}`,
            name: `${serviceName}.amazonaws.com`,
            serviceName,
            region,
            suffix: "amazonaws.com",
        };
    },
    "aws:ssm/getParameter:getParameter": publicParameter,
};

/** Public parameters of the ECS-optimized and Amazon Linux images; other names are the account's own and unknown here. */
function publicParameter(args: WireObject, account: Account): WireObject {
    const name = String(args["name"]);
    if (!/^\/aws\/service\/(ecs\/optimized-ami|ami-amazon-linux-latest)\//.test(name)) {
        throw new SimulationError(
            `the offline engine cannot know the SSM parameter "${name}": only public image parameters under /aws/service are simulated (offline/behaviour/invokes.ts)`,
        );
    }
    const value =
        name.endsWith("/image_id") || name.includes("ami-amazon-linux-latest")
            ? "ami-0123456789abcdef0"
            : JSON.stringify({ image_id: "ami-0123456789abcdef0" });
    return {
        id: name,
        name,
        arn: `arn:${account.partition}:ssm:${account.region}::parameter${name}`,
        type: "String",
        value,
        insecureValue: value,
        version: 1,
        region: account.region,
        withDecryption: true,
    };
}

/** Throws `SimulationError` for a function that is not in the table. */
export function answerInvoke(token: string, args: WireObject, account: Account): WireObject {
    const answer = answers[token];
    if (answer === undefined) {
        throw new SimulationError(
            `the offline engine cannot answer the function ${token}: add it to offline/behaviour/invokes.ts`,
        );
    }
    return answer(args, account);
}
