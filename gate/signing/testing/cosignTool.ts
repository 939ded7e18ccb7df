import type { RealTool } from "../../tools/testing/realTool";

/** The cosign of the tool manifest; no package carries it. */
export const cosignTool: RealTool = { name: "cosign", version: "2.6.1", variable: "PORTCULLIS_COSIGN" };
