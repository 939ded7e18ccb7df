/** The gate in the whole program: that what it is told about the rest of the stack is what the rest of the stack is. */
import assert from "node:assert/strict";
import { readSettings } from "../../gate/approval/settingsSchema";
import type { CapturedResource, RunResult, Value } from "../../offline/model";
import { runProgram } from "../../offline/testing/runProgram";
import { codecommitApplication, connectionApplication } from "../application/testing/examplePlatform";
import type { Action } from "../pipeline/stages";

describe("approval gate in the program", function () {
    this.timeout(300_000);
    let result: RunResult;

    before(async () => {
        result = await runProgram({
            stack: "prod",
            mode: "update",
            config: {
                applications: [codecommitApplication, connectionApplication],
                approval: { human: { emails: ["approver@example.com"], timeoutMinutes: 600 } },
            },
        });
    });

    function all(type: string): CapturedResource[] {
        return result.resources.filter((resource) => resource.type === type);
    }
    function named(name: string): CapturedResource {
        const [found, ...others] = result.resources.filter(
            (resource) => resource.custom && resource.name === name,
        );
        assert(found && others.length === 0, name);
        return found;
    }
    const text = (value: Value | undefined): string => {
        assert.equal(typeof value, "string");
        return value as string;
    };

    /** Actions of the stage Approve, by pipeline. */
    function approvals(): { pipeline: string; action: Action }[] {
        return all("aws:codepipeline/pipeline:Pipeline").flatMap(({ outputs }) => {
            const stages = outputs["stages"] as unknown as { name: string; actions: Action[] }[];
            return stages
                .filter(({ name }) => name === "Approve")
                .flatMap(({ actions }) =>
                    actions.map((action) => ({ pipeline: text(outputs["name"]), action })),
                );
        });
    }

    it("has its approvals in every pipeline, each announced by its own topic", () => {
        assert.deepEqual(
            approvals().map(({ pipeline, action }) => [
                pipeline,
                action.name,
                action.configuration["NotificationArn"],
            ]),
            ["portcullis-prod-demo-delivery", "portcullis-prod-shop-front-delivery"].flatMap((pipeline) => [
                [pipeline, "GateApproval", text(named("approval-topic").outputs["arn"])],
                [pipeline, "HumanApproval", text(named("approval-people").outputs["arn"])],
            ]),
        );
    });

    it("may answer the gate's approvals of these pipelines, and no other role of the stack any", () => {
        const answering = all("aws:iam/rolePolicy:RolePolicy").flatMap(({ name, outputs }) => {
            const { Statement } = JSON.parse(text(outputs["policy"])) as {
                Statement: { Action: string[]; Resource: string[] }[];
            };
            return Statement.filter(({ Action }) =>
                Action.some((action) => /^(\*|codepipeline:(\*|Put.*))$/i.test(action)),
            ).map(({ Action, Resource }) => ({ name, Action, Resource }));
        });
        assert.deepEqual(answering, [
            {
                name: "approval-scan-event-role-policy",
                Action: ["codepipeline:PutApprovalResult"],
                Resource: approvals()
                    .filter(({ action }) => action.name === "GateApproval")
                    .map(
                        ({ pipeline, action }) =>
                            `arn:aws:codepipeline:us-east-1:123456789012:${pipeline}/Approve/${action.name}`,
                    ),
            },
        ]);
    });

    it("works with the table, the bucket, the topic, the pipelines and the repositories that there are", () => {
        const { $archive } = named("approval-scan-event").inputs["code"] as unknown as {
            $archive: { assets: Record<string, { $asset: { text: string } }> };
        };
        const settings = readSettings($archive.assets["settings.json"]?.$asset.text ?? "");
        assert.equal(settings.table, named("approval-table").outputs["name"]);
        assert.equal(settings.evidenceBucket, named("storage-evidence").outputs["bucket"]);
        assert.equal(settings.topicArn, named("approval-topic").outputs["arn"]);
        assert.deepEqual(
            settings.applications.map(({ name, pipeline, stage, action, repository }) => [
                pipeline,
                stage,
                action,
                repository,
                name,
            ]),
            ["demo", "shop-front"].map((name) => [
                named(`${name}-delivery-pipeline`).outputs["name"],
                "Approve",
                "GateApproval",
                named(`${name}-repositories-staging`).outputs["name"],
                name,
            ]),
        );
        for (const { action } of approvals().filter(({ action: { name } }) => name === "GateApproval")) {
            assert(settings.scanTimeoutMinutes + 30 <= (action.timeoutInMinutes ?? 0));
        }
    });

    it("names in its documents the functions, queues, topics, table and rule by the ARNs that they get", () => {
        const own = result.resources.filter(({ name, custom }) => custom && name.startsWith("approval-"));
        const real = new Set(own.map(({ outputs }) => outputs["arn"]));
        const documents = own.flatMap(({ inputs }) => [
            inputs["policy"],
            inputs["redrivePolicy"],
            inputs["sourceArn"],
        ]);
        const mentioned = documents
            .filter((value) => typeof value === "string")
            .flatMap((value) => value.match(/arn:aws:(?:lambda|sqs|sns|dynamodb|events):[^"]+/g) ?? [])
            // Parts of the table.
            .map((arn) => arn.replace(/(?<=:table\/[^/]+)\/(?:stream\/\*|index\/open)$/, ""));
        assert(mentioned.length > 20);
        assert.deepEqual(
            [...new Set(mentioned)].filter((arn) => !real.has(arn)),
            [],
        );
    });

    it("watches functions and queues that there are", () => {
        const watched = all("aws:cloudwatch/metricAlarm:MetricAlarm").flatMap(({ inputs }) =>
            Object.entries((inputs["dimensions"] ?? {}) as Record<string, string>),
        );
        const names = (type: string) =>
            all(type)
                .map(({ outputs }) => text(outputs["name"]))
                .sort();
        const of = (key: string) =>
            [...new Set(watched.filter(([name]) => name === key).map(([, value]) => value))].sort();
        assert.deepEqual(of("FunctionName"), names("aws:lambda/function:Function"));
        assert.deepEqual(of("QueueName"), names("aws:sqs/queue:Queue"));
        const { environment } = named("approval-watchdog").inputs as unknown as {
            environment: { variables: Record<string, string> };
        };
        assert.deepEqual(of("service"), [environment.variables["POWERTOOLS_SERVICE_NAME"]]);
    });

    it("tells at the end where to look", () => {
        assert.deepEqual(result.stackOutputs["approval"], {
            table: "portcullis-prod-approvals",
            topic: "arn:aws:sns:us-east-1:123456789012:portcullis-prod-approvals",
            alarmTopic: "arn:aws:sns:us-east-1:123456789012:portcullis-prod-gate-alarms",
            functions: {
                recorder: "portcullis-prod-approval-recorder",
                "scan-event": "portcullis-prod-approval-scan-event",
                watchdog: "portcullis-prod-approval-watchdog",
            },
            failedEvents: {
                recorder: "portcullis-prod-approval-recorder-failed",
                "scan-event": "portcullis-prod-approval-scan-event-failed",
                watchdog: "portcullis-prod-approval-watchdog-failed",
            },
        });
    });
});
