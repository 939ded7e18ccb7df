/** What Amazon ECS hands to a deployment lifecycle hook, and what it is answered. */
import { objectOf, shown } from "../approval/foreignJson";
import type { AdmissionSettings, AdmittedService } from "./admissionSettings";

/** One call of the hook: which revision of which service of ours is to start. */
export interface HookCall {
    service: AdmittedService;
    serviceArn: string;
    revisionArn: string;
    /** How often this deployment has been answered IN_PROGRESS before. */
    attempts: number;
}

/** Answer of a hook (Amazon ECS Developer Guide, "Lambda hooks for Amazon ECS service deployments"). */
export type HookAnswer =
    | { hookStatus: "SUCCEEDED" | "FAILED" }
    | {
          hookStatus: "IN_PROGRESS";
          /** Seconds until the next call. */
          callBackDelay: number;
          /** Handed back in the next call of this hook in this deployment. */
          hookDetails: { portcullisAttempts: number };
      };

/** Most answers IN_PROGRESS for one deployment: five minutes. Then it is refused. */
export const mostAttempts = 10;
const callBackSeconds = 30;

/** @returns null when the deployment has waited as long as it may. */
export function answerLater({ attempts }: Pick<HookCall, "attempts">): HookAnswer | null {
    if (!(attempts >= 0 && attempts < mostAttempts)) return null;
    return {
        hookStatus: "IN_PROGRESS",
        callBackDelay: callBackSeconds,
        hookDetails: { portcullisAttempts: attempts + 1 },
    };
}

/** The ARN of something of a service: `service`, `service-revision` or `service-deployment`. */
export function serviceArnOf(
    { account }: Pick<AdmissionSettings, "account">,
    { cluster, service }: Pick<AdmittedService, "cluster" | "service">,
    kind = "service",
): string {
    const { partition, region, accountId } = account;
    return `arn:${partition}:ecs:${region}:${accountId}:${kind}/${cluster}/${service}`;
}

export function clusterArnOf(
    { account }: Pick<AdmissionSettings, "account">,
    { cluster }: Pick<AdmittedService, "cluster">,
): string {
    const { partition, region, accountId } = account;
    return `arn:${partition}:ecs:${region}:${accountId}:cluster/${cluster}`;
}

/**
 * Reads the payload of a hook. Members that AWS adds are ignored; those that are needed must be as documented and must
 * agree with each other.
 * @returns the call, or in one line why it cannot be judged: nothing is admitted then.
 */
export function parseHookEvent(event: unknown, settings: AdmissionSettings): HookCall | { problem: string } {
    const payload = objectOf(event);
    if (payload === null) return { problem: `the event is ${shown(event)}, not the payload of a hook` };
    const { executionDetails, lifecycleStage, resourceArn, hookDetails } = payload;
    // Older versions of the developer guide have the details at the top, without a stage.
    const isOlder = executionDetails === undefined && lifecycleStage === undefined;
    const details = isOlder ? payload : objectOf(executionDetails);
    if (details === null) {
        return { problem: `executionDetails is ${shown(executionDetails)}: see who invoked the function` };
    }
    if (!isOlder && lifecycleStage !== "PRE_SCALE_UP") {
        return {
            problem:
                `the hook was called at ${shown(lifecycleStage)}; configure it for PRE_SCALE_UP alone, which is before ` +
                "anything starts",
        };
    }
    const { serviceArn, targetServiceRevisionArn: revisionArn } = details;
    const service = settings.services.find((one) => serviceArnOf(settings, one) === serviceArn);
    if (service === undefined) {
        return {
            problem:
                `the service ${shown(serviceArn)} is not one of this stack's production services; name it in ` +
                "applications[].delivery.production, or take the hook off it",
        };
    }
    if (!isPartOf(revisionArn, serviceArnOf(settings, service, "service-revision"))) {
        return { problem: `the service revision ${shown(revisionArn)} is not one of ${shown(serviceArn)}` };
    }
    if (
        resourceArn !== undefined &&
        !isPartOf(resourceArn, serviceArnOf(settings, service, "service-deployment"))
    ) {
        return { problem: `the deployment ${shown(resourceArn)} is not one of ${shown(serviceArn)}` };
    }
    const attempts = attemptsIn(hookDetails);
    if (attempts === null) {
        return {
            problem:
                "hookDetails.portcullisAttempts is not a count of ours; take it out of the hook's configuration",
        };
    }
    return {
        service,
        serviceArn: serviceArnOf(settings, service),
        revisionArn: String(revisionArn),
        attempts,
    };
}

function isPartOf(arn: unknown, parent: string): boolean {
    return (
        typeof arn === "string" &&
        arn.startsWith(`${parent}/`) &&
        /^[A-Za-z0-9_-]{1,128}$/.test(arn.slice(parent.length + 1))
    );
}

/** Null when somebody else has written it. */
function attemptsIn(hookDetails: unknown): number | null {
    if (hookDetails === undefined || hookDetails === null) return 0;
    const details = objectOf(hookDetails);
    if (details === null) return null;
    const attempts = details["portcullisAttempts"];
    if (attempts === undefined) return 0;
    return typeof attempts === "number" &&
        Number.isInteger(attempts) &&
        attempts >= 0 &&
        attempts <= mostAttempts
        ? attempts
        : null;
}
