import assert from "node:assert/strict";
import {
    codecommitApplication,
    connectionApplication,
    exampleContext,
} from "../infra/application/testing/examplePlatform";
import type { Statement } from "../infra/iamStatement";
import type { Step } from "../infra/pipeline/step";
import { applicationSteps } from "../infra/pipeline/steps";
import { neededBy, roleUse, type StackParts } from "./testing/stepPermissions";
import { needsBash, reviewSteps, run, secretsWithTrufflehog, steps } from "./testing/stepRun";

const { names } = exampleContext(codecommitApplication);
const stack: StackParts = {
    names,
    artifactBucket: "example-artifacts",
    evidenceBucket: "example-evidence",
    pipelineKeyAlias: "alias/example-pipeline",
    anchoreKeyAlias: "alias/example-anchore",
    ownParameters: [
        { name: "/example/anchore/admin-password", isSecret: true },
        { name: "/example/anchore/ca", isSecret: false },
    ],
    clone: [{ action: "codecommit:GitPull", resource: names.source.repositoryArn }],
};

const connectionSteps = applicationSteps(exampleContext(connectionApplication));

const use = (step: Step, statements: Statement[] = step.statements) =>
    roleUse(statements, neededBy(step, run(step), stack));

describe("permissions of the build steps", function () {
    this.timeout(60_000);
    before(function () {
        needsBash(this);
    });

    it("are asked about for every step that a stack can have", () => {
        assert.ok(steps.length >= 15, String(steps.length));
    });

    for (const step of [...steps, secretsWithTrufflehog(), ...reviewSteps]) {
        it(`${step.name}: exactly what its buildspec needs`, async () => {
            assert.deepEqual(await use(step), { denied: [], idle: [] });
        });
    }

    it("notice a grant that nothing needs, and one that is missing", async () => {
        const [lint] = steps;
        assert.ok(lint);
        const idle: Statement = {
            Sid: "Idle",
            Effect: "Allow",
            Action: ["ecr:PutImage"],
            Resource: [names.repositories.production.arn],
        };
        assert.deepEqual(await use(lint, [...lint.statements, idle]), {
            denied: [],
            idle: [`Idle ecr:PutImage ${names.repositories.production.arn}`],
        });
        const { denied } = await use(
            lint,
            lint.statements.filter(({ Sid }) => Sid !== "AddEvidence"),
        );
        assert.equal(denied.length, 3);
        assert.match(denied[0] ?? "", /^s3:PutObject on arn:aws:s3:::example-evidence\/demo\/git-/);
    });

    it("clone the one repository of a connection, by both names of the service", async () => {
        const sources = connectionSteps.filter(({ input }) => input === "source");
        assert.ok(sources.length >= 3);
        for (const step of sources) {
            const { connectionArn, repository } = connectionApplication.source;
            const clone = ["codeconnections", "codestar-connections"].map((prefix) => ({
                action: `${prefix}:UseConnection`,
                resource: connectionArn.replace("codeconnections", prefix),
                context: { [`${prefix}:FullRepositoryId`]: repository },
            }));
            const cloning = step.statements.filter(({ Sid }) => Sid.startsWith("CloneSource"));
            assert.deepEqual(await roleUse(cloning, clone), { denied: [], idle: [] });
            const other = clone.map((needed) => ({
                ...needed,
                context: Object.fromEntries(Object.keys(needed.context).map((key) => [key, "example/other"])),
            }));
            assert.equal((await roleUse(cloning, other)).denied.length, 2);
        }
    });

    it("do not let evidence be written over", async () => {
        const step = steps.find(({ name }) => name === "scan-grype");
        assert.ok(step);
        const [place] = step.statements.find(({ Sid }) => Sid === "AddEvidence")?.Resource ?? [];
        const resource = String(place).replaceAll("*", "x");
        const { denied } = await roleUse(step.statements, [{ action: "s3:PutObject", resource }]);
        assert.deepEqual(denied, [`s3:PutObject on ${resource}`]);
    });
});
