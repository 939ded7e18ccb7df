/** Reviews, merges and notifications in the whole program: that what they are told about the stack is what the stack is. */
import assert from "node:assert/strict";
import { readMergeSettings } from "../../gate/merge/mergeSettings";
import { readReviewSettings } from "../../gate/review/reviewSettings";
import type { CapturedResource, RunResult, Value } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { codecommitApplication, connectionApplication } from "../application/testing/examplePlatform";

const slack = { workspaceId: "T012345678", channelId: "C012345678" };

describe("reviews, merges and notifications in the program", function () {
    this.timeout(300_000);
    let result: RunResult;

    before(async () => {
        const feedback = { host: "github", tokenSecret: "example/github-token" };
        result = await runProgram({
            stack: "dev",
            mode: "preview",
            policy: true,
            config: {
                applications: [
                    { ...codecommitApplication, mergeInto: "release" },
                    { ...connectionApplication, mergeInto: "main", review: { feedback } },
                    { ...connectionApplication, name: "store" },
                ],
                notifications: { emails: ["a@example.com"], slack },
            },
        });
    });

    function named(name: string): CapturedResource {
        const found = result.resources.filter((resource) => resource.name === name && resource.custom);
        assert.equal(found.length, 1, name);
        return found[0] as CapturedResource;
    }
    const physical = (type: string): Set<Value | undefined> =>
        new Set(result.resources.filter((each) => each.type === type).map(({ inputs }) => inputs["name"]));
    const earlierThan = (name: string): Set<string> => {
        const byUrn = new Map(result.resources.map((resource) => [resource.urn, resource]));
        const seen = new Set<string>();
        const visit = ({ dependencies }: CapturedResource) => {
            for (const urn of dependencies) {
                const dependency = byUrn.get(urn);
                if (dependency === undefined || seen.has(dependency.name)) continue;
                seen.add(dependency.name);
                visit(dependency);
            }
        };
        visit(named(name));
        return seen;
    };
    const settingsOf = (name: string): string => {
        const { $archive } = named(name).inputs["code"] as unknown as {
            $archive: { assets: Record<string, { $asset: { text: string } }> };
        };
        return $archive.assets["settings.json"]?.$asset.text ?? "";
    };
    const environmentOf = (name: string) =>
        (named(name).inputs["environment"] as unknown as { variables: Record<string, string> }).variables;

    it("have the pipelines, projects, actions, repositories and the bucket that there are", () => {
        const { applications, evidenceBucket, role } = readReviewSettings(
            settingsOf("review"),
            environmentOf("review"),
        );
        assert.deepEqual(
            applications.map(({ name, host }) => [name, host.type]),
            [
                ["demo", "codecommit"],
                ["shop-front", "github"],
            ],
        );
        assert.equal(role, named("review-role").inputs["name"]);
        assert.equal(evidenceBucket, named("storage-evidence").inputs["bucket"]);
        for (const { name, pipeline, host, steps } of applications) {
            const { inputs } = named(`${name}-review-pipeline`);
            assert.equal(pipeline, inputs["name"]);
            const stages = inputs["stages"] as unknown as {
                name: string;
                actions: { name: string; configuration: Record<string, string> }[];
            }[];
            const real = stages
                .flatMap((stage) => stage.actions.map((action) => ({ stage: stage.name, action })))
                .filter(({ stage }) => stage !== "Source")
                .map(({ stage, action }) => [stage, action.name, action.configuration["ProjectName"]]);
            assert.deepEqual(
                steps.map(({ stage, action, project }) => [stage, action, project]),
                real,
            );
            for (const { project } of steps) assert(physical("aws:codebuild/project:Project").has(project));
            if (host.type === "codecommit")
                assert.equal(host.repository, named(`${name}-source`).inputs["repositoryName"]);
        }
        const merge = readMergeSettings(settingsOf("merge"));
        assert.equal(merge.table, named("approval-table").inputs["name"]);
        for (const { name, pipeline, publish, build } of merge.applications) {
            const { inputs } = named(`${name}-delivery-pipeline`);
            assert.equal(pipeline, inputs["name"]);
            const stages = inputs["stages"] as unknown as { name: string; actions: { name: string }[] }[];
            for (const { stage, action } of [publish, build]) {
                const found = stages.find((each) => each.name === stage);
                assert(
                    found?.actions.some((each) => each.name === action),
                    `${stage}/${action}`,
                );
            }
        }
    });

    it("hear of names that there are", () => {
        const patterns = result.resources
            .filter(
                ({ type, name }) =>
                    type === "aws:cloudwatch/eventRule:EventRule" && /^(review|merge)-/.test(name),
            )
            .map(({ inputs }) => JSON.parse(inputs["eventPattern"] as string) as Record<string, never>)
            .map(
                (pattern) => pattern as unknown as { resources?: string[]; detail: Record<string, string[]> },
            );
        assert.equal(patterns.length, 4);
        const pipelines = physical("aws:codepipeline/pipeline:Pipeline");
        const projects = physical("aws:codebuild/project:Project");
        for (const { resources, detail } of patterns) {
            for (const pipeline of detail["pipeline"] ?? []) assert(pipelines.has(pipeline), pipeline);
            for (const project of detail["project-name"] ?? []) assert(projects.has(project), project);
            for (const repository of resources ?? []) assert.match(repository, /:portcullis-dev-demo$/);
        }
        assert.equal(patterns.flatMap(({ detail }) => detail["project-name"] ?? []).length, 10);
    });

    it("are about pipelines that exist already, and publish where they may", () => {
        const rule = earlierThan("notifications-demo");
        for (const name of ["demo-delivery-pipeline", "notifications-topic", "notifications-topic-policy"])
            assert(rule.has(name), name);
        const chat = earlierThan("notifications-chat");
        for (const name of [
            "notifications-topic-policy",
            "approval-alarms-topic-policy",
            "notifications-chat-role",
        ])
            assert(chat.has(name), name);
        const pipeline = earlierThan("store-review-pipeline");
        for (const name of ["store-review-role-policy", "store-review-scan-grype-project", "gate-command"])
            assert(pipeline.has(name), name);
    });

    it("may build into the candidate repository, whose policy names the builds and nobody else", () => {
        for (const name of ["demo", "shop-front", "store"]) {
            const policy = named(`${name}-repositories-candidate-writer`).inputs["policy"] as string;
            const { Statement } = JSON.parse(policy) as {
                Statement: { Condition: { ArnNotEquals: Record<string, string[]> } }[];
            };
            assert.deepEqual(
                Statement.map(({ Condition }) => Condition.ArnNotEquals["aws:PrincipalArn"]),
                [
                    ["delivery", "review"].map((way) => {
                        const role = named(`${name}-${way}-build-role`).inputs["name"] as string;
                        return `arn:aws:iam::123456789012:role/${role}`;
                    }),
                ],
            );
        }
    });

    it("let only the function start a review of CodeCommit, and nobody that of a connection", () => {
        const starting = result.resources
            .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
            .flatMap(({ name, inputs }) => {
                const { Statement } = JSON.parse(inputs["policy"] as string) as {
                    Statement: { Action: string[]; Resource: string[] }[];
                };
                return Statement.filter(({ Action }) =>
                    Action.some((action) => /^(\*|codepipeline:(\*|Start.*))$/i.test(action)),
                ).map(({ Resource }) => `${name}: ${Resource.join()}`);
            });
        const arn = (pipeline: string) =>
            `arn:aws:codepipeline:us-east-1:123456789012:portcullis-dev-${pipeline}`;
        assert.deepEqual(starting.sort(), [
            `demo-delivery-trigger-role-policy: ${arn("demo-delivery")}`,
            `review-role-policy: ${arn("demo-review")}`,
        ]);
    });

    it("are found good by the pack", () => {
        const ours = (urn: string) =>
            /::portcullis:(review|merge|notifications):|ReviewPipeline\$|::(review|merge|notifications|[a-z-]+-review)/.test(
                urn,
            );
        const found = (result.policy?.diagnostics ?? [])
            .filter(
                ({ urn, enforcement, policy }) =>
                    ours(urn) && (enforcement === "mandatory" || policy === "PIPE-20"),
            )
            .map(({ policy, urn, message }) => `${policy} ${urn.split("::").at(-1)}: ${message}`);
        assert.deepEqual(found, []);
        assert((result.policy?.policies.length ?? 0) > 50);
        assert.deepEqual(
            (result.policy?.diagnostics ?? []).filter(({ policy }) =>
                ["PIPE-18", "PIPE-20", "PIPE-24"].includes(policy),
            ),
            [],
        );
    });

    it("say where they are, and whose pull requests get no comment", () => {
        const { review, merge, notifications, applications } = result.stackOutputs as unknown as Record<
            string,
            Record<string, unknown>
        >;
        assert.deepEqual(review, {
            function: "portcullis-dev-review",
            failedEvents: "portcullis-dev-review-failed",
        });
        assert.deepEqual(merge, {
            function: "portcullis-dev-merge",
            failedEvents: "portcullis-dev-merge-failed",
        });
        assert.deepEqual(notifications, {
            topic: "arn:aws:sns:us-east-1:123456789012:portcullis-dev-notifications",
        });
        assert.equal(
            (applications?.["store"] as Record<string, unknown>)["reviewPipeline"],
            "portcullis-dev-store-review",
        );
        assert.deepEqual(
            result.log.filter(({ message }) => /pull requests of store are checked/.test(message)).length,
            1,
        );
        assert.deepEqual(
            result.log.filter(({ message }) => message.includes("nobody is told")),
            [],
        );
    });
});
