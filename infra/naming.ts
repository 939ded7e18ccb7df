/**
 * Every physical name of the stack is made here, so that ARNs are literal at preview and can be judged there.
 *
 * A name is `<project>-<stack>[-application]-<thing>`. Where that is longer than the service allows it is cut and
 * eight hexadecimal digits of its SHA-256 are added: the same input always gives the same name.
 */
import { createHash } from "node:crypto";

/** Where the stack lives; all four come from awaited invokes at program start. */
export interface Account {
    /** Twelve digits. */
    accountId: string;
    /** For example `eu-central-1`. */
    region: string;
    /** `aws`, `aws-cn` or `aws-us-gov`. */
    partition: string;
    /** For example `amazonaws.com`. */
    dnsSuffix: string;
}

interface Limit {
    /** Longest name in characters. */
    length: number;
    /** Name that the result must match; from the service's API reference. */
    pattern: RegExp;
    /** Beginnings that the service reserves. */
    reserved?: string[];
}

const dashed = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Limits of the services, from their API references (`CreateRole`, `CreateRepository`, `CreateLoadBalancer`, …). */
const limits = {
    iamRole: { length: 64, pattern: dashed },
    instanceProfile: { length: 128, pattern: dashed },
    ecrRepository: { length: 256, pattern: dashed },
    codeBuildProject: { length: 150, pattern: dashed },
    codePipeline: { length: 100, pattern: dashed },
    codeCommitRepository: { length: 100, pattern: dashed },
    s3Bucket: { length: 63, pattern: dashed, reserved: ["xn--", "sthree-", "amzn-s3-demo-"] },
    snsTopic: { length: 256, pattern: dashed },
    kmsAlias: { length: 250, pattern: dashed, reserved: ["aws"] },
    logGroup: { length: 256, pattern: dashed },
    loadBalancer: { length: 32, pattern: dashed, reserved: ["internal-"] },
    targetGroup: { length: 32, pattern: dashed },
    ecsCluster: { length: 255, pattern: dashed },
    ecsService: { length: 255, pattern: dashed },
    ecsTaskFamily: { length: 255, pattern: dashed },
    capacityProvider: { length: 255, pattern: dashed, reserved: ["aws", "ecs", "fargate"] },
    autoScalingGroup: { length: 255, pattern: dashed },
    launchTemplate: { length: 128, pattern: dashed },
    rdsInstance: { length: 63, pattern: dashed },
    rdsSubnetGroup: { length: 255, pattern: dashed },
    rdsParameterGroup: { length: 255, pattern: dashed },
    securityGroup: { length: 255, pattern: dashed, reserved: ["sg-"] },
    eventRule: { length: 64, pattern: dashed },
    lambdaFunction: { length: 64, pattern: dashed },
    dynamodbTable: { length: 255, pattern: dashed },
    sqsQueue: { length: 80, pattern: dashed },
    schedule: { length: 64, pattern: dashed },
    scheduleGroup: { length: 64, pattern: dashed },
    /** Letters, digits, hyphens and underscores (AWS CodeStar Notifications, `CreateNotificationRule`). */
    notificationRule: { length: 64, pattern: dashed },
    chatConfiguration: { length: 128, pattern: dashed },
    alarm: { length: 255, pattern: dashed },
    /** First label of a private domain (RFC 1035: at most 63 characters). */
    hostedZone: { length: 63, pattern: dashed },
    /** One path segment of a parameter name; the whole path is checked in `parameterPath`. */
    ssmParameter: { length: 255, pattern: dashed, reserved: ["aws", "ssm"] },
} as const satisfies Record<string, Limit>;

export type NameKind = keyof typeof limits;

export const nameKinds = Object.keys(limits) as NameKind[];

/** SSM `PutParameter`: 1011 characters including the ARN that precedes the name; 900 leaves room for any region. */
const parameterPathLength = 900;

/** Lower-case letters, digits and single hyphens. Anything else becomes a hyphen, and a hash tells the originals apart. */
function normalise(text: string): string {
    const plain = text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "");
    return plain === text ? plain : [plain, digest(text)].filter((part) => part !== "").join("-");
}

function digest(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Cuts to `length` characters, keeping names apart by eight hexadecimal digits of the whole. */
function cut(name: string, length: number): string {
    if (name.length <= length) return name;
    return `${name.slice(0, length - 9).replace(/-+$/, "")}-${digest(name)}`;
}

export interface Naming {
    /** `<project>-<stack>`, normalised; what every name begins with. */
    prefix: string;
    /** `physical("iamRole", "demo", "build")` gives `portcullis-dev-demo-build`. */
    physical(kind: NameKind, ...parts: string[]): string;
    /** Name of a parameter: `/portcullis/dev/…`. */
    parameterPath(...parts: string[]): string;
}

/**
 * Names of one stack.
 *
 * @throws Error when the kind is not listed above, or when the result would break a rule of the service that cutting
 * cannot mend (reserved beginning, a name that does not begin with a letter).
 */
export function createNaming(project: string, stack: string, account: Account): Naming {
    const segments = [normalise(project), normalise(stack)];
    const prefix = segments.join("-");

    function physical(kind: NameKind, ...parts: string[]): string {
        const limit: Limit | undefined = limits[kind];
        if (limit === undefined) {
            throw new Error(
                `infra/naming.ts knows no limit for "${String(kind)}": add it to the table of limits`,
            );
        }
        // Bucket names are global: the account and the region make them ours.
        const own = kind === "s3Bucket" ? [...parts, account.accountId, account.region] : parts;
        const name = cut([prefix, ...own.map(normalise)].join("-"), limit.length);
        const reserved = limit.reserved?.find((beginning) => name.startsWith(beginning));
        if (reserved !== undefined) {
            throw new Error(
                `${kind} "${name}" begins with "${reserved}", which AWS reserves: rename the project`,
            );
        }
        if (!limit.pattern.test(name)) {
            throw new Error(`${kind} "${name}" must begin with a letter: rename the project`);
        }
        return name;
    }

    function parameterPath(...parts: string[]): string {
        const path = ["", ...segments, ...parts.map(normalise)].join("/");
        if (path.length > parameterPathLength) {
            throw new Error(`parameter "${path}" is longer than ${parameterPathLength} characters`);
        }
        const reserved = (limits.ssmParameter.reserved as readonly string[]).find((beginning) =>
            segments[0]?.startsWith(beginning),
        );
        if (reserved !== undefined) {
            throw new Error(
                `parameter "${path}" begins with "${reserved}", which AWS reserves: rename the project`,
            );
        }
        return path;
    }

    return { prefix, physical, parameterPath };
}
