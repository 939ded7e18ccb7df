/** Rules between the scanners, their stages, the gate policy and the tools' mirror. Pure. */
import { scanStages } from "../../gate/policy/scanStage";
import type { ConfigProblem } from "./problems";
import type { StackConfig } from "./schema";

/** In each stage the required scanners are those of the gate policy: one that nobody runs would stop every image. */
function stageProblems({ scanners, gatePolicy }: StackConfig): ConfigProblem[] {
    return scanStages.flatMap((stage): ConfigProblem[] => {
        const here = scanners.filter(({ stages }) => stages.includes(stage));
        if (here.length === 0) {
            return [
                {
                    path: "scanners",
                    value: scanners.map(({ name }) => name),
                    allowed: `must have a scanner whose stages include ${stage}: an image that nobody scans is not judged`,
                },
            ];
        }
        const required = new Set(here.filter(({ mode }) => mode === "required").map(({ name }) => name));
        const wanted = gatePolicy.requiredScanners[stage];
        if ([...required].sort().join() === [...wanted].sort().join()) return [];
        return [
            {
                path: `gatePolicy.requiredScanners.${stage}`,
                value: wanted,
                allowed:
                    `must name the scanners whose mode is required in stage ${stage}: ` +
                    ([...required].join(", ") || "there is none"),
                involves: ["scanners"],
            },
        ];
    });
}

function anchoreProblems({ scanners, anchore }: StackConfig): ConfigProblem[] {
    return scanners.flatMap(({ name, mode }, index): ConfigProblem[] =>
        name === "anchore" && mode === "required" && !anchore.feedListingUrl
            ? [
                  {
                      path: `scanners[${index}].mode`,
                      value: mode,
                      allowed:
                          "must be advisory until anchore.feedListingUrl is set: without vulnerability data Anchore's " +
                          "answer is always incomplete",
                      involves: ["anchore.feedListingUrl"],
                  },
              ]
            : [],
    );
}

function uniqueProblems({ scanners }: StackConfig): ConfigProblem[] {
    const names = scanners.map(({ name }) => name);
    return names.flatMap((name, index): ConfigProblem[] =>
        names.indexOf(name) === index
            ? []
            : [
                  {
                      path: `scanners[${index}].name`,
                      value: name,
                      allowed: "must be unique: this scanner is listed before",
                  },
              ],
    );
}

/** A build step may read one bucket of tools: the mirror. */
function toolProblems({ scanners, tools }: StackConfig): ConfigProblem[] {
    return scanners.flatMap((scanner, index): ConfigProblem[] => {
        if (scanner.name !== "lacework" || scanner.cli.url.startsWith("https://")) return [];
        if (tools.mirror !== undefined && scanner.cli.url.startsWith(`${tools.mirror}/`)) return [];
        return [
            {
                path: `scanners[${index}].cli.url`,
                value: scanner.cli.url,
                allowed:
                    tools.mirror === undefined
                        ? "must be an https:// address while tools.mirror is not set"
                        : `must be an https:// address or lie below tools.mirror (${tools.mirror})`,
                involves: ["tools.mirror"],
            },
        ];
    });
}

/** All problems between the scanners and the rest of the configuration. */
export function scannerProblems(config: StackConfig): ConfigProblem[] {
    return [
        ...uniqueProblems(config),
        ...anchoreProblems(config),
        ...stageProblems(config),
        ...toolProblems(config),
    ];
}
