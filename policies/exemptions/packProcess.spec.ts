/** The file, settings of single rules and levels of tiers, as the engine hands them to the pack in its own process. */
import { deepEqual } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ResourceDescription } from "../harness/reader";
import type { Diagnostic } from "../harness/testing/analyzerRequests";
import { PackServer } from "../harness/testing/packServer";
import { utcDay } from "./calendarDay";

const type = "aws:ecr/repository:Repository";
const resource = (name: string, token = type, properties = {}): ResourceDescription => ({
    type: token,
    name,
    urn: `urn:pulumi:dev::shop::${token}::${name}`,
    properties,
});
const root = resource("shop-dev", "pulumi:pulumi:Stack");
const tools = resource("tools", type, {
    name: "tools",
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filter: "cache-*", filterType: "WILDCARD" }],
});

describe("exemptions and settings in the pack's own process", () => {
    let folder: string;
    let server: PackServer;
    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "exemptions-"));
        server = await PackServer.start(dirname(__dirname));
    });
    after(() => {
        server.close();
        rmSync(folder, { recursive: true });
    });

    /** What ECR-02 and PUL-05 say with these settings. */
    async function ask(properties: Record<string, unknown>): Promise<string[]> {
        await server.configure({ portcullis: { level: "mandatory", properties } });
        const answers = [await server.analyze(tools), await server.analyzeStack([root, tools])];
        return answers
            .flatMap(({ diagnostics }) => diagnostics)
            .filter(({ policy }) => policy === "ECR-02" || policy === "PUL-05")
            .map(({ policy, enforcement, message }: Diagnostic) => {
                const [said = "stands"] = /Exempted by|nothing needs it|cannot be read/.exec(message) ?? [];
                return `${policy} ${enforcement} ${said}`;
            });
    }

    function file(name: string, finding: string): string {
        const day = (offset: number) => utcDay(new Date(Date.now() + offset * 86_400_000));
        const path = join(folder, name);
        const exemption = {
            id: "EX-1",
            finding,
            target: { urn: tools.urn },
            reason: "The cache tags move with every build; nobody deploys what they name.",
            ticket: "SEC-101",
            owner: "Ada Example",
            approver: "Grace Example",
            created: day(-1),
            expires: day(20),
        };
        writeFileSync(path, JSON.stringify({ version: 1, exemptions: [exemption] }));
        return path;
    }

    it("work together", async () => {
        const stands = "ECR-02 mandatory stands";
        deepEqual(await ask({}), [stands]);
        deepEqual(await ask({ exemptions: file("good.json", "ECR-02") }), ["ECR-02 advisory Exempted by"]);
        deepEqual(await ask({ exemptions: file("unused.json", "RDS-05") }), [
            stands,
            "PUL-05 mandatory nothing needs it",
        ]);
        deepEqual(await ask({ exemptions: join(folder, "none.json") }), [
            stands,
            "PUL-05 mandatory cannot be read",
        ]);
        deepEqual(await ask({ levels: { gate: "disabled" } }), []);
        deepEqual(await ask({ rules: { "ECR-02": { level: "advisory" } } }), ["ECR-02 advisory stands"]);
        deepEqual(await ask({ rules: { "ECR-02": { immutabilityExclusions: ["cache-*"] } } }), []);
    });
});
