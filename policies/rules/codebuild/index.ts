import type { Rule } from "../../harness/rule";
import { buildImage } from "./buildImage";
import { plaintextSecrets } from "./plaintextSecrets";
import { privilegedMode } from "./privilegedMode";
import { trustedBuildspec } from "./trustedBuildspec";

export const codebuildRules: Rule[] = [privilegedMode, plaintextSecrets, buildImage, trustedBuildspec];
