import assert from "node:assert/strict";
import fc from "fast-check";
import { createNaming } from "../naming";
import { applicationNames, artifactKeys, type ApplicationNames } from "./applicationNames";
import { exampleAccount } from "./testing/examplePlatform";

const applicationName = fc
    .stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,6}){0,3}$/)
    .filter((name) => name.length >= 2 && name.length <= 30);

function namesOf(application: string): ApplicationNames {
    return applicationNames(exampleAccount, createNaming("portcullis", "prod", exampleAccount), application);
}

/** Physical names, by the service in whose name space they live. */
function physicalNames({ repositories, steps, pipeline, source, trigger }: ApplicationNames): string[] {
    return [
        ...Object.values(repositories).map(({ arn }) => arn),
        ...Object.values(steps).flatMap(({ projectArn, roleArn, logGroup }) => [
            projectArn,
            roleArn,
            logGroup,
        ]),
        pipeline.arn,
        pipeline.roleArn,
        source.repositoryArn,
        trigger.ruleArn,
        trigger.roleArn,
    ];
}

describe("applicationNames", () => {
    it("gives every resource of an application a name of its own", () => {
        const names = physicalNames(namesOf("demo"));
        assert.equal(new Set(names).size, names.length);
    });

    it("never gives two applications the same name or the same artifact keys", () => {
        fc.assert(
            fc.property(applicationName, applicationName, (one, other) => {
                fc.pre(one !== other);
                const [a, b] = [namesOf(one), namesOf(other)];
                const taken = new Set(physicalNames(a));
                assert.deepEqual(
                    physicalNames(b).filter((name) => taken.has(name)),
                    [],
                );
                assert.notEqual(a.artifacts.source, b.artifacts.source);
                assert.notEqual(a.artifacts.image, b.artifacts.image);
            }),
        );
    });

    it("keeps artifacts apart where CodePipeline's own folder does not", () => {
        const [front, back] = [namesOf("shop-front"), namesOf("shop-back")];
        assert.equal(front.pipeline.name.slice(0, 20), back.pipeline.name.slice(0, 20));
        assert.notEqual(
            artifactKeys(front.pipeline.name, front.artifacts.source),
            artifactKeys(back.pipeline.name, back.artifacts.source),
        );
    });

    it("covers the key under which CodePipeline stores an artifact, and no other artifact's", () => {
        const { pipeline, artifacts } = namesOf("shop-front");
        const pattern = new RegExp(
            `^${artifactKeys(pipeline.name, artifacts.source).replaceAll("*", ".*")}$`,
        );
        assert.match(`${pipeline.name.slice(0, 20)}/${artifacts.source.slice(0, 10)}/AbCdEfG`, pattern);
        assert.match(`${pipeline.name}/${artifacts.source}/AbCdEfG.zip`, pattern);
        assert.doesNotMatch(`${pipeline.name.slice(0, 20)}/${artifacts.image}/AbCdEfG`, pattern);
        assert.doesNotMatch("gate/0123/gate.cjs", pattern);
    });
});
