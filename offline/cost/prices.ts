/**
 * The price table: list prices, US East (N. Virginia), as of one date. Prices change rarely but they do: raise
 * `priceDate` together with the entries that were looked up again.
 */

/** Day on which the table was put together (ISO 8601). */
export const priceDate = "2026-11-21";
export const priceRegion = "US East (N. Virginia)";
/** Hours that AWS's own calculator counts for a month. */
export const hoursPerMonth = 730;

/** `source`: read in AWS's price pages or files on `priceDate`. `memory`: well known, not looked up again. */
export type Certainty = "source" | "memory";

export interface Price {
    /** What is sold, as a line of the table shows it. */
    item: string;
    /** US dollars for one unit. */
    usd: number;
    unit: "hour" | "month" | "GB-month" | "IOPS-month" | "MBps-month";
    certainty: Certainty;
}

export interface UsagePrice {
    usd: number;
    /** What one such amount buys, e.g. `GB processed`. */
    per: string;
    /** How many single units that is, e.g. 1,000,000 for `million requests`. */
    units: number;
    certainty: Certainty;
}

function price(item: string, usd: number, unit: Price["unit"], certainty: Certainty): Price {
    return { item, usd, unit, certainty };
}

/** What a stack pays for every hour or month that it exists, used or not. */
export const prices = {
    natGateway: price("NAT gateway", 0.045, "hour", "source"),
    publicAddress: price("Public IPv4 address", 0.005, "hour", "source"),
    interfaceEndpoint: price("Interface endpoint, per zone", 0.01, "hour", "source"),
    applicationLoadBalancer: price("Application Load Balancer", 0.0225, "hour", "memory"),
    networkLoadBalancer: price("Network Load Balancer", 0.0225, "hour", "memory"),
    volumeGp3: price("EBS gp3 volume", 0.08, "GB-month", "memory"),
    volumeGp3Iops: price("EBS gp3 IOPS above 3000", 0.005, "IOPS-month", "memory"),
    volumeGp3Throughput: price("EBS gp3 throughput above 125 MB/s", 0.04, "MBps-month", "memory"),
    databaseGp3: price("RDS gp3 storage", 0.115, "GB-month", "memory"),
    databaseGp2: price("RDS gp2 storage", 0.115, "GB-month", "memory"),
    key: price("KMS key", 1, "month", "memory"),
    hostedZone: price("Route 53 hosted zone", 0.5, "month", "memory"),
    alarm: price("CloudWatch alarm, per metric", 0.1, "month", "memory"),
    alarmHighResolution: price("CloudWatch high-resolution alarm, per metric", 0.3, "month", "memory"),
    compositeAlarm: price("CloudWatch composite alarm", 0.5, "month", "memory"),
    secret: price("Secrets Manager secret", 0.4, "month", "memory"),
    advancedParameter: price("SSM advanced parameter", 0.05, "month", "memory"),
    // Seen at several publishers of AWS's prices, not at AWS itself.
    fargateProcessor: price("Fargate vCPU", 0.04048, "hour", "memory"),
    fargateMemory: price("Fargate memory, GB", 0.004445, "hour", "memory"),
    fargateProcessorArm: price("Fargate vCPU, arm64", 0.03238, "hour", "memory"),
    fargateMemoryArm: price("Fargate memory, GB, arm64", 0.00356, "hour", "memory"),
    pipelineV1: price("CodePipeline V1 pipeline", 1, "month", "source"),
} as const satisfies Record<string, Price>;

/** Linux on-demand instances by type. */
export const instancePrices: Readonly<Record<string, Price>> = {
    "t3.medium": price("EC2 t3.medium", 0.0416, "hour", "source"),
    "t3.large": price("EC2 t3.large", 0.0832, "hour", "source"),
    "t3a.medium": price("EC2 t3a.medium", 0.0376, "hour", "memory"),
    "t3a.large": price("EC2 t3a.large", 0.0752, "hour", "memory"),
    "m5.large": price("EC2 m5.large", 0.096, "hour", "source"),
    "m7g.large": price("EC2 m7g.large", 0.0816, "hour", "source"),
};

/** RDS for PostgreSQL, one zone, by instance class. Multi-AZ pays instance and storage twice. */
export const postgresPrices: Readonly<Record<string, Price>> = {
    "db.t4g.micro": price("RDS PostgreSQL db.t4g.micro", 0.016, "hour", "memory"),
    "db.t4g.small": price("RDS PostgreSQL db.t4g.small", 0.032, "hour", "memory"),
    "db.t4g.medium": price("RDS PostgreSQL db.t4g.medium", 0.065, "hour", "memory"),
};

/** CodeBuild by compute type, Linux, per minute. */
export const buildMinutePrices: Readonly<Record<string, UsagePrice>> = {
    BUILD_GENERAL1_SMALL: { usd: 0.005, per: "build minute, general1.small", units: 1, certainty: "memory" },
    BUILD_GENERAL1_MEDIUM: { usd: 0.01, per: "build minute, general1.medium", units: 1, certainty: "memory" },
    BUILD_GENERAL1_LARGE: { usd: 0.02, per: "build minute, general1.large", units: 1, certainty: "memory" },
};

/** Amounts that prices are written for, by the word that begins them. */
const amounts: Readonly<Record<string, number>> = {
    million: 1_000_000,
    "100,000": 100_000,
    "10,000": 10_000,
    "1,000": 1_000,
};

function usage(usd: number, per: string, certainty: Certainty = "memory"): UsagePrice {
    return { usd, per, units: amounts[per.split(" ")[0] ?? ""] ?? 1, certainty };
}

/** What is paid by use and therefore is not in the floor. */
export const usagePrices = {
    natData: usage(0.045, "GB through a NAT gateway", "source"),
    endpointData: usage(0.01, "GB through an interface endpoint", "source"),
    crossZoneData: usage(0.01, "GB between zones, each way", "source"),
    loadBalancerUnit: usage(0.008, "load balancer capacity unit and hour"),
    logIngestion: usage(0.5, "GB of logs taken in"),
    logStorage: usage(0.03, "GB-month of logs kept"),
    keyRequests: usage(0.03, "10,000 KMS requests"),
    signatures: usage(0.15, "10,000 KMS signatures and verifications with ECC or RSA above 2048 bits"),
    findings: usage(0.3, "10,000 findings taken in after 10,000 free ones a month"),
    objectStorage: usage(0.023, "GB-month in S3 Standard"),
    objectWrites: usage(0.005, "1,000 S3 PUT requests"),
    objectReads: usage(0.0004, "1,000 S3 GET requests"),
    imageStorage: usage(0.1, "GB-month of images in ECR"),
    pipelineMinutes: usage(0.002, "action minute after 100 free ones a month; approvals are free", "source"),
    inspectorFirstScan: usage(0.09, "first Inspector scan of an image (seen for eu-west-1)", "source"),
    inspectorRescan: usage(0.01, "Inspector rescan of an image (seen for eu-west-1)", "source"),
    activeUsers: usage(1, "CodeCommit user a month after five free ones"),
    topicMessages: usage(0.5, "million messages published to SNS after one million free ones a month"),
    topicEmails: usage(2, "100,000 e-mail notifications after 1,000 free ones a month"),
    queueRequests: usage(0.4, "million SQS requests after one million free ones a month"),
    functionRequests: usage(0.2, "million Lambda requests"),
    functionSeconds: usage(0.0000166667, "GB-second of Lambda on x86_64"),
    functionSecondsArm: usage(0.0000133334, "GB-second of Lambda on arm64"),
    traces: usage(5, "million X-Ray traces after 100,000 free ones a month"),
    scheduleRuns: usage(1, "million EventBridge Scheduler runs after 14 million free ones a month"),
    customMetrics: usage(0.3, "custom metric and month in which it is sent"),
    tableWrites: usage(0.625, "million DynamoDB write request units"),
    tableReads: usage(0.125, "million DynamoDB read request units"),
    tableStorage: usage(0.25, "GB-month in DynamoDB"),
    tableRecovery: usage(0.2, "GB-month of DynamoDB point-in-time recovery"),
    streamReads: usage(0.02, "100,000 reads of a DynamoDB stream by others than Lambda"),
    zoneQueries: usage(0.4, "million DNS queries"),
    secretRequests: usage(0.05, "10,000 Secrets Manager requests"),
    backupStorage: usage(0.095, "GB-month of RDS backups beyond the size of the database"),
    burstCredits: usage(0.05, "vCPU-hour above the baseline of a T3 instance in unlimited mode", "memory"),
} as const satisfies Record<string, UsagePrice>;
