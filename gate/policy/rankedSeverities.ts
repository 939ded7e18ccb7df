import { severities, type RankedSeverity } from "../report/severity";

/** Severities that can be compared, worst first. The limits of a policy are given for exactly these. */
export const rankedSeverities = severities.filter((name): name is RankedSeverity => name !== "unknown");
