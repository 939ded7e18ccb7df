/** What the fakes of AWS have in common: every call is written down, authorized, and may be interrupted or cut off. */

export type AwsService =
    | "codebuild"
    | "codecommit"
    | "codepipeline"
    | "dynamodb"
    | "ecr"
    | "ecs"
    | "s3"
    | "secretsmanager"
    | "securityhub";

/** What a principal must be allowed to do for a call to be carried out. */
export interface RequiredPermission {
    /** As IAM writes it, for example `dynamodb:PutItem`. */
    action: string;
    /** ARN, or `*` for actions without resources. */
    resource: string;
    /** Condition keys that the service sets. */
    context?: Record<string, string | string[]>;
}

/** One call as a fake received it. */
export interface AwsCall {
    service: AwsService;
    /** Name of the operation, for example `PutItem`. */
    operation: string;
    input: Record<string, unknown>;
    /** Who signed it: the name under which `credentialsOf` made the credentials. */
    principal: string;
    permissions: RequiredPermission[];
    /** `ok`, or the error's code. */
    outcome: string;
}

/** The service refuses: the error's code, as clients see it, and the HTTP status. */
export class Refusal extends Error {
    override name = "Refusal";
    constructor(
        readonly code: string,
        message: string,
        readonly status = 400,
    ) {
        super(message);
    }
}

/** What each service calls "too many requests" (API references, common errors). */
export function throttled(service: AwsService): Refusal {
    if (service === "s3") return new Refusal("SlowDown", "Please reduce your request rate.", 503);
    if (service === "dynamodb") {
        return new Refusal(
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        );
    }
    return new Refusal("ThrottlingException", "Rate exceeded");
}

/** Shared by all fakes of one cloud. */
export class CallJournal {
    /** All calls since the journal was made, in the order of their arrival. */
    readonly calls: AwsCall[] = [];
    /** Requests that no AWS service would have taken: not signed, another region, unknown members. */
    readonly malformed: string[] = [];
    /** Permissions that were asked for and not held. */
    readonly denied: string[] = [];

    /** Whether the principal may; everybody may everything unless this is set. */
    authorize: (principal: string, permission: RequiredPermission) => Promise<boolean> = async () => true;
    /** A refusal instead of the answer. */
    interrupt: (call: AwsCall) => Refusal | null = () => null;
    /** After a call was carried out and before its answer leaves: true keeps the answer back, as when the caller died. */
    carriedOut: (call: AwsCall) => boolean = () => false;

    /** @throws Refusal when the call may not be carried out now. */
    async admit(call: AwsCall): Promise<void> {
        this.calls.push(call);
        const interruption = this.interrupt(call);
        if (interruption !== null) throw interruption;
        for (const permission of call.permissions) {
            if (await this.authorize(call.principal, permission)) continue;
            const { action, resource } = permission;
            this.denied.push(`${call.principal}: ${action} on ${resource}`);
            throw new Refusal(
                call.service === "s3" ? "AccessDenied" : "AccessDeniedException",
                `User: ${call.principal} is not authorized to perform: ${action} on resource: ${resource}`,
                call.service === "s3" ? 403 : 400,
            );
        }
    }

    /** Calls of one operation that were carried out. */
    done(operation: string): AwsCall[] {
        return this.calls.filter((call) => call.operation === operation && call.outcome === "ok");
    }

    /** Back to the beginning: no calls, no interruptions. What is malformed or denied stays, for the end of a spec. */
    reset(): void {
        this.calls.length = 0;
        this.interrupt = () => null;
        this.carriedOut = () => false;
    }
}
