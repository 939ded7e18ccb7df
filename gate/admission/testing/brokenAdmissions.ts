/** Answers to deployments that are wrong on purpose, each in one way that a real mistake would be. */
import type { RequestRecord } from "../../approval/records";
import { answerLater } from "../hookEvent";
import { standing, type StandingFacts } from "../standing";
import {
    approvalSample,
    deploymentOf,
    judgeDeployment,
    recordsOf,
    revisionAnswer,
    viewOf,
    withPolicy,
    withReports,
    type Deployment,
    type Judge,
} from "./deploymentSamples";

const admitted = judgeDeployment(deploymentOf());

function withRecords(
    given: Deployment,
    change: (record: RequestRecord) => RequestRecord | RequestRecord[],
): Deployment {
    if ("kind" in given.records) return given;
    return { ...given, records: recordsOf(given).flatMap(change) };
}

function withDecision(
    given: Deployment,
    change: (decision: NonNullable<RequestRecord["decision"]>) => object,
): Deployment {
    return withRecords(given, (record) =>
        record.decision === undefined
            ? record
            : { ...record, decision: { ...record.decision, ...change(record.decision) } },
    );
}

/** With the facts of a digest changed before they are judged. */
const knowing =
    (change: (facts: StandingFacts) => Partial<StandingFacts>): Judge =>
    (given) =>
        judgeDeployment(given, (facts) => standing({ ...facts, ...change(facts) }));

/** With the task definition's containers changed. */
function withContainers(
    given: Deployment,
    change: (containers: { name: string; image: unknown }[]) => unknown,
): Deployment {
    const { taskDefinition } = given.definition as {
        taskDefinition: { containerDefinitions: { name: string; image: unknown }[] };
    };
    const containerDefinitions = change(taskDefinition.containerDefinitions);
    return { ...given, definition: { taskDefinition: { ...taskDefinition, containerDefinitions } } };
}

function withRevision(given: Deployment, change: Record<string, unknown>): Deployment {
    const answer = given.revision as { serviceRevisions: Record<string, unknown>[] };
    return {
        ...given,
        revision: {
            ...answer,
            serviceRevisions: answer.serviceRevisions.map((one) => ({ ...one, ...change })),
        },
    };
}

function withEvent(given: Deployment, change: Record<string, unknown>): Deployment {
    return { ...given, event: { ...(given.event as object), ...change } };
}

const answering = (given: Deployment): Deployment => withRevision(given, { containerImages: [] });

export const brokenAdmissions: Record<string, Judge> = {
    "admits everything": () => admitted,
    "admits what cannot be asked about": (given) =>
        "kind" in given.records || given.views.some(({ answer }) => answer.kind === "unavailable")
            ? admitted
            : judgeDeployment(given),
    "forgets the approvals": (given) => judgeDeployment({ ...given, records: [approvalSample()] }),
    "takes any application's approval": knowing(({ records }) =>
        "kind" in records
            ? {}
            : {
                  records: records.map((record) => {
                      const subject = record.request.subject && {
                          ...record.request.subject,
                          application: "orders",
                      };
                      return { ...record, request: { ...record.request, subject } };
                  }),
              },
    ),
    "takes the approval of any digest": knowing(({ records, digest }) =>
        "kind" in records
            ? {}
            : {
                  records: records.map((record) => {
                      const { subject } = record.request;
                      const image = `x@${digest}`;
                      return {
                          ...record,
                          request: { ...record.request, subject: subject && { ...subject, digest, image } },
                      };
                  }),
              },
    ),
    "does not hear of rejections": (given) =>
        judgeDeployment(withRecords(given, (record) => (record.status === "rejected" ? [] : record))),
    "does not ask whether waivers hold": (given) =>
        judgeDeployment(withDecision(given, () => ({ waivers: [] }))),
    "knows waivers by their id alone": (given) =>
        judgeDeployment(
            withDecision(given, ({ waivers }) => ({
                waivers: waivers.map((one) => {
                    const today = given.settings.policy.waivers.find(({ id }) => id === one.id);
                    return today === undefined
                        ? one
                        : {
                              ...one,
                              owner: today.owner,
                              ...(today.package === undefined ? {} : { package: today.package }),
                          };
                }),
            })),
        ),
    "does not compare counts with today's limits": (given) =>
        judgeDeployment(
            withDecision(given, ({ parts }) => ({
                parts: parts.map((part) => ({
                    ...part,
                    counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 },
                })),
            })),
        ),
    "compares each severity by itself": (given) =>
        judgeDeployment(
            withDecision(given, ({ parts }) => ({
                parts: parts.map((part) => ({ ...part, counts: { ...part.counts, critical: 0 } })),
            })),
        ),
    "does not ask how findings without a severity or a fix count today": (given) =>
        judgeDeployment(withDecision(given, () => ({ counting: { unknown: null, unfixed: null } }))),
    "asks about findings without a severity alone": (given) =>
        judgeDeployment(
            withDecision(given, ({ counting }) =>
                counting === undefined ? {} : { counting: { ...counting, unfixed: null } },
            ),
        ),
    "does not ask how long a waiver may live for what it excused": (given) =>
        judgeDeployment(
            withDecision(given, ({ waivers }) => ({
                waivers: waivers.map((one) => ({ ...one, severity: "negligible" as const })),
            })),
        ),
    "takes scanners that were listed for required ones": (given) =>
        judgeDeployment(
            withDecision(given, ({ parts }) => ({
                parts: parts.map((part) => ({
                    ...part,
                    required: [
                        ...(part.required ?? ["grype"]),
                        ...part.evidence.map(({ scanner }) => scanner),
                    ],
                })),
            })),
        ),
    "does not ask which scanners are required today": (given) =>
        judgeDeployment(
            withPolicy(given, {
                requiredScanners: { test: ["grype"], scanStagingImage: ["grype"] },
            }),
        ),
    "believes records that do not say who was required": (given) =>
        judgeDeployment(
            withDecision(given, ({ parts }) => ({
                parts: parts.map((part) => ({ ...part, required: part.required ?? ["grype"] })),
            })),
        ),
    "does not ask the registry": (given) => judgeDeployment({ ...given, views: [viewOf("clean")] }),
    "asks the production repository alone": (given) =>
        judgeDeployment({ ...given, views: given.views.slice(0, 1) }),
    "takes the first repository that passes": (given) =>
        judgeDeployment({
            ...given,
            views: given.views.filter(({ answer }) => answer.kind !== "pending").slice(-1),
        }),
    "believes an incomplete scan": (given) =>
        judgeDeployment(withReports(given, () => ({ complete: true, incompleteReasons: [] }))),
    "takes a pending scan for a clean one": (given) =>
        judgeDeployment({
            ...given,
            views: given.views.map((view) =>
                view.answer.kind === "pending" ? viewOf("clean", view.repository) : view,
            ),
        }),
    "does not compare the registry's digest": (given) =>
        judgeDeployment(
            withReports(given, ({ subject }) => {
                const { digest } = approvalSample().request.subject ?? subject;
                return { subject: { image: subject.image.replace(/@.*/, `@${digest}`), digest } };
            }),
        ),
    "does not compare the registry's repository": (given) =>
        judgeDeployment(
            withReports(given, ({ subject }) => ({
                subject: {
                    ...subject,
                    image: subject.image.replace("sample/billing/production", "sample/orders/production"),
                },
            })),
        ),
    "drops the last finding": (given) =>
        judgeDeployment(withReports(given, ({ findings }) => ({ findings: findings.slice(0, -1) }))),
    "looks at the first container alone": (given) =>
        judgeDeployment(answering(withContainers(given, (containers) => containers.slice(0, 1)))),
    "looks at the container of the application alone": (given) =>
        judgeDeployment(
            withContainers(given, (containers) =>
                containers.some(({ name }) => name === "application")
                    ? containers.filter(({ name }) => name === "application")
                    : containers,
            ),
        ),
    "lets everybody's container be one of Amazon ECS": (given) =>
        judgeDeployment(
            withContainers(given, (containers) =>
                containers.filter(({ name }) => !name.startsWith("aws-guardduty-agent")),
            ),
        ),
    "resolves tags": (given) =>
        judgeDeployment(
            withContainers(given, (containers) =>
                containers.map((one) => ({
                    ...one,
                    image: String(one.image).replace(/:latest(@.*)?$/, `@${"sha256:"}${"a".repeat(64)}`),
                })),
            ),
        ),
    "takes images from any repository of the application": (given) =>
        judgeDeployment(
            answering(
                withContainers(given, (containers) =>
                    containers.map((one) => ({
                        ...one,
                        image: String(one.image).replace("/staging@", "/production@"),
                    })),
                ),
            ),
        ),
    "takes images from any registry": (given) =>
        judgeDeployment(
            answering(
                withContainers(given, (containers) =>
                    containers.map((one) => ({
                        ...one,
                        image: String(one.image).replace(
                            /^.*\.amazonaws\.com/,
                            "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
                        ),
                    })),
                ),
            ),
        ),
    "does not compare the revision's images": (given) => judgeDeployment(answering(given)),
    "does not compare task definitions": (given) => {
        const { taskDefinitionArn } = (given.definition as { taskDefinition: { taskDefinitionArn: string } })
            .taskDefinition;
        return judgeDeployment(withRevision(given, { taskDefinition: taskDefinitionArn }));
    },
    "believes whatever revision is described": (given) =>
        judgeDeployment({ ...given, revision: revisionAnswer() }),
    "answers at any stage": (given) => judgeDeployment(withEvent(given, { lifecycleStage: "PRE_SCALE_UP" })),
    "does not ask whose deployment it is": (given) =>
        judgeDeployment(withEvent(given, { resourceArn: undefined })),
    "counts from whatever it is told": (given) => {
        const { hookDetails } = given.event as { hookDetails?: { portcullisAttempts?: number } };
        const attempts = hookDetails?.portcullisAttempts ?? 0;
        return judgeDeployment(attempts < 0 ? withEvent(given, { hookDetails: {} }) : given);
    },
    "waits for ever": (given) =>
        judgeDeployment(withEvent(given, { hookDetails: { portcullisAttempts: 3 } })),
    "waits for what will not come": (given) => {
        const admission = judgeDeployment(given);
        if (admission.answer.hookStatus !== "FAILED") return admission;
        return { ...admission, answer: answerLater({ attempts: 0 }) ?? admission.answer };
    },
    "does not wait": (given) => {
        const admission = judgeDeployment(given);
        return admission.answer.hookStatus === "IN_PROGRESS"
            ? { ...admission, answer: { hookStatus: "FAILED" } }
            : admission;
    },
    "rings for a service that waits for its first release": (given) => {
        const admission = judgeDeployment(given);
        const facts = admission.facts.map(({ fact, details }) => ({
            fact: fact === "NothingReleased" ? ("AdmissionRefused" as const) : fact,
            details,
        }));
        return { ...admission, facts };
    },
    "does not know overrides": (given) => judgeDeployment({ ...given, overrides: [] }),
    "prefers an override": (given) =>
        given.overrides.length > 0 ? judgeDeployment({ ...given, records: [] }) : judgeDeployment(given),
    "does not say that an override was used": (given) => {
        const admission = judgeDeployment(given);
        return admission.overrides.length > 0 ? admitted : admission;
    },
    "lets overrides be of any application": knowing(({ overrides }) => ({
        overrides: overrides.map((one) => ({ ...one, application: "orders" })),
    })),
    "lets overrides be of any digest": knowing(({ overrides, digest }) => ({
        overrides: overrides.map((one) => ({ ...one, digest })),
    })),
    "lets overrides last": knowing(({ overrides, now: time }) => ({
        overrides: overrides.map((one) => ({
            ...one,
            issuedAt: new Date(time.getTime() - 1).toISOString(),
            until: new Date(time.getTime() + 1).toISOString(),
        })),
    })),
    "lets overrides be longer than a day": knowing(({ overrides, now: time }) => ({
        overrides: overrides.map((one) =>
            Date.parse(one.until) > time.getTime()
                ? { ...one, until: new Date(time.getTime() + 60_000).toISOString() }
                : one,
        ),
    })),
    "does not ask whether an override was revoked": knowing(({ overrides }) => ({
        overrides: overrides.map(({ revoked: _, ...one }) => one),
    })),
    "lets an override open any image": (given) =>
        given.overrides.length > 0
            ? {
                  ...admitted,
                  facts: judgeDeployment(deploymentOf({ records: [], overrides: given.overrides })).facts,
              }
            : judgeDeployment(given),
    "asks again how old the evidence is": (given) => {
        const old = given.views.some(
            ({ answer }) =>
                answer.kind === "ended" &&
                given.now.getTime() - Date.parse(answer.report.finishedAt) >
                    given.settings.policy.maximumReportAgeHours * 3_600_000,
        );
        return old ? { ...admitted, answer: { hookStatus: "FAILED" } } : judgeDeployment(given);
    },
    "refuses without a reason": (given) => {
        const admission = judgeDeployment(given);
        const facts = admission.facts.map(({ fact, details }) => ({
            fact,
            details: { ...details, reasons: [], why: [] },
        }));
        return { ...admission, facts };
    },
};
