/**
 * The continuous check: every task of a production service when it has started, and every few minutes all of them, are
 * held against the approvals, the registry's findings of today and the overrides.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { SecurityHubClient } from "@aws-sdk/client-securityhub";
import type { AdmissionSettings } from "../../gate/admission/admissionSettings";
import { serviceArnOf } from "../../gate/admission/hookEvent";
import type { ContainerImage } from "../../gate/admission/revision";
import {
    needsTaskDefinition,
    newsOf,
    runningImages,
    type RunningProblem,
} from "../../gate/admission/running";
import { parseTaskEvent, type RunningTask } from "../../gate/admission/task";
import { objectOf } from "../../gate/approval/foreignJson";
import { askStanding } from "../admission/askStanding";
import { askTaskDefinition } from "../admission/describe";
import { reportAdmissionFact, startAdmission } from "../admission/start";
import { clientSettings } from "../effects/serviceCalls";
import { allOf, eventFunction, type FunctionInvocation } from "../invocation";
import { tellOf } from "./securityHub";
import { askTasks } from "./tasks";

const clients = {
    dynamodb: new DynamoDBClient(clientSettings),
    ecr: new ECRClient(clientSettings),
    ecs: new ECSClient(clientSettings),
    securityHub: new SecurityHubClient(clientSettings),
};

type Invocation = FunctionInvocation<AdmissionSettings>;

/**
 * Takes an event "ECS Task State Change", or the schedule's empty one, which sweeps.
 * @throws what could not be read or asked, after everything else was done.
 */
export const handler = eventFunction<AdmissionSettings, void>(startAdmission, async (event, invocation) => {
    const failures: unknown[] = [];
    if (Object.keys(objectOf(event) ?? { none: true }).length === 0) await sweep(invocation, failures);
    else {
        const notice = parseTaskEvent(event, invocation.settings);
        if ("ignored" in notice) {
            reportAdmissionFact(invocation.telemetry, {
                fact: "TaskIgnored",
                details: { why: notice.ignored },
            });
            return;
        }
        const problems = await check([notice.task], invocation, failures);
        const { service } = notice.task;
        await attempt(failures, () => tellOf(clients.securityHub, invocation, service, problems, false));
    }
    if (failures.length > 0) throw allOf(failures);
});

/** Every service by itself, so that one that cannot be asked about does not hide the others. */
async function sweep(invocation: Invocation, failures: unknown[]): Promise<void> {
    const { settings, signal, telemetry } = invocation;
    for (const service of settings.services) {
        const before = failures.length;
        let problems: RunningProblem[] = [];
        await attempt(failures, async () => {
            const tasks = await askTasks(clients.ecs, settings, service, signal);
            if (tasks.length === 0) {
                const details = {
                    application: service.application,
                    service: serviceArnOf(settings, service),
                };
                reportAdmissionFact(telemetry, { fact: "NothingRunning", details });
            }
            problems = await check(tasks, invocation, failures);
        });
        // What was not found is over only where everything could be looked at.
        const isEverything = failures.length === before;
        await attempt(failures, () =>
            tellOf(clients.securityHub, invocation, service, problems, isEverything),
        );
    }
}

async function check(
    tasks: readonly RunningTask[],
    invocation: Invocation,
    failures: unknown[],
): Promise<RunningProblem[]> {
    const { settings, telemetry } = invocation;
    const definitions = await taskDefinitions(tasks, invocation, failures);
    const problems: RunningProblem[] = [];
    for (const image of runningImages(tasks, definitions, settings)) {
        const { service, digest } = image;
        const standing = digest === null ? null : await askStanding(clients, invocation, service, digest);
        const serviceArn = serviceArnOf(settings, service);
        const news = newsOf({ serviceArn }, image, standing, new Date());
        for (const fact of news.facts) reportAdmissionFact(telemetry, fact);
        problems.push(...news.problems);
        failures.push(...news.failures.map((message) => new Error(message)));
    }
    return problems;
}

/** Of those tasks that may have containers which Amazon ECS added itself. */
async function taskDefinitions(
    tasks: readonly RunningTask[],
    { signal }: Invocation,
    failures: unknown[],
): Promise<Map<string, ContainerImage[]>> {
    const needed = new Set(
        tasks.filter(needsTaskDefinition).map(({ taskDefinitionArn }) => taskDefinitionArn),
    );
    const definitions = new Map<string, ContainerImage[]>();
    for (const arn of needed) {
        await attempt(failures, async () => {
            const defined = await askTaskDefinition(clients.ecs, arn, signal);
            if ("problem" in defined) throw new Error(defined.problem);
            definitions.set(arn, defined);
        });
    }
    return definitions;
}

async function attempt(failures: unknown[], work: () => Promise<void>): Promise<void> {
    try {
        await work();
    } catch (error) {
        failures.push(error);
    }
}
