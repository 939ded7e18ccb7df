import { BatchGetBuildsCommand, type Build, type CodeBuildClient } from "@aws-sdk/client-codebuild";
import { loadEvidence } from "../../gate/evidence/evidence";
import { verifyPlace } from "../../gate/evidence/evidencePlace";
import { isJudgeable, readCheckEvidence, type CheckEvidence } from "../../gate/review/review";
import { hasEnded, type ReviewExecution } from "../../gate/review/reviewExecution";
import { reviewEvidenceOf } from "../../gate/review/reviewPipeline";
import type { ReviewSettings } from "../../gate/review/reviewSettings";
import { evidenceEffects } from "../effects/evidence";
import { callService } from "../effects/serviceCalls";
import { evidenceReader } from "../effects/evidence";

/** Largest report of a check in bytes that is read, about ten thousand findings. */
const largestCheck = 4 * 1024 * 1024;

/** Builds in one question (CodeBuild API reference, BatchGetBuilds). */
const mostBuilds = 100;

/** What CodeBuild says about builds; those that it does not know are left out. Needs codebuild:BatchGetBuilds on their projects. */
export async function askBuilds(
    client: CodeBuildClient,
    ids: readonly string[],
    signal: AbortSignal,
): Promise<Build[]> {
    const builds: Build[] = [];
    for (let from = 0; from < ids.length; from += mostBuilds) {
        const answer = await callService(`CodeBuild BatchGetBuilds of ${ids.length} builds`, () =>
            client.send(new BatchGetBuildsCommand({ ids: ids.slice(from, from + mostBuilds) }), {
                abortSignal: signal,
            }),
        );
        builds.push(...(answer.builds ?? []));
    }
    return builds;
}

/**
 * What the steps of a review have stored so far: checks of steps that have ended, and scans when all have.
 * @throws ServiceError when S3 could not be asked.
 */
export async function askEvidence(
    settings: Pick<ReviewSettings, "evidenceBucket" | "account">,
    name: string,
    execution: ReviewExecution,
    signal: AbortSignal,
): Promise<{ checks: Map<string, CheckEvidence>; scans: unknown[] }> {
    const application = reviewEvidenceOf(name);
    const { commit, digest, id, steps } = execution;
    const reader = evidenceReader(settings, signal, largestCheck);
    const checks = new Map<string, CheckEvidence>();
    for (const { step, state } of steps) {
        if (step?.kind !== "lint" && step?.kind !== "secrets") continue;
        if (commit === null || !hasEnded(state) || state === "notRun") continue;
        const { tool } = step;
        const evidence = await loadEvidence(
            reader,
            verifyPlace({ application, commit, tool, execution: id }),
        );
        if (reader.unavailable !== null) throw reader.unavailable;
        checks.set(tool, readCheckEvidence(evidence, { tool, commit }));
    }
    if (digest === null || !isJudgeable(execution)) return { checks, scans: [] };
    const { reports } = await evidenceEffects(settings, signal).loadScans({
        application,
        digest,
        execution: id,
        stage: "test",
    });
    return { checks, scans: reports };
}
