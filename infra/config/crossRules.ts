/** Rules that need more than one value: contradictions, and names that AWS would refuse. All pure. */
import { didYouMean } from "../../gate/policy/didYouMean";
import { contains, overlaps, parseCidr } from "../network/cidr";
import { createNaming, nameKinds, type Account } from "../naming";
import { approvalProblems } from "./approvalRules";
import { deliveryProblems } from "./deliveryRules";
import type { ConfigProblem } from "./problems";
import { reviewProblems } from "./reviewRules";
import { scannerProblems } from "./scannerRules";
import type { StackConfig } from "./schema";

const largestPrefix = 20;
const smallestPrefix = 16;

/** RFC 1918, and the shared space of RFC 6598, which AWS allows for VPCs too. */
const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/** Docker's own bridge on every instance: a VPC with these addresses cannot be reached from containers. */
const dockerBridge = "172.17.0.0/16";

/** Names that the shared part of the stack uses where an application's name would stand. */
export const reservedApplicationNames = [
    "admission",
    "anchore",
    "approval",
    "artifacts",
    "break-glass",
    "delivery",
    "evidence",
    "gate",
    "merge",
    "network",
    "notifications",
    "pipeline",
    "registry",
    "review",
    "running",
];

function networkProblems({ network }: StackConfig): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    const own = parseCidr(network.cidrBlock);
    const at = (allowed: string) =>
        problems.push({ path: "network.cidrBlock", value: network.cidrBlock, allowed });
    if (own.prefix > largestPrefix || own.prefix < smallestPrefix) {
        at(
            `must be from /${smallestPrefix} to /${largestPrefix}: every zone needs a public and a private subnet, ` +
                "with room for more tiers",
        );
    }
    if (!privateNetworks.some((text) => contains(parseCidr(text), own))) {
        at(`must lie in one of ${privateNetworks.join(", ")}`);
    }
    if (overlaps(own, parseCidr(dockerBridge))) {
        at(`must not overlap ${dockerBridge}, which Docker uses on the instances`);
    }
    network.peerCidrBlocks.forEach((text, index) => {
        if (overlaps(own, parseCidr(text))) {
            problems.push({
                path: `network.peerCidrBlocks[${index}]`,
                value: text,
                allowed: `must not overlap network.cidrBlock (${network.cidrBlock})`,
                involves: ["network.cidrBlock"],
            });
        }
    });
    return problems;
}

/** Arm families have a g among the letters behind the generation: t4g, m7gd, c6gn; a1 is Arm too. */
function isArm(instanceType: string): boolean {
    return /^[a-z]+\d+[a-z]*g[a-z]*\./.test(instanceType) || instanceType.startsWith("a1.");
}

function anchoreProblems({ anchore }: StackConfig): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    const { minimum, desired, maximum } = anchore.instances;
    if (minimum > desired) {
        problems.push({
            path: "anchore.instances.minimum",
            value: minimum,
            allowed: `must not be above anchore.instances.desired (${desired})`,
            involves: ["anchore.instances.desired"],
        });
    }
    if (desired > maximum) {
        problems.push({
            path: "anchore.instances.desired",
            value: desired,
            allowed: `must not be above anchore.instances.maximum (${maximum})`,
            involves: ["anchore.instances.maximum"],
        });
    }
    if (isArm(anchore.instanceType)) {
        problems.push({
            path: "anchore.instanceType",
            value: anchore.instanceType,
            allowed: "must be an x86_64 type: Anchore Engine is published for x86_64 only",
        });
    }
    if (/\.(nano|micro|small)$/.test(anchore.instanceType)) {
        problems.push({
            path: "anchore.instanceType",
            value: anchore.instanceType,
            allowed: "must have 4 GB of memory or more (medium and above): the five services reserve 3 GB",
        });
    }
    if (anchore.certificateArn !== undefined && anchore.hostName === undefined) {
        problems.push({
            path: "anchore.hostName",
            value: undefined,
            allowed: "is required with anchore.certificateArn: the name that the certificate was issued for",
            involves: ["anchore.certificateArn"],
        });
    }
    if ((anchore.certificateArn === undefined) !== (anchore.certificateAuthority === undefined)) {
        const missing = anchore.certificateArn === undefined ? "certificateArn" : "certificateAuthority";
        problems.push({
            path: `anchore.${missing}`,
            value: undefined,
            allowed:
                "anchore.certificateArn and anchore.certificateAuthority must be set together: the scan steps trust the " +
                "given authority and no other",
            involves: ["anchore.certificateArn", "anchore.certificateAuthority"],
        });
    }
    problems.push(...imageProblems(anchore.image));
    return problems;
}

/** Image reference of the OCI distribution specification; the registry's host name is required here. */
const imagePattern =
    /^(?<host>[a-z0-9.-]+\.[a-z0-9.-]+(?::\d+)?)\/(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

function imageProblems(image: string): ConfigProblem[] {
    const groups = imagePattern.exec(image)?.groups;
    const path = "anchore.image";
    if (groups === undefined) {
        return [
            {
                path,
                value: image,
                allowed: "must be registry/repository:tag or registry/repository:tag@sha256:<64 hex digits>",
            },
        ];
    }
    if (groups["tag"] === undefined && groups["digest"] === undefined) {
        return [{ path, value: image, allowed: "must name a tag or a digest" }];
    }
    if (groups["tag"] === "latest" && groups["digest"] === undefined) {
        return [{ path, value: image, allowed: "must not be latest: name a version, better a digest" }];
    }
    return [];
}

/** A waiver for an application that does not exist would be unused for ever, and its author would think it holds. */
function waiverProblems({ gatePolicy, applications }: StackConfig): ConfigProblem[] {
    const known = applications.map(({ name }) => name);
    return gatePolicy.waivers.flatMap((waiver, at) =>
        (waiver.applications ?? []).flatMap((name, index): ConfigProblem[] =>
            known.includes(name)
                ? []
                : [
                      {
                          path: `gatePolicy.waivers[${at}].applications[${index}]`,
                          value: name,
                          allowed: `must be one of this stack's applications: ${known.join(", ")}${didYouMean(name, known)}`,
                          involves: ["applications"],
                      },
                  ],
        ),
    );
}

function applicationProblems({ applications }: StackConfig): ConfigProblem[] {
    const names = applications.map((application) => application.name);
    return applications.flatMap(({ name }, index): ConfigProblem[] => {
        const path = `applications[${index}].name`;
        if (names.indexOf(name) !== index) {
            const first = names.indexOf(name);
            return [{ path, value: name, allowed: `must be unique: applications[${first}] has this name` }];
        }
        if (reservedApplicationNames.includes(name)) {
            return [
                {
                    path,
                    value: name,
                    allowed: `must not be one of the stack's own names: ${reservedApplicationNames.join(", ")}`,
                },
            ];
        }
        return [];
    });
}

function agreementProblems({ evidence, protection }: StackConfig): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    if (protection === "deletable" && evidence.lockMode === "COMPLIANCE") {
        problems.push({
            path: "evidence.lockMode",
            value: evidence.lockMode,
            allowed:
                "must be GOVERNANCE while protection is deletable: nobody, not even the account's root user, could " +
                "delete the bucket before evidence.retentionDays are over",
            involves: ["protection"],
        });
    }
    return problems;
}

/** Every name kind is tried with the project and the stack, so that AWS never sees one that it would refuse. */
function nameProblems(project: string, stack: string): ConfigProblem[] {
    const account: Account = {
        accountId: "123456789012",
        region: "ap-southeast-2",
        partition: "aws",
        dnsSuffix: "amazonaws.com",
    };
    const naming = createNaming(project, stack, account);
    const attempts = [
        () => naming.parameterPath("anchore", "adminPassword"),
        ...nameKinds.map((kind) => () => naming.physical(kind, "name")),
    ];
    const messages = attempts.flatMap((attempt) => {
        try {
            attempt();
            return [];
        } catch (error) {
            return [(error as Error).message];
        }
    });
    const value = `${project} / ${stack}`;
    return messages.length === 0
        ? []
        : [{ path: "(project and stack name)", value, allowed: messages.join("; ") }];
}

/** All problems between the values of a configuration whose single values are right. */
export function crossProblems(config: StackConfig, project: string, stack: string): ConfigProblem[] {
    return [
        ...networkProblems(config),
        ...anchoreProblems(config),
        ...scannerProblems(config),
        ...waiverProblems(config),
        ...applicationProblems(config),
        ...approvalProblems(config),
        ...deliveryProblems(config, project, stack),
        ...reviewProblems(config),
        ...agreementProblems(config),
        ...nameProblems(project, stack),
    ];
}
