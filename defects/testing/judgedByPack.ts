/** The stack as the real policy pack judges it: its own process, its own protocol, in preview or in update mode. */
import { resolve } from "node:path";
import type { CapturedResource, RunResult } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { beforeCreation } from "../../policies/harness/examples";
import type { Answer } from "../../policies/harness/testing/analyzerRequests";
import { PackServer } from "../../policies/harness/testing/packServer";
import { everyScanner } from "./everyScanner";
import { describeResource, SabotagedStack } from "./provisionedStack";

export type Mode = RunResult["mode"];

/** Somebody is told of releases, so that the unmodified stack has nothing to be advised of. */
const configuration = { notifications: { emails: ["releases@example.com"] }, ...everyScanner };

/** Findings as `RULE resource`, and whether one of them stops the update. */
type Findings = Map<string, "mandatory" | "advisory">;

export class JudgedByPack {
    /** Findings about single resources, by the captured resource that they are about. */
    private readonly single = new Map<CapturedResource, Findings>();
    private unmodified: Findings = new Map();

    private constructor(
        private readonly mode: Mode,
        private readonly resources: readonly CapturedResource[],
        private readonly server: PackServer,
    ) {}

    /** Runs stack prod in the offline engine, starts the pack and asks it about everything. */
    static async start(mode: Mode): Promise<JudgedByPack> {
        const { resources } = await runProgram({ stack: "prod", mode, config: configuration });
        const pack = resolve(__dirname, "../../policies");
        const server = await PackServer.start(pack, { preview: mode === "preview" });
        await server.configure({});
        const judged = new JudgedByPack(mode, resources, server);
        judged.unmodified = await judged.judge(new SabotagedStack(resources));
        return judged;
    }

    close(): void {
        this.server.close();
    }

    /** What the pack says about the stack as it is. */
    get findings(): ReadonlyMap<string, "mandatory" | "advisory"> {
        return this.unmodified;
    }

    /** What the pack says about the sabotaged stack and not about the stack as it is, as `RULE resource`, sorted. */
    async newFindings(sabotage: (stack: SabotagedStack) => void): Promise<Findings> {
        const stack = new SabotagedStack(this.resources);
        sabotage(stack);
        const found = await this.judge(stack);
        // The pack remembers inputs by URN: it has to hear of the originals again.
        const changed = this.resources.filter((resource) => !stack.resources.includes(resource));
        for (const resource of changed) await this.server.analyze(this.asInput(resource));
        return new Map(
            [...found]
                .filter(([finding]) => !this.unmodified.has(finding))
                .sort(([a], [b]) => (a < b ? -1 : 1)),
        );
    }

    private async judge(stack: SabotagedStack): Promise<Findings> {
        const names = new Map(stack.resources.map(({ urn, name }) => [urn, name]));
        const all: Findings = new Map();
        for (const resource of stack.resources) {
            const found = this.single.get(resource) ?? findingsOf(await this.server.analyze(this.asInput(resource)), names); // prettier-ignore
            // Only what stays as it is is asked about once.
            if (this.resources.includes(resource)) this.single.set(resource, found);
            for (const [finding, level] of found) all.set(finding, level);
        }
        const descriptions = stack.resources.map((resource) => this.description(resource));
        for (const [finding, level] of findingsOf(await this.server.analyzeStack(descriptions), names))
            if (all.get(finding) !== "mandatory") all.set(finding, level);
        return all;
    }

    private description(resource: CapturedResource) {
        return describeResource(resource, this.mode === "preview");
    }

    private asInput(resource: CapturedResource) {
        return beforeCreation(this.description(resource));
    }
}

function findingsOf(answer: Answer, names: ReadonlyMap<string, string>): Findings {
    const found: Findings = new Map();
    for (const { policy, urn, message, enforcement } of answer.diagnostics) {
        if (message.startsWith(`[${policy}] Inconclusive: `)) continue;
        const finding = `${policy} ${names.get(urn) ?? "the stack"}`;
        if (found.get(finding) !== "mandatory") found.set(finding, enforcement);
    }
    return found;
}
