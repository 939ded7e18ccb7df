import { readFile } from "node:fs/promises";
import { rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { GatePolicyError, parseGatePolicy } from "../policy/parseGatePolicy";
import { policyTextOf } from "../policy/stackFile";
import { daysLeft, lifetimeInDays, standingOf, type Waiver } from "../policy/waiver";
import { scannerNames } from "../report/scanReport";
import { scanStages } from "../policy/scanStage";
import { exitCode, UsageError, type Command } from "./command";
import { inOneLine } from "./oneLine";
import { paragraph, textTable } from "./textTable";

/** `gate policy check FILE`: says everything that is wrong with a gate policy, or what it means. */
export const policyCommand: Command = {
    usage: "gate policy check FILE",
    options: [],
    operands: { name: "check FILE", help: "gate policy, YAML or JSON, or a stack's file Pulumi.STACK.yaml" },
    run: async ({ operands }, { now, print }) => {
        const [verb, path, ...more] = operands;
        if (verb !== "check" || path === undefined || path === "" || more.length > 0) {
            throw new UsageError("gate policy knows one thing to do: check FILE, with one file");
        }
        const name = inOneLine(path);
        let policy: GatePolicy;
        try {
            const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
            policy = parseGatePolicy(policyTextOf(text));
        } catch (error) {
            const isProblem = error instanceof GatePolicyError;
            if (!isProblem) print(`${name}: cannot be read (${inOneLine((error as Error).message)})`);
            const problems = isProblem ? error.problems : [];
            for (const { path: place, message, line, column } of problems) {
                print(inOneLine(`${name}:${line}:${column} ${place === "" ? "" : `${place}: `}${message}`));
            }
            const count = Math.max(problems.length, 1);
            print(`NOT VALID: ${name} has ${count} ${count === 1 ? "problem" : "problems"}`);
            return exitCode.incomplete;
        }
        const lapsed = policy.waivers.filter((waiver) => standingOf(waiver, now()) !== "active");
        print(lapsed.length === 0 ? `OK: ${name} is valid` : `VALID, BUT NOT IN FORCE: ${name}`);
        for (const line of describePolicy(policy, now())) print(line);
        for (const waiver of lapsed) {
            const what =
                standingOf(waiver, now()) === "expired"
                    ? `expired at the end of ${waiver.expires} (UTC): mend the finding and remove the waiver, or renew it`
                    : `only holds from ${waiver.created} (UTC): remove it until then`;
            for (const line of paragraph(
                `the waiver of ${waiver.id} (owner ${waiver.owner}) ${what}`,
                "  ! ",
            ))
                print(line);
        }
        if (lapsed.length > 0) {
            print(
                `Until that is done, every verdict on what ${lapsed.length === 1 ? "it is" : "they are"} for fails.`,
            );
        }
        return lapsed.length === 0 ? exitCode.pass : exitCode.fail;
    },
};

/** What a policy means, defaults filled in, as lines of tables. */
export function describePolicy(policy: GatePolicy, now: Date): string[] {
    const cap = policy.unfixedCountsAs;
    const settings: [string, string][] = [
        ["unknown severity", `counts as ${policy.unknownCountsAs}`],
        ["without a fix", cap === "own" ? "counts as its own severity" : `counts as ${cap} at most`],
        ...scanStages.map((stage): [string, string] => {
            const required = policy.requiredScanners[stage];
            const others = scannerNames.filter((scanner) => !required.includes(scanner));
            return [stage, `requires ${required.join(", ")}; advisory: ${others.join(", ") || "none"}`];
        }),
        ["report", `believed for ${policy.maximumReportAgeHours} hours`],
        ["vulnerability data", `believed for ${policy.maximumDataAgeHours} hours`],
    ];
    const waivers = [...policy.waivers].sort((a, b) =>
        a.expires < b.expires ? -1 : a.expires > b.expires ? 1 : 0,
    );
    return [
        ...textTable([
            ["SEVERITY", "ALLOWED, OR WORSE", "WAIVER LIVES AT MOST"],
            ...rankedSeverities.map((severity) => [
                severity,
                String(policy.limits[severity]),
                policy.maximumWaiverDays[severity] === 0
                    ? "cannot be waived"
                    : `${policy.maximumWaiverDays[severity]} days`,
            ]),
        ]),
        "",
        ...textTable([["SETTING", "MEANING"], ...settings]),
        "",
        ...(waivers.length === 0
            ? ["  no waivers"]
            : textTable([
                  ["WAIVER", "PACKAGE", "APPLICATIONS", "OWNER", "EXPIRES", "LEFT", "EXCUSES"],
                  ...waivers.map((waiver) => [
                      waiver.id,
                      waiver.package ?? "all",
                      waiver.applications?.join(", ") ?? "all",
                      waiver.owner,
                      waiver.expires,
                      leftOf(waiver, now),
                      reachOf(waiver, policy),
                  ]),
              ])),
    ];
}

function leftOf(waiver: Waiver, now: Date): string {
    const standing = standingOf(waiver, now);
    if (standing === "expired") return "EXPIRED";
    if (standing === "notYetValid") return "NOT YET";
    const days = daysLeft(waiver, now);
    return days === 1 ? "last day" : `${days} days`;
}

/** The worst severity that a waiver lives shortly enough to excuse. */
function reachOf(waiver: Waiver, { maximumWaiverDays }: GatePolicy): string {
    const worst = rankedSeverities.find((severity) => lifetimeInDays(waiver) <= maximumWaiverDays[severity]);
    if (worst === undefined) return "nothing";
    return worst === "negligible" ? worst : `${worst} or milder`;
}
