import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveOf, AssetError, ClosedAssetError } from "../assets";
import {
    archiveSignature,
    assetSignature,
    secret,
    signatureKey,
    toValues,
    unknownSentinel,
} from "../engine/wire";
import type { Wire, WireObject } from "../engine/wire";
import { archive, judgedTypes } from "./fixtures/judgedTypes";
import { accountIn } from "./invokes";
import { simulate } from "./simulate";
import { TypingsReader } from "./typings";

const typings = new TypingsReader(join(__dirname, ".."));

function make(
    type: string,
    inputs: WireObject,
    mode: "preview" | "update" = "update",
    directory = __dirname,
) {
    return simulate({
        urn: `urn:pulumi:dev::demo::${type}::thing`,
        type,
        name: "thing",
        inputs,
        mode,
        account: accountIn("eu-west-1"),
        typings: typings.read(type),
        directory,
        additionalSecretOutputs: [],
    });
}

function changed(inputs: WireObject, change: Record<string, Wire | undefined>): WireObject {
    return Object.fromEntries(
        Object.entries({ ...inputs, ...change }).filter(
            (entry): entry is [string, Wire] => entry[1] !== undefined,
        ),
    );
}

describe("values that AWS refuses", () => {
    for (const { type, inputs, right = [], wrong } of judgedTypes) {
        it(`are refused for ${type}, in preview too, and right ones are not`, () => {
            for (const each of [{}, ...right]) {
                make(type, changed(inputs, each), "preview");
                make(type, changed(inputs, each));
            }
            for (const [change, says] of wrong) {
                for (const mode of ["preview", "update"] as const) {
                    assert.throws(
                        () => make(type, changed(inputs, change), mode),
                        says,
                        JSON.stringify(change),
                    );
                }
            }
        });

        it(`are not seen where nothing is known of ${type}`, () => {
            const unknown = Object.fromEntries(
                Object.keys(inputs).map((property) => [property, unknownSentinel]),
            );
            make(type, unknown, "preview");
        });
    }

    it("are refused behind a secret mark, too, with resource, property and file", () => {
        assert.throws(
            () => make("aws:sns/topic:Topic", { name: secret("a b") }),
            /^Error: aws:sns\/topic:Topic "thing" would be refused: name "a b" .*offline\/behaviour\/aws\/\*Rules\.ts/,
        );
    });

    it("are all listed at once", () => {
        assert.throws(
            () => make("aws:sqs/queue:Queue", { name: "a b", delaySeconds: 901 }),
            /name "a b".*; delaySeconds 901/,
        );
    });

    it("do not hinder reading what exists", () => {
        const request = { ...judgedTypes[0]!, mode: "update" as const };
        const { id } = simulate({
            urn: "urn:pulumi:dev::demo::aws:lambda/function:Function::old",
            type: request.type,
            name: "old",
            inputs: {},
            mode: "update",
            account: accountIn("eu-west-1"),
            typings: typings.read(request.type),
            directory: __dirname,
            additionalSecretOutputs: [],
            existingId: "old",
        });
        assert.equal(id, "old");
    });
});

describe("computed outputs of the gate's services", () => {
    const inputsOf = (type: string): WireObject => judgedTypes.find((each) => each.type === type)!.inputs;
    const outputs = (type: string, change: WireObject = {}) =>
        make(type, { ...inputsOf(type), ...change }).state;

    it("are those of a function, published or not", () => {
        const type = "aws:lambda/function:Function";
        const plain = outputs(type);
        const arn = "arn:aws:lambda:eu-west-1:123456789012:function:gate-decider";
        assert.equal(plain["arn"], arn);
        assert.equal(plain["version"], "$LATEST");
        assert.equal(plain["qualifiedArn"], `${arn}:$LATEST`);
        assert.equal(
            plain["invokeArn"],
            `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
        );
        const published = outputs(type, { publish: true });
        assert.equal(published["version"], "1");
        assert.equal(published["qualifiedArn"], `${arn}:1`);
        assert.deepEqual(make(type, inputsOf(type)).missing, []);
    });

    it("tell one archive from another, by names and contents", () => {
        const type = "aws:lambda/function:Function";
        const digest = (files: Record<string, string>) =>
            outputs(type, { code: archive(files) })["codeSha256"];
        const first = digest({ "index.js": "a" });
        assert.match(String(first), /^[A-Za-z0-9+/]{43}=$/);
        assert.equal(digest({ "index.js": "a" }), first);
        assert.notEqual(digest({ "index.js": "b" }), first);
        assert.notEqual(digest({ "index.mjs": "a" }), first);
        assert.equal(outputs(type)["sourceCodeSize"], 35);
    });

    it("are those of a table with and without a stream", () => {
        const type = "aws:dynamodb/table:Table";
        const state = outputs(type);
        assert.equal(state["arn"], "arn:aws:dynamodb:eu-west-1:123456789012:table/approvals");
        assert.equal(state["streamArn"], `${String(state["arn"])}/stream/2026-01-01T00:00:00.000`);
        assert.deepEqual(
            make(type, inputsOf(type)).missing.filter((each) => each !== "globalTableWitness"),
            [],
        );
        const { streamViewType: _, ...quiet } = inputsOf(type);
        assert.equal(make(type, { ...quiet, streamEnabled: false }).state["streamArn"], "");
    });

    it("are unknown in preview, but for what the program gave", () => {
        const { state } = make("aws:dynamodb/table:Table", inputsOf("aws:dynamodb/table:Table"), "preview");
        assert.equal(state["streamArn"], unknownSentinel);
        assert.equal(state["arn"], unknownSentinel);
        assert.equal(state["name"], "approvals");
        assert.equal(state["streamViewType"], "NEW_IMAGE");
    });

    it("are those of queues, schedules and mappings", () => {
        const queue = make("aws:sqs/queue:Queue", inputsOf("aws:sqs/queue:Queue"));
        assert.equal(queue.id, "https://sqs.eu-west-1.amazonaws.com/123456789012/decider-failed");
        assert.equal(queue.state["url"], queue.id);
        assert.equal(queue.state["sqsManagedSseEnabled"], false);
        const schedule = make("aws:scheduler/schedule:Schedule", inputsOf("aws:scheduler/schedule:Schedule"));
        assert.equal(schedule.id, "default/gate-watchdog");
        assert.equal(
            schedule.state["arn"],
            "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/gate-watchdog",
        );
        const type = "aws:lambda/eventSourceMapping:EventSourceMapping";
        const mapping = make(type, { ...inputsOf(type), functionName: "decider" });
        assert.match(mapping.id, /^[0-9a-f-]{36}$/);
        assert.equal(mapping.state["functionArn"], "arn:aws:lambda:eu-west-1:123456789012:function:decider");
        assert.equal(
            mapping.state["arn"],
            `arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:${mapping.id}`,
        );
    });

    it("are those of notifications, chat and Security Hub", () => {
        const rule = make(
            "aws:codestarnotifications/notificationRule:NotificationRule",
            inputsOf("aws:codestarnotifications/notificationRule:NotificationRule"),
        );
        assert.match(
            rule.id,
            /^arn:aws:codestar-notifications:eu-west-1:123456789012:notificationrule\/[0-9a-f]{40}$/,
        );
        assert.deepEqual([rule.state["arn"], rule.missing], [rule.id, []]);
        const type = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration";
        const chat = make(type, inputsOf(type));
        assert.equal(chat.id, "arn:aws:chatbot::123456789012:chat-configuration/slack-channel/shop-chat");
        assert.deepEqual([chat.state["chatConfigurationArn"], chat.missing], [chat.id, []]);
        const hub = make("aws:securityhub/account:Account", {});
        assert.equal(hub.id, "123456789012");
        assert.equal(hub.state["arn"], "arn:aws:securityhub:eu-west-1:123456789012:hub/default");
        assert.deepEqual(hub.missing, []);
    });

    it("are those of a service on Fargate and of one on instances", () => {
        const type = "aws:ecs/service:Service";
        assert.equal(outputs(type)["platformVersion"], "LATEST");
        assert.deepEqual(make(type, inputsOf(type)).missing, []);
        const plain = outputs(type, { launchType: "EC2", deploymentConfiguration: { strategy: "ROLLING" } });
        assert.equal(plain["platformVersion"], "");
    });
});

describe("archives of captured resources", () => {
    const captured = (code: Wire) => ({ urn: "urn:fn", inputs: toValues({ code }) });
    let folder = "";
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "portcullis-assets-"));
        mkdirSync(join(folder, "lib"));
        writeFileSync(join(folder, "index.js"), "one");
        writeFileSync(join(folder, "lib", "two.bin"), Buffer.from([0, 255]));
        writeFileSync(join(folder, "packed.zip"), "PK");
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("give every file: texts, files, folders and archives in archives", () => {
        const code: Wire = {
            [signatureKey]: archiveSignature,
            assets: {
                "settings.json": { [signatureKey]: assetSignature, text: '{"é":1}' },
                "index.js": { [signatureKey]: assetSignature, path: "index.js" },
                deep: { [signatureKey]: archiveSignature, path: "lib" },
            },
        };
        const files = archiveOf(captured(code), { directory: folder });
        assert.deepEqual([...files.keys()], ["deep/two.bin", "index.js", "settings.json"]);
        assert.deepEqual(files.get("deep/two.bin"), Buffer.from([0, 255]));
        assert.equal(files.get("settings.json")?.toString(), '{"é":1}');
        const whole = archiveOf(captured({ [signatureKey]: archiveSignature, path: folder }));
        assert.deepEqual([...whole.keys()], ["index.js", "lib/two.bin", "packed.zip"]);
    });

    it("say what is missing", () => {
        const asset = { [signatureKey]: assetSignature, path: "gone.js" };
        const code = { [signatureKey]: archiveSignature, assets: { "index.js": asset } };
        assert.throws(
            () => archiveOf(captured(code), { directory: folder }),
            (error: Error) =>
                error instanceof AssetError &&
                error.message === "urn:fn code: index.js: there is no file gone.js",
        );
        assert.throws(() => archiveOf(captured("text")), /urn:fn code: this value is no archive/);
        assert.throws(
            () => archiveOf(captured(code), { property: "layers" }),
            /urn:fn layers: this value is no/,
        );
    });

    it("that are packed are left alone, and do not stop a function", () => {
        const code = { [signatureKey]: archiveSignature, path: "packed.zip" };
        assert.throws(() => archiveOf(captured(code), { directory: folder }), ClosedAssetError);
        const inputs = { ...judgedTypes[0]!.inputs, code };
        assert.equal(make("aws:lambda/function:Function", inputs, "update", folder).state["codeSha256"], "");
    });
});
