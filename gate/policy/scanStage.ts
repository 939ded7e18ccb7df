/**
 * Stages of the delivery pipeline in which an image is scanned and judged: `test` scans the candidate image,
 * `scanStagingImage` the same digest again in the staging repository. The words stand in the gate policy, in keys of
 * evidence and in roles' permissions.
 */
export const scanStages = ["test", "scanStagingImage"] as const;
export type ScanStage = (typeof scanStages)[number];
