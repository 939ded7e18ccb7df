import type { RealTool } from "../../tools/testing/realTool";

/** The cosign of the tool manifest; no package carries it. */
export const cosignTool: RealTool = { name: "cosign", version: "3.0.6", variable: "PORTCULLIS_COSIGN" };
