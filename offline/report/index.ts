/** What the offline command uses of the reports. */
export type { RenderOptions } from "./renderReport";
export { renderReport } from "./renderReport";
export type { TypeReport } from "./policyReport";
export type { RunSummary } from "./summary";
export { summaryOf } from "./summary";
export type { Verdict } from "./verdict";
export { verdictOf } from "./verdict";
export type { WriteOptions } from "./writeReports";
export { writeReports } from "./writeReports";
