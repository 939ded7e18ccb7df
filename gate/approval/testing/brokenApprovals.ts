/** Readers of the approval table that are wrong on purpose, each in one way that a real mistake would be. */
import { approvedRecord, type ApprovedRecord } from "../approvedRecord";
import type { RequestRecord } from "../records";
import { decisionSample } from "./recordSamples";

export type FindApproval = typeof approvedRecord;

const yes = (record: RequestRecord | undefined) =>
    record === undefined
        ? ({ kind: "refused", why: "missing", reason: "there is none" } as const)
        : ({ kind: "approved", record: record as ApprovedRecord } as const);

/** The reader, with records seen through a mistake. */
const seeing =
    (change: (record: RequestRecord, query: Parameters<FindApproval>[1]) => RequestRecord[]): FindApproval =>
    (records, query) =>
        approvedRecord(
            records.flatMap((record) => change(record, query)),
            query,
        );

const subjectChanged = (record: RequestRecord, change: object): RequestRecord => ({
    ...record,
    request: {
        ...record.request,
        subject: record.request.subject && { ...record.request.subject, ...change },
    },
});

export const brokenApprovals: Record<string, FindApproval> = {
    "approves everything": (records) => yes(records[0]),
    "takes any status for an approval": (records, query) =>
        yes(records.find(({ request }) => request.subject?.digest === query.digest)),
    "takes whichever approval there is": (records, { application, digest, execution }) =>
        yes(
            records.find(
                ({ status, request: { subject } }) =>
                    status === "approved" &&
                    subject?.application === application &&
                    subject.digest === digest &&
                    (execution === undefined || subject.execution === execution),
            ),
        ),
    "believes the status and not the decision": seeing((record) => [
        record.status === "approved" && record.decision !== undefined
            ? { ...record, decision: { ...record.decision, answer: "approved" } }
            : record,
    ]),
    "believes the decision and not the status": seeing((record) => [
        record.decision?.answer === "approved" ? { ...record, status: "approved" } : record,
    ]),
    "does not look at what was judged": seeing((record) => [
        record.decision === undefined
            ? record
            : {
                  ...record,
                  decision: {
                      ...record.decision,
                      parts: (["test", "scanStagingImage", "registry"] as const).map((part) => ({
                          ...(record.decision?.parts[0] as never as NonNullable<
                              RequestRecord["decision"]
                          >["parts"][number]),
                          part,
                          outcome: "pass",
                      })),
                  },
              },
    ]),
    "forgets the application": seeing((record, { application }) => [subjectChanged(record, { application })]),
    "forgets the digest": seeing((record, { digest }) => [
        subjectChanged(record, { digest, image: `registry.example/orders@${digest}` }),
    ]),
    "does not compare the image with the digest": seeing((record, { digest }) => [
        record.request.subject?.digest === digest
            ? subjectChanged(record, { image: `registry.example/orders@${digest}` })
            : record,
    ]),
    "forgets the execution": (records, query) => {
        const { execution: _, ...rest } = query;
        return approvedRecord(records, rest);
    },
    "does not see later rejections": seeing((record) => (record.status === "rejected" ? [] : [record])),
    "does not see rejections at the console": seeing((record) =>
        record.closed?.answer === "rejected" ? [] : [record],
    ),
    "takes somebody else's approval for the gate's": seeing((record) => [
        record.closed?.answer === "approved"
            ? {
                  ...record,
                  status: "approved",
                  closed: undefined as never,
                  decision: decisionSample({ decidedAt: record.closed.at }),
              }
            : record,
    ]),
    "does not wait for a request that waits": seeing((record) =>
        record.status === "waiting" ? [] : [record],
    ),
    "believes an approval that is closed as well": seeing(({ closed, ...record }) =>
        record.status === "approved" || closed === undefined ? [record] : [{ ...record, closed }],
    ),
    "cannot tell two answers of one moment apart": (records, query) => {
        const answer = approvedRecord(records, query);
        return answer.kind === "refused" && answer.reason.includes("same moment")
            ? yes(records.find(({ status }) => status === "approved"))
            : answer;
    },
    "lets other applications' records speak": (records, query) => {
        const answer = approvedRecord(records, query);
        const strangers = records.some(({ request }) => request.subject?.application !== query.application);
        return strangers && answer.kind === "approved"
            ? { kind: "refused", why: "contradiction", reason: "there are others" }
            : answer;
    },
};
