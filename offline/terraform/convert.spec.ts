import assert from "node:assert/strict";
import type { CapturedResource, Value } from "../model";
import { snakeCase, terraformType, toTerraform, type ResourceSchemas } from "./convert";

const schemas: ResourceSchemas = {
    aws_codepipeline: {
        block: {
            attributes: { name: { type: "string", required: true }, tags: { type: ["map", "string"] } },
            block_types: {
                stage: {
                    nesting_mode: "list",
                    block: {
                        attributes: { name: { type: "string" } },
                        block_types: {
                            action: {
                                nesting_mode: "list",
                                block: { attributes: { configuration: { type: ["map", "string"] } } },
                            },
                        },
                    },
                },
            },
        },
    },
    aws_iam_policy: { block: { attributes: { policy: { type: "string" } } } },
};

function captured(type: string, name: string, inputs: Record<string, Value>): CapturedResource {
    return {
        urn: `urn:pulumi:dev::portcullis::${type}::${name}`,
        type,
        name,
        parent: "",
        custom: true,
        remote: false,
        id: "id-1",
        inputs,
        outputs: {},
        dependencies: [],
        propertyDependencies: {},
        provider: "",
        protect: false,
        ignoreChanges: [],
        aliases: [],
        retainOnDelete: false,
        deleteBeforeReplace: false,
    };
}

describe("Terraform conversion", () => {
    it("writes Pulumi property names as the provider spells them", () => {
        assert.equal(snakeCase("kmsKeyId"), "kms_key_id");
        assert.equal(snakeCase("mapPublicIpOnLaunch"), "map_public_ip_on_launch");
    });

    it("finds the Terraform type by exception, by module and by name", () => {
        assert.equal(terraformType("aws:codepipeline/pipeline:Pipeline", schemas), "aws_codepipeline");
        assert.equal(terraformType("aws:iam/policy:Policy", schemas), "aws_iam_policy");
        assert.equal(terraformType("aws:iam/unheard:Unheard", schemas), undefined);
    });

    it("names archives, functions and the keys of an index as the provider does", () => {
        const attributes = {
            name: { type: "string" },
            hash_key: { type: "string" },
            range_key: { type: "string" },
        };
        const both: ResourceSchemas = {
            aws_lambda_function: {
                block: { attributes: { function_name: { type: "string" }, filename: { type: "string" } } },
            },
            aws_dynamodb_table: {
                block: {
                    attributes,
                    block_types: { global_secondary_index: { nesting_mode: "set", block: { attributes } } },
                },
            },
        };
        const code = { $archive: { assets: { "index.js": { $asset: { text: "" } } } } };
        const keySchemas = [
            { attributeName: "open", keyType: "HASH" },
            { attributeName: "decideBy", keyType: "RANGE" },
        ];
        const { resource, unmappedProperties } = toTerraform(
            [
                captured("aws:lambda/function:Function", "decider", { name: "decider", code }),
                captured("aws:dynamodb/table:Table", "table", {
                    hashKey: "digest",
                    globalSecondaryIndexes: [{ name: "open", keySchemas }],
                }),
            ],
            both,
        );
        assert.deepEqual(resource, {
            aws_lambda_function: { decider: { function_name: "decider", filename: "archive.zip" } },
            aws_dynamodb_table: {
                table: {
                    hash_key: "digest",
                    global_secondary_index: [{ name: "open", hash_key: "open", range_key: "decideBy" }],
                },
            },
        });
        assert.deepEqual(unmappedProperties, []);
    });

    it("turns plural blocks into blocks and leaves map keys alone", () => {
        const pipeline = captured("aws:codepipeline/pipeline:Pipeline", "demo", {
            name: "demo",
            tags: { ManagedBy: "pulumi" },
            stages: [{ name: "Source", actions: [{ configuration: { RepositoryName: "demo" } }] }],
        });
        assert.deepEqual(toTerraform([pipeline], schemas).resource, {
            aws_codepipeline: {
                demo: {
                    name: "demo",
                    tags: { ManagedBy: "pulumi" },
                    stage: [{ name: "Source", action: [{ configuration: { RepositoryName: "demo" } }] }],
                },
            },
        });
    });

    it("encodes an object given for a string, as the Pulumi provider does", () => {
        const policy = captured("aws:iam/policy:Policy", "p", { policy: { Version: "2012-10-17" } });
        assert.deepEqual(toTerraform([policy], schemas).resource, {
            aws_iam_policy: { p: { policy: '{"Version":"2012-10-17"}' } },
        });
    });

    it("lists what the installed provider does not have instead of dropping it silently", () => {
        const conversion = toTerraform(
            [
                captured("aws:iam/policy:Policy", "p", { newProperty: true }),
                captured("aws:new/thing:Thing", "t", {}),
            ],
            schemas,
        );
        assert.deepEqual(conversion.unmappedProperties, ["aws_iam_policy.newProperty"]);
        assert.deepEqual(conversion.unmappedTypes, ["aws:new/thing:Thing"]);
    });
});
