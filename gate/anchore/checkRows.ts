import type { z } from "zod";
import type { GatePolicy } from "../policy/gatePolicy";
import type { Finding, ScanReport } from "../report/scanReport";
import { compareSeverity } from "../report/severity";
import { effectiveSeverity } from "../verdict/findings";
import { actionSchema, decisionSchema, isObject, type Evaluation } from "./checkFormat";
import { IncompleteError, oneLine } from "./engineError";
import { stopFrom } from "./policyBundle";
import type { EngineSubject } from "./subject";

/** What a check must be about and after. */
export interface CheckExpectation {
    subject: EngineSubject;
    policyId: string;
    policy: GatePolicy;
    /** Findings of the forced vulnerability list that was read before the check. */
    findings: readonly Finding[];
}

/** The columns of a decision row that are read. The engine names its columns in every answer. */
const columns = ["Trigger_Id", "Gate", "Trigger", "Check_Output", "Gate_Action", "Whitelisted"] as const;

/** One decision of the policy. */
export interface Row {
    triggerId: string;
    gate: string;
    trigger: string;
    output: string;
    action: z.infer<typeof actionSchema>;
    whitelisted: boolean;
}

const dataTriggers = new Set(["stale_feed_data", "vulnerability_data_unavailable"]);

/** Reads every row; none is ever left out. @throws IncompleteError */
export function readRows(evaluation: Evaluation): Row[] {
    const { result } = evaluation.detail;
    // Beside the decision, keyed by image id, the engine puts policy_data, policy_name and the like.
    const decisions = Object.values(result.result).filter(
        (part): part is { result: unknown } => isObject(part) && "result" in part,
    );
    const read = decisionSchema.safeParse(decisions[0]?.result);
    if (decisions.length !== 1 || !read.success) {
        throw new IncompleteError(
            `the engine's check holds ${decisions.length} readable decisions instead of one: scan again`,
        );
    }
    const { header, rows, row_count, final_action } = read.data;
    const indexes = columns.map((column) => header.indexOf(column));
    if (
        row_count !== rows.length ||
        indexes.includes(-1) ||
        rows.some((row) => row.length !== header.length)
    ) {
        throw new IncompleteError(
            `the engine's check lists ${rows.length} rows and says ${row_count}, or its columns are not the ones of ` +
                "Anchore Engine 1.1.0: scan again, then look at the engine's log",
        );
    }
    if (final_action !== result.final_action) {
        throw new IncompleteError(
            `the engine contradicts itself: final action ${result.final_action} outside and ${final_action} inside ` +
                "its check: scan again, then look at the engine's log",
        );
    }
    return rows.map((row, number) => {
        const [triggerId, gate, trigger, output, gateAction, whitelisted] = indexes.map(
            (index) => row[index],
        );
        const read = actionSchema.safeParse(gateAction);
        if (
            typeof triggerId !== "string" ||
            typeof gate !== "string" ||
            typeof trigger !== "string" ||
            typeof output !== "string" ||
            !read.success
        ) {
            throw new IncompleteError(`the engine's check cannot be read at row ${number}: scan again`);
        }
        return { triggerId, gate, trigger, output, action: read.data, whitelisted: whitelisted !== false };
    });
}

/**
 * Refuses rows which say that the engine does not know, whatever their action is and even when allow-listed.
 * @throws IncompleteError
 */
export function demandData(rows: readonly Row[]): void {
    const said = rows
        .filter(({ gate, trigger }) => gate === "vulnerabilities" && dataTriggers.has(trigger))
        .map(({ output }) => oneLine(output));
    if (said.length > 0) {
        throw new IncompleteError(
            `the engine has no usable vulnerability data for this image (${said.join("; ")}): synchronise its feeds; ` +
                "if the image has no distribution the engine knows (scratch, distroless, Wolfi), scan it with grype",
        );
    }
}

/**
 * The stops that our own count of vulnerabilities does not explain.
 * @throws IncompleteError for a row that contradicts the vulnerability list, or that we cannot judge.
 */
export function refusalsOf(
    rows: readonly Row[],
    { policy, findings, policyId }: CheckExpectation,
): ScanReport["refusals"] {
    return rows.flatMap((row) => {
        const rule = `${row.gate}/${row.trigger}`;
        const isPackage = rule === "vulnerabilities/package";
        if (isPackage) {
            const id = row.triggerId.split("+")[0] ?? "";
            const counted = findings.filter((finding) => finding.id === id);
            if (counted.length === 0) {
                throw new IncompleteError(
                    `the engine contradicts itself: its check names ${oneLine(row.triggerId)}, which is missing from ` +
                        `its list of ${findings.length} vulnerabilities: scan again, then look at the engine's log`,
                );
            }
            const from = stopFrom(policy);
            const refusedByUs =
                from !== null &&
                counted.some(
                    ({ severity }) => compareSeverity(effectiveSeverity(severity, policy), from) >= 0,
                );
            if (row.action !== "stop" || refusedByUs) {
                return [];
            }
            return [
                { rule, message: `policy ${policyId} of the engine stops on it: ${oneLine(row.output)}` },
            ];
        }
        if (row.whitelisted) {
            throw new IncompleteError(
                `an allow-list in the engine excuses "${oneLine(row.output)}" (${rule}): remove it; ` +
                    "exceptions belong to the gate policy",
            );
        }
        if (row.action === "warn") {
            throw new IncompleteError(
                `the engine only warns about "${oneLine(row.output)}" (${rule}), which the gate cannot count: ` +
                    "make it STOP or GO in the policy of the engine",
            );
        }
        return row.action === "stop" ? [{ rule, message: oneLine(row.output) }] : [];
    });
}
