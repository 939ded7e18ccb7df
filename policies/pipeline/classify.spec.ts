import { deepEqual, equal } from "node:assert/strict";
import { defaultConfiguration } from "../harness/configuration";
import { exampleDescriptions } from "../harness/examples";
import { unknown } from "../harness/reader";
import type { ExampleResource } from "../harness/rule";
import { StackGraph } from "../harness/stackGraph";
import {
    isApproval,
    isBefore,
    isBeside,
    mayBeScan,
    namesDigest,
    release,
    releaseByMetadata,
    scanEvidence,
} from "./classify";
import { deliveryTier, repositoryName } from "./deliveryTarget";
import {
    actionExample,
    allow,
    approvalAction,
    buildspecOf,
    completeStages,
    pipelineExample,
    pipelineStack,
    projectExample,
    pushActions,
    repositoryArnExample,
    roleExample,
    scanCommand,
    stageExample,
} from "./exampleResources";
import { isPublisher } from "./identities";
import { pipelineType, readPipeline, variableReferences, type PipelineModel } from "./pipelineModel";
import { projectBuildspec, roleType } from "./project";

function graphOf(resources: ExampleResource[]): StackGraph {
    return StackGraph.of(exampleDescriptions({ title: "", resources, expect: [], shows: "good" }));
}

function modelOf(graph: StackGraph): PipelineModel {
    const [pipeline] = graph.ofType(pipelineType);
    const reading = pipeline && readPipeline(pipeline);
    if (reading?.kind !== "known") throw new Error("no pipeline");
    return reading.value;
}

const single = (action: Record<string, unknown>, ...resources: ExampleResource[]) => {
    const graph = graphOf([pipelineExample([stageExample("S", action)]), ...resources]);
    const [only] = modelOf(graph).actions;
    if (!only) throw new Error("no action");
    return { graph, action: only };
};

describe("the place of an action", () => {
    const { actions } = modelOf(
        graphOf([
            pipelineExample([
                stageExample(
                    "A",
                    actionExample("a1", "Build", "CodeBuild", {}),
                    actionExample("a2", "Build", "CodeBuild", {}, { runOrder: 2 }),
                ),
                stageExample(
                    "B",
                    actionExample("b1", "Build", "CodeBuild", {}, { runOrder: 1 }),
                    actionExample("b?", "Build", "CodeBuild", {}, { runOrder: unknown }),
                ),
            ]),
        ]),
    );
    const order = actions.flatMap((a) =>
        actions.filter((b) => isBefore(a, b)).map((b) => `${a.name}<${b.name}`),
    );
    it("is the stage, then the run order; an unknown order is neither before nor beside", () => {
        deepEqual(order, ["a1<a2", "a1<b1", "a1<b?", "a2<b1", "a2<b?"]);
        deepEqual(
            actions.flatMap((a) => actions.filter((b) => isBeside(a, b)).map((b) => `${a.name}|${b.name}`)),
            [],
        );
    });
});

describe("releases by metadata", () => {
    const cases: [string, Record<string, unknown>, "yes" | "no" | "unknown"][] = [
        ["a deployment", actionExample("a", "Deploy", "ECS", { ServiceName: "shop" }), "yes"],
        [
            "a deployment to staging",
            actionExample("a", "Deploy", "ECS", { ServiceName: "shop-staging" }),
            "no",
        ],
        [
            "staging and production at once",
            actionExample("a", "Deploy", "ECS", { ClusterName: "staging", ServiceName: "shop-prod" }),
            "yes",
        ],
        [
            "a deployment of unknown target",
            actionExample("a", "Deploy", "ECS", { ServiceName: unknown }),
            "yes",
        ],
        [
            "a provider that deploys under another category",
            actionExample("a", "Invoke", "CloudFormation", {}),
            "yes",
        ],
        [
            "publishing to production",
            actionExample("a", "Build", "ECRBuildAndPublish", { ECRRepositoryName: "app-prod" }),
            "yes",
        ],
        [
            "publishing to a candidate",
            actionExample("a", "Build", "ECRBuildAndPublish", { ECRRepositoryName: "app-candidate" }),
            "no",
        ],
        [
            "publishing to an unknown repository",
            actionExample("a", "Build", "ECRBuildAndPublish", { ECRRepositoryName: unknown }),
            "unknown",
        ],
        [
            "commands that deploy",
            actionExample(
                "a",
                "Compute",
                "Commands",
                {},
                { commands: ["aws ecs update-service --service shop"] },
            ),
            "yes",
        ],
        [
            "commands that do not",
            actionExample("a", "Compute", "Commands", {}, { commands: ["npm run deploy"] }),
            "unknown",
        ],
        [
            "commands that only look",
            actionExample("a", "Compute", "Commands", {}, { commands: ["aws ecs describe-services"] }),
            "no",
        ],
        ["a build project", actionExample("a", "Build", "CodeBuild", { ProjectName: "x" }), "no"],
        ["an approval", approvalAction(), "no"],
    ];
    for (const [title, action, expected] of cases) {
        it(title, () => {
            equal(releaseByMetadata(single(action).action, defaultConfiguration).kind, expected);
        });
    }
});

describe("a staging target outside the stack", () => {
    const tags = { "gate:staging-cluster": "live", "gate:staging-service": "web" };
    const deploys = (target: Record<string, unknown>, more: ExampleResource[] = []) => {
        const action = actionExample("a", "Deploy", "ECS", target);
        const graph = graphOf([pipelineExample([stageExample("S", action)], { tags }), ...more]);
        const [only] = modelOf(graph).actions;
        if (!only) throw new Error("no action");
        return [
            releaseByMetadata(only, defaultConfiguration).kind,
            release(only, graph, defaultConfiguration).kind,
        ];
    };
    it("is the one that the pipeline's tags name", () => {
        deepEqual(deploys({ ClusterName: "live", ServiceName: "web" }), ["no", "no"]);
    });
    it("is no other service, and no service of this name in another cluster", () => {
        deepEqual(deploys({ ClusterName: "live", ServiceName: "shop" }), ["yes", "yes"]);
        deepEqual(deploys({ ClusterName: "other", ServiceName: "web" }), ["yes", "yes"]);
        deepEqual(deploys({ ServiceName: "web" }), ["yes", "yes"]);
        deepEqual(deploys({ ClusterName: unknown, ServiceName: "web" }), ["yes", "yes"]);
    });
    it("is not a service of the stack that is production", () => {
        const service = (tier: string): ExampleResource => ({
            type: "aws:ecs/service:Service",
            name: "web",
            props: { name: "web", cluster: "live", tags: { tier } },
        });
        deepEqual(deploys({ ClusterName: "live", ServiceName: "web" }, [service("production")]), [
            "no",
            "yes",
        ]);
        deepEqual(deploys({ ClusterName: "live", ServiceName: "web" }, [service("staging")]), ["no", "no"]);
    });
});

describe("releases over the stack", () => {
    const run = (...resources: ExampleResource[]) => {
        const { graph, action } = single(
            actionExample("a", "Build", "CodeBuild", { ProjectName: "step" }),
            ...resources,
            {
                type: "aws:ecr/repository:Repository",
                name: "production",
                props: { name: "demo/production", tags: { tier: "production" } },
            },
        );
        return release(action, graph, defaultConfiguration).kind;
    };
    const canPush = (name: string) =>
        roleExample(name, [allow(pushActions, repositoryArnExample("production"))]);
    const step = (commands: string[], more = {}) =>
        projectExample("step", buildspecOf(commands), undefined, more);
    it("by the commands", () => { equal(run(step(["crane cp a@$D r.example.com/demo/production:1"]), roleExample("step-role", [])), "yes"); }); // prettier-ignore
    it("by what the role may do, whatever the commands say", () => { equal(run(step(["echo"]), canPush("step-role")), "yes"); }); // prettier-ignore
    it("not with a readable role and harmless commands", () => { equal(run(step(["echo"]), roleExample("step-role", [])), "no"); }); // prettier-ignore
    it("not by a tier tag that contradicts the name", () => {
        const candidate = {
            type: "aws:ecr/repository:Repository",
            name: "c",
            props: { name: "production/app", tags: { tier: "candidate" } },
        };
        equal(
            run(
                step(["docker push r.example.com/production/app:1"]),
                roleExample("step-role", []),
                candidate,
            ),
            "no",
        );
    });
    it("a role that several projects share is judged by the commands", () => {
        const shared = { serviceRole: "arn:aws:iam::123456789012:role/shared" };
        equal(
            run(
                step(["echo"], shared),
                projectExample("other", buildspecOf(["echo"]), undefined, shared),
                canPush("shared"),
            ),
            "no",
        );
        equal(
            run(
                projectExample("step", "file.yml", undefined, shared),
                projectExample("other", buildspecOf(["echo"]), undefined, shared),
                canPush("shared"),
            ),
            "yes",
        );
    });
    it("unknown where neither commands nor role can be read", () => { equal(run(projectExample("step", unknown)), "unknown"); }); // prettier-ignore
    it("unknown where the project is not in the stack", () => { equal(run(), "unknown"); }); // prettier-ignore
});

describe("scan evidence", () => {
    const of = (buildspec: unknown, gateRole?: string, more = {}) => {
        const { graph, action } = single(
            actionExample("a", "Test", "CodeBuild", { ProjectName: "p", ...more }),
            projectExample("p", buildspec, gateRole),
        );
        return scanEvidence(action, graph).kind;
    };
    const variables = (value: string) => ({
        EnvironmentVariables: JSON.stringify([{ name: "GATE_ADVISORY", value }]),
    });
    const cases: [string, string, string][] = [
        ["a scanner that fails", of(buildspecOf([scanCommand])), "proven"],
        ["a name and a tag prove nothing", of(buildspecOf(["echo scan"]), "scanner"), "none"],
        ["a linter is no image scanner", of(buildspecOf(["hadolint Dockerfile"])), "none"],
        ["a verdict on stored reports is no scan", of(buildspecOf(["gate verdict --image x"])), "none"],
        ["a script may do anything", of(buildspecOf(["./scan.sh"])), "unclear"],
        ["a file of the source, declared", of("scan.yml", "scanner"), "declared"],
        ["a file of the source", of("scan.yml"), "none"],
        [
            "switched off by the pipeline",
            of(buildspecOf([scanCommand]), "scanner", variables("true")),
            "none",
        ],
        [
            "switched on by the pipeline",
            of(buildspecOf([scanCommand]), "scanner", variables("false")),
            "proven",
        ],
        [
            "variables that do not parse",
            of(buildspecOf([scanCommand]), "scanner", { EnvironmentVariables: "[" }),
            "unclear",
        ],
        ["not known yet", of(unknown), "unclear"],
        ["advisory for one command", of(buildspecOf([`GATE_ADVISORY=true ${scanCommand}`])), "none"],
        [
            "advisory from a command's output",
            of(buildspecOf(["export GATE_ADVISORY=$(cat mode)", scanCommand])),
            "none",
        ],
        ["advisory read from a file", of(buildspecOf(["read GATE_ADVISORY < mode", scanCommand])), "none"],
        [
            "advisory from a parameter",
            of(buildspecOf([scanCommand], { env: { "parameter-store": { GATE_ADVISORY: "/mode" } } })),
            "none",
        ],
        ["variables nobody can read", of(buildspecOf(["export $(cat variables)", scanCommand])), "unclear"],
        ["an alias in between", of(buildspecOf(["alias gate=true", scanCommand])), "unclear"],
    ];
    for (const [title, kind, expected] of cases) {
        it(title, () => {
            equal(kind, expected);
        });
    }

    it("from the action alone: tests, functions and declared names may scan", () => {
        const may = (action: Record<string, unknown>) =>
            mayBeScan(single(action).action, defaultConfiguration);
        equal(may(actionExample("a", "Test", "CodeBuild", { ProjectName: "x" })), true);
        equal(may(actionExample("a", "Invoke", "Lambda", {})), true);
        equal(may(actionExample("GrypeScan", "Build", "CodeBuild", { ProjectName: "x" })), true);
        equal(may(actionExample("a", "Build", "CodeBuild", { ProjectName: "x" })), false);
        equal(may(actionExample("a", "Deploy", "ECS", {})), false);
    });
});

describe("other facts of the model", () => {
    it("approvals and their digest", () => {
        const { actions } = modelOf(graphOf([pipelineExample(completeStages)]));
        deepEqual(
            actions.filter(isApproval).map((action) => [action.name, namesDigest(action)]),
            [["Approve", true]],
        );
        deepEqual(variableReferences("#{Build.IMAGE_DIGEST} and #{x.y_1}, not #{z}"), [
            { namespace: "Build", variable: "IMAGE_DIGEST" },
            { namespace: "x", variable: "y_1" },
        ]);
    });

    it("names of repositories", () => {
        equal(repositoryName("123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app:1"), "team/app");
        equal(repositoryName("${REGISTRY}/team/app@sha256:0"), "team/app");
        equal(repositoryName("team/app"), "team/app");
        equal(repositoryName("docker://localhost/app:1"), "app");
    });

    it("tiers of targets: a name that fits two is unknown, a variable of the buildspec is put in", () => {
        const tier = (command: string, variables = {}) => {
            const graph = graphOf([projectExample("p", buildspecOf([command], { env: { variables } }))]);
            const buildspec = projectBuildspec(graph.ofType("aws:codebuild/project:Project")[0] as never);
            const analysis = buildspec.kind === "inline" ? buildspec.analysis : null;
            const delivery = analysis?.deliveries[0];
            return analysis && delivery ? deliveryTier(delivery, analysis, defaultConfiguration) : null;
        };
        equal(tier("docker push r.example.com/staging-production:1"), "unknown");
        equal(tier("docker push $REPOSITORY:1", { REPOSITORY: "r.example.com/app/prod" }), "production");
        equal(tier("docker push $REPOSITORY:1"), "unknown");
        equal(tier("docker push r.example.com/app:1"), "none");
    });

    it("who is the publisher", () => {
        const who = (...replacements: ExampleResource[]) => {
            const graph = graphOf(pipelineStack(completeStages, ...replacements));
            return graph
                .ofType(roleType)
                .filter((role) => isPublisher(role, graph, defaultConfiguration))
                .map((role) => role.name);
        };
        deepEqual(who(), ["publish-role"]);
        deepEqual(who(roleExample("stage-role", [], "promoter")), ["publish-role"]);
        deepEqual(
            who(
                roleExample("publish-role", [], "promoter"),
                projectExample("publish", buildspecOf(["echo"]), "promoter"),
            ),
            ["publish-role"],
        );
        deepEqual(
            who(
                roleExample("publish-role", []),
                projectExample("publish", buildspecOf(["docker push r.example.com/demo/production:1"])),
            ),
            [],
        );
    });
});
