import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../../config/schema";
import { Keys } from "../../keys/keys";
import { createTagging } from "../../tags";
import { recordStack } from "../../testing/recordedStack";
import { AnchoreEngine } from "../anchoreEngine";
import { exampleAccount, exampleConfig, exampleNaming } from "./exampleEngine";

export type Recorded = Awaited<ReturnType<typeof recordStack>>;

export const tags = createTagging("portcullis", "dev", {});
export const prefix = "portcullis-dev-anchore";

export async function record(anchore: Record<string, unknown> = {}, protection: Protection = "deletable") {
    let engine: AnchoreEngine | undefined;
    const resources = await recordStack(() => {
        const shared = { account: exampleAccount, naming: exampleNaming, tags };
        const keys = new Keys("keys", { ...shared, protection });
        engine = new AnchoreEngine("anchore", {
            ...shared,
            config: exampleConfig(anchore),
            protection,
            key: keys.anchore,
            network: {
                vpcId: pulumi.output("vpc-0123456789abcdef0"),
                privateSubnetIds: pulumi.output(["subnet-1a", "subnet-1b"]),
            },
            repositoryArns: ["arn:aws:ecr:eu-central-1:123456789012:repository/demo"],
        });
    });
    return { engine, resources: resources.filter(({ name }) => name.startsWith("anchore")) };
}

export function only(resources: Recorded, name: string): Recorded[number] {
    const found = resources.filter((resource) => resource.name === name);
    assert.equal(found.length, 1, `${found.length} resources are called ${name}`);
    return found[0] as Recorded[number];
}

/** Inputs without the tags, which one test judges for all. */
export function inputs(resources: Recorded, name: string): Record<string, unknown> {
    const { tags: _tags, ...rest } = only(resources, name).inputs;
    return rest;
}
