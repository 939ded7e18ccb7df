export { anchorePolicyBundle, type PolicyBundle } from "./policyBundle";
export { scanWithAnchore, type AnchoreRawReport, type AnchoreScanRequest } from "./scan";
