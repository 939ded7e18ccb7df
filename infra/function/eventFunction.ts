import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundleFunction, type FunctionName } from "../../lambdas/bundle";
import type { Platform } from "../application/platform";
import { writeBundle } from "../bundleFile";
import { deliveryLogDays } from "../config/logRetention";
import { accountTrust, identityPolicy, type Statement } from "../iamStatement";
import type { FunctionNames } from "./functionNames";

/** How often, and for how long, Lambda itself repeats an event whose handling failed, before the queue gets it. */
export const eventRetries = 2;
export const eventAgeSeconds = 3_600;

export interface EventFunctionArgs {
    part: FunctionName;
    names: FunctionNames;
    /** Tag `gate:role` of the function and its role, which the policy pack reads. */
    gateRole: string;
    description: string;
    /** Everything that the function's role may do. */
    statements: Statement[];
    /** Text of `settings.json`, which lies beside the code; checked by whoever made it, as the function will. */
    settings: string;
    environment: Record<string, string>;
    timeoutSeconds: number;
    /** Runs at one time, at least 1; as many are taken from the account's for nobody else. */
    concurrency: number;
    /** Queue of the events that the function could not handle. */
    failed: aws.sqs.Queue;
    platform: Pick<Platform, "account" | "config" | "tags" | "pipelineKey" | "foundations">;
}

/**
 * One function of the stack with its role, its log and what happens to events that it cannot handle.
 *
 * The code is one bundled file with the settings beside it, so what the function works by changes only with its code.
 */
export class EventFunction extends pulumi.ComponentResource {
    readonly function: aws.lambda.Function;
    /** To exist before something starts the function. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: EventFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:function:EventFunction", name, {}, opts);
        const { names, platform } = args;
        const { account, config, pipelineKey, tags } = platform;
        const gateTags = (physicalName: string) => tags.tagsFor(physicalName, { "gate:role": args.gateRole });

        // Before the function, which would otherwise make it itself, without key and retention.
        const logs = new aws.cloudwatch.LogGroup(
            `${name}-logs`,
            {
                name: names.logGroup,
                retentionInDays: deliveryLogDays[config.protection],
                kmsKeyId: pipelineKey.arn,
                tags: tags.tagsFor(names.logGroup),
            },
            { parent: this },
        );
        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: names.role,
                description: args.description,
                assumeRolePolicy: accountTrust("lambda.amazonaws.com", account.accountId),
                tags: gateTags(names.role),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            { name: args.part, role: role.name, policy: identityPolicy(args.statements) },
            { parent: role },
        );

        this.function = new aws.lambda.Function(
            name,
            {
                name: names.name,
                description: args.description,
                role: role.arn,
                runtime: "nodejs24.x",
                architectures: ["arm64"],
                packageType: "Zip",
                code: functionCode(args.part, args.settings),
                handler: "index.handler",
                // The processor grows with the memory, and with it the speed of a cold start.
                memorySize: 512,
                timeout: args.timeoutSeconds,
                reservedConcurrentExecutions: args.concurrency,
                environment: { variables: args.environment },
                kmsKeyArn: pipelineKey.arn,
                tracingConfig: { mode: "Active" },
                loggingConfig: { logFormat: "JSON", applicationLogLevel: "INFO", logGroup: logs.name },
                deadLetterConfig: { targetArn: args.failed.arn },
                publish: false,
                tags: gateTags(names.name),
            },
            // Lambda checks at creation that the role may send to the queue.
            { parent: this, dependsOn: [policy, ...platform.foundations] },
        );
        const events = new aws.lambda.FunctionEventInvokeConfig(
            `${name}-events`,
            {
                functionName: this.function.name,
                maximumRetryAttempts: eventRetries,
                maximumEventAgeInSeconds: eventAgeSeconds,
            },
            { parent: this.function },
        );
        this.ready = [this.function, events, policy];
        this.registerOutputs({ function: names.name });
    }
}

/** The archive that is uploaded: the bundle and, beside it, the settings. */
function functionCode(part: FunctionName, settings: string): pulumi.asset.AssetArchive {
    const { code, sha256 } = bundleFunction(part);
    return new pulumi.asset.AssetArchive({
        "index.cjs": new pulumi.asset.FileAsset(writeBundle("lambdas", "index.cjs", code, sha256)),
        "settings.json": new pulumi.asset.StringAsset(settings),
    });
}
